"""A regime says how campaigns run and how users behave; simulating it makes tables the product can compute."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.random import Generator, default_rng

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel
from analytics_core.tables.canonical import CanonicalTables
from simulations.behaviour import Events, act_alike, order_values, respond, uneven
from simulations.rows import HOUR, WINDOW, Flags, Floats, Ints, Rows, capped, daily, redrawn
from simulations.tables import (
    CAPPED,
    FAILURE,
    HELD,
    REQUESTED,
    SUCCESS,
    Log,
    book_of,
    instant,
    log_of,
    names_of,
    tables_of,
)

_RETRIED_AFTER = 6 * HOUR
_RIVAL_LATER = 4 * HOUR


@dataclass(frozen=True)
class Regime:
    """How campaigns run and how users behave.

    Attributes:
        rows: when users qualify: `daily`, `triggered` or `triggered_unevenly`.
        held: how rows are held out: `redrawn` or `kept`.
        rates: how users' rates of events differ: `even` or `uneven`.
        users: users of one campaign.
        days: how long it runs. Within seven nothing is computed for looking again and again, which saves time.
        cap_hours: for how long a send keeps back the user's later rows.
        failing: the share of requests that fail for good.
        retried: the share of requests that succeed six hours later only.
        rivals: whether another campaign sends to the same users, and only the last interaction is credited.
        valued: whether orders have values.
        ratio: how many times as likely a row converts when it was sent; None where users act all by themselves.
    """

    rows: Callable[[Generator, int, int], Rows] = daily
    held: Callable[[Generator, Rows], Flags] = redrawn
    rates: Callable[[Generator, int], Floats] = uneven
    users: int = 400
    days: int = 7
    cap_hours: int = 0
    failing: float = 0.0
    retried: float = 0.0
    rivals: bool = False
    valued: bool = False
    ratio: float | None = None


@dataclass(frozen=True, eq=False)
class Simulation:
    """What the product is given, and which campaigns are looked at."""

    tables: CanonicalTables
    book: tuple[Campaign, ...]
    settings: Settings
    looked_at: tuple[str, ...]


def simulate(regime: Regime, campaigns: int, *seed: int) -> Simulation:
    """Campaigns of a regime, each a draw of its own."""
    chance = default_rng(seed)
    rows = regime.rows(chance, campaigns * regime.users, regime.days)
    ids = names_of("campaign", campaigns)
    log = log_of(rows, ids.gather(rows.user // regime.users), *_happened(chance, regime, rows))
    events = _events(chance, regime, rows, log)
    values = order_values(chance, len(events.user)) if regime.valued else None
    log, book = _tried_again(chance, regime, log), book_of(ids, valued=regime.valued)
    if regime.rivals:
        rivals = names_of("rival", campaigns)
        log += _rival_log(rows, rivals.gather(rows.user // regime.users))
        book += book_of(rivals, valued=regime.valued)
    return Simulation(tables_of(log, events, values), book, _settings(regime, rows), tuple(ids))


def _happened(chance: Generator, regime: Regime, rows: Rows) -> tuple[Ints, Ints]:
    """Outcome and code of each row's first attempt."""
    held = regime.held(chance, rows)
    outcome = np.where(held, HELD, REQUESTED)
    if regime.cap_hours:
        outcome[capped(rows, held, regime.cap_hours)] = CAPPED
    fails = chance.random(len(rows)) < regime.failing + regime.retried
    return outcome, np.where(fails, FAILURE, SUCCESS)


def _events(chance: Generator, regime: Regime, rows: Rows, log: Log) -> Events:
    if regime.ratio is not None:
        return respond(chance, rows, (log.outcome == REQUESTED) & (log.code == SUCCESS), regime.ratio)
    return act_alike(chance, regime.rates(chance, rows.users), _end(rows))


def _tried_again(chance: Generator, regime: Regime, log: Log) -> Log:
    if not regime.retried:
        return log
    failed = np.flatnonzero((log.outcome == REQUESTED) & (log.code == FAILURE))
    share = regime.retried / (regime.retried + regime.failing)
    return log.repeated(failed[chance.random(len(failed)) < share], _RETRIED_AFTER, SUCCESS)


def _rival_log(rows: Rows, campaign: pl.Series) -> Log:
    """Another campaign sends to the same users a few hours later, and holds nobody out."""
    later = Rows(rows.user, rows.at + _RIVAL_LATER, rows.instance, rows.users)
    return log_of(later, campaign, np.full(len(rows), REQUESTED), np.full(len(rows), SUCCESS))


def _settings(regime: Regime, rows: Rows) -> Settings:
    model = AttributionModel.LAST_INTERACTION if regime.rivals else AttributionModel.ALL_INTERACTIONS
    return Settings(attribution_model=model, as_of=instant(_end(rows)))


def _end(rows: Rows) -> int:
    """When the last window closes."""
    return int(rows.at.max()) + WINDOW

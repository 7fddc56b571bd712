"""Simulated rows and events as canonical tables: many campaigns in one workspace, each with users of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
import polars as pl

from analytics_core.domain.campaign import Audience, Campaign, Goal, Revenue
from analytics_core.domain.words import DeliveryType, Outcome
from analytics_core.tables.canonical import CanonicalTables, schema_of
from simulations.behaviour import Events
from simulations.rows import SHARE, Ints, Rows

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
OUTCOMES = (Outcome.REQUESTED, Outcome.CONTROL_GROUP, Outcome.FREQUENCY_CAPPED)
REQUESTED, HELD, CAPPED = range(len(OUTCOMES))
SUCCESS, FAILURE = 200, 500


@dataclass(frozen=True, eq=False)
class Log:
    """Raw delivery rows: `outcome` by number in OUTCOMES, `code` of the rows that are REQUESTED."""

    campaign: pl.Series
    user: Ints
    at: Ints
    instance: Ints
    outcome: Ints
    code: Ints

    def repeated(self, where: Ints, later: int, code: int) -> Self:
        """The same log and another attempt for the rows `where`."""
        again = Log(
            self.campaign.gather(where),
            self.user[where],
            self.at[where] + later,
            self.instance[where],
            self.outcome[where],
            np.full(len(where), code),
        )
        return self + again

    def __add__(self, other: "Log") -> Self:
        campaign = pl.concat([self.campaign, other.campaign])
        names = ("user", "at", "instance", "outcome", "code")
        return replace(
            self,
            campaign=campaign,
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names},
        )


def instant(microseconds: int) -> datetime:
    """A time of the simulation by the calendar."""
    return MIDNIGHT + timedelta(microseconds=microseconds)


def names_of(kind: str, campaigns: int) -> pl.Series:
    """Ids of campaigns, in order of their numbers."""
    return pl.Series([f"{kind}-{number:04}" for number in range(campaigns)])


def log_of(rows: Rows, campaign: pl.Series, outcome: Ints, code: Ints) -> Log:
    """One raw row per audience row."""
    return Log(campaign, rows.user, rows.at, rows.instance, outcome, code)


def tables_of(log: Log, events: Events, values: Ints | None = None) -> CanonicalTables:
    """The canonical tables; `values` are those of events in cents."""
    frames = {"deliveries": _deliveries(log), "events": _events(events, values)}
    empty = {table: pl.DataFrame(schema=schema_of(table)) for table in ("instances", "identities")}
    return CanonicalTables(**{table: frame.lazy() for table, frame in (frames | empty).items()})


def _deliveries(log: Log) -> pl.DataFrame:
    requested = pl.col("outcome") == Outcome.REQUESTED
    held = pl.col("outcome") == Outcome.CONTROL_GROUP
    columns = {
        "campaign_id": log.campaign,
        "instance_id": pl.Series(log.instance).cast(pl.String),
        "user_id": _user_ids(log.user),
        "occurred_at": _instants(log.at),
        "outcome": pl.Series([outcome.value for outcome in OUTCOMES]).gather(log.outcome),
        "response_code": pl.Series(log.code),
    }
    return _canonical("deliveries", columns).with_columns(
        response_code=pl.when(requested).then("response_code"),
        control_group_type=pl.when(held).then(pl.lit("campaign")),
    )


def _events(events: Events, values: Ints | None) -> pl.DataFrame:
    number = pl.Series(np.arange(len(events.user)))
    columns = {
        "event_id": number.cast(pl.String),
        "user_id": _user_ids(events.user),
        "event_name": pl.repeat("order", len(number), eager=True),
        "occurred_at": _instants(events.at),
    }
    if values is not None:
        columns["attributes"] = pl.Series([f'{{"value":{cents / 100:.2f}}}' for cents in values.tolist()])
    return _canonical("events", columns)


def _user_ids(user: Ints) -> pl.Series:
    return pl.Series([f"user-{number}" for number in range(int(user.max()) + 1)]).gather(user)


def _instants(at: Ints) -> pl.Series:
    start = int(MIDNIGHT.timestamp()) * 10**6
    return pl.Series(at + start).cast(pl.Datetime("us", "UTC"))


def _canonical(table: str, columns: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Columns as a canonical table; those that are not given are null."""
    schema = schema_of(table)
    given = pl.DataFrame(columns)
    return given.select(
        pl.col(name).cast(dtype) if name in columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def book_of(campaign_ids: pl.Series, *, valued: bool) -> tuple[Campaign, ...]:
    """Campaigns alike: one goal, `valued` or not, a declared control group, windows of 36 hours."""
    revenue = Revenue(attribute="value") if valued else None
    goal = Goal(goal_id="order", name="Order", event_name="order", revenue=revenue)
    like = Campaign(
        campaign_id="any",
        name="Any",
        delivery_type=DeliveryType.PERIODIC,
        audience=Audience(control_group_percent=100 * SHARE),
        attribution_window_hours=36,
        goals=(goal,),
    )
    return tuple(like.model_copy(update={"campaign_id": campaign_id}) for campaign_id in campaign_ids)

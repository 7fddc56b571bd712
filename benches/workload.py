"""A seeded workload of any size, as canonical Parquet files: the same arguments give the same rows.

200 campaigns (one-time, periodic with 30 instances, event-triggered with an instance per trigger) with one to five
goals; event names and campaign sizes follow Zipf's law; some users are busier than others; a third of the events come
soon after a delivery, so that there is something to credit. A few attempts are made again, at once, a minute or an
hour later; a few users of a control group are requested anyway. Every id is text, as in an export.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.places.files import write_json
from analytics_core.tables.canonical import schema_of

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 90
CAMPAIGNS = 200
EVENT_NAMES = 200
PERIODIC_INSTANCES = 30
CHUNK = 1_000_000
"""Deliveries in one file."""

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_SECOND = 1_000_000
_DUPLICATES = 0.005
_RETRIES = 0.01
_CONTAMINATED = 50
"""One in so many control rows is requested anyway."""
_EARNING = 0.5
_FILTERED = 0.25
_OUTCOMES = ("requested", "control_group", "personalization_failed", "frequency_capped")
_CONTROL_PERCENT = 8
_OUTCOME_SHARES = {True: (0.88, 0.08, 0.02, 0.02), False: (0.96, 0.0, 0.02, 0.02)}
"""With a control group and without."""
_CODES = (200, 404, 500, None)
_CODE_SHARES = (0.93, 0.03, 0.03, 0.01)
_CATEGORIES = ("user_attribute", "event_attribute", "campaign_attribute", "undefined", "unknown")
_KINDS = ("shoes", "shirts", "hats", "bags")
_MOST_GOALS = 5
_ODD, _SHIFT = 0x9E3779B97F4A7C15 | 1, 0x1234567
Ints = NDArray[np.integer[Any]]
Row = dict[str, object]
"""One row of a canonical table, or one campaign: name to JSON value."""
_TYPES = ("one_time", "periodic", "event_triggered")
_TRIGGERED = _TYPES.index("event_triggered")


@dataclass(frozen=True, slots=True)
class Workload:
    """How much of everything, whether campaigns have a control group, and the seed it comes from."""

    deliveries: int
    events: int
    seed: int = 20260105
    control: bool = True

    @property
    def users(self) -> int:
        """About ten events and five deliveries a user."""
        return max(self.deliveries // 5, 1)

    @property
    def chunks(self) -> int:
        """How many pairs of files the rows come in."""
        return max(-(-self.deliveries // CHUNK), 1)


def campaigns_of(workload: Workload) -> list[Row]:
    """The campaign definitions, as `campaigns.json` states them."""
    chance = np.random.default_rng([workload.seed, 0])
    audience: Row = {"audience": {"control_group_percent": _CONTROL_PERCENT}} if workload.control else {}
    return [_campaign(number, chance) | audience for number in range(CAMPAIGNS)]


def chunks_of(workload: Workload) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Pairs of canonical deliveries and events, duplicates still in."""
    goals = _goal_names(workload)
    for number in range(workload.chunks):
        chance = np.random.default_rng([workload.seed, 1, number])
        size = workload.deliveries // workload.chunks
        sent = _sends(workload, number, size, chance)
        happened = _happenings(workload.events // workload.chunks, workload.users, sent, goals, chance)
        yield _deliveries(sent, _OUTCOME_SHARES[workload.control], chance), _events(happened, chance)


def write_workload(workload: Workload, directory: Path) -> None:
    """Write `campaigns.json`, `deliveries/*.parquet` and `events/*.parquet` into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "campaigns.json", campaigns_of(workload))
    for table in ("deliveries", "events"):
        (directory / table).mkdir(parents=True, exist_ok=True)
    for number, (deliveries, events) in enumerate(chunks_of(workload)):
        deliveries.write_parquet(directory / "deliveries" / f"{number:03d}.parquet")
        events.write_parquet(directory / "events" / f"{number:03d}.parquet")


def _campaign(number: int, chance: np.random.Generator) -> Row:
    goals = int(chance.integers(1, _MOST_GOALS + 1))
    names = chance.choice(EVENT_NAMES, size=goals, replace=False, p=_zipf(EVENT_NAMES))
    return {
        "campaign_id": f"campaign-{number:03d}",
        "name": f"Campaign {number}",
        "delivery_type": _TYPES[number % 3],
        "attribution_window_hours": int(chance.choice([6, 24, 36, 72])),
        "goals": [_goal(place, int(name), chance) for place, name in enumerate(names)],
    }


def _goal(place: int, name: int, chance: np.random.Generator) -> Row:
    goal: Row = {"goal_id": f"goal-{place}", "name": f"Goal {place}", "event_name": f"event_{name:03d}"}
    if chance.random() < _EARNING:
        goal["revenue"] = {"attribute": "order_value", "currency": "USD"}
    if chance.random() < _FILTERED:
        goal["filters"] = [{"attribute": "category", "op": "is", "value": "shoes"}]
    return goal


def _zipf(size: int) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, size + 1)
    return weights / weights.sum()


def _goal_names(workload: Workload) -> Ints:
    """Numbers of the event names of each campaign's goals, one row a campaign, repeated to five."""
    names = [
        [int(str(goal["event_name"]).removeprefix("event_")) for goal in goals_of(row)]
        for row in campaigns_of(workload)
    ]
    return np.array([[found[place % len(found)] for place in range(_MOST_GOALS)] for found in names])


def goals_of(campaign: Row) -> list[dict[str, object]]:
    """The goals of a campaign's definition, the primary one first."""
    goals: list[dict[str, object]] = campaign["goals"]  # type: ignore[assignment]
    return goals


@dataclass(frozen=True, slots=True)
class _Sends:
    campaign: Ints
    instance: Ints
    user: Ints
    at: Ints

    def first_of_each(self, size: int) -> "_Sends":
        """Nobody is twice in one instance; at most `size` rows."""
        rows = pl.DataFrame({"campaign": self.campaign, "instance": self.instance, "user": self.user, "at": self.at})
        kept = rows.unique(["campaign", "instance", "user"], keep="first", maintain_order=True).head(size)
        return _Sends(*(kept[name].to_numpy() for name in ("campaign", "instance", "user", "at")))


def _users(size: int, users: int, chance: np.random.Generator) -> Ints:
    """Users by number; the lower ones are busier."""
    return (users * chance.random(size) ** 1.5).astype(np.int64)


def _sends(workload: Workload, chunk: int, wanted: int, chance: np.random.Generator) -> _Sends:
    size = wanted * 3 // 2
    campaign = chance.choice(CAMPAIGNS, size=size, p=_zipf(CAMPAIGNS))
    kind = campaign % 3
    run = np.where(kind == 1, chance.integers(0, PERIODIC_INSTANCES, size), 0)
    day = np.where(kind == 1, run * 3, campaign * 37 % 80)
    scheduled = day * _DAY + 9 * _HOUR + chance.integers(0, 2 * _HOUR, size)
    at = np.where(kind == _TRIGGERED, chance.integers(0, DAYS * _DAY, size), scheduled)
    instance = np.where(kind == _TRIGGERED, chance.integers(0, 2**62, size), run)
    # Each chunk has users of its own, so that two chunks never send one instance to one user.
    user = _users(size, workload.users // workload.chunks, chance) * workload.chunks + chunk
    return _Sends(campaign, instance, user, at).first_of_each(wanted)


def _happenings(size: int, users: int, sent: _Sends, goals: Ints, chance: np.random.Generator) -> pl.DataFrame:
    near = size // 3
    picked = chance.integers(0, len(sent.user), near)
    soon = sent.at[picked] + (chance.exponential(20 * _HOUR, near)).astype(np.int64)
    asked_for = goals[sent.campaign[picked], chance.integers(0, _MOST_GOALS, near)]
    anything = chance.choice(EVENT_NAMES, size=size, p=_zipf(EVENT_NAMES))
    return pl.DataFrame(
        {
            "user": np.concatenate([sent.user[picked], _users(size - near, users, chance)]),
            "at": np.concatenate([soon, chance.integers(0, DAYS * _DAY, size - near)]),
            "name": np.concatenate([asked_for, anything[near:]]),
        }
    )


def _text(name: str, digits: int) -> pl.Expr:
    """A number of at least 0 as text that looks like an object id: scattered, of one length, one to one."""
    scattered = (pl.col(name).cast(pl.UInt64) * _ODD + _SHIFT) % (1 << 62)
    return scattered.cast(pl.String).str.pad_start(digits, "7")


def _deliveries(sent: _Sends, shares: tuple[float, ...], chance: np.random.Generator) -> pl.DataFrame:
    rows = _with_duplicates(_with_repetitions(_attempts(sent, shares, chance), chance), chance)
    is_failed = pl.col("outcome") == _OUTCOMES.index("personalization_failed")
    return rows.select(
        campaign_id=pl.lit("campaign-") + pl.col("campaign").cast(pl.String).str.zfill(3),
        instance_id=pl.when(pl.col("campaign") % len(_TYPES) == _TRIGGERED)
        .then(_text("instance", 24))
        .otherwise(pl.lit("run-") + pl.col("instance").cast(pl.String).str.zfill(2)),
        user_id=_text("user", 24),
        occurred_at=_instant("at"),
        outcome=_word("outcome", _OUTCOMES),
        request_id=pl.when(pl.col("outcome") == 0).then(_text("request", 32)),
        response_code=pl.col("code").replace_strict(dict(enumerate(_CODES)), return_dtype=pl.Int32),
        control_group_type=pl.when(pl.col("outcome") == 1).then(
            pl.when(pl.col("campaign") % 5 == 0).then(pl.lit("global")).otherwise(pl.lit("campaign"))
        ),
        duration_ms=pl.when(pl.col("outcome") == 0).then(pl.col("request") % 900 + 20),
        endpoint=pl.lit(None, pl.String),
        error_text=pl.lit(None, pl.String),
        personalization_errors=pl.when(is_failed).then(
            pl.concat_list(pl.struct(category=_word("category", _CATEGORIES), attribute=pl.lit("first_name")))
        ),
    ).cast(dict(schema_of("deliveries")))


def _attempts(sent: _Sends, shares: tuple[float, ...], chance: np.random.Generator) -> pl.DataFrame:
    """One raw row per audience row."""
    size = len(sent.user)
    outcome = chance.choice(len(_OUTCOMES), size=size, p=shares)
    requested = outcome == 0
    code = np.where(requested, chance.choice(len(_CODES), size=size, p=_CODE_SHARES), len(_CODES) - 1)
    return pl.DataFrame(
        {
            "campaign": sent.campaign,
            "instance": sent.instance,
            "user": sent.user,
            "at": sent.at,
            "outcome": outcome,
            "code": code,
            "request": chance.integers(0, 2**62, size),
            "category": chance.integers(0, len(_CATEGORIES), size),
        }
    )


def _with_repetitions(attempts: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    """With retries, and with requests for users of the control group."""
    outcome, some = pl.col("outcome"), pl.int_range(pl.len())
    wait = pl.when(some % 9 == 0).then(0).when(some % 9 == 1).then(_HOUR).otherwise(60 * _SECOND)
    retries = attempts.filter((outcome == 0) & pl.Series(chance.random(attempts.height) < _RETRIES)).with_columns(
        at=pl.col("at") + wait,
        code=pl.when(some % 4 > 0).then(0).otherwise(some % len(_CODES)),
        request=pl.col("request") ^ 1,
    )
    is_held_back = outcome == _OUTCOMES.index("control_group")
    contaminating = attempts.filter(is_held_back & (pl.col("request") % _CONTAMINATED == 0)).with_columns(
        at=pl.col("at") + wait, outcome=pl.lit(0, attempts["outcome"].dtype), code=pl.lit(0, attempts["code"].dtype)
    )
    return pl.concat([attempts, retries, contaminating], how="vertical_relaxed")


def _events(happened: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    size = happened.height
    rows = _with_duplicates(
        happened.with_columns(
            event=chance.integers(0, 2**62, size),
            cents=chance.integers(100, 30_000, size),
            kind=chance.integers(0, len(_KINDS), size),
            odd=chance.integers(0, 100, size),
        ),
        chance,
    )
    value = pl.concat_str(pl.col("cents") // 100, pl.lit("."), (pl.col("cents") % 100).cast(pl.String).str.zfill(2))
    attributes = pl.concat_str(
        pl.when(pl.col("odd") > 0).then(pl.concat_str(pl.lit('{"order_value":'), value)).otherwise(pl.lit('{"page":1')),
        pl.lit(',"category":"'),
        _word("kind", _KINDS),
        pl.when(pl.col("odd") == 1).then(pl.lit('","currency":"EUR"}')).otherwise(pl.lit('"}')),
    )
    return rows.select(
        event_id=_text("event", 32),
        user_id=_text("user", 24),
        event_name=pl.lit("event_") + pl.col("name").cast(pl.String).str.zfill(3),
        occurred_at=_instant("at"),
        attributes=attributes,
    ).cast(dict(schema_of("events")))


def _with_duplicates(rows: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    repeated = chance.integers(0, rows.height, int(rows.height * _DUPLICATES))
    mixed = pl.concat([rows, rows[repeated]])
    return mixed[chance.permutation(mixed.height)]


def _instant(name: str) -> pl.Expr:
    return (pl.lit(START) + pl.duration(microseconds=pl.col(name))).cast(pl.Datetime("us", "UTC"))


def _word(name: str, words: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).replace_strict(dict(enumerate(words)), return_dtype=pl.String)

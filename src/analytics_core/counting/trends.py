"""What happened when: deliveries and conversions in the hours, days, weeks and months of the app's time zone.

Rows of one campaign and user come in order of time, so a user is new to an hour, day, week or month where that changes
from one row to the next. Those first rows, counted in the hour they fall into, add up to the users of every longer
bucket that consists of such hours: one table of hours holds all grains.

Of one user's three sent rows on Monday at 9:10, at 9:40 and on Tuesday at 9:05, the first is the user's first of its
hour, day, week and month, the second of none of them, the third of its hour and day. So the hours have 1, 0 and 1 user
to add, the two days 1 and 1, and the week, which adds up the marks for weeks, has 1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints, find_run_starts, measure_runs, order_by_time, sum_runs, tally
from analytics_core.attribution.audience import SENT, Audience
from analytics_core.attribution.credits import Credits, with_revenue
from analytics_core.counting.calendar import Calendar
from analytics_core.counting.delivery import stands
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, Grain
from analytics_core.snapshot.snapshot import Counts, TrendBucket, Trends

MAX_HOURS = 336
"""Hours listed of one campaign: the latest; two weeks of them where none is empty."""

_DELIVERED = ("attempted", "sent", "failed")
_GRAINS = tuple(Grain)
_BUCKET = ["campaign", "key"]
COHORT_DAY = "cohort_day"
_LISTS = {**{grain.value: grain for grain in _GRAINS}, COHORT_DAY: Grain.DAY}
_COLUMNS = [
    "key",
    *(f"{name}_{counting}" for name in _DELIVERED for counting in ("unique", "total")),
    "users",
    "people",
    "conversion_events",
    "revenue",
]
_NOTHING = Decimal(0)
Bucket = tuple[Any, ...]
"""The figures of one bucket, in the order of the columns of `trend_rows` after `campaign`."""
_CREDITED = ("conversion_events", "revenue")
_SECOND = 1_000_000

_SENT_BIT, _ATTEMPTED_BITS = 1, 1 + len(_GRAINS)
"""Marks of attempted rows: whether sent; per grain, whether first among those sent or failed; the same of attempted."""


def delivery_trend(audience: Audience, calendar: Calendar) -> pl.DataFrame:
    """Attempted deliveries of every campaign and hour.

    Returns:
        One row per `campaign`, `second` (in which the hour begins, since 1970 UTC) and `marks` (whether sent, and for
        which grains a row is its user's first within the hour's bucket): how many `rows` have them.
    """
    counted = stands("attempted", audience.standing)
    rows = audience.columns("campaign", "user", "clock", "standing", where=counted)
    buckets = calendar.buckets(rows["clock"])
    sent = rows["standing"] == SENT
    marks = _firsts(rows, buckets, np.ones(len(sent), np.bool_)).astype(np.int16) << _ATTEMPTED_BITS
    marks |= (_firsts(rows, buckets, sent) | _firsts(rows, buckets, ~sent)).astype(np.int16) << _SENT_BIT | sent
    second = buckets[Grain.HOUR] // _SECOND
    low = int(second.min(initial=0))
    columns, counts = tally({"campaign": rows["campaign"], "second": second - low, "marks": marks})
    return pl.DataFrame({**columns, "second": columns["second"] + low, "rows": counts})


def sum_hours(delivered: pl.DataFrame) -> pl.DataFrame:
    """What `delivery_trend` counted, one row per campaign and hour.

    Returns:
        `campaign` and `second`, in order of both, and for attempted, sent and failed each `NAME_total` (rows) and
        `NAME_GRAIN`: users whose first such row within the hour's bucket of that grain is in the hour.
    """
    marks, rows, was_sent = pl.col("marks"), pl.col("rows"), pl.col("marks") % 2 == 1
    sums = []
    for name, its, bits in (
        ("attempted", rows, _ATTEMPTED_BITS),
        ("sent", rows * was_sent, _SENT_BIT),
        ("failed", rows * ~was_sent, _SENT_BIT),
    ):
        sums.append(its.sum().alias(f"{name}_total"))
        sums += [
            (its * (marks // (1 << bits + place) % 2)).sum().alias(f"{name}_{grain}")
            for place, grain in enumerate(_GRAINS)
        ]
    return delivered.group_by("campaign", "second").agg(sums).sort("campaign", "second")


def conversion_trend(primary: Credits, audience: Audience, person: Ints, calendar: Calendar) -> pl.DataFrame:
    """The primary goal's credits of every campaign and hour of the event.

    Args:
        primary: credits that sent deliveries have for the primary goals.
        audience: the audience rows they are of.
        person: the number of the campaign and user of every audience row.
        calendar: the app's.

    Returns:
        One row per campaign and hour with credits: `campaign`, `hour`, `day`, `conversion_events`, `revenue` (exact),
        and per grain `users_GRAIN` (distinct instance and user) and `people_GRAIN` (distinct users) that are new in it.
    """
    campaign, buckets = audience.campaign[primary.row], calendar.buckets(primary.at)
    users = _firsts_of(primary.row, primary.at, buckets)
    people = _firsts_of(person[primary.row], primary.at, buckets)
    low = int(buckets[Grain.HOUR].min(initial=0))
    second = (buckets[Grain.HOUR] - low) // _SECOND
    columns, counts = tally({"campaign": campaign, "hour": second, "users": users, "people": people})
    starts = find_run_starts(columns["campaign"], columns["hour"])
    hour = columns["hour"][starts] * _SECOND + low
    found = {
        "campaign": columns["campaign"][starts],
        "hour": hour,
        "day": calendar.day_of_hours(hour),
        "conversion_events": sum_runs(counts, starts),
    }
    for name in ("users", "people"):
        for place, grain in enumerate(_GRAINS):
            found[f"{name}_{grain}"] = sum_runs(counts * (columns[name] >> place & 1), starts)
    return with_revenue(pl.DataFrame(found), {"campaign": campaign, "hour": buckets[Grain.HOUR]}, primary.amount)


def cohort_trend(primary: Credits, audience: Audience, person: Ints, calendar: Calendar) -> pl.DataFrame:
    """The primary goal's credits of every campaign and day of the send.

    Returns:
        One row per campaign and day: `campaign`, `day`, `conversion_events`, `revenue` (exact), `users`, `people`.
    """
    campaign, day = audience.campaign[primary.row], calendar.buckets(audience.clock[primary.row])[Grain.DAY]
    low = int(day.min(initial=0))
    columns, counts = tally({"campaign": campaign, "day": day - low, "row": primary.row})
    starts = find_run_starts(columns["campaign"], columns["day"])
    new = np.zeros(len(counts), np.int64)
    new[find_run_starts(columns["campaign"], columns["day"], person[columns["row"]])] = 1
    frame = pl.DataFrame(
        {
            "campaign": columns["campaign"][starts],
            "day": columns["day"][starts] + low,
            "conversion_events": sum_runs(counts, starts),
            "users": measure_runs(starts, len(counts)),
            "people": sum_runs(new, starts),
        }
    )
    return with_revenue(frame, {"campaign": campaign, "day": day}, primary.amount)


def trend_rows(
    delivered: pl.DataFrame, converted: pl.DataFrame, cohorts: pl.DataFrame, calendar: Calendar
) -> dict[str, pl.DataFrame]:
    """Every list of Trends as rows of all campaigns, from `sum_hours`, `conversion_trend` and `cohort_trend`.

    Returns:
        By list, one row per campaign and bucket `key`, in order of both: NAME_unique and NAME_total of deliveries,
        `users`, `people`, `conversion_events`, `revenue` (null without credits); of hours only the latest, with
        `hours`, how many there are.
    """
    hour = delivered["second"].to_numpy() * _SECOND
    delivered = delivered.with_columns(hour=pl.Series(hour), day=pl.Series(calendar.day_of_hours(hour)))
    bucketed = {grain.value: _by_grain(delivered, converted, grain, calendar) for grain in _GRAINS}
    days = _sum_delivered(delivered, Grain.DAY, calendar)
    bucketed[COHORT_DAY] = days.join(cohorts.rename({"day": "key"}), on=_BUCKET, how="full", coalesce=True)
    whole = {name: rows.select("campaign", pl.col(_COLUMNS)) for name, rows in bucketed.items()}
    listed = {name: rows.with_columns(pl.exclude("revenue").fill_null(0)).sort(_BUCKET) for name, rows in whole.items()}
    hours = listed[Grain.HOUR].with_columns(hours=pl.len().over("campaign").cast(pl.Int64))
    later = pl.int_range(pl.len()).reverse().over("campaign")
    return listed | {Grain.HOUR.value: hours.filter(later < MAX_HOURS)}


def trends_of(campaign: Campaign, rows: Mapping[str, Sequence[Bucket]], calendar: Calendar) -> Trends:
    """One campaign's Trends out of its rows of `trend_rows`, as tuples."""
    lists = {name: tuple(_buckets(campaign, rows[name], grain, calendar)) for name, grain in _LISTS.items()}
    hours = rows[Grain.HOUR]
    return Trends(**lists, hours_omitted=hours[0][-1] - len(hours) if hours else 0)


def _firsts(rows: Mapping[str, Ints], buckets: Mapping[Grain, Ints], where: Flags) -> Ints:
    """For rows `where`, a bit per grain: whether the user's first such row in the bucket; 0 for other rows."""
    places = np.flatnonzero(where)
    campaign, user = rows["campaign"][places], rows["user"][places]
    another = np.ones(len(places), np.bool_)
    another[1:] = (campaign[1:] != campaign[:-1]) | (user[1:] != user[:-1])
    marks = np.zeros(len(where), np.uint8)
    bits = np.zeros(len(places), np.uint8)
    for place, grain in enumerate(_GRAINS):
        bits |= _first_within(another, buckets[grain][places]).view(np.uint8) << place
    marks[places] = bits
    return marks


def _first_within(another: Flags, key: Ints) -> Flags:
    """Whether each row is the first with its `key` among those of its user; `another` user begins where it is true."""
    if (~another[1:] & (key[1:] < key[:-1])).any():
        # Where clocks are set back over midnight a day comes twice.
        user = np.cumsum(another)
        order = np.lexsort((key, user))
        first = np.zeros(len(key), np.bool_)
        first[order[find_run_starts(user[order], key[order])]] = True
        return first
    first = another.copy()
    first[1:] |= key[1:] != key[:-1]
    return first


def _firsts_of(who: Ints, at: Ints, buckets: Mapping[Grain, Ints]) -> Ints:
    """A bit per grain: whether the event is the first of `who` within the bucket."""
    order = order_by_time(who, at)
    places = np.arange(len(who)) if order is None else order
    another = np.ones(len(who), np.bool_)
    another[1:] = who[places[1:]] != who[places[:-1]]
    bits = np.zeros(len(who), np.uint8)
    for place, grain in enumerate(_GRAINS):
        bits |= _first_within(another, buckets[grain][places]).view(np.uint8) << place
    marks = np.empty(len(who), np.uint8)
    marks[places] = bits
    return marks


def _by_grain(delivered: pl.DataFrame, converted: pl.DataFrame, grain: Grain, calendar: Calendar) -> pl.DataFrame:
    credited = converted.group_by("campaign", calendar.key_of_day(grain).alias("key")).agg(
        pl.col(_CREDITED).sum(), users=pl.col(f"users_{grain}").sum(), people=pl.col(f"people_{grain}").sum()
    )
    return _sum_delivered(delivered, grain, calendar).join(credited, on=_BUCKET, how="full", coalesce=True)


def _sum_delivered(delivered: pl.DataFrame, grain: Grain, calendar: Calendar) -> pl.DataFrame:
    counts = [pl.col(f"{name}_total").sum() for name in _DELIVERED]
    uniques = [pl.col(f"{name}_{grain}").sum().alias(f"{name}_unique") for name in _DELIVERED]
    return delivered.group_by("campaign", calendar.key_of_day(grain).alias("key")).agg(*counts, *uniques)


def _buckets(campaign: Campaign, rows: Iterable[Bucket], grain: Grain, calendar: Calendar) -> Iterator[TrendBucket]:
    legacy = campaign.analytics_version is AnalyticsVersion.LEGACY
    earning = campaign.primary_goal.revenue is not None
    for key, attempted, attempts, sent, sends, failed, fails, users, people, events, revenue, *_ in rows:
        yield TrendBucket(
            starts_at=calendar.starts_at(grain, key),
            label=calendar.label(grain, key),
            attempted=Counts(attempted, attempts),
            sent=Counts(sent, sends),
            failed=Counts(failed, fails),
            converted_users=people if legacy else users,
            converted_people=people,
            conversion_events=events,
            revenue=(revenue or _NOTHING) if earning else None,
        )

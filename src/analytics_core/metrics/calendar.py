"""Days, hours, weeks and months of a time zone: which one an instant falls into, and when each begins.

Local time is computed from the zone's own offsets in integer microseconds, never by truncating zoned times: midnights
that a clock change skips or doubles, days a country left out and hours that are not sixty minutes long then need no
care of their own. Buckets are plain integers, so that rows can be grouped by them.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import polars as pl

from analytics_core.domain.zones import zone_named

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_THURSDAY = 3  # the weekday of 1970-01-01, Monday being 0
_ALWAYS = -(2**62)


class Grain(StrEnum):
    """How long a bucket is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_day_key = pl.col(Grain.DAY)
OF_A_DAY: dict[Grain, pl.Expr] = {
    Grain.DAY: _day_key,
    Grain.WEEK: _day_key - (_day_key + _THURSDAY) % 7,
    Grain.MONTH: _day_key.cast(pl.Int32).cast(pl.Date).dt.month_start().to_physical().cast(pl.Int64),
}
"""The keys of the buckets that a day, column `day`, belongs to."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The offsets of one zone.

    A bucket's key is, for an hour, the instant it begins in microseconds since 1970 UTC; for a day its local date in
    days since 1970; for a week its Monday's and for a month its first day's such number.

    Attributes:
        zone: the time zone.
        since: instants from which each offset holds, ascending, microseconds since 1970 UTC.
        offsets: local time minus UTC from that instant on, microseconds.
    """

    zone: ZoneInfo
    since: tuple[int, ...]
    offsets: tuple[int, ...]

    def hour_and_day(self, instant: str) -> list[pl.Expr]:
        """Columns `hour` and `day`: the keys of the buckets that the instants of column `instant` fall into."""
        at = pl.col(instant).dt.timestamp("us")
        since = pl.Series(self.since, dtype=pl.Int64)
        period = pl.lit(since).search_sorted(at, side="right").cast(pl.Int64) - 1
        offset = pl.lit(pl.Series(self.offsets, dtype=pl.Int64)).gather(period)
        local = at + offset
        # An hour within which the offset changed begins with its offset.
        hour = pl.max_horizontal(pl.lit(since).gather(period), local // _HOUR * _HOUR - offset)
        return [hour.alias(Grain.HOUR), (local // _DAY).alias(Grain.DAY)]

    def starts_at(self, grain: Grain, key: int) -> datetime:
        """The first moment of a bucket that exists, as a UTC instant.

        Raises:
            ValueError: no moment of it does (a date the zone left out).
        """
        if grain is Grain.HOUR:
            return EPOCH + key * _MICROSECOND
        return EPOCH + self._first_moment(key * _DAY, _day_after(grain, key) * _DAY) * _MICROSECOND

    def label(self, grain: Grain, key: int) -> str:
        """The bucket's name in ISO 8601, local.

        The date of a day, the Monday of a week, year and month of a month, start and offset of an hour.
        """
        if grain is Grain.HOUR:
            return self.starts_at(grain, key).astimezone(self.zone).isoformat(timespec="minutes")
        named = _date(key).isoformat()
        return named[: len("2026-03")] if grain is Grain.MONTH else named

    def _first_moment(self, local_start: int, local_end: int) -> int:
        """The earliest instant whose local time is in `[local_start, local_end)`; offsets are within two days."""
        first = max(bisect_right(self.since, local_start - 2 * _DAY) - 1, 0)
        moments = []
        for since, offset, until in islice(self._periods(), first, None):
            moment = max(since, local_start - offset)
            if moment < min(until, local_end - offset):
                moments.append(moment)
            if since > local_end + 2 * _DAY:
                break
        return min(moments)

    def _periods(self) -> Iterator[tuple[int, int, int]]:
        return zip(self.since, self.offsets, (*self.since[1:], -_ALWAYS), strict=True)


def calendar_of(timezone: str, until: datetime | None) -> Calendar:
    """The calendar of a zone for instants from 1970 to the end of the year of `until` (of 1970 where None).

    Before and after that its first and last offset go on.

    Raises:
        AnalyticsError: there is no such zone.
    """
    return _calendar(timezone, until.astimezone(UTC).year if until else EPOCH.year)


@lru_cache(maxsize=32)
def _calendar(timezone: str, last_year: int) -> Calendar:
    zone = zone_named(timezone)
    days = (datetime(last_year, 12, 31, tzinfo=UTC) - EPOCH).days + 2
    # No zone changed its offset back and forth within a day since 1970.
    moments = [EPOCH + timedelta(days=day) for day in range(days)]
    offsets = [_offset(zone, moment) for moment in moments]
    changes = [
        _change(zone, before, after)
        for (before, after), (old, new) in zip(pairwise(moments), pairwise(offsets), strict=True)
        if old != new
    ]
    since = (_ALWAYS, *((change - EPOCH) // _MICROSECOND for change in changes))
    held = (offsets[0], *(_offset(zone, change) for change in changes))
    return Calendar(zone, since, tuple(offset // _MICROSECOND for offset in held))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The whole second at which the offset changes between two moments."""
    target = _offset(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if _offset(zone, middle) == target else (middle, after)
    return after


def _date(key: int) -> date:
    return EPOCH.date() + timedelta(days=key)


def _day_after(grain: Grain, key: int) -> int:
    """The day number after the bucket's last day."""
    if grain is Grain.MONTH:
        within_next = _date(key) + timedelta(days=31)
        return (within_next.replace(day=1) - EPOCH.date()).days
    return key + (7 if grain is Grain.WEEK else 1)

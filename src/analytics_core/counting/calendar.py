"""Days, hours, weeks and months of a time zone: which one an instant falls into, and when each begins.

Local time is computed from the zone's own offsets in integer microseconds, never by truncating zoned times: midnights
that a clock change skips or doubles, days a country left out and hours that are not sixty minutes long then need no
care of their own. Buckets are plain integers, so that rows can be grouped by them.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints
from analytics_core.domain.time import EPOCH, LAST_YEAR, MICROSECOND, zone_named
from analytics_core.domain.words import Grain

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_QUARTER = _HOUR // 4
_THURSDAY = 3  # the weekday of 1970-01-01, Monday being 0
_ALWAYS = -(2**62)
_MANY_DAYS = 1 << 20


@dataclass(frozen=True, eq=False)
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

    def buckets(self, at: Ints) -> dict[Grain, Ints]:
        """The keys of the buckets that instants (microseconds since 1970 UTC) fall into."""
        first, last = (int(at.min()) // _QUARTER, int(at.max()) // _QUARTER) if len(at) else (0, 0)
        quarters = last - first + 1
        begun = bisect_right(self.since, first * _QUARTER)
        later = (*self.since[begun:], *self.offsets[max(begun - 1, 0) :])
        if quarters > len(at) or any(moment % _QUARTER for moment in later):
            return self._buckets(at)
        # Many instants share few quarters of an hour, and from the first on local time is whole quarters off UTC and
        # changes at their start: look those up once.
        keys = self._buckets((first + np.arange(quarters)) * _QUARTER)
        quarter = at // _QUARTER - first
        return {grain: its[quarter] for grain, its in keys.items()}

    def _buckets(self, at: Ints) -> dict[Grain, Ints]:
        period = np.searchsorted(self._since, at, side="right") - 1
        offset = np.array(self.offsets, np.int64)[period]
        local_hour = (at + offset) // _HOUR
        # An hour within which the offset changed begins with its offset.
        hour = np.maximum(self._since[period], local_hour * _HOUR - offset)
        day = local_hour // 24
        low, span = (int(day.min()), int(np.ptp(day)) + 1) if len(day) else (0, 1)
        if span > _MANY_DAYS:
            return {Grain.HOUR: hour, Grain.DAY: day, Grain.WEEK: _week(day), Grain.MONTH: _month(day)}
        days = np.arange(low, low + span)
        place = day - low
        return {Grain.HOUR: hour, Grain.DAY: day, Grain.WEEK: _week(days)[place], Grain.MONTH: _month(days)[place]}

    def day_of_hours(self, hours: Ints) -> Ints:
        """The keys of the days that hours, by key, belong to."""
        return self.buckets(hours)[Grain.DAY]

    def key_of_day(self, grain: Grain) -> pl.Expr:
        """The key of the bucket that a row belongs to, from its columns `hour` and `day`."""
        day = pl.col(Grain.DAY)
        match grain:
            case Grain.WEEK:
                return day - (day + _THURSDAY) % 7
            case Grain.MONTH:
                return day.cast(pl.Int32).cast(pl.Date).dt.month_start().to_physical().cast(pl.Int64)
            case Grain.HOUR | Grain.DAY:
                return pl.col(grain)

    @property
    def _since(self) -> Ints:
        return np.array(self.since, np.int64)

    def starts_at(self, grain: Grain, key: int) -> datetime:
        """The first moment of a bucket that exists, as a UTC instant.

        Raises:
            ValueError: no moment of it does (a date the zone left out).
        """
        return _starts_at(self, grain, key)

    def label(self, grain: Grain, key: int) -> str:
        """The bucket's name in ISO 8601, local.

        The date of a day, the Monday of a week, year and month of a month, start and offset of an hour.
        """
        return _label(self, grain, key)

    def first_moment(self, local_start: int, local_end: int) -> int:
        """The earliest instant whose local time is in `[local_start, local_end)`; offsets are within two days."""
        first = max(bisect_right(self.since, local_start - 2 * _DAY) - 1, 0)
        moments = []
        periods = zip(self.since, self.offsets, (*self.since[1:], -_ALWAYS), strict=True)
        for since, offset, until in islice(periods, first, None):
            moment = max(since, local_start - offset)
            if moment < min(until, local_end - offset):
                moments.append(moment)
            if since > local_end + 2 * _DAY:
                break
        return min(moments)


def make_calendar(timezone: str, until: datetime | None) -> Calendar:
    """The calendar of a zone for instants from 1970 to the end of the year of `until` (of 1970 where None).

    Before and after that its first and last offset go on; they do after 2200 in any case.

    Raises:
        AnalyticsError: there is no such zone.
    """
    return _calendar(timezone, min(until.astimezone(UTC).year, LAST_YEAR) if until else EPOCH.year)


# The buckets of one campaign are those of another.
@lru_cache(maxsize=1 << 16)
def _starts_at(calendar: Calendar, grain: Grain, key: int) -> datetime:
    if grain is Grain.HOUR:
        return EPOCH + key * MICROSECOND
    return EPOCH + calendar.first_moment(key * _DAY, _day_after(grain, key) * _DAY) * MICROSECOND


@lru_cache(maxsize=1 << 16)
def _label(calendar: Calendar, grain: Grain, key: int) -> str:
    if grain is Grain.HOUR:
        return calendar.starts_at(grain, key).astimezone(calendar.zone).isoformat(timespec="minutes")
    named = _date(key).isoformat()
    return named[: len("2026-03")] if grain is Grain.MONTH else named


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
    since = (_ALWAYS, *((change - EPOCH) // MICROSECOND for change in changes))
    held = (offsets[0], *(_offset(zone, change) for change in changes))
    return Calendar(zone, since, tuple(offset // MICROSECOND for offset in held))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The whole second at which the offset changes between two moments."""
    target = _offset(zone, after)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if _offset(zone, middle) == target else (middle, after)
    return after


def _week(day: Ints) -> Ints:
    return day - (day + _THURSDAY) % 7


def _month(day: Ints) -> Ints:
    months: Ints = day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return months


def _date(key: int) -> date:
    return EPOCH.date() + timedelta(days=key)


def _day_after(grain: Grain, key: int) -> int:
    """The day number after the bucket's last day."""
    if grain is Grain.MONTH:
        within_next = _date(key) + timedelta(days=31)
        return (within_next.replace(day=1) - EPOCH.date()).days
    return key + (7 if grain is Grain.WEEK else 1)

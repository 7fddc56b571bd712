"""The buckets of a campaign's trends: what they are called, where they lie on the axis, which are incomplete."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from analytics_core.domain.time import zone_named
from analytics_core.domain.words import AnalyticsVersion, Grain, require_every
from analytics_core.metrics.catalog import metric
from analytics_core.snapshot.snapshot import Snapshot, TrendBucket
from analytics_core.views.forms.numbers import MONTHS, day_text, local_time

MOST_BUCKETS = 62
"""More of them than this, from the first to the last, are shown in longer ones where nobody chose."""
GRAIN_WORDS = require_every(
    Grain,
    {Grain.HOUR: "Hour", Grain.DAY: "Day", Grain.WEEK: "Week", Grain.MONTH: "Month"},
)
_HOUR = timedelta(hours=1)
_MOST_TICKS = 9
_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 96)


class TrendFigure(StrEnum):
    """What a trend is of."""

    DELIVERY = "delivery"
    CONVERSIONS = "conversions"
    REVENUE = "revenue"


def head_of(name: str, version: AnalyticsVersion) -> str:
    """What a metric's column or bar is called here, where no goal needs telling apart."""
    return _SHORT.get(name) or metric(name).label_in(version)


_SHORT = {"conversion_events": "Conversion events", "revenue": "Revenue", "conversion_rate": "CVR"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A bucket as it is drawn and listed.

    Attributes:
        bucket: its figures.
        start: where it begins, in hours of an hour's trend, else in days, from the first one on.
        end: where it ends.
        name: what it is called, such as ``Mon 30 Mar 2026``.
        is_partial: whether rows of it are still to come, or are left out by the period asked for.
    """

    bucket: TrendBucket
    start: float
    end: float
    name: str
    is_partial: bool

    @property
    def title(self) -> str:
        """The name, and that it is incomplete."""
        return f"{self.name} (incomplete)" if self.is_partial else self.name


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis of time and what stands there."""

    place: float
    label: str


def choose_grain(snapshot: Snapshot, most: int = MOST_BUCKETS) -> Grain:
    """The shortest of which at most `most` lie between the first and the last row; of hours all are listed."""
    hours, days = snapshot.trends.hour, snapshot.trends.day
    if hours and not snapshot.trends.hours_omitted and (hours[-1].starts_at - hours[0].starts_at) < most * _HOUR:
        return Grain.HOUR
    if not days or _days_between(days[0], days[-1]) < most:
        return Grain.DAY
    weeks = list_buckets(snapshot, Grain.WEEK)
    return Grain.WEEK if _days_between(weeks[0], weeks[-1]) < 7 * most else Grain.MONTH


def list_buckets(snapshot: Snapshot, grain: Grain) -> tuple[TrendBucket, ...]:
    """The buckets that hold anything, in order of time."""
    match grain:
        case Grain.HOUR:
            return snapshot.trends.hour
        case Grain.DAY:
            return snapshot.trends.day
        case Grain.WEEK:
            return snapshot.trends.week
        case Grain.MONTH:
            return snapshot.trends.month


def place_buckets(snapshot: Snapshot, grain: Grain) -> tuple[Placed, ...]:
    """The buckets with their places and names, in order of time."""
    buckets = list_buckets(snapshot, grain)
    return tuple(
        Placed(
            bucket=one,
            start=_place(buckets[0], one, grain),
            end=_place(buckets[0], one, grain) + _length(one, grain),
            name=name_bucket(snapshot, one, grain),
            is_partial=_is_partial(snapshot, one, grain),
        )
        for one in buckets
    )


def list_ticks(placed: Sequence[Placed], grain: Grain) -> tuple[Tick, ...]:
    """At most nine places on the axis, at midnights, Mondays or first days where there are such, each with its name."""
    if not placed:
        return ()
    if grain is Grain.HOUR:
        return tuple(_hour_ticks(placed))
    first, until = _first_day(placed[0].bucket), round(placed[-1].end)
    days = [first + timedelta(days=number) for number in range(until)]
    chosen = [day for day in days if _starts(grain, day)]
    step = next(size for size in (1, 2, 7, 14, 28, 56, 112, 10**6) if len(chosen) <= size * _MOST_TICKS)
    if grain is not Grain.DAY:
        step = -(-len(chosen) // _MOST_TICKS)
    named = zip([None, *chosen[::step]], chosen[::step], strict=False)
    return tuple(Tick((day - first).days, _day_label(day, before, grain)) for before, day in named)


def _hour_ticks(placed: Sequence[Placed]) -> Iterator[Tick]:
    """Whole hours of the local clock; the day where it is midnight, and on the first."""
    begun = placed[0].bucket.starts_at
    zone = datetime.fromisoformat(placed[-1].bucket.label).tzinfo
    hours = [(begun + number * _HOUR).astimezone(zone) for number in range(round(placed[-1].end))]
    step = next((size for size in _HOUR_STEPS if len(hours) <= size * _MOST_TICKS), _HOUR_STEPS[-1])
    chosen = [hour for hour in hours if not (hour.toordinal() * 24 + hour.hour) % step]
    for place, hour in enumerate(chosen):
        with_day = not hour.hour or not place
        clock = f"{hour:%H:%M}"
        day = f"{hour.day} {MONTHS[hour.month - 1]}"
        label = clock if not with_day else day if not hour.hour else f"{day}, {clock}"
        yield Tick((hour - begun) / _HOUR, label)


def _starts(grain: Grain, day: date) -> bool:
    if grain is Grain.WEEK:
        return day.weekday() == 0
    return grain is not Grain.MONTH or day.day == 1


def _day_label(day: date, before: date | None, grain: Grain) -> str:
    """With the year on the first one and where it is another."""
    label = MONTHS[day.month - 1] if grain is Grain.MONTH else f"{day.day} {MONTHS[day.month - 1]}"
    return label if before and before.year == day.year else f"{label} {day.year}"


def _place(first: TrendBucket, one: TrendBucket, grain: Grain) -> float:
    if grain is Grain.HOUR:
        return (one.starts_at - first.starts_at) / _HOUR
    return _days_between(first, one)


def _length(one: TrendBucket, grain: Grain) -> float:
    if grain is Grain.HOUR:
        return 1
    return (_day_after(one, grain) - _first_day(one)).days


def name_bucket(snapshot: Snapshot, one: TrendBucket, grain: Grain) -> str:
    """What a bucket is called, such as ``Mon 30 Mar 2026``."""
    match grain:
        case Grain.HOUR:
            return local_time(one.starts_at, snapshot.timezone)
        case Grain.DAY:
            return day_text(_first_day(one))
        case Grain.WEEK:
            return f"Week of {day_text(_first_day(one))}"
        case Grain.MONTH:
            first = _first_day(one)
            return f"{MONTHS[first.month - 1]} {first.year}"


def _is_partial(snapshot: Snapshot, one: TrendBucket, grain: Grain) -> bool:
    """Whether it reaches past the last instant, or past either end of the period, that rows are counted of."""
    zone = zone_named(snapshot.timezone)
    if grain is Grain.HOUR:
        ends_at = one.starts_at + _HOUR
    else:
        ends_at = datetime.combine(_day_after(one, grain), datetime.min.time(), zone).astimezone(UTC)
    if snapshot.as_of is not None and ends_at > snapshot.as_of:
        return True
    if snapshot.period is None or grain is Grain.HOUR:
        return False
    since, until = snapshot.period.since, snapshot.period.until
    begins_before = since is not None and _first_day(one) < since
    return begins_before or (until is not None and _day_after(one, grain) > until + timedelta(days=1))


def _first_day(one: TrendBucket) -> date:
    label = one.label[:10]
    return date.fromisoformat(label if len(label) == len("2026-03-01") else f"{label}-01")


def _day_after(one: TrendBucket, grain: Grain) -> date:
    first = _first_day(one)
    if grain is Grain.MONTH:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if grain is Grain.WEEK else 1)


def _days_between(first: TrendBucket, last: TrendBucket) -> int:
    return (_first_day(last) - _first_day(first)).days

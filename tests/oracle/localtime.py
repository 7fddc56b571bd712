"""Hours, days, weeks and months of a zone, found by asking the zone about one minute after another."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Bucket = tuple[str, datetime]
"""A label, and the first moment that exists."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone as the tzdata package has it, whatever the machine has."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def day_of(moment: datetime, name: str) -> Bucket:
    day = moment.astimezone(zone(name)).date()
    return day.isoformat(), first_of([day], name)


def week_of(moment: datetime, name: str) -> Bucket:
    day = moment.astimezone(zone(name)).date()
    monday = day - timedelta(days=day.weekday())
    return monday.isoformat(), first_of([monday + timedelta(days=n) for n in range(7)], name)


def month_of(moment: datetime, name: str) -> Bucket:
    day = moment.astimezone(zone(name)).date()
    return f"{day.year:04}-{day.month:02}", first_of([day.replace(day=1 + n) for n in range(day.day)], name)


def hour_of(moment: datetime, name: str) -> Bucket:
    start = begin_of_hour(moment.replace(second=0, microsecond=0), name)
    local = start.astimezone(zone(name))
    return f"{local.date()}T{local:%H:%M}{offset_text(local.utcoffset() or timedelta())}", start


@cache
def begin_of_hour(minute: datetime, name: str) -> datetime:
    def named(at: datetime) -> tuple[date, int, timedelta | None]:
        local = at.astimezone(zone(name))
        return local.date(), local.hour, local.utcoffset()

    start = minute
    while named(start - MINUTE) == named(minute):
        start -= MINUTE
    return start


def offset_text(offset: timedelta) -> str:
    minutes = abs(offset) // MINUTE
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"


def first_of(days: list[date], name: str) -> datetime:
    """The first moment of the first of the days that the zone did not leave out."""
    return next(moment for day in days if (moment := first_moment(day, name)) is not None)


@cache
def first_moment(day: date, name: str) -> datetime | None:
    midnight = datetime.combine(day, time(), UTC)
    minutes = (midnight + n * MINUTE for n in range(-16 * 60, 40 * 60))
    return next((minute for minute in minutes if minute.astimezone(zone(name)).date() == day), None)

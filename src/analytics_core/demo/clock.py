"""The demo's eight weeks in New York, as epoch milliseconds: exact, and without any clock of the machine."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from analytics_core.demo.chance import Chance, Odds
from analytics_core.domain.time import EPOCH

TIMEZONE = "America/New_York"
FIRST_DAY = date(2026, 3, 5)
LAST_DAY = date(2026, 4, 30)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_BY_WEEKDAY = (10, 10, 10, 11, 13, 15, 13)
_BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 13, 12, 10, 10, 11, 12, 14, 17, 18, 15, 9, 4)
_DAY_ODDS = Odds.of(
    *((FIRST_DAY + timedelta(days=day), _BY_WEEKDAY[(FIRST_DAY.weekday() + day) % 7]) for day in range(DAYS))
)
_HOUR_ODDS = Odds.of(*enumerate(_BY_HOUR))


@cache
def local(day: date, hour: int = 0, minute: int = 0) -> int:
    """The instant of a wall-clock time in New York; a time that the clock change skips is read by the old offset."""
    wall = datetime.combine(day, time(hour, minute), ZoneInfo(TIMEZONE))
    return (wall - EPOCH) // timedelta(milliseconds=1)


WORLD_ENDS = local(LAST_DAY + timedelta(days=1))
"""The first instant that is no longer part of the demo."""


def shopping_moment(chance: Chance) -> int:
    """An instant within the eight weeks, following the rhythm of the day and of the week."""
    return local(_DAY_ODDS.draw(chance), _HOUR_ODDS.draw(chance)) + chance.below(HOUR)


def text(instant: int) -> str:
    """ISO 8601 with milliseconds, in UTC."""
    return (EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds")

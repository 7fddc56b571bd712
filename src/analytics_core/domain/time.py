"""Instants that people write down, and time zones by name.

Zones come from one pinned database, so that a machine never decides what day it is.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from analytics_core.domain.errors import AnalyticsError

FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Rows are of these years and those between."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
"""Instants are whole numbers of these since `EPOCH`."""


def instant_of(name: str, text: str) -> datetime:
    """An ISO 8601 instant; a time without an offset could mean any of 24 hours and is refused.

    Args:
        name: what an error calls it, such as ``--as-of``.
        text: as given.

    Raises:
        AnalyticsError: it is not a valid timestamp, or of a year no row can be of.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise AnalyticsError(
            f"{name} {text!r} is not a valid timestamp; use ISO 8601 with an offset: 2026-04-30T23:59:59-04:00"
        )
    # The year is looked at first: beyond 1 and 9999 there is no UTC instant.
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise AnalyticsError(f"{name} {text!r} is out of range; rows are from the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


@lru_cache(maxsize=32)
def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone `name`, as the installed `tzdata` package has it.

    The machine's own database is never asked: it is often older, and two machines would then put one event into two
    different days; and it has names that mean another zone on every machine, such as `localtime`.

    Raises:
        AnalyticsError: there is no such zone.
    """
    database = files("tzdata")
    if name != "Factory" and name in database.joinpath("zones").read_text(encoding="utf-8").split():
        with database.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    raise AnalyticsError(f"no time zone {name!r}; use an IANA name such as 'America/New_York'")

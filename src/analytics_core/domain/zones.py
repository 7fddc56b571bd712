"""Time zones by name, from one pinned database, so that a machine never decides what day it is."""

from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics_core.domain.errors import AnalyticsError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=32)
def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone `name`, as the installed `tzdata` package has it.

    The machine's own database is asked only for names the package does not have: it is often older, and two machines
    would then put one event into two different days.

    Raises:
        AnalyticsError: there is no such zone.
    """
    database = files("tzdata")
    if name in database.joinpath("zones").read_text(encoding="utf-8").split():
        with database.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AnalyticsError(f"no time zone {name!r}; use an IANA name such as 'America/New_York'") from error

"""Times in the ways that a mapping file can describe."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from analytics_core.domain.errors import RowError
from analytics_core.domain.time import zone_named
from analytics_core.sources.mapping.mapping import TimeFormat
from analytics_core.sources.rows.texts import decimal_of

_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def time_reader(name: str, described: TimeFormat, *, is_typed: bool) -> Callable[[str], str]:
    """A function that turns a text of the column `name` into a time as `cells.convert` takes it.

    Args:
        name: the canonical column.
        described: how its times are written.
        is_typed: whether the source has them as timestamps, which come as ISO 8601 whatever the format says.

    Returns:
        The function; it raises RowError where a text is no such time.
    """
    if described.unit and not is_typed:
        return _epoch(name, _DIGITS[described.unit])
    zone = zone_named(described.timezone) if described.timezone else None
    return _local(name, None if is_typed else described.format, zone)


def _epoch(name: str, digits: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        number = decimal_of(text)
        if number is None:
            raise RowError(f"{name} is not a number")
        return f"{number.scaleb(-digits):f}"

    return read


def _local(name: str, form: str | None, zone: tzinfo | None) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            found = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - its zone comes next
        except ValueError as error:
            raise RowError(f"{name} is not a time like {form or 'ISO 8601'}") from error
        if found.tzinfo is None:
            found = _in_zone(name, found, zone)
        try:
            return found.astimezone(UTC).isoformat()
        except OverflowError as error:
            raise RowError(f"{name} is not a time") from error

    return read


def _in_zone(name: str, local: datetime, zone: tzinfo | None) -> datetime:
    """A local time as an instant; of one that comes twice, when clocks are put back, the first."""
    if zone is None:
        raise RowError(f"{name} has no time zone or offset")
    found = local.replace(tzinfo=zone)
    try:
        again = found.astimezone(UTC).astimezone(zone)
    except OverflowError as error:
        raise RowError(f"{name} is not a time") from error
    if again.replace(tzinfo=None) != local:
        raise RowError(f"{name} is a local time that does not exist: clocks were put forward")
    return found

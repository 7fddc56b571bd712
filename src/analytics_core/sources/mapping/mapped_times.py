"""Times in the ways that a mapping file can describe."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from analytics_core.domain.errors import AnalyticsError, RowError
from analytics_core.domain.time import EPOCH, MICROSECOND
from analytics_core.sources.mapping.number_spelling import NumberSpelling
from analytics_core.sources.mapping.time_formats import DIRECTIVE, OFFSET, TimeFormat, zone_of, zone_written_in
from analytics_core.sources.rows.instants import microseconds
from analytics_core.sources.rows.texts import decimal_of

Reader = Callable[[str], str]

_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_UNIVERSAL = frozenset({"UTC", "GMT", "UT", "Z"})
_ZONE = re.compile(
    r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+|(?<![A-Za-z])[A-Za-z]{1,6}(?![A-Za-z])|[+-]\d\d(?::?\d\d)?(?!\d)", re.ASCII
)
"""What could be a zone in a text."""
_ISO = re.compile(
    r"(?P<local>\d{4}-?\d\d-?\d\d[Tt ]\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?)"
    r"\s*(?P<zone>[^\s\[\]]*)(?:\s*\[(?P<place>[^\[\]]+)\])?",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)
_TOO_EXACT = re.compile(r"(?<=[.,])(\d{6})(\d+)", re.ASCII)


def time_reader(name: str, described: TimeFormat, spelling: NumberSpelling, *, is_typed: bool) -> Reader:
    """A function that turns a text of the column `name` into a time as `cells.convert` takes it.

    Args:
        name: the canonical column.
        described: how its times are written.
        spelling: how the file spells numbers.
        is_typed: whether the source may have them as timestamps, which come as ISO 8601 whatever the format says.

    Returns:
        The function; it raises RowError where a text is no such time.
    """
    zone = zone_of(described.timezone) if described.timezone else None
    readers: list[Reader] = [_format(name, form, zone) for form in described.all_formats]
    if described.unit:
        readers.append(_epoch(name, _DIGITS[described.unit], spelling))
    if not readers or is_typed:
        readers.append(_iso(name, zone))
    return readers[0] if len(readers) == 1 else _first_of(name, readers, described)


def _first_of(name: str, readers: list[Reader], described: TimeFormat) -> Reader:
    forms = described.all_formats
    unlike = f"{name} is not a time like {' or '.join(forms)}" if forms else f"{name} is not a number"

    def read(text: str) -> str:
        reasons = []
        for reader in readers:
            try:
                return reader(text)
            except RowError as error:
                reasons.append(str(error))
        # A format that fits but for the time's zone says more than those that do not fit at all.
        raise RowError(next((reason for reason in reasons if " is not a" not in reason), unlike))

    return read


def _epoch(name: str, digits: int, spelling: NumberSpelling) -> Reader:
    def read(text: str) -> str:
        number = decimal_of(text if spelling.is_plain else spelling.read(text) or "")
        if number is None:
            raise RowError(f"{name} is not a number")
        return f"{number.scaleb(-digits):f}"

    return read


def _iso(name: str, zone: tzinfo | None) -> Reader:
    """Times in ISO 8601 after which a zone may be named."""

    def read(text: str) -> str:
        found = _ISO.fullmatch(text.strip(" \t"))
        if not found:
            day = " but a day alone" if _DAY.fullmatch(text.strip(" \t")) else " like ISO 8601"
            raise RowError(f"{name} is not a time{day}")
        local = EPOCH + microseconds(name, f"{found['local']}Z") * MICROSECOND
        return _as_instant(name, local.replace(tzinfo=None), found["zone"] or found["place"], zone)

    return read


def _format(name: str, form: str, zone: tzinfo | None) -> Reader:
    fixed = zone_written_in(form)
    # Python reads few names of zones, and those of the machine: a zone is found here, and UTC stands in its place.
    named = DIRECTIVE.sub(lambda found: "%Z" if found[0] == "%z" else found[0], form)
    is_named = "%Z" in DIRECTIVE.findall(named) and not fixed

    def read(text: str) -> str:
        shorter, rest = _round_fraction(text) if "%f" in form else (text, 0)
        for attempt, written in _named_zones(shorter) if is_named else [(shorter, fixed)]:
            try:
                local = datetime.strptime(attempt, named)  # noqa: DTZ007 - its zone comes next
            except ValueError:
                continue
            return _as_instant(name, local + rest * MICROSECOND, written, zone)
        raise RowError(f"{name} is not a time like {form}")

    return read


def _named_zones(text: str) -> Iterator[tuple[str, str]]:
    """The text with UTC in place of what could be a zone, and what it was; from the end, where most are."""
    for found in reversed(list(_ZONE.finditer(text))):
        yield f"{text[: found.start()]}UTC{text[found.end() :]}", found[0]


def _round_fraction(text: str) -> tuple[str, int]:
    """The text with six decimals at most, and how many microseconds must be added for the others: half to even."""
    found = _TOO_EXACT.search(text)
    if not found:
        return text, 0
    rest = found[2].rstrip("0")
    return text[: found.start(2)] + text[found.end() :], int(found[1]) % 2 if rest == "5" else int(rest > "5")


def _as_instant(name: str, local: datetime, written: str | None, zone: tzinfo | None) -> str:
    """A local time as an instant, by the zone that is `written` with it, else by `zone`.

    Of one that comes twice, when clocks are put back, it is the first, unless what is written says otherwise.
    """
    if written:
        zone = _written_zone(name, local, written, zone)
    if zone is None:
        raise RowError(f"{name} has no time zone or offset")
    found = local.replace(tzinfo=zone)
    try:
        instant = found.astimezone(UTC)
        again = instant.astimezone(zone)
    except OverflowError as error:
        raise RowError(f"{name} is not a time") from error
    if again.replace(tzinfo=None) != local:
        raise RowError(f"{name} is a local time that does not exist: clocks were put forward")
    return instant.isoformat()


def _written_zone(name: str, local: datetime, written: str, zone: tzinfo | None) -> tzinfo:
    if written.upper() in _UNIVERSAL:
        return UTC
    try:
        if OFFSET.fullmatch(written) or "/" in written:
            return zone_of(written)
    except AnalyticsError:
        zone = None
    # A short name says which of a zone's offsets it is; of other zones it could be anybody's.
    for fold in (0, 1) if zone else ():
        found = local.replace(tzinfo=zone, fold=fold)
        offset = found.utcoffset()
        if found.tzname() == written and isinstance(offset, timedelta):
            return timezone(offset)
    raise RowError(f"{name} names a time zone that is not known; an offset such as +01:00 is")

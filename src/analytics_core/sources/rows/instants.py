"""Times: ISO 8601 with an offset, or epoch seconds; to UTC microseconds, rounded half to even.

`microseconds` reads any accepted spelling; `vector` reads the usual ones column-wise and vouches for nothing else.
"""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.domain.time import EPOCH, FIRST_YEAR, LAST_YEAR, MICROSECOND
from analytics_core.sources.rows.texts import decimal_of

UTC_MICROSECONDS = pl.Datetime("us", "UTC")

_END_AT = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_END = (_END_AT - EPOCH) // MICROSECOND
_SECOND = 1_000_000
_MICRO = Decimal("0.000001")
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)

_TICKS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_WRITABLE = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?"
    r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?)?",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

# Years of which every instant is one we take, whatever the offset.
_USUAL_YEAR = "(?:19(?:7[1-9]|[89][0-9])|20[0-9]{2}|21[0-9]{2})"
_USUAL_UTC = f"^{_USUAL_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-5][0-9]Z$"
_USUAL_ISO = (
    rf"^{_USUAL_YEAR}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}:[0-5][0-9](?:\.[0-9]{{1,6}})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])$"
)


def microseconds(name: str, text: str) -> int:
    """The instant `text` names, in microseconds since 1970 UTC.

    Raises:
        RowError: no time, no zone, or outside the years 1970 to 2200; it names the column `name`.
    """
    text = text.strip(" \t")
    if match := _ISO.fullmatch(text):
        found = _from_iso(name, match)
    elif _DATE.fullmatch(text):
        raise RowError(f"{name} has no time zone or offset")
    else:
        seconds = decimal_of(text)
        if seconds is None:
            raise RowError(f"{name} is not a time")
        is_in_range = 0 <= seconds < _END // _SECOND
        found = int(seconds.quantize(_MICRO, context=_EXACT) * _SECOND) if is_in_range else -1
    if not 0 <= found < _END:
        raise RowError(f"{name} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _from_iso(name: str, match: re.Match[str]) -> int:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise RowError(f"{name} is not a time") from error
    if match["offset"] is None:
        raise RowError(f"{name} has no time zone or offset")
    hours, minutes = int(match["hours"] or 0), int(match["minutes"] or 0)
    if hours > 23 or minutes > 59:  # noqa: PLR2004  # the hours and minutes of a day
        raise RowError(f"{name} is not a time")
    offset = (-1 if match["sign"] == "-" else 1) * (hours * 3600 + minutes * 60)
    digits = match.group(7) or ""
    whole, rest = int(digits[:6].ljust(6, "0")), digits[6:].rstrip("0")
    # Half to even.
    fraction = whole + (whole % 2 if rest == "5" else int(rest > "5"))
    return (local - EPOCH) // MICROSECOND - offset * _SECOND + fraction


def vector(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Column-wise: the instants of the usual spellings (text) or of zoned Parquet timestamps; null for all else."""
    if isinstance(dtype, pl.Datetime):
        ticks = cell.to_physical()
        if dtype.time_unit == "ms":
            # Beyond this bound the product would wrap around into the years we take.
            ticks = pl.when(ticks.is_between(0, _END // 1_000)).then(ticks) * 1_000
        elif dtype.time_unit == "ns":
            whole, rest = ticks // 1_000, ticks % 1_000
            half_up = (rest > 500) | ((rest == 500) & (whole % 2 == 1))  # noqa: PLR2004  # half of a thousand
            ticks = whole + half_up.cast(pl.Int64)
        instant = ticks.cast(UTC_MICROSECONDS)
        return pl.when(instant.is_between(EPOCH, _END_AT, closed="left")).then(instant)
    # Nothing here is used twice: Polars would read the times twice. What has neither fraction nor offset is read
    # several times as fast.
    is_utc = cell.str.contains(_USUAL_UTC)
    utc = pl.when(is_utc).then(cell).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us")
    iso = pl.when(cell.str.contains(_USUAL_ISO) & ~is_utc).then(cell.str.replace(" ", "T", literal=True))
    others = iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us")
    seconds = cell.str.extract(r"^([0-9]{1,10})(?:\.[0-9]{1,6})?$", 1).cast(pl.Int64)
    fraction = cell.str.extract(r"^[0-9]{1,10}\.([0-9]{1,6})$", 1).str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    epoch = pl.when(seconds < _END // _SECOND).then(seconds * _SECOND + fraction).cast(UTC_MICROSECONDS)
    return pl.coalesce(utc.dt.replace_time_zone("UTC"), others, epoch)


def as_text(given: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A temporal column as ISO text in full precision, zoned times in UTC.

    Times before the year 1 or after 9999 cannot be written so: they come as their bare ticks.
    """
    ticks = given.to_physical()
    if isinstance(dtype, pl.Datetime):
        low, high = (int((limit - EPOCH).total_seconds()) * _TICKS[dtype.time_unit] for limit in _WRITABLE)
        zone = "" if dtype.time_zone is None else "+00:00"
        naive = pl.when(ticks.is_between(low, high)).then(ticks).cast(pl.Datetime(dtype.time_unit))
        text = naive.dt.to_string(f"%Y-%m-%dT%H:%M:%S%.9f{zone}")
    elif isinstance(dtype, pl.Date):
        low, high = ((limit - EPOCH).days for limit in _WRITABLE)
        text = pl.when(ticks.is_between(low, high)).then(given).dt.to_string("iso")
    else:
        text = given.dt.to_string("iso")
    return pl.coalesce(text, ticks.cast(pl.String))

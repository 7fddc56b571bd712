"""One record at a time: every accepted spelling of every cell. The reference the column-wise reading must agree with.

A cell is None, text, `Number`, `NotFinite`, a bool, a list or a dict; an empty text is no value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

from analytics_core.domain.errors import RowError
from analytics_core.domain.time import FIRST_YEAR, LAST_YEAR
from analytics_core.domain.words import PersonalizationCategory, require_every
from analytics_core.json_text import MAX_DEPTH, TOO_DEEP, NotFinite, Number, compact, depth_of, parse
from analytics_core.sources.rows.columns import ATTRIBUTE_PREFIX, ATTRIBUTES, COLUMNS, is_attribute
from analytics_core.sources.rows.instants import microseconds
from analytics_core.sources.rows.texts import decimal_of, is_unicode
from analytics_core.tables.declaration import MAX_ID_LENGTH, Column, Kind

Record = Mapping[str, object]

_CATEGORIES = frozenset(PersonalizationCategory)
_SHOWN_CATEGORY = 40
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SMALLEST = Decimal("1e-9")
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)


def convert(table: str, record: Record) -> tuple[object, ...]:
    """The canonical values of one record, in the table's column order; instants as UTC microseconds.

    Raises:
        RowError: the row cannot be taken in; the reason names the first column that is wrong.
    """
    if any(is_attribute(table, name) for name in record):
        single = {
            name.removeprefix(ATTRIBUTE_PREFIX): value
            for name, value in record.items()
            if value is not None and is_attribute(table, name)
        }
        # Columns of single attributes win over the object.
        record = {**record, ATTRIBUTES: {**(object_of(record.get(ATTRIBUTES)) or {}), **single}}
    values: list[object] = []
    for column, reader in _COLUMN_READERS[table]:
        value = record.get(column.name)
        if value is not None and value != "":
            values.append(reader(column, value))
        elif column.required:
            raise RowError(f"{column.name} is missing")
        else:
            values.append(None)
    return tuple(values)


def _text(column: Column, value: object) -> str:
    is_whole_number = isinstance(value, Number) and value.removeprefix("-").isdecimal()
    if not isinstance(value, str) or (isinstance(value, Number | NotFinite) and not is_whole_number):
        raise RowError(f"{column.name} must be text")
    if not is_unicode(value):
        raise RowError(f"{column.name} is not Unicode text")
    return str(value)


def _identifier(column: Column, value: object) -> str:
    text = _text(column, value)
    if len(text) > MAX_ID_LENGTH:
        raise RowError(f"{column.name} is longer than {MAX_ID_LENGTH} characters")
    if "\0" in text:
        raise RowError(f"{column.name} contains a NUL character")
    return text


def _word(column: Column, value: object) -> str:
    if not isinstance(value, str) or value not in column.words:
        raise RowError(f"{column.name} must be one of {', '.join(column.words)}")
    return str(value)


def _instant(column: Column, value: object) -> int:
    if not isinstance(value, str):
        raise RowError(f"{column.name} is not a time")
    return microseconds(column.name, value)


def _day(column: Column, value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise RowError(f"{column.name} is not a day like 2026-03-31")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise RowError(f"{column.name} is not a day") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RowError(f"{column.name} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _number(column: Column, value: object) -> Decimal:
    found = decimal_of(value) if isinstance(value, str) else None
    if found is None:
        raise RowError(f"{column.name} is not a number")
    if not column.low <= found <= column.high:
        raise RowError(f"{column.name} is out of range")
    return found


def _whole(column: Column, value: object) -> int | None:
    if _is_nan(value):
        return None
    found = _number(column, value)
    if found != found.to_integral_value():
        raise RowError(f"{column.name} is not a whole number")
    return int(found)


def _round(column: Column, value: object) -> int | None:
    if _is_nan(value):
        return None
    return int(_number(column, value).to_integral_value(ROUND_HALF_EVEN, Context()))


def _exact(column: Column, value: object) -> Decimal:
    return _number(column, value).quantize(_SMALLEST, context=_EXACT)


def _is_nan(value: object) -> bool:
    """Data frames write an absent number as the number NaN."""
    return isinstance(value, NotFinite) and value == "NaN"


def _personalization(column: Column, value: object) -> list[dict[str, str | None]] | None:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _parse_json(column.name, value)
    if isinstance(value, str):
        pairs = (item.partition(":") for item in value.split("|"))
        value = [{"category": category, "attribute": attribute} for category, _, attribute in pairs]
    if not isinstance(value, list):
        raise RowError(f"{column.name} is not a list")
    return [_failure(column.name, item) for item in value] or None


def _failure(name: str, item: object) -> dict[str, str | None]:
    if not isinstance(item, dict):
        raise RowError(f"{name} contains an item that is not an object")
    category, attribute = item.get("category"), item.get("attribute")
    if not isinstance(category, str):
        raise RowError(f"{name} contains an object without a category")
    if category not in _CATEGORIES:
        raise RowError(f"{name} has the unknown category {category[:_SHOWN_CATEGORY]!a}")
    if attribute is None or attribute == "":
        return {"category": str(category), "attribute": None}
    return {"category": str(category), "attribute": _text(_ATTRIBUTE_NAME, attribute)}


def _attributes(_: Column, value: object) -> str | None:
    found = object_of(value)
    if depth_of(found) > MAX_DEPTH:
        raise RowError(f"{ATTRIBUTES} is {TOO_DEEP}")
    text = compact(found) if found else None
    if text and not is_unicode(text):
        raise RowError(f"{ATTRIBUTES} is not Unicode text")
    return text


def object_of(value: object) -> dict[str, object] | None:
    """The attributes, from an object or its JSON text; None where there are none.

    Raises:
        RowError: it is neither.
    """
    if isinstance(value, str) and not isinstance(value, Number | NotFinite) and value:
        value = _parse_json(ATTRIBUTES, value)
    if value is None or value == "":
        return None
    if not isinstance(value, dict):
        raise RowError(f"{ATTRIBUTES} is not a JSON object")
    return value


def _parse_json(name: str, text: str) -> object:
    try:
        return parse(text)
    except RowError as error:
        raise RowError(f"{name} is {error}") from error


_ATTRIBUTE_NAME = Column("personalization_errors attribute", Kind.TEXT, "an attribute's name", required=False)

_Reader = Callable[[Column, object], object]

_READERS: dict[Kind, _Reader] = require_every(
    Kind,
    {
        Kind.IDENTIFIER: _identifier,
        Kind.TEXT: _text,
        Kind.WORD: _word,
        Kind.INSTANT: _instant,
        Kind.DAY: _day,
        Kind.WHOLE: _whole,
        Kind.ROUNDED: _round,
        Kind.EXACT: _exact,
        Kind.PERSONALIZATION: _personalization,
        Kind.ATTRIBUTES: _attributes,
    },
)

_COLUMN_READERS = {
    table: tuple((column, _READERS[column.kind]) for column in columns) for table, columns in COLUMNS.items()
}

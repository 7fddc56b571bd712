"""Attributes of the type that a mapping says: a column of text may hold numbers, truths, JSON."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import polars as pl
from pydantic import model_validator

from analytics_core.domain.errors import RowError
from analytics_core.json_text import NotFinite, Number, compact, parse
from analytics_core.sources.files.parquet_records import member_cell
from analytics_core.sources.mapping.column_sources import Source
from analytics_core.sources.mapping.number_spelling import NumberSpelling
from analytics_core.sources.mapping.sections import Section
from analytics_core.sources.rows.texts import decimal_of

Type = Literal["number", "boolean", "text", "json"]

_JSON_NUMBER = r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?"
_MOST_DIGITS = 60
_TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}


class Attribute(Section):
    """An attribute of events.

    Attributes:
        column: where its value comes from.
        type: what it is; as it is in the file where nothing is said, which is text in CSV.
    """

    column: Source
    type: Type | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_column(cls, said: object) -> object:
        """What is no table is the column alone."""
        return {"column": said} if isinstance(said, str | list) else said


def spell(value: object) -> str:
    """Any value as a text: numbers without an exponent, whole ones without decimals; empty where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Number():
            return _spell_number(value)
        case str():
            return str(value)
        case _:
            return compact(value)


def _spell_number(number: str) -> str:
    found = decimal_of(number)
    if found is None or abs(found.adjusted()) > _MOST_DIGITS:
        return str(number)
    return f"{found:f}" if found != found.to_integral_value() else f"{found.to_integral_value():f}"


def typed_value(name: str, value: object, wanted: Type | None, spelling: NumberSpelling) -> object:
    """The value of an attribute, of the type that is wanted.

    Args:
        name: what an error calls it.
        value: as `cells` has it.
        wanted: the type; None: as it is, but numbers in text are spelled with a point.
        spelling: how the file spells numbers.

    Raises:
        RowError: it is none of that type.
    """
    if value is None or value == "":
        return None
    match wanted:
        case "number":
            return _number(name, value, spelling)
        case "boolean":
            return _truth(name, value)
        case "text":
            return spell(value)
        case "json":
            return _json(name, value)
        case _:
            is_text = type(value) is str and not spelling.is_plain
            return (spelling.read(value) or value) if is_text else value  # type: ignore[arg-type]


def typed_cell(cell: pl.Expr, dtype: pl.DataType, wanted: Type | None, spelling: NumberSpelling) -> pl.Expr:
    """The same column-wise, as JSON; null where a value is left to `typed_value`."""
    if not isinstance(dtype, pl.String):
        is_itself = wanted is None or (wanted == "boolean" and dtype == pl.Boolean)
        return member_cell(cell, dtype) if is_itself or (wanted == "number" and dtype.is_numeric()) else _NOTHING
    given = pl.when(cell != "").then(cell)
    match wanted:
        case "number":
            read = spelling.read_column(given)
            return pl.when(read.str.contains(f"^{_JSON_NUMBER}$")).then(read)
        case "boolean":
            words = {word: "true" if truth else "false" for word, truth in _TRUTHS.items()}
            lower = given.str.to_lowercase()
            return lower.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
        case "json":
            return _NOTHING
        case None if not spelling.is_plain:
            return member_cell(pl.coalesce(spelling.read_column(given), given), dtype)
        case _:
            return member_cell(given, dtype)


_NOTHING = pl.lit(None, pl.String)


def _number(name: str, value: object, spelling: NumberSpelling) -> Number | None:
    if isinstance(value, NotFinite) and value == "NaN":
        # Data frames write an absent number so.
        return None
    text = value if isinstance(value, Number) else spelling.read(value) if type(value) is str else None
    if text is None:
        raise RowError(f"{name} is not a number")
    if isinstance(value, Number) or re.fullmatch(_JSON_NUMBER, text):
        return Number(text)
    found = Decimal(text)
    if abs(found.adjusted()) > _MOST_DIGITS:
        raise RowError(f"{name} is out of range")
    return Number(f"{found:f}")


def _truth(name: str, value: object) -> bool:
    found = value if isinstance(value, bool) else _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise RowError(f"{name} is neither true nor false")
    return found


def _json(name: str, value: object) -> object:
    if type(value) is not str:
        return value
    try:
        return parse(value)
    except RowError as error:
        raise RowError(f"{name} is {error}") from error

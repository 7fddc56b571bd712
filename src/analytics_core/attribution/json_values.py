"""One attribute out of an event's JSON text, exactly as it was written.

Numbers keep every digit (no detour through binary floating point) and every value keeps its JSON type, because goal
filters compare JSON values and money is exact. Most objects are flat and free of escapes: those are read
by one regular expression; the rest by a JSON parser.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import polars as pl

from analytics_core.json_text import Number, compact, decode, quoted

# Neither of these can occur in a flat object without escapes.
_NEEDS_PARSER = r"[\\\[]|.\{"


def literal_of(attribute: str) -> pl.Expr:
    """The JSON literal of `attribute` in column `attributes`; null where it is absent or JSON null.

    Strings are `"…"` as JSON writes them, numbers keep their digits, arrays and objects are compact JSON.
    """
    text = pl.col("attributes")
    if attribute[:1] in {",", ":", "{", "}"} or quoted(attribute) != f'"{attribute}"':
        return _parse_attribute(
            text, attribute
        )  # such a name could match across a value's end, or is written with escapes
    # The whole match, then what follows the name: three times as fast as a group of its own for the value.
    matched = text.str.extract(r'[{,]"' + re.escape(attribute) + r'":(?:"[^"]*"|[^,}]+)', 0)
    value = matched.str.slice(len(attribute) + len('{"":'))
    parser_text = pl.when(text.str.contains(_NEEDS_PARSER)).then(text)
    found = pl.when(parser_text.is_null()).then(value).otherwise(_parse_attribute(parser_text, attribute))
    return pl.when(found != "null").then(found)


def strip_quotes(literal: pl.Expr) -> pl.Expr:
    """A literal without the quotes of a text; escapes stay."""
    return literal.str.strip_prefix('"').str.strip_suffix('"')


def check_literals(literal: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Whether a literal passes `test`, which is asked once for each spelling; null where the literal is."""

    def check(found: pl.Series) -> pl.Series:
        return found.is_in([spelled for spelled in found.drop_nulls().unique() if test(spelled)])

    return literal.map_batches(check, return_dtype=pl.Boolean, is_elementwise=True)


def map_texts(column: pl.Expr, function: Callable[[str], object], dtype: type[pl.DataType] | pl.DataType) -> pl.Expr:
    """Apply `function` to each text that is not null; the slow way, for the few rows that need it."""
    return column.map_elements(function, return_dtype=dtype, skip_nulls=True)


def _parse_attribute(text: pl.Expr, attribute: str) -> pl.Expr:
    def read(document: str) -> str | None:
        value = decode(document)
        found = value.get(attribute) if isinstance(value, dict) else None
        return None if found is None else compact(found)

    return map_texts(text, read, pl.String)


def same_json(left: object, right: object) -> bool:
    """Whether two loaded JSON values are equal and of the same JSON type (1 equals 1.0; true is no number)."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_json(left[key], right[key]) for key in left)
    if isinstance(left, Number) and isinstance(right, Number):
        return identify_number(left) == identify_number(right)
    return type(left) is type(right) and left == right


def identify_number(number: str) -> Decimal | str:
    """What tells a number from others: its exact value, or its spelling where no value can be stated."""
    value = read_exact(number)
    return number if value is None else value


def read_exact(number: str) -> Decimal | None:
    """The number a text states, to the last digit; None where its exponent is beyond what can be stated."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return None

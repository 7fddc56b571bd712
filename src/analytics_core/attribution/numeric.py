"""Numbers in JSON literals, JSON numbers and numbers written as text; amounts of money that add up exactly."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints
from analytics_core.attribution.json_values import identify_number, map_texts, read_exact, strip_quotes
from analytics_core.json_text import decode

MONEY_DECIMALS = 6
MONEY = pl.Decimal(38, MONEY_DECIMALS)
MONEY_LIMIT = Decimal(10) ** 21
"""Amounts from here on are no amounts of money; the bound keeps exact sums far from overflow."""

_NUMBER_TEXT = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_JSON_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_PLAIN = r"^-?[0-9]{1,20}(\.[0-9]{1,6})?$"
_QUANTUM = Decimal(1).scaleb(-MONEY_DECIMALS)
_MAX_EXPONENT = 308


def number_in(literal: str) -> Decimal | None:
    """The number a JSON literal states, also as text; None for anything else, NaN and infinities included."""
    value = decode(literal) if literal.startswith('"') else literal
    if not isinstance(value, str) or not _NUMBER_TEXT.fullmatch(value):
        return None
    number = read_exact(value.strip())
    # 1e999 is how JSON writes what no machine number can hold: an infinity.
    return number if number is not None and number.adjusted() <= _MAX_EXPONENT else None


def plain_number(literal: pl.Expr) -> pl.Expr:
    """The number of a plain literal (up to 20 digits, 6 decimals, quoted or not) as exact MONEY, else null."""
    bare = strip_quotes(literal)
    return pl.when(bare.str.contains(_PLAIN)).then(bare).cast(MONEY, strict=False)


def is_number(text: str) -> bool:
    """Whether a text is exactly a JSON number: no blanks, no leading zeros or plus, no other digits than ASCII's."""
    return re.fullmatch(_JSON_NUMBER, text) is not None


def equals_number(text: pl.Expr, numbers: Iterable[str]) -> pl.Expr:
    """Whether a text is a JSON number that equals one of `numbers`, to the last digit; false where it is null."""
    wanted = {identify_number(number) for number in numbers}
    nearest = [float(value) for value in wanted]

    def compare(found: pl.Series) -> pl.Series:
        # Equal numbers have one nearest floating point number, and reading that is fast; few texts are left to look at.
        near = found.filter(found.cast(pl.Float64, strict=False).is_in(nearest)).unique()
        return found.is_in([spelled for spelled in near if is_number(spelled) and identify_number(spelled) in wanted])

    return text.map_batches(compare, return_dtype=pl.Boolean, is_elementwise=True).fill_null(value=False)


def fits_money(number: Decimal) -> bool:
    """Whether `number` is an amount MONEY holds exactly."""
    return number.copy_abs() < MONEY_LIMIT and _round(number) == number


def amount(literal: pl.Expr) -> pl.Expr:
    """The amount of money a literal states, rounded half-even to six decimals; null where it states none."""
    plain = plain_number(literal)
    rest = pl.when(plain.is_null()).then(literal)
    return pl.coalesce(plain, map_texts(rest, _round_text, pl.String).cast(MONEY))


def needs_rounding(literal: pl.Expr) -> pl.Expr:
    """Whether a literal states an amount with more than six decimals."""
    rest = pl.when(plain_number(literal).is_null()).then(literal)
    return map_texts(rest, _is_rounded, pl.Boolean).fill_null(value=False)


def _money(literal: str) -> Decimal | None:
    number = number_in(literal)
    return number if number is not None and number.copy_abs() < MONEY_LIMIT else None


def _round_text(literal: str) -> str | None:
    number = _money(literal)
    return None if number is None else f"{_round(number):f}"


def _round(number: Decimal) -> Decimal:
    with localcontext(prec=64):
        return number.quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)


def _is_rounded(literal: str) -> bool:
    number = _money(literal)
    return number is not None and _round(number) != number


_ROOM = 1 << 62


def in_millionths(amounts: pl.Series) -> Ints:
    """Amounts of money (MONEY, none null) in millionths; see `whole_numbers`."""
    return whole_numbers(amounts.to_physical())


def whole_numbers(values: pl.Series) -> Ints:
    """Whole numbers, none null: int64 where all their sums surely fit, else Python's own (dtype object)."""
    if values.cast(pl.Float64).abs().sum() < _ROOM:
        return values.cast(pl.Int64).to_numpy()
    return np.array(values.to_list(), dtype=object)


def as_series(numbers: Ints) -> pl.Series:
    """Whole numbers of either kind in 128 bits, which hold the sums of any amounts of money."""
    if numbers.dtype == object:
        return pl.Series(numbers.tolist(), dtype=pl.Int128)
    return pl.Series(numbers).cast(pl.Int128)

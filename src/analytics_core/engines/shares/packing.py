"""Columns of whole numbers in few bytes, exactly.

A column is written as what it has beyond what is known already: the row before, or the column before. What is left is
small, and mostly nothing. Delays of a goal, in order, are 5_000_000, 9_000_000 and 9_000_000: less the row before 5, 4
and 0 million, and so 5, 4 and 0 in units of a million.
"""

from enum import IntEnum
from io import BytesIO
from typing import Any, Self

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints
from analytics_core.arrays.planes import find_unit, read_planes, write_planes
from analytics_core.attribution.numeric import MONEY, MONEY_DECIMALS

_WHOLE = (pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt32)
_TYPES: dict[str, Any] = {str(dtype): dtype for dtype in (*_WHOLE, MONEY, pl.Float64)}
_PACKED = {"column": pl.String, "type": pl.String, "way": pl.Int8, "unit": pl.Int64, "bytes": pl.Binary}
_SAMPLE = 1 << 16
"""Rows that a way is chosen by."""


class Way(IntEnum):
    """What a column is written less of: nothing, the row before, the column before, or the square of that as money.

    AS_IT_IS is Arrow's own form, of what is no whole number of 64 bits.
    """

    AS_IT_IS = 0
    NOTHING = 1
    ROW = 2
    COLUMN = 3
    SQUARE = 4

    @classmethod
    def choose(cls, numbers: Ints, before: Ints | None) -> Self:
        """The way that leaves the fewest bits of the first rows."""
        ways = [cls.NOTHING, cls.ROW] if before is None else [cls.NOTHING, cls.ROW, cls.COLUMN, cls.SQUARE]
        known = None if before is None else before[:_SAMPLE]
        lefts = [way.subtract(numbers[:_SAMPLE], known).astype(np.float64) for way in ways]
        bits = [int(np.frexp(left)[1].sum()) for left in lefts]
        return ways[bits.index(min(bits))]

    def subtract(self, numbers: Ints, before: Ints | None) -> Ints:
        """What is left of a column; beyond 64 bits numbers begin anew, so that adding gives it back."""
        if self == Way.ROW:
            return np.diff(numbers, prepend=0)
        return numbers if before is None or self == Way.NOTHING else numbers - _foretell(self, before)

    def add(self, left: Ints, before: Ints | None) -> Ints:
        """The column that this is left of."""
        if self == Way.ROW:
            return np.cumsum(left)
        return left if before is None or self == Way.NOTHING else left + _foretell(self, before)


def pack_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per column: its name, its type, and its numbers in few bytes, which `unpack_columns` reads."""
    packed, before = [], None
    for column in rows:
        numbers = _find_numbers(column)
        if numbers is None:
            file = BytesIO()
            column.to_frame().rechunk().write_ipc(file)
            way, unit, content = Way.AS_IT_IS, 1, file.getvalue()
        else:
            way = Way.choose(numbers, before)
            left = way.subtract(numbers, before)
            unit = find_unit(left)
            content = write_planes(left // unit)
        packed.append((column.name, str(column.dtype), way, unit, content))
        before = numbers
    return pl.DataFrame(packed, schema=_PACKED, orient="row")


def unpack_columns(packed: pl.DataFrame, height: int) -> pl.DataFrame:
    """The columns that `pack_columns` wrote, of so many rows."""
    columns, before = [], None
    for name, type_, way, unit, content in packed.iter_rows():
        if way == Way.AS_IT_IS:
            columns.append(pl.read_ipc(BytesIO(content)).to_series())
            before = None
        else:
            before = Way(way).add(read_planes(content, height) * unit, before)
            columns.append(_as_series(name, before, _TYPES[type_]))
    return pl.DataFrame(columns)


def _find_numbers(column: pl.Series) -> Ints | None:
    """The column as numbers of 64 bits, floats by their bits; None where it has others."""
    if str(column.dtype) not in _TYPES or column.has_nulls():
        return None
    if column.dtype == pl.Float64:
        return column.to_numpy().view(np.int64)
    numbers = column.to_physical().cast(pl.Int64, strict=False)
    return None if numbers.has_nulls() else numbers.to_numpy()


def _as_series(name: str, numbers: Ints, dtype: Any) -> pl.Series:  # noqa: ANN401 - a type of Polars
    if dtype == pl.Float64:
        return pl.Series(name, numbers.view(np.float64))
    if dtype == MONEY:
        return pl.Series(name, numbers).cast(pl.Int128).reinterpret(dtype=MONEY)
    return pl.Series(name, numbers).cast(dtype)


def _foretell(way: Way, before: Ints) -> Ints:
    """The column before, or the bits of the square that one amount of so many millionths has (see `count_arms`)."""
    if way == Way.COLUMN:
        return before
    squares: Ints = ((before.astype(np.float64) / 10**MONEY_DECIMALS) ** 2).view(np.int64)
    return squares

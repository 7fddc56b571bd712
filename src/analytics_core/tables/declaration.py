"""How a table is declared: its columns in order, each with what may stand in it and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import polars as pl

MAX_ID_LENGTH = 128
"""Characters that an id may have."""

_MAX_INT64 = 2**63 - 1
_MAX_INT32 = 2**31 - 1


class Kind(Enum):
    """What may stand in a column's cells."""

    IDENTIFIER = auto()
    TEXT = auto()
    WORD = auto()
    INSTANT = auto()
    DAY = auto()
    WHOLE = auto()
    ROUNDED = auto()
    EXACT = auto()
    PERSONALIZATION = auto()
    ATTRIBUTES = auto()


_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.INSTANT: pl.Datetime("us", "UTC"),
    Kind.DAY: pl.Date(),
    Kind.WHOLE: pl.Int64(),
    Kind.ROUNDED: pl.Int64(),
    Kind.EXACT: pl.Decimal(38, 9),
    Kind.PERSONALIZATION: pl.List(pl.Struct({"category": pl.String, "attribute": pl.String})),
}
"""All other kinds are text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: what files call it.
        kind: what may stand in it.
        meaning: what the documentation says of it.
        required: whether every row needs it; else it may be null.
        words: the closed set a word is of; of failed personalization, the categories.
        low: the least number that may stand in it.
        high: the greatest.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = True
    words: tuple[str, ...] = ()
    low: int = -_MAX_INT64
    high: int = _MAX_INT64

    @property
    def dtype(self) -> pl.DataType:
        """Its Polars type; whole numbers that are declared small take half the room."""
        if self.kind is Kind.WHOLE and self.high <= _MAX_INT32:
            return pl.Int32()
        return _DTYPES.get(self.kind, pl.String())

    @property
    def has_least(self) -> bool:
        """Whether the declaration says which number is the least."""
        return self.low > -_MAX_INT64

    @property
    def has_greatest(self) -> bool:
        """Whether the declaration says which number is the greatest."""
        return self.high < _MAX_INT64


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        description: its grain, in Markdown.
        key: columns whose repeated values make a row a duplicate; a row with a null key is never one.
        columns: in order.
        tells_apart: columns in which a row that repeats a key must be equal to the first, or else is no duplicate but
            a conflict; none: whatever repeats a key is a duplicate.
    """

    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    tells_apart: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        """Column names and Polars types, in declared order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

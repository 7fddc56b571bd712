"""How the files of a mapping are read, and which of their rows count."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

import polars as pl
from pydantic import BeforeValidator, Field, model_validator

from analytics_core.json_text import Number
from analytics_core.sources.mapping.attribute_types import spell
from analytics_core.sources.mapping.column_sources import Source
from analytics_core.sources.mapping.number_spelling import NumberSpelling
from analytics_core.sources.mapping.sections import Constant, Mark, Section, spell_constant


def _check_marks(value: object) -> object:
    marks = (".", ",", " ", "'", "_", "\u2019", "\u00a0", "\u202f")
    if value not in marks:
        raise ValueError("must be a point, a comma, a blank, ' or _")
    return value


class ReadOptions(Section):
    """How files are read; whatever does not concern a file's form is not looked at.

    Attributes:
        delimiter: what stands between the fields of CSV files; a comma, or a tab in TSV files, where it is None.
        header: the line or row that names the columns; 0: there is none.
        names: of the columns, instead of those of the header.
        decimal: what stands before the decimals of a number.
        thousands: what stands between groups of three digits.
        nulls: texts that are no value.
        sheet: of a workbook; its first one where it is None.
    """

    delimiter: Mark | None = None
    header: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    names: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    decimal: Literal[".", ","] = "."
    thousands: Annotated[str, BeforeValidator(_check_marks)] | None = None
    nulls: tuple[str, ...] = ()
    sheet: str | None = None

    @model_validator(mode="after")
    def _clear(self) -> "ReadOptions":
        if self.header == 0 and not self.names:
            raise ValueError("names: are needed where header = 0 says that no line names the columns")
        names = self.names or ()
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(f"names: {repeated!r} is there more than once")
        if self.thousands == self.decimal:
            raise ValueError(f"thousands: {self.thousands!r} is what stands before the decimals; say decimal too")
        return self

    @property
    def numbers(self) -> NumberSpelling:
        """How numbers are spelled."""
        return NumberSpelling(self.decimal, self.thousands)


class Condition(Section):
    """What a row must fulfil to count; every part that is given.

    Attributes:
        column: whose value it is about.
        among: the values of which it must be one; `in` in the file, as text.
        outside: the values of which it must be none; `not_in` in the file, as text. An empty cell is none of them.
        exists: whether it must have a value, or must have none.
    """

    column: Source
    among: Annotated[tuple[Constant, ...], Field(min_length=1)] | None = Field(None, alias="in")
    outside: Annotated[tuple[Constant, ...], Field(min_length=1)] | None = Field(None, alias="not_in")
    exists: bool | None = None

    @model_validator(mode="after")
    def _clear(self) -> "Condition":
        if self.among is None and self.outside is None and self.exists is None:
            raise ValueError("give in, not_in or exists")
        return self

    def allows(self, text: str) -> bool:
        """Whether a value fulfils it; an empty text is no value."""
        return (
            (self.exists is None or self.exists == bool(text))
            and (self.among is None or text in self._among)
            and (self.outside is None or text not in self._outside)
        )

    def test(self, text: pl.Expr) -> pl.Expr:
        """The same column-wise; null is no value."""
        parts = [pl.lit(value=True)]
        if self.exists is not None:
            parts.append(text.is_not_null() if self.exists else text.is_null())
        if self.among is not None:
            parts.append(text.fill_null("").is_in(list(self._among)))
        if self.outside is not None:
            parts.append(~text.fill_null("").is_in(list(self._outside)))
        return pl.all_horizontal(parts)

    @cached_property
    def _among(self) -> frozenset[str]:
        return frozenset(text for value in self.among or () for text in _spellings(value))

    @cached_property
    def _outside(self) -> frozenset[str]:
        return frozenset(text for value in self.outside or () for text in _spellings(value))


def _spellings(value: str | float) -> Iterator[str]:
    """How cells may have a value: 1.0 is 1 too."""
    yield spell_constant(value)
    if not isinstance(value, str | bool):
        yield spell(Number(value))

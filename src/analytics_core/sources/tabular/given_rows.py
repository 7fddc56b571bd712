"""A table in a file: how it lies there, and its rows before a mapping, as columns where its form has them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.sources.rows.cells import Record


@dataclass(frozen=True, slots=True, eq=False)
class GivenRows:
    """Some rows of one file, in its order.

    Attributes:
        file: what rejected rows and ids call the file.
        numbers: line or row of each, from 1.
        read: the row at a position as a record; raises RowError where it is none.
        raw: the text of the row at a position.
        columns: those of the source that are read, at least; None where its form has none.
        sound: per row, whether `columns` says anything of it; None where they do of all.
    """

    file: str
    numbers: Sequence[int]
    read: Callable[[int], Record]
    raw: Callable[[int], str]
    columns: pl.DataFrame | None = None
    sound: pl.Series | None = None

    def remembering(self) -> "GivenRows":
        """The same rows, each of which is read once however often it is asked for."""
        known = cache(self._try)

        def read(position: int) -> Record:
            found = known(position)
            if isinstance(found, RowError):
                raise found
            return found

        return replace(self, read=read)

    def soundness(self) -> pl.Series:
        """Per row, whether it can be read at all."""
        if self.columns is not None:
            return pl.repeat(value=True, n=len(self.numbers), eager=True) if self.sound is None else self.sound
        return pl.Series([not isinstance(self._try(at), RowError) for at in range(len(self.numbers))], dtype=pl.Boolean)

    def only(self, kept: pl.Series) -> "GivenRows":
        """The rows for which `kept` is true."""
        if kept.all():
            return self
        places = kept.arg_true().to_list()
        return GivenRows(
            file=self.file,
            numbers=[self.numbers[place] for place in places],
            read=lambda position: self.read(places[position]),
            raw=lambda position: self.raw(places[position]),
            columns=None if self.columns is None else self.columns.filter(kept),
            sound=None if self.sound is None else self.sound.filter(kept),
        )

    def _try(self, position: int) -> Record | RowError:
        try:
            return self.read(position)
        except RowError as error:
            return error


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table lies in its file; what does not concern the file's form is not looked at.

    Attributes:
        delimiter: what stands between fields; a comma, or a tab in TSV files, where it is None.
        header: the line or row that names the columns; 0: there is none.
        names: of the columns, instead of those of the header.
        sheet: of a workbook; its first one where it is None.
        spells_numbers: whether numbers in text are spelled in a way of their own.
    """

    delimiter: str | None = None
    header: int = 1
    names: tuple[str, ...] = ()
    sheet: str | None = None
    spells_numbers: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OpenTable:
    """A table that is being read.

    Attributes:
        names: of its columns; None where each record has its own.
        rows: its rows, some at a time.
        typed: columns that may be timestamps, which come as ISO 8601.
        numeric: columns of numbers, which are spelled with a point.
        left_out: what of the file is not read, in words.
    """

    names: tuple[str, ...] | None
    rows: Iterator[GivenRows]
    typed: frozenset[str] = frozenset()
    numeric: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()

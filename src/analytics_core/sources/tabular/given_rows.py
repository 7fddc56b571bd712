"""Some rows of a source before a mapping: as columns where its form has them, and one by one."""

from collections.abc import Callable, Sequence
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

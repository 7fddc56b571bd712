"""How a table lies in its file, and the table once it is open."""

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_core.sources.tabular.given_rows import GivenRows


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

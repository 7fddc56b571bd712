"""A table of texts: what every tabular view returns, and its plain-text and CSV forms."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len

from analytics_core.views.forms.texts import cut, one_line

WIDEST_CELL = 60
"""Characters of a cell on a terminal."""
_PAGE = re.compile(r"[A-Za-z0-9_-]{1,128}\.html")


class Align(StrEnum):
    """Where a column's texts stand; figures stand right."""

    LEFT = "left"
    RIGHT = "right"


class RowKind(StrEnum):
    """What a row is among the others: `DETAIL` explains the row above it, `TOTAL` sums up."""

    PLAIN = "plain"
    DETAIL = "detail"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Column:
    """One column's heading and alignment.

    Attributes:
        label: the heading.
        align: where its texts stand.
        whole: whether its texts mean nothing when cut, such as instants.
        is_key: whether its texts tell rows apart, such as ids, so that others are cut and left out before them.
    """

    label: str
    align: Align = Align.LEFT
    whole: bool = False
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row, a text per column.

    Attributes:
        cells: the texts.
        kind: what it is among the others.
        href: the page the row is about, a file beside the one it stands on.
        asks: by cell the name of the metric whose figure it is, empty where it is none; none at all where no cell is.
        goal: the place of the goal that the figures are of among the campaign's; None: the primary one.
        parts: by cell the part of the campaign that the figure is of (see `find_part`), empty where it is of all of it;
            none at all where all are.
    """

    cells: tuple[str, ...]
    kind: RowKind = RowKind.PLAIN
    href: str | None = None
    asks: tuple[str, ...] = ()
    goal: int | None = None
    parts: tuple[str, ...] = ()

    @property
    def link(self) -> str | None:
        """`href` where it is the plain name of an HTML file; any other address is no link."""
        return self.href if self.href and _PAGE.fullmatch(self.href) else None


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table.

    Attributes:
        title: what it is of.
        columns: their headings.
        rows: as many texts each as there are columns.
        note: sentences below it; None where nothing needs saying.
        droppable: headings of columns that a narrow terminal leaves out, the least important first.
        stacks: whether a telephone shows each row as a list where the columns are many or long.
        spare: how many of `droppable`, from the first, a narrow page leaves out too.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str | None = None
    droppable: tuple[str, ...] = ()
    stacks: bool = True
    spare: int = 0


def columns(first: str, *rest: str, texts: Iterable[str] = ()) -> tuple[Column, ...]:
    """Columns with the first on the left and the figures on the right; `texts` among the rest stand left."""
    left = frozenset(texts)
    return (Column(first), *(Column(label, Align.LEFT if label in left else Align.RIGHT) for label in rest))


def table_text(table: Table) -> str:
    """The table for a terminal, ending in one line break; long texts are cut, figures stand right.

    A heading may hold line breaks; short ones stand at the bottom.
    """
    labels = [[one_line(line) for line in column.label.split("\n")] for column in table.columns]
    height = max(map(len, labels))
    heading = list(zip(*([""] * (height - len(lines)) + lines for lines in labels), strict=True))
    rows = [tuple(cut(cell, WIDEST_CELL) for cell in indent(row)) for row in table.rows]
    widths = [max(map(cell_len, column)) for column in zip(*heading, *rows, strict=True)]
    rule = "  ".join("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * width for width in widths)
    above, below = ([_line(table, line, widths) for line in lines] for lines in (heading, rows))
    note = [one_line(table.note)] if table.note else []
    return "\n".join((table.title, *above, rule, *below, *note, ""))


def indent(row: Row) -> tuple[str, ...]:
    """Its cells on a terminal, where an arrow says what is a detail."""
    first, *rest = row.cells
    indent = "\N{RIGHTWARDS ARROW} " if row.kind is RowKind.DETAIL else ""
    return (f"{indent}{first}", *rest)


def _line(table: Table, cells: tuple[str, ...], widths: list[int]) -> str:
    padded = []
    for cell, width, column in zip(cells, widths, table.columns, strict=True):
        space = " " * (width - cell_len(cell))
        padded.append(space + cell if column.align is Align.RIGHT else cell + space)
    return "  ".join(padded).rstrip()

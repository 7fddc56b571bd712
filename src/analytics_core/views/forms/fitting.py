"""Tables and sentences as wide as a terminal: columns drop by importance, names are cut, sentences wrap."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from analytics_core.views.forms.table import WIDEST_CELL, Align, Column, Row, Table, indent, table_text
from analytics_core.views.forms.texts import cut, one_line

_GAP = 2
_SHORT = 17
"""A text of no more characters is not cut: it may be a verdict, a status, an id."""
_LEAST = 10
"""What is longer is not cut to fewer characters."""


def fit_text(table: Table, width: int | None) -> str:
    """The table for a terminal of `width` columns, ending in one line break; None for one without an end.

    Args:
        table: columns that it calls droppable are left out, the first of them first, and the text says so.
        width: what the terminal has room for.
    """
    if width is None:
        return table_text(table)
    rows = (tuple(cut(cell, WIDEST_CELL) for cell in indent(row)) for row in table.rows)
    flat = replace(table, rows=tuple(map(Row, rows)))
    kept, dropped = (flat, ()) if _total(_widths(flat)) <= width else _without_least(_with_short_headings(flat), width)
    left_out = f"Not shown at this width: {', '.join(reversed(dropped))}." if dropped else ""
    sentences = " ".join(text for text in (table.note or "", left_out) if text)
    text = table_text(replace(_cut(kept, width), title=cut(table.title, width), note=None))
    return f"{text}{wrap(sentences, width)}\n" if sentences else text


def _with_short_headings(table: Table) -> Table:
    """The table with headings no wider than they need to be."""
    cells = [[row.cells[place] for row in table.rows] for place in range(len(table.columns))]
    return replace(table, columns=tuple(map(_broken, table.columns, cells)))


def _broken(column: Column, cells: Sequence[str]) -> Column:
    """A heading in lines as wide as its widest cell or word."""
    width = max(map(cell_len, (*cells, *column.label.split())), default=1)
    return replace(column, label="\n".join(textwrap.wrap(column.label, width, break_on_hyphens=False)))


def wrap(text: str, width: int | None, lead: str = "") -> str:
    """Sentences in lines no longer than `width`: the first one after `lead`, the others below it."""
    if width is None:
        return lead + text
    below = " " * cell_len(lead)
    lines = textwrap.wrap(one_line(text), width, initial_indent=lead, subsequent_indent=below, break_on_hyphens=False)
    return "\n".join(lines)


def _without_least(table: Table, width: int) -> tuple[Table, tuple[str, ...]]:
    """The table with as few columns dropped as it takes, and their headings."""
    dropped: tuple[str, ...] = ()
    for label in table.droppable:
        if _least_width(table) <= width:
            break
        if label in map(_label, table.columns):
            table, dropped = _without(table, label), (*dropped, label)
    return table, dropped


def _label(column: Column) -> str:
    return " ".join(column.label.split())


def _without(table: Table, label: str) -> Table:
    places = [place for place, column in enumerate(table.columns) if _label(column) != label]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=tuple(replace(row, cells=tuple(row.cells[place] for place in places)) for row in table.rows),
    )


def _least_width(table: Table) -> int:
    """How wide the table is with its names cut as short as may be; figures are never cut."""
    widths = _widths(table)
    long = _long_texts(table, widths)
    return _total([_LEAST if place in long else width for place, width in enumerate(widths)])


def _cut(table: Table, width: int) -> Table:
    """The table with its longest names cut until all fits."""
    widths = _widths(table)
    texts = _long_texts(table, widths)
    while _total(widths) > width and max((widths[place] for place in texts), default=0) > _LEAST:
        widths[max(texts, key=widths.__getitem__)] -= 1
    return replace(table, rows=tuple(Row(tuple(map(_cut_cell, row.cells, widths))) for row in table.rows))


def _cut_cell(cell: str, width: int) -> str:
    """As many characters as fit; some take two columns."""
    length = len(cell)
    while cell_len(cell) > width:
        length -= 1
        cell = cut(cell, length)
    return cell


def _long_texts(table: Table, widths: Sequence[int]) -> list[int]:
    """The places of columns that may be cut: texts, and no short ones."""
    places = enumerate(zip(table.columns, widths, strict=True))
    return [
        place for place, (column, width) in places if column.align is Align.LEFT and not column.whole and width > _SHORT
    ]


def _widths(table: Table) -> list[int]:
    cells = [*zip(*(row.cells for row in table.rows), strict=True)] or [()] * len(table.columns)
    return [
        max(map(cell_len, (*column.label.split("\n"), *texts)))
        for column, texts in zip(table.columns, cells, strict=True)
    ]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)

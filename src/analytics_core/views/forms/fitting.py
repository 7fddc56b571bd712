"""Tables and facts as wide as a terminal: columns drop by importance, names are cut, sentences wrap."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from analytics_core.views.forms.pieces import FactSheet
from analytics_core.views.forms.table import WIDEST_CELL, Align, Row, Table, indent, table_text
from analytics_core.views.forms.texts import cut, one_line, wrap

_GAP = 2
_SHORT = 17
"""A text of no more characters is not cut: it may be a verdict, a status, an id."""
_LEAST = 10
"""What is longer is not cut to fewer characters."""
_LEAST_OF_KEY = 36
"""What tells rows apart has so much room before columns are left out for it: an id may be a UUID."""


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
    widths = _widths(kept)
    names = _long_texts(kept, widths)
    keys = [place for place in names if kept.columns[place].is_key]
    for cut_now in ([place for place in names if place not in keys], keys):
        while _total(widths) > width and max((widths[place] for place in cut_now), default=0) > _LEAST:
            widths[max(cut_now, key=widths.__getitem__)] -= 1
    shortened = tuple(Row(tuple(map(_cut_cell, row.cells, widths))) for row in kept.rows)
    text = table_text(replace(kept, title=cut(table.title, width), rows=shortened, note=None))
    return f"{text}{wrap(sentences, width)}\n" if sentences else text


def sheet_text(sheet: FactSheet, width: int | None) -> str:
    """A title, a line or more per fact, ending in one line break.

    Args:
        sheet: the facts; a value may have lines of its own.
        width: what the terminal has room for; None for one without an end.
    """
    column = max((cell_len(fact.label) for fact in sheet.facts), default=0) + _GAP
    lines = [one_line(sheet.title)]
    for fact in sheet.facts:
        lead = fact.label + " " * (column - cell_len(fact.label))
        for place, line in enumerate(fact.value.split("\n") or [""]):
            begin = lead if place == 0 else " " * column
            fits = width is None or column + cell_len(line) <= width
            lines.append((begin + line if fits else wrap(line, width, begin)).rstrip())
    if sheet.note:
        lines.append(wrap(sheet.note, width))
    return "\n".join((*lines, ""))


def _with_short_headings(table: Table) -> Table:
    """The table with headings in lines no wider than the widest cell or word of their column."""
    headings = []
    for place, column in enumerate(table.columns):
        texts = (*(row.cells[place] for row in table.rows), *column.label.split())
        lines = textwrap.wrap(column.label, max(map(cell_len, texts), default=1), break_on_hyphens=False)
        headings.append(replace(column, label="\n".join(lines)))
    return replace(table, columns=tuple(headings))


def _without_least(table: Table, width: int) -> tuple[Table, tuple[str, ...]]:
    """The table with as few columns dropped as it takes, and their headings."""
    dropped: tuple[str, ...] = ()
    for label in table.droppable:
        widths = _widths(table)
        long = _long_texts(table, widths)
        least = [_LEAST_OF_KEY if column.is_key else _LEAST for column in table.columns]
        if _total([min(wide, least[place]) if place in long else wide for place, wide in enumerate(widths)]) <= width:
            break
        places = [place for place, column in enumerate(table.columns) if " ".join(column.label.split()) != label]
        if len(places) < len(table.columns):
            dropped = (*dropped, label)
            rows = (replace(row, cells=tuple(row.cells[place] for place in places)) for row in table.rows)
            table = replace(table, columns=tuple(table.columns[place] for place in places), rows=tuple(rows))
    return table, dropped


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

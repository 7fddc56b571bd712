"""Records that were put together in Python, as columns of text: most of them can then be read column-wise."""

from collections.abc import Sequence
from contextlib import suppress
from types import NoneType

import polars as pl

from analytics_core.json_text import Number, compact
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS, is_attribute
from analytics_core.sources.rows.texts import is_unicode
from analytics_core.tables.declaration import Kind

_NUMERIC = frozenset({Kind.INSTANT, Kind.WHOLE, Kind.ROUNDED})
_TEXT: frozenset[type] = frozenset({str, NoneType})
_NUMERIC_TEXT = _TEXT | {Number}


def columns_of(table: str, records: Sequence[Record]) -> tuple[pl.DataFrame, pl.Series]:
    """The cells of records as `Batch` has them.

    Returns:
        A column per canonical column and per single attribute, null where a cell is empty or text does not say all
        there is to say; and per record, whether its row does.
    """
    kinds = {column.name: column.kind for column in COLUMNS[table]}
    shapes = [tuple(record) for record in records]
    found = {shape: [name for name in shape if is_attribute(table, name)] for shape in dict.fromkeys(shapes)}
    # A column says nothing of the order of attributes: records that have them in another one are left to their rows.
    rank = {name: place for place, name in enumerate(dict.fromkeys(name for names in found.values() for name in names))}
    others = {shape for shape, names in found.items() if names != sorted(names, key=rank.__getitem__)}
    inexact = {place for place, shape in enumerate(shapes) if shape in others} if others else set()
    columns: list[pl.Series] = []
    for name in (*kinds, *rank):
        texts, places = _column(kinds.get(name), [record.get(name) for record in records])
        columns.append(texts.alias(name))
        inexact.update(places)
    return pl.DataFrame(columns), ~pl.int_range(len(records), eager=True).is_in(list(inexact))


def _column(kind: Kind | None, values: Sequence[object]) -> tuple[pl.Series, Sequence[int]]:
    """Values as texts, and the places of those that are none; `kind` is None of a single attribute."""
    plain = _NUMERIC_TEXT if kind in _NUMERIC else _TEXT
    if kind is not None and plain.issuperset(map(type, values)):
        # Half a character cannot be kept in a column.
        with suppress(UnicodeEncodeError):
            return pl.Series(values=values, dtype=pl.String), ()
    texts = [None if value is None else _text(kind, value) for value in values]
    both = enumerate(zip(values, texts, strict=True))
    inexact = [place for place, (value, text) in both if text is None and value is not None]
    return pl.Series(values=texts, dtype=pl.String), inexact


def _text(kind: Kind | None, value: object) -> str | None:
    if kind is None or (kind is Kind.ATTRIBUTES and isinstance(value, dict)):
        text = compact(value)
    elif type(value) is str or (
        type(value) is Number
        and (kind in _NUMERIC or (kind is not Kind.ATTRIBUTES and value.removeprefix("-").isdecimal()))
    ):
        text = value
    else:
        return None
    return text if is_unicode(text) else None

"""From a row of somebody's own table to the cells of a canonical one: record by record, and column-wise.

Both give the same; where a column cannot say all there is to say, a row is left to the way by record.
"""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.json_text import Number, compact
from analytics_core.sources.files.parquet_records import member_cell, text_cell
from analytics_core.sources.mapping.mapped_times import time_reader
from analytics_core.sources.mapping.mapping import OTHER, TableMapping
from analytics_core.sources.readings import by_record
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS, is_attribute
from analytics_core.sources.rows.instants import as_text
from analytics_core.tables.declaration import Column

_SPELLED = {True: "true", False: "false"}


class Translation:
    """What a mapping makes of rows.

    Args:
        mapping: what the source's columns mean.
        typed: columns of the source that are timestamps.
    """

    def __init__(self, mapping: TableMapping, typed: frozenset[str] = frozenset()) -> None:
        self._mapping = mapping
        self._sources = mapping.sources()
        self._constants: dict[str, object] = {}
        for name, constant in mapping.constants.items():
            if not is_attribute(mapping.table, name):
                self._constants[name] = _constant(constant)
            else:
                # The JSON value of an attribute keeps its type.
                self._constants[name] = constant if isinstance(constant, bool | str) else Number(constant)
        self._values = {
            name: {value: _constant(meaning) for value, meaning in table.items()}
            for name, table in mapping.values.items()
        }
        self._times = {
            name: time_reader(name, described, is_typed=mapping.columns[name] in typed)
            for name, described in mapping.times.items()
        }

    def record(self, given: Record) -> Record:
        """The canonical record of a row; raises RowError where a time is none."""
        found: dict[str, object] = {}
        for name, source in self._sources.items():
            value = value_at(given, source)
            table = self._values.get(name)
            if table is not None:
                text = _SPELLED[value] if isinstance(value, bool) else "" if value is None else value
                if isinstance(text, str):
                    # Nothing is no value that could be another.
                    value = table.get(str(text), table.get(OTHER, value) if text else value)
            reader = self._times.get(name)
            if reader is not None and value:
                if not isinstance(value, str):
                    raise RowError(f"{name} is not a time")
                value = reader(value)
            # An empty cell of a column of one attribute says that the event has no such attribute.
            found[name] = None if value == "" and is_attribute(self._mapping.table, name) else value
        return {**found, **self._constants}

    def batch(
        self,
        numbers: Sequence[int],
        given: pl.DataFrame,
        read: Callable[[int], Record],
        raw: Callable[[int], str],
        exact: pl.Series | None = None,
    ) -> Batch:
        """A batch of the rows `given`, which have at least the columns that are read.

        Args:
            numbers: line or row of each.
            given: the source's columns.
            read: the row at a position as a record.
            raw: the text of the row at a position.
            exact: per row, whether its columns say anything; None where all do.
        """
        renamed = given.select(pl.col(source).alias(name) for name, source in self._sources.items())
        cells = self._cells(renamed)
        lost = (cells[name].is_null() & _is_given(renamed[name]) for name in renamed.columns)
        inexact = pl.select(pl.any_horizontal(*lost)).to_series()
        return Batch(
            numbers=numbers,
            cells=cells,
            exact=~inexact if exact is None else exact & ~inexact,
            record=lambda position: self.record(read(position)),
            raw=raw,
        )

    def batch_of_records(
        self, numbers: Sequence[int], read: Callable[[int], Record], raw: Callable[[int], str]
    ) -> Batch:
        """A batch of rows that have no columns (see `batch`)."""
        return by_record(self._mapping.table, numbers, lambda position: self.record(read(position)), raw)

    def _cells(self, renamed: pl.DataFrame) -> pl.DataFrame:
        columns = {column.name: column for column in COLUMNS[self._mapping.table]}
        texts = renamed.with_columns(
            self._text(name, columns.get(name), dtype).alias(name) for name, dtype in renamed.schema.items()
        )
        # Timestamps with a zone are no text: nothing is left to be said about them.
        written = {name for name, dtype in texts.schema.items() if dtype == pl.String}
        replaced = [_replacing(name, table) for name, table in self._values.items() if name in written]
        texts = texts.with_columns(replaced)
        times = [_read_once(texts[name], reader) for name, reader in self._times.items() if name in written]
        constants = [
            pl.lit(compact(value) if is_attribute(self._mapping.table, name) else value, pl.String).alias(name)
            for name, value in self._constants.items()
        ]
        return texts.with_columns(times).with_columns(constants)

    def _text(self, name: str, column: Column | None, dtype: pl.DataType) -> pl.Expr:
        if column is None:
            given = pl.when(pl.col(name) != "").then(pl.col(name)) if dtype == pl.String else pl.col(name)
            return member_cell(given, dtype)
        if name in self._times and isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
            return as_text(pl.col(name), dtype)
        return text_cell(column, dtype)


def value_at(given: Record, source: str) -> object:
    """The value of a column; where there is none of that name, ``a.b`` is the key ``b`` of the object ``a``."""
    if source in given or "." not in source:
        return given.get(source)
    outer, _, inner = source.partition(".")
    found = given.get(outer)
    return value_at(found, inner) if isinstance(found, dict) else None


def _constant(value: object) -> str:
    return _SPELLED[value] if isinstance(value, bool) else str(value)


def _replacing(name: str, table: Mapping[str, str]) -> pl.Expr:
    cell = pl.col(name)
    named = {value: meaning for value, meaning in table.items() if value != OTHER}
    filled = cell.fill_null("") if "" in named else cell
    replaced = filled.replace_strict(
        list(named),
        list(named.values()),
        default=pl.lit(table[OTHER]) if OTHER in table else cell,
        return_dtype=pl.String,
    )
    return (
        pl.when((filled != "") | (pl.lit("" in named) & filled.is_not_null()))
        .then(replaced)
        .otherwise(cell)
        .alias(name)
    )


def _read_once(texts: pl.Series, reader: Callable[[str], str]) -> pl.Series:
    """Times of a column, each text read once; null where it is none, or empty."""
    found: dict[str, str | None] = {}
    for text in texts.unique().drop_nulls():
        try:
            found[text] = reader(text) if text else None
        except RowError:
            found[text] = None
    read = texts.replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)
    return read.alias(texts.name)


def _is_given(column: pl.Series) -> pl.Series:
    return column.is_not_null() & (column != "") if column.dtype == pl.String else column.is_not_null()

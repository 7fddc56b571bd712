"""From a row of somebody's own table to the cells of a canonical one: record by record, and column-wise.

Both give the same; where a column cannot say all there is to say, a row is left to the way by record.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.json_text import Number, compact
from analytics_core.sources.files.parquet_records import text_cell
from analytics_core.sources.mapping.attribute_types import typed_cell, typed_value
from analytics_core.sources.mapping.column_sources import names_in
from analytics_core.sources.mapping.mapped_times import Reader, time_reader
from analytics_core.sources.mapping.mapping import RowMapping
from analytics_core.sources.mapping.number_spelling import NumberSpelling
from analytics_core.sources.mapping.read_options import ReadOptions
from analytics_core.sources.mapping.row_filter import RowFilter
from analytics_core.sources.mapping.sections import OTHER, spell_constant
from analytics_core.sources.mapping.source_values import NUMBER, SourceValues
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import ATTRIBUTE_PREFIX, COLUMNS, is_attribute
from analytics_core.sources.rows.instants import as_text
from analytics_core.sources.rows.record_columns import columns_of
from analytics_core.sources.tabular.given_rows import GivenRows
from analytics_core.tables.declaration import Column, Kind

_NUMERIC = frozenset({Kind.WHOLE, Kind.ROUNDED, Kind.EXACT})


class Translation:
    """What a mapping makes of the rows of a file.

    Args:
        rows: what the source's columns mean.
        options: how its files are read.
        file: what the file is called.
        typed: columns of the source that are timestamps.
        numeric: columns of the source whose numbers are spelled with a point, whatever the options say.
    """

    def __init__(
        self,
        rows: RowMapping,
        options: ReadOptions,
        file: str,
        typed: frozenset[str] = frozenset(),
        numeric: frozenset[str] = frozenset(),
    ) -> None:
        self.table = rows.table
        self._sources = rows.sources()
        self._find = SourceValues(file, options.nulls)
        self._filter = RowFilter(rows.where, self._find)
        self._constants = {name: _constant(rows.table, name, value) for name, value in rows.constants.items()}
        self._values = {
            name: {value: spell_constant(meaning) for value, meaning in table.items()}
            for name, table in rows.values.items()
        }
        self._types = {ATTRIBUTE_PREFIX + name: said.type for name, said in rows.described.items()}
        self._spellings = {
            name: NumberSpelling() if source in numeric else options.numbers for name, source in self._sources.items()
        }
        self._numbers = [
            column.name
            for column in COLUMNS[rows.table]
            if column.kind in _NUMERIC and column.name in self._sources and not self._spellings[column.name].is_plain
        ]
        self._times = {
            name: time_reader(
                name, said, self._spellings[name], is_typed=not typed.isdisjoint(names_in(rows.columns[name]))
            )
            for name, said in rows.times.items()
        }

        self._steps = [(name, self._find.finder(source), self._changes(name)) for name, source in self._sources.items()]

    def batch(self, given: GivenRows, *, is_first: bool) -> tuple[Batch, int]:
        """The rows that `given` ones become, and how many are left out.

        Args:
            given: the rows of the source.
            is_first: whether a row that cannot be read is to be rejected here; else it has been.
        """
        kept, undecided = self._filter.mask(given)
        left_out = 0 if kept is None else len(given.numbers) - int(kept.sum())
        if not is_first:
            sound = given.soundness()
            kept = sound if kept is None else kept & sound
        if undecided:
            doubtful = pl.int_range(len(given.numbers), eager=True).is_in(list(undecided))
            given = replace(given, sound=~doubtful if given.sound is None else given.sound & ~doubtful)
        return self._translate(given if kept is None else given.only(kept)), left_out

    def counts(self, record: Record, number: int) -> bool:
        """Whether the record that is row `number` becomes a row; raises RowError where that cannot be said."""
        return self._filter.holds(record, number)

    def record(self, given: Record, number: int) -> Record:
        """The canonical record of row `number`.

        Raises:
            RowError: a value is not what the mapping says.
        """
        if self._filter.is_needed:
            self._filter.holds(given, number)
        found: dict[str, object] = {}
        for name, find, change in self._steps:
            value = find(given, number)
            found[name] = value if change is None else change(value)
        found.update(self._constants)
        return found

    def _translate(self, given: GivenRows) -> Batch:
        def record(position: int) -> Record:
            return self.record(given.read(position), given.numbers[position])

        renamed = self._rename(given)
        if renamed is None:
            return self._by_record(given, record)
        cells = self._cells(renamed)
        lost = (cells[name].is_null() & _is_given(renamed[name]) for name in renamed.columns)
        exact = ~pl.select(pl.any_horizontal(*lost)).to_series()
        return Batch(
            numbers=given.numbers,
            cells=cells,
            exact=exact if given.sound is None else given.sound & exact,
            record=record,
            raw=given.raw,
        )

    def _by_record(self, given: GivenRows, record: Callable[[int], Record]) -> Batch:
        """Rows that are put together one by one; what is usual of them is then read column-wise."""
        records: list[Record] = []
        flawed: list[int] = []
        for position in range(len(given.numbers)):
            try:
                records.append(record(position))
            except RowError:
                records.append({})
                flawed.append(position)
        cells, exact = columns_of(self.table, records)
        if flawed:
            exact &= ~pl.int_range(len(records), eager=True).is_in(flawed)
        return Batch(numbers=given.numbers, cells=cells, exact=exact, record=record, raw=given.raw)

    def _rename(self, given: GivenRows) -> pl.DataFrame | None:
        """The source's columns by canonical names; None where they do not say all there is to say."""
        if given.columns is None:
            return None
        schema = given.columns.schema
        found = {name: self._find.column(source, schema) for name, source in self._sources.items()}
        known = [column.alias(name) for name, column in found.items() if column is not None]
        if len(known) < len(found):
            return None
        numbered = given.columns.with_columns(pl.Series(NUMBER, given.numbers, pl.Int64))
        return numbered.select(known)

    def _changes(self, name: str) -> Callable[[object], object] | None:
        """What becomes of a value of the column `name`; None where it stays what it is."""
        table, reader = self._values.get(name), self._times.get(name)
        spelling, wanted = self._spellings[name], self._types.get(name)
        if reader is not None:
            last: Callable[[object], object] = partial(_read_time, name, reader)
        elif name in self._numbers:
            last = partial(_read_number, name, spelling)
        elif is_attribute(self.table, name):
            last = partial(typed_value, name, wanted=wanted, spelling=spelling)
        elif table is None:
            return None
        else:
            return partial(_mean, table)
        return last if table is None else lambda value: last(_mean(table, value))

    def _cells(self, renamed: pl.DataFrame) -> pl.DataFrame:
        columns = {column.name: column for column in COLUMNS[self.table]}
        texts = renamed.with_columns(
            self._text(name, columns.get(name), dtype).alias(name) for name, dtype in renamed.schema.items()
        )
        # Timestamps with a zone are no text: nothing is left to be said about them.
        written = {name for name, dtype in texts.schema.items() if dtype == pl.String}
        replaced = [_replacing(name, table) for name, table in self._values.items() if name in written]
        texts = texts.with_columns(replaced)
        times = [_read_once(texts[name], reader) for name, reader in self._times.items() if name in written]
        numbers = [
            self._spellings[name].read_column(pl.col(name)).alias(name) for name in self._numbers if name in written
        ]
        members = [
            typed_cell(pl.col(name), dtype, self._types.get(name), self._spellings[name]).alias(name)
            for name, dtype in texts.schema.items()
            if is_attribute(self.table, name)
        ]
        constants = [
            pl.lit(compact(value) if is_attribute(self.table, name) else value, pl.String).alias(name)
            for name, value in self._constants.items()
        ]
        return texts.with_columns(*times, *numbers, *members).with_columns(constants)

    def _text(self, name: str, column: Column | None, dtype: pl.DataType) -> pl.Expr:
        if column is None:
            # The type of an attribute is looked at later; a value that means another is a text.
            return pl.col(name) if name not in self._values or dtype == pl.String else pl.lit(None, pl.String)
        if name in self._times and isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
            return as_text(pl.col(name), dtype)
        return text_cell(column, dtype)


def _mean(table: Mapping[str, str], value: object) -> object:
    """What a value of the source means."""
    text = spell_constant(value) if isinstance(value, bool) else "" if value is None else value
    # Nothing is no value that could be another.
    return table.get(str(text), table.get(OTHER, value) if text else value) if isinstance(text, str) else value


def _read_time(name: str, reader: Reader, value: object) -> object:
    if not value:
        return value
    if not isinstance(value, str):
        raise RowError(f"{name} is not a time")
    return reader(value)


def _read_number(name: str, spelling: NumberSpelling, value: object) -> object:
    if type(value) is not str or not value:
        return value
    number = spelling.read(value)
    if number is None:
        raise RowError(f"{name} is not a number")
    return number


def _constant(table: str, name: str, value: object) -> object:
    """A value of every row; that of an attribute keeps the type it has in JSON."""
    if not is_attribute(table, name):
        return spell_constant(value)
    return value if isinstance(value, bool | str) else Number(value)


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

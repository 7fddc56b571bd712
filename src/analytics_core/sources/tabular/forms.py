"""Opens a table by what its file's name ends in."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files import csv_files, jsonl_records, parquet_records
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.tabular.excel_sheets import open_sheet
from analytics_core.sources.tabular.given_rows import GivenRows, Layout, OpenTable
from analytics_core.sources.tabular.json_arrays import is_array, read_items

Note = Callable[[Record], None]
_Opener = Callable[[SourceFile, Layout, Collection[str], Note], AbstractContextManager[OpenTable]]


def form_of(name: str) -> str | None:
    """What the name of a file says of its form, in any case of letters; None for one that is not read."""
    lower = name.lower()
    return next((form for form in _OPENERS if lower.endswith((f".{form}", f".{form}.gz"))), None)


def forms() -> str:
    """What the names of files end in, for a person."""
    return f"{', '.join(_OPENERS)}; text also with .gz; or zip of these"


def open_table(
    source: SourceFile, layout: Layout, wanted: Collection[str], note: Note
) -> AbstractContextManager[OpenTable]:
    """Open the table in a file.

    Args:
        source: the file.
        layout: how the table lies in it.
        wanted: names of columns that are read; of objects also their keys, as ``a.b``.
        note: hears of each record that has columns of its own.

    Raises:
        UnreadableInputError: the file cannot be read at all; the message names it.
    """
    form = form_of(source.name)
    if form is None:
        raise UnreadableInputError(f"{source.name}: is of no form that is read; it would be {forms()}")
    return _OPENERS[form](source, layout, wanted, note)


@contextmanager
def _open_parquet(source: SourceFile, _layout: Layout, wanted: Collection[str], _note: Note) -> Iterator[OpenTable]:
    schema = parquet_records.types_of(source)
    # Rows are counted by a column, also where none is wanted.
    columns = [name for name in schema if name in wanted] or list(schema)[:1]
    typed = frozenset(name for name in columns if schema[name].is_temporal())

    def rows() -> Iterator[GivenRows]:
        for first, given in parquet_records.stretches(source, columns):
            read = parquet_records.rows_of(given)
            raw = partial(parquet_records.raw_of, (read,))
            yield GivenRows(source.name, range(first, first + given.height), read, raw, given)

    yield OpenTable(tuple(schema), rows(), typed)


@contextmanager
def _open_csv(
    source: SourceFile, layout: Layout, wanted: Collection[str], _note: Note, usual: str = ","
) -> Iterator[OpenTable]:
    form = csv_files.CsvForm(layout.delimiter or usual, layout.header, layout.names)
    with csv_files.open_csv(source, form, wanted) as (header, stretches):

        def rows() -> Iterator[GivenRows]:
            for stretch in stretches:
                columns = {name: stretch.column(place) for place, name in enumerate(header) if name in wanted}
                given = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
                read = partial(stretch.record, header)
                yield GivenRows(source.name, stretch.numbers, read, stretch.raw, given, stretch.is_exact)

        yield OpenTable(header, rows())


@contextmanager
def _open_lines(source: SourceFile, _layout: Layout, _wanted: Collection[str], note: Note) -> Iterator[OpenTable]:
    yield OpenTable(None, _read_lines(source, note))


@contextmanager
def _open_json(source: SourceFile, _layout: Layout, _wanted: Collection[str], note: Note) -> Iterator[OpenTable]:
    yield OpenTable(None, read_items(source, note) if is_array(source) else _read_lines(source, note))


def _read_lines(source: SourceFile, note: Note) -> Iterator[GivenRows]:
    for numbers, lines in jsonl_records.read_lines(source):
        read, raw = jsonl_records.record_reader(lines, note), jsonl_records.raw_reader(lines)
        yield GivenRows(source.name, numbers, read, raw)


@contextmanager
def _open_excel(source: SourceFile, layout: Layout, wanted: Collection[str], _note: Note) -> Iterator[OpenTable]:
    yield open_sheet(source, layout, wanted)


_OPENERS: Mapping[str, _Opener] = {
    "parquet": _open_parquet,
    "csv": _open_csv,
    "tsv": partial(_open_csv, usual="\t"),
    "jsonl": _open_lines,
    "ndjson": _open_lines,
    "json": _open_json,
    "xlsx": _open_excel,
}

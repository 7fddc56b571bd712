"""CSV files with a header line: commas, or tabs in `tsv` files, double quotes, quoted line breaks."""

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files import csv_records
from analytics_core.sources.files.csv_records import CsvRecord, RecordReader, long_fields
from analytics_core.sources.files.csv_stretches import Gathered, Stretch, plain_stretch
from analytics_core.sources.files.files import SourceFile, bytes_of, extension_of
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS, UnknownNames, is_attribute, missing
from analytics_core.sources.rows.texts import NOT_UTF8, is_unicode
from analytics_core.sources.rows.vectors import member_text

_RECORDS = 50_000
_BLANKS = b" \t\r\n"
_BLOCK = 4_000_000
"""Bytes that are read at once."""


def batches(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
    """The records of a CSV file with a header line. Columns that are not read are added to `unknown`.

    Raises:
        UnreadableInputError: the file cannot be read at all, or its header lacks a column every row needs.
    """
    table = source.table
    is_tabbed = (extension_of(source.name) or "").startswith("tsv")
    with open_csv(source, _TABBED if is_tabbed else _USUAL) as (header, stretches):
        lacking = missing(table, set(header)) if header else []
        if lacking:
            raise UnreadableInputError(f"{source.name}: the header has no column {', '.join(lacking)}")
        unknown.add(header)
        single = [name for name in header if is_attribute(table, name)]
        read = {*single, *(column.name for column in COLUMNS[table])}
        places = {name: place for place, name in enumerate(header) if name in read}
        written = [pl.when(pl.col(name) != "").then(member_text(pl.col(name))).alias(name) for name in single]
        for stretch in stretches:
            cells = pl.DataFrame({name: stretch.column(place) for name, place in places.items()})
            exact = stretch.is_exact
            if single:
                members = cells.select(written)
                inexact = (members[name].is_null() & (cells[name] != "") for name in single)
                exact &= ~pl.select(pl.any_horizontal(*inexact)).to_series()
                cells = cells.with_columns(members)
            yield Batch(stretch.numbers, cells, exact, _reader(header, frozenset(single), stretch), stretch.raw)


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How the records of a file are written.

    Attributes:
        delimiter: what stands between fields.
        header: the line at which the record begins that names the columns; what is before it is passed over. 0: there
            is none.
        names: of the columns, instead of the header's.
    """

    delimiter: str = ","
    header: int = 1
    names: tuple[str, ...] = ()


_USUAL, _TABBED = CsvForm(), CsvForm("\t")


@contextmanager
def open_csv(
    source: SourceFile, form: CsvForm = _USUAL, read: Container[str] | None = None
) -> Iterator[tuple[tuple[str, ...], Iterator[Stretch]]]:
    """The names of the columns of a CSV file, none where it is empty, and its records some at a time.

    Args:
        source: the file.
        form: how it is written.
        read: names that must not be there more than once; all where None.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    with bytes_of(source) as file:
        content = _Content(file, form)
        header = _names(source.name, content, form)
        repeated = sorted({name for name in header if header.count(name) > 1 and (read is None or name in read)})
        if repeated:
            raise UnreadableInputError(f"{source.name}: the header names {repeated[0][:40]!r} more than once")
        yield header, content.stretches(len(header))


def _names(file: str, content: "_Content", form: CsvForm) -> tuple[str, ...]:
    if not form.header:
        return form.names
    first = content.first()
    if first is None:
        if form.header > 1:
            raise UnreadableInputError(f"{file}: ends before line {form.header}, which should name the columns")
        return ()
    if first.flaw or not is_unicode(first.raw):
        raise UnreadableInputError(f"{file}: the header line cannot be read: {first.flaw or NOT_UTF8}")
    if form.names and len(form.names) != len(first.fields):
        raise UnreadableInputError(f"{file}: has {len(first.fields)} columns, of which {len(form.names)} are named")
    return form.names or tuple(first.fields)


class _Content:
    """What a file holds: read in blocks of whole lines where nothing is unusual in them, else record by record."""

    def __init__(self, file: IO[bytes], form: CsvForm) -> None:
        self._file, self._delimiter = file, form.delimiter
        self._reader = RecordReader(map(_text, file), form.delimiter)
        for _ in range(form.header - 1):
            self._reader.number += bool(file.readline())

    def first(self) -> CsvRecord | None:
        """The first record; None where there is none."""
        self._pass_blank_lines()
        with long_fields():
            while (found := self._reader.take()) is not None:
                if found:
                    return found[0]
        return None

    def stretches(self, width: int) -> Iterator[Stretch]:
        """The records after the first, which has so many fields."""
        while block := self._block():
            number = self._reader.number
            end = number + block.count(b"\n") + (not block.endswith(b"\n"))
            plain = plain_stretch(block, number, width, self._delimiter, csv_records.FIELD_LIMIT)
            if plain:
                self._reader.number = end
                if len(plain.numbers):
                    yield plain
            else:
                self._reader.put(map(_text, BytesIO(block)))
                # One by one, up to the end of the block, or a little further where a record goes on beyond it.
                while gathered := self._gather(width, end):
                    yield gathered.stretch()

    def _pass_blank_lines(self) -> None:
        """Leave out what is blank before the first record, many lines at once."""
        block = self._file.readline()
        self._reader.note_lines(1)
        while block and not block.strip(_BLANKS):
            self._reader.number += block.count(b"\n")
            block = self._block()
        begin = block.rfind(b"\n", 0, len(block) - len(block.lstrip(_BLANKS))) + 1
        self._reader.number += block.count(b"\n", 0, begin)
        self._reader.put(map(_text, BytesIO(block[begin:])))

    def _block(self) -> bytes:
        """The next lines: those that were read too far, else of the file."""
        if again := self._reader.take_back(_BLOCK):
            return "".join(again).encode(errors="surrogateescape")
        block = self._file.read(_BLOCK) + self._file.readline()
        self._reader.note_lines(block.count(b"\n"))
        return block

    def _gather(self, width: int, end: int) -> Gathered:
        gathered = Gathered(width)
        with long_fields():
            while self._reader.number < end and len(gathered) < _RECORDS and (found := self._reader.take()) is not None:
                for record in found:
                    gathered.add(record)
        return gathered


def _text(line: bytes) -> str:
    """A line as text; bytes that are not UTF-8 come as lone surrogates."""
    return line.decode(errors="surrogateescape")


def _reader(header: tuple[str, ...], single: frozenset[str], stretch: Stretch) -> Callable[[int], Record]:
    def record(position: int) -> Record:
        found = stretch.record(header, position)
        # An empty cell of a column of one attribute says that the event has no such attribute.
        return {name: value for name, value in found.items() if value or name not in single} if single else found

    return record

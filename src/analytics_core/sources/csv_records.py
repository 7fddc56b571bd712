"""CSV as Python's `csv` module reads it in strict mode: commas, double quotes, quoted line breaks, a header line."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.batches import Batch
from analytics_core.sources.cells import Record
from analytics_core.sources.columns import COLUMNS, is_attribute, missing
from analytics_core.sources.files import SourceFile, text_of
from analytics_core.sources.rejection import NOT_UTF8, RowError, is_unicode
from analytics_core.sources.unknown import UnknownNames
from analytics_core.sources.vectors import member_text

_RECORDS = 50_000
_FIELD_LIMIT = 64 * 1024 * 1024
_REREADS_PER_LINE = 20

BROKEN_QUOTING = "broken CSV quoting"


class CsvRecord(NamedTuple):
    """One record: the number of its first line, its raw text, and its fields or why there are none.

    A tuple, because one is made for every row.
    """

    line: int
    raw: str
    fields: Sequence[str] = ()
    flaw: str | None = None


class _Lines:
    """The physical lines of a file, which can be given back after a record that turned out not to be one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._rereads = 0
        self.held: list[str] = []
        """Lines of the current record."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            line = next(self._lines)
            self._rereads += _REREADS_PER_LINE
        self.held.append(line)
        return line

    def give_back(self) -> None:
        """Keep only the first held line, unless the file has made us read too much again already."""
        if len(self.held) <= self._rereads:
            self._rereads -= len(self.held)
            self._again.extendleft(reversed(self.held[1:]))
            del self.held[1:]


class Stretch:
    """Some records in one flat list of fields: a list per row would keep the garbage collector busy."""

    def __init__(self, width: int) -> None:
        self.numbers: list[int] = []
        self.raws: list[str] = []
        self.flaws: dict[int, str] = {}
        self._width = width
        self._blank = ("",) * width
        self._fields: list[str] = []

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, record: CsvRecord) -> None:
        """Take one more record in."""
        flaw = record.flaw or self._flaw(record)
        if flaw:
            self.flaws[len(self)] = flaw
        self.numbers.append(record.line)
        self.raws.append(record.raw)
        self._fields.extend(self._blank if flaw else record.fields)

    def column(self, place: int) -> list[str]:
        """The fields of one column, empty where a record is flawed."""
        return self._fields[place :: self._width]

    def row(self, position: int) -> list[str]:
        """The fields of the record at a position.

        Raises:
            RowError: it is flawed.
        """
        if position in self.flaws:
            raise RowError(self.flaws[position])
        return self._fields[position * self._width : (position + 1) * self._width]

    def _flaw(self, record: CsvRecord) -> str | None:
        if not is_unicode(record.raw):
            return NOT_UTF8
        found = len(record.fields)
        if found == self._width:
            return None
        return f"{found} field{'' if found == 1 else 's'} where the header has {self._width}"


def records(lines: Iterable[str], delimiter: str = ",") -> Iterator[CsvRecord]:
    """The records of a CSV text, the header among them; blank lines are none.

    A line whose quoting is broken spoils itself only: reading goes on at the next line.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    first = 1
    while True:
        source.held = []
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.give_back()
            for number, line in enumerate(source.held, first):
                yield CsvRecord(number, line, flaw=_flaw(error))
        else:
            raw = source.held[0] if len(source.held) == 1 else "".join(source.held)
            if len(fields) > 1 or raw.strip(" \t\r\n"):
                yield CsvRecord(first, raw, fields)
        first += len(source.held)


def batches(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
    """The records of a CSV file with a header line. Columns that are not read are added to `unknown`.

    Raises:
        UnreadableInputError: the file cannot be read at all, or its header lacks a column every row needs.
    """
    with opened(source) as (header, stretches):
        lacking = missing(source.table, set(header)) if header else []
        if lacking:
            raise UnreadableInputError(f"{source.name}: the header has no column {', '.join(lacking)}")
        unknown.add(header)
        for stretch in stretches:
            yield _batch(source.table, header, stretch)


@contextmanager
def opened(source: SourceFile, delimiter: str = ",") -> Iterator[tuple[tuple[str, ...], Iterator[Stretch]]]:
    """The header of a CSV file, empty where the file is, and its records some at a time.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    with text_of(source) as text:
        found = records(text, delimiter)
        with _long_fields():
            first = next(found, None)
        header = _checked_header(source, first) if first else ()
        yield header, _stretches(found, len(header))


def _stretches(found: Iterator[CsvRecord], width: int) -> Iterator[Stretch]:
    while stretch := _take(found, width):
        yield stretch


def _take(found: Iterator[CsvRecord], width: int) -> Stretch:
    stretch = Stretch(width)
    with _long_fields():
        for record in islice(found, _RECORDS):
            stretch.add(record)
    return stretch


@contextmanager
def _long_fields() -> Iterator[None]:
    """The csv module's limit on a field is one number for the whole process: raise it, and put it back."""
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _checked_header(source: SourceFile, first: CsvRecord) -> tuple[str, ...]:
    header = tuple(first.fields)
    if first.flaw or not is_unicode(first.raw):
        raise UnreadableInputError(f"{source.name}: the header line cannot be read: {first.flaw or NOT_UTF8}")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise UnreadableInputError(f"{source.name}: the header names {repeated[0][:40]!r} more than once")
    return header


def _flaw(error: csv.Error) -> str:
    message = str(error)
    if "new-line character" in message:
        return "a bare carriage return in a field"
    return "a field is too long" if "field limit" in message else BROKEN_QUOTING


def _batch(table: str, header: tuple[str, ...], stretch: Stretch) -> Batch:
    cells, sound = _cells(table, {name: stretch.column(place) for place, name in enumerate(header)})
    return Batch(
        numbers=stretch.numbers,
        cells=cells,
        sound=sound & ~pl.int_range(len(stretch), eager=True).is_in(list(stretch.flaws)),
        record=_reader(table, header, stretch),
        raw=lambda position: stretch.raws[position].rstrip("\r\n"),
    )


def _cells(table: str, texts: dict[str, list[str]]) -> tuple[pl.DataFrame, pl.Series]:
    known = {column.name for column in COLUMNS[table]}
    single = [name for name in texts if is_attribute(table, name)]
    frame = pl.DataFrame(
        {name: values for name, values in texts.items() if name in known or name in single},
        schema_overrides={name: pl.String for name in texts if name in known or name in single},
    )
    if not single:
        return frame, pl.repeat(value=True, n=frame.height, eager=True)
    members = frame.select(pl.when(pl.col(name) != "").then(member_text(pl.col(name))).alias(name) for name in single)
    unsaid = (members[name].is_null() & (frame[name] != "") for name in single)
    return frame.with_columns(members), ~pl.select(pl.any_horizontal(*unsaid)).to_series()


def _reader(table: str, header: tuple[str, ...], stretch: Stretch) -> Callable[[int], Record]:
    def record(position: int) -> Record:
        cells = zip(header, stretch.row(position), strict=True)
        # An empty cell of a column of one attribute says that the event has no such attribute.
        return {name: value for name, value in cells if value or not is_attribute(table, name)}

    return record

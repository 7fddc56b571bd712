"""Files of somebody's own table, read as a mapping says."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.sources.files import csv_files, jsonl_records, parquet_records
from analytics_core.sources.files.exports import files_below
from analytics_core.sources.files.files import EXTENSIONS, SourceFile, extension_of, naming, source_at
from analytics_core.sources.mapping.mapping import TableMapping
from analytics_core.sources.mapping.translation import Translation
from analytics_core.sources.readings import FileReading, Reading
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import MAX_NAMES, missing
from analytics_core.sources.rows.texts import readable

_SHOWN = 100


def find_readings(paths: Sequence[Path], mapping: TableMapping) -> Sequence[Reading]:
    """How the files at or below `paths` are read; each once.

    Raises:
        UnreadableInputError: there are none, or one at a path is of no format that is read.
    """
    found: dict[Path, SourceFile] = {}
    for name, path in files_below(paths):
        if extension_of(path.name):
            found.setdefault(path.resolve(), source_at(mapping.table, path, name))
    if not found:
        where = ", ".join(map(str, paths))
        raise UnreadableInputError(f"{where}: holds no file ending in {', '.join(EXTENSIONS)}")
    return [_MappedFile(source, mapping) for source in found.values()]


class _MappedFile(FileReading):
    """A file of somebody's own table."""

    def __init__(self, source: SourceFile, mapping: TableMapping) -> None:
        super().__init__(source)
        self.tables = (mapping.table,)
        self._mapping = mapping
        self._read = {part for name in mapping.sources().values() for part in (name, name.partition(".")[0])}
        self._unread: set[str] = set()

    @cached_property
    def fingerprint(self) -> str:
        """Of its bytes and the mapping: the same bytes are other rows under another one."""
        said = f"{self._source.fingerprint}\n{self._mapping.model_dump_json()}"
        return hashlib.sha256(said.encode()).hexdigest()

    def batches(self) -> Iterator[tuple[str, Batch]]:
        reader = {"parquet": self._parquet, "csv": self._csv, "jsonl": self._jsonl}
        kind = (extension_of(self.name) or "").removesuffix(".gz")
        with naming(self.name):
            for batch in reader[kind]():
                yield self._mapping.table, batch

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {self._mapping.table: tuple(sorted(self._unread))}

    def _parquet(self) -> Iterator[Batch]:
        names = parquet_records.names_of(self._source)
        self._check(names)
        columns = tuple(dict.fromkeys(self._mapping.sources().values()))
        for first, given in parquet_records.stretches(self._source, columns):
            typed = frozenset(name for name, dtype in given.schema.items() if dtype.is_temporal())
            read = parquet_records.rows_of(given)
            numbers = range(first, first + given.height)
            yield Translation(self._mapping, typed).batch(
                numbers, given, read, partial(parquet_records.raw_of, (read,))
            )

    def _csv(self) -> Iterator[Batch]:
        translation = Translation(self._mapping)
        with csv_files.open_csv(self._source, self._mapping.delimiter) as (header, stretches):
            if not header:
                return
            self._check(header)
            wanted = set(self._mapping.sources().values())
            for stretch in stretches:
                columns = {name: stretch.column(place) for place, name in enumerate(header) if name in wanted}
                given = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
                read = partial(stretch.record, header)
                yield translation.batch(stretch.numbers, given, read, stretch.raw, stretch.is_exact)

    def _jsonl(self) -> Iterator[Batch]:
        translation = Translation(self._mapping)
        for turn, (numbers, lines) in enumerate(jsonl_records.read_lines(self._source)):
            if turn == 0:
                self._check_keys(lines)
            read = jsonl_records.record_reader(lines, self._note)
            yield translation.batch_of_records(numbers, read, jsonl_records.raw_reader(lines))

    def _check(self, names: Sequence[str]) -> None:
        """Refuse a file that lacks a column; note those that are not read."""
        lacking = self._mapping.lacking(names)
        if lacking:
            known = ", ".join(readable(name[:_SHOWN]) for name in names[:MAX_NAMES])
            raise UnreadableInputError(
                f"{self.name}: has no column {', '.join(map(repr, lacking))}, which the mapping names; it has {known}"
            )
        self._note(names)

    def _check_keys(self, lines: Sequence[str]) -> None:
        """Refuse a file of which no record has a key that every row needs: some records may lack it, not all."""
        sources = self._mapping.sources()
        keys: set[str] = set()
        for line in lines:
            with suppress(RowError):
                keys.update(jsonl_records.record_of(line))
        seen = {name for name, source in sources.items() if not keys.isdisjoint((source, source.partition(".")[0]))}
        lacking = missing(self._mapping.table, seen | self._mapping.constants.keys())
        if keys and lacking:
            named = ", ".join(repr(self._mapping.columns[name]) for name in lacking)
            raise UnreadableInputError(f"{self.name}: no record has the key {named}, which the mapping names")

    def _note(self, names: Sequence[str] | Record) -> None:
        for name in names:
            if name not in self._read and len(self._unread) < MAX_NAMES:
                self._unread.add(readable(name[:_SHOWN]))

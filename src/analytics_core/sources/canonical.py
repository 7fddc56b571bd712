"""Canonical input: files of the four tables and campaign definitions, read without losing a row."""

from collections.abc import Callable, Iterator, Mapping

from analytics_core.sources.files import csv_files, jsonl_records, parquet_records
from analytics_core.sources.files.files import EXTENSIONS, SourceFile, extension_of, naming
from analytics_core.sources.readings import FileReading, Reading
from analytics_core.sources.recognition import suggesting_importer
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.columns import UnknownNames

_Read = Callable[[SourceFile, UnknownNames], Iterator[Batch]]
_FORMS: Mapping[str, _Read] = {
    "parquet": parquet_records.batches,
    **dict.fromkeys(("csv", "tsv"), csv_files.batches),
    **dict.fromkeys(("jsonl", "ndjson"), jsonl_records.batches),
}
_READERS: Mapping[str, _Read] = {extension: _FORMS[extension.removesuffix(".gz")] for extension in EXTENSIONS}


class _CanonicalFile(FileReading):
    """A file of one canonical table."""

    def __init__(self, source: SourceFile, read: _Read) -> None:
        super().__init__(source)
        self.tables = (source.table,)
        self._read = read
        self._unknown = UnknownNames(source.table)

    def batches(self) -> Iterator[tuple[str, Batch]]:
        # A table that is used in place may be no single file: nobody else reads it.
        paths, table = ([self._source.path] if self._source.path.is_file() else []), self._source.table
        with suggesting_importer(paths, "canonical", table), naming(self.name):
            for batch in self._read(self._source, self._unknown):
                yield table, batch

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {self._source.table: self._unknown.names()}


def reading_of(source: SourceFile) -> Reading:
    """How a canonical file is read."""
    return reading_by(source, _READERS[extension_of(source.name) or ""])


def reading_by(source: SourceFile, read: _Read) -> Reading:
    """How a canonical file is read whose name does not say it; names that mean nothing are added to what is passed."""
    return _CanonicalFile(source, read)

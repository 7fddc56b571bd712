"""Canonical input: files of the four tables and campaign definitions, read without losing a row."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from analytics_core.sources import csv_records, jsonl_records, parquet_records
from analytics_core.sources.batches import Batch
from analytics_core.sources.campaigns import CampaignsExtract, read_campaigns
from analytics_core.sources.files import SourceFile, campaigns_file, extension_of, find_files, naming
from analytics_core.sources.unknown import UnknownNames

__all__ = [
    "CampaignsExtract",
    "Reading",
    "SourceFile",
    "campaigns_file",
    "find_files",
    "read_campaigns",
    "reading_of",
]

_READERS = {
    "parquet": parquet_records.batches,
    "csv": csv_records.batches,
    "csv.gz": csv_records.batches,
    "jsonl": jsonl_records.batches,
    "jsonl.gz": jsonl_records.batches,
}


class Reading(Protocol):
    """One file that is read a stretch at a time."""

    @property
    def name(self) -> str:
        """What rejected rows and summaries call it."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its bytes, hexadecimal."""
        ...

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables it may have rows of."""
        ...

    def batches(self) -> Iterator[tuple[str, Batch]]:
        """The records of the file, in its order, with the table they belong to.

        Raises:
            UnreadableInputError: the file cannot be read at all; the message names it.
        """
        ...

    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        """By table, names that were in the part read so far and mean nothing to us, sorted; at most 100."""
        ...


class _CanonicalFile:
    """A file of one canonical table."""

    def __init__(self, source: SourceFile) -> None:
        self.name, self.fingerprint, self.tables = source.name, source.fingerprint, (source.table,)
        self._source = source
        self._unknown = UnknownNames(source.table)

    def batches(self) -> Iterator[tuple[str, Batch]]:
        reader = _READERS[extension_of(self.name) or ""]
        with naming(self.name):
            for batch in reader(self._source, self._unknown):
                yield self._source.table, batch

    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {self._source.table: self._unknown.named()}


def reading_of(source: SourceFile) -> Reading:
    """How a canonical file is read."""
    return _CanonicalFile(source)

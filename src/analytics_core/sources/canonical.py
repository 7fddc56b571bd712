"""Canonical input: files of the four tables and campaign definitions, read without losing a row."""

from dataclasses import dataclass

import polars as pl

from analytics_core.sources import csv_records, jsonl_records, parquet_records
from analytics_core.sources.batches import settle
from analytics_core.sources.campaigns import CampaignsExtract, read_campaigns
from analytics_core.sources.files import SourceFile, campaigns_file, extension_of, find_files, naming
from analytics_core.sources.rejection import REJECTED
from analytics_core.sources.unknown import UnknownNames
from analytics_core.tables.canonical import schema_of

__all__ = [
    "CampaignsExtract",
    "Extract",
    "SourceFile",
    "campaigns_file",
    "find_files",
    "read_campaigns",
    "read_file",
]

_READERS = {
    "parquet": parquet_records.batches,
    "csv": csv_records.batches,
    "csv.gz": csv_records.batches,
    "jsonl": jsonl_records.batches,
    "jsonl.gz": jsonl_records.batches,
}


@dataclass(frozen=True, slots=True)
class Extract:
    """What one file holds.

    Attributes:
        source: the file.
        rows: its good rows, exactly `schema_of(table)`; file order kept, duplicates still in.
        rejected: its other rows: `file`, `row` (from 1; the first line of a text record, the row of a Parquet
            file), `reason`, `raw`; file order kept.
        read: rows read, the sum of the two.
        unknown_columns: names the file has and we do not read, sorted; at most 100.
    """

    source: SourceFile
    rows: pl.DataFrame
    rejected: pl.DataFrame
    read: int
    unknown_columns: tuple[str, ...]


def read_file(source: SourceFile) -> Extract:
    """Every row of `source`, as a canonical row or with the reason why it cannot be one.

    Raises:
        UnreadableInputError: the file cannot be read at all; the message names it.
    """
    unknown = UnknownNames(source.table)
    reader = _READERS[extension_of(source.name) or ""]
    with naming(source.name):
        settled = [settle(source.table, batch, source.name) for batch in reader(source, unknown)]
    rows = pl.concat([schema_of(source.table).to_frame(), *(part.rows for part in settled)], rechunk=True)
    rejected = pl.concat([REJECTED.to_frame(), *(part.rejected for part in settled)])
    return Extract(source, rows, rejected, rows.height + rejected.height, unknown.named())

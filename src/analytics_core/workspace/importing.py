"""One import: files in, counted rows out, everything or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics_core.sources.canonical import (
    CampaignsExtract,
    Extract,
    SourceFile,
    campaigns_file,
    find_files,
    read_campaigns,
    read_file,
)
from analytics_core.store.book import CampaignBook
from analytics_core.store.rejects import keep_rejected
from analytics_core.store.tables import FileRecord, Import, TableStore, repeated
from analytics_core.tables.canonical import KEYS, TABLES
from analytics_core.tables.dedupe import keep_first
from analytics_core.tables.identities import cyclic
from analytics_core.workspace.summaries import ImportSummary, Progress, TableCounts

_ORIGIN = "_file"


def import_directory(
    directory: Path, *, store: TableStore, book: CampaignBook, rejected: Path, progress: Progress
) -> ImportSummary:
    """Take the canonical files in `directory` in.

    Everything is read before anything is kept: a file that cannot be read at all raises UnreadableInputError and
    leaves the workspace as it was.
    """
    files = find_files(directory)
    definitions = campaigns_file(directory)
    campaigns = read_campaigns(definitions) if definitions else None
    with store.importing() as running:
        taken = [_take_in(table, files, running, store, progress) for table in TABLES]
        for table in taken:
            table.keep_rejected_rows(rejected)
    counts = {table.name: table.counts for table in taken if table.counts.read or table.has_files}
    unknown = {table.name: table.unknown_columns for table in taken if table.unknown_columns}
    if campaigns:
        counts = {"campaigns": _put_campaigns(campaigns, book, rejected), **counts}
        unknown = {**({"campaigns": campaigns.unknown_keys} if campaigns.unknown_keys else {}), **unknown}
    return ImportSummary(counts, unknown)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What an import took in for one table."""

    name: str
    counts: TableCounts
    has_files: bool
    unknown_columns: tuple[str, ...]
    rejected_rows: tuple[tuple[str, pl.DataFrame], ...]

    def keep_rejected_rows(self, directory: Path) -> None:
        for fingerprint, rows in self.rejected_rows:
            keep_rejected(directory, table=self.name, fingerprint=fingerprint, rows=rows)


def _take_in(table: str, files: Sequence[SourceFile], running: Import, store: TableStore, progress: Progress) -> _Taken:
    counts = TableCounts()
    extracts: dict[str, Extract] = {}
    mine = [file for file in files if file.table == table]
    for file in mine:
        known = running.known(file.fingerprint)
        if known is None and file.fingerprint not in extracts:
            extracts[file.fingerprint] = read_file(file)
            progress(file.name, extracts[file.fingerprint].read)
        elif known is not None:
            counts = counts.plus(repeated(known))
    records, rejects = _stage(table, extracts, running, store)
    for record in records.values():
        counts = counts.plus(record)
    for file in _again(mine, extracts):
        counts = counts.plus(repeated(records[file.fingerprint]))
    return _Taken(
        name=table,
        counts=counts,
        has_files=bool(mine),
        unknown_columns=tuple(sorted({name for extract in extracts.values() for name in extract.unknown_columns})),
        rejected_rows=rejects,
    )


def _again(files: Iterable[SourceFile], extracts: Mapping[str, Extract]) -> list[SourceFile]:
    """Files of this import that have the same bytes as an earlier one of it."""
    return [file for file in files if file.fingerprint in extracts and extracts[file.fingerprint].source != file]


def _stage(
    table: str, extracts: Mapping[str, Extract], running: Import, store: TableStore
) -> tuple[dict[str, FileRecord], tuple[tuple[str, pl.DataFrame], ...]]:
    """Stage the new rows of one table; the records of its files, and the rejected rows by file."""
    if not extracts:
        return {}, ()
    numbered = [
        extract.rows.with_columns(pl.lit(number, pl.Int64).alias(_ORIGIN))
        for number, extract in enumerate(extracts.values())
    ]
    rows = pl.concat(numbered)
    cycles = _on_cycles(rows, store) if table == "identities" else rows.clear()
    accepted = _new_rows(table, _without(rows, cycles), store)
    records, rejects = {}, []
    for number, (fingerprint, extract) in enumerate(extracts.items()):
        refused = _refusals(cycles.filter(pl.col(_ORIGIN) == number), extract)
        records[fingerprint] = _record(extract, accepted.filter(pl.col(_ORIGIN) == number).height, refused.height)
        rejects.append((fingerprint, refused))
    running.stage(table, accepted.drop(_ORIGIN), records)
    return records, tuple(rejects)


def _without(rows: pl.DataFrame, cycles: pl.DataFrame) -> pl.DataFrame:
    if cycles.is_empty():
        return rows
    return rows.join(cycles.select("user_id"), on="user_id", how="anti", maintain_order="left")


def _new_rows(table: str, rows: pl.DataFrame, store: TableStore) -> pl.DataFrame:
    """Rows that repeat neither an earlier row of this import nor a stored one."""
    first = keep_first(table, rows)
    existing = store.existing_keys(table).collect()
    return first.join(existing, on=list(KEYS[table]), how="anti", maintain_order="left")


def _record(extract: Extract, accepted: int, rejected: int) -> FileRecord:
    return FileRecord(
        table=extract.source.table,
        name=extract.source.name,
        read=extract.read,
        accepted=accepted,
        duplicates=extract.read - accepted - rejected,
        rejected=rejected,
    )


def _on_cycles(rows: pl.DataFrame, store: TableStore) -> pl.DataFrame:
    """Identity rows that would close a cycle; whose person such an id is cannot be said."""
    stored = dict(store.read().identities.select("user_id", "merged_into").collect().iter_rows())
    new = dict(keep_first("identities", rows).select("user_id", "merged_into").iter_rows())
    ids = cyclic({**new, **stored}) - stored.keys()
    return rows.filter(pl.col("user_id").is_in(list(ids)))


def _refusals(cycles: pl.DataFrame, extract: Extract) -> pl.DataFrame:
    """The rejected rows of one file, with the rows found to lie on a cycle."""
    if cycles.is_empty():
        return extract.rejected
    raw = pl.struct("user_id", "merged_into").struct.json_encode()
    found = cycles.select(
        file=pl.lit(extract.source.name),
        row=pl.lit(None, extract.rejected.schema["row"]),
        reason=pl.lit("user_id and merged_into lie on a cycle"),
        raw=raw,
    )
    return pl.concat([extract.rejected, found.select(extract.rejected.columns)])


def _put_campaigns(campaigns: CampaignsExtract, book: CampaignBook, rejected: Path) -> TableCounts:
    changes = book.put(campaigns.campaigns)
    keep_rejected(rejected, table="campaigns", fingerprint="campaigns", rows=campaigns.rejected)
    return TableCounts(
        read=campaigns.read,
        accepted=changes.changed,
        duplicates=changes.unchanged + campaigns.duplicates,
        rejected=campaigns.rejected.height,
    )

"""Rows and definitions on their way from files into one import: counted, held, and written a stretch at a time."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from analytics_core import package_version
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access
from analytics_core.sources.campaigns import CampaignsExtract
from analytics_core.sources.readings import Reading, merge_said
from analytics_core.sources.recognition import recognise_importer, recognise_table_in
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.store.book.book import CampaignBook
from analytics_core.store.commits import IMPORT, LATEST_KEPT, Commit, ImportedFile, count_as_repeated
from analytics_core.store.imports import Import
from analytics_core.store.rejects import Rejects
from analytics_core.store.repeats import HeldRows
from analytics_core.store.tables import TableStore
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.tables.identities import cyclic
from analytics_core.tables.keys import KEY, KEY_COLUMNS
from analytics_core.workspace.summaries import FilesProgress, ImportSummary, Progress, TableCounts
from analytics_core.workspace.tallies import ROW, Tally, reject

_ROWS = 500_000
"""Rows of a table that are held before they are written."""
_MOST_REASONS = 1_000
"""Reasons of a table that are counted apart; some name a value."""
_OTHER_REASONS = "other reasons"
CANONICAL_IMPORTER = "canonical"
_WHOLE = ("instances", "identities")
"""Small tables, taken in at once: a cycle of identities shows only when all of them are there."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an import goes.

    Attributes:
        store: the tables.
        book: the campaign book.
        rejected: the directory of rejected rows.
        access: the modes of what is made there.
        in_place: tables that are used where they lie; no file may have rows of them.
        said: the settings that the workspace says, as `section.key`.
    """

    store: TableStore
    book: CampaignBook
    rejected: Path
    access: Access = PRIVATE
    in_place: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()


class Intake:
    """Rows on their way from files into one import: while some are written, the next are read."""

    def __init__(self, running: Import, rejects: Rejects, writer: Executor, into: Destination) -> None:
        self._running = running
        self._in_place = into.in_place
        self._book = into.book
        self._losing: tuple[str, ...] = ()
        self._replaced_edits: Mapping[str, tuple[str, ...]] = {}
        self._rejects = rejects
        self._writer = writer
        self._writing: Future[None] | None = None
        self._readings: list[Reading] = []
        self._files: list[ImportedFile] = []
        self._again: list[ImportedFile] = []
        self._held: dict[str, HeldRows] = {}
        self._tallies: dict[tuple[int, str], Tally] = {}
        self._reasons: dict[str, Counter[str]] = {}
        self._campaigns: dict[int, set[str]] = {}
        self._repeated: dict[int, set[int]] = {}

    @property
    def commit(self) -> Commit:
        """What the tables hold before this import."""
        return self._running.commit

    def replace(self, table: str, state: str | None) -> None:
        """Throw a table's rows, and its rejected ones, away before others are read (see `Import.replace`)."""
        self._running.replace(table, state)
        self._rejects.replace(table)

    def define(self, campaigns: CampaignsExtract) -> TableCounts:
        """Take definitions in; what becomes of them."""
        changes = self._book.stage(campaigns.campaigns, self._running.number)
        self._running.token, self._running.definitions = changes.token, changes.changed
        self._replaced_edits = changes.replaced
        self._reject("campaigns", "campaigns", campaigns.rejected)
        return TableCounts(
            read=campaigns.read,
            accepted=changes.changed,
            duplicates=changes.unchanged + campaigns.duplicates,
            rejected=campaigns.rejected.height,
        )

    def read(self, readings: Sequence[Reading], progress: Progress, *, importer: str, again: bool = False) -> None:
        """Take files in; where `again`, what they had brought is taken out first."""
        files = [_describe(reading, importer) for reading in readings]
        if again:
            self._losing = tuple(file.name for file in self._running.read_again(files))
        new: dict[str, int] = {}
        known = []
        for reading, file in zip(readings, files, strict=True):
            self._refuse_in_place(reading.tables if len(reading.tables) == 1 else ())
            before = self._running.find_known(file)
            if before or file.fingerprint in new:
                known.append(reading)
                self._again.append(before or file)
            else:
                new[file.fingerprint] = len(self._readings)
                self._readings.append(reading)
                self._files.append(replace(file, key=self._key_of(len(self._files))))
        watched = FilesProgress(readings, known, progress)
        for number in new.values():
            self._read(number, self._readings[number], watched)
            watched.finish(self._readings[number])

    def _read(self, number: int, reading: Reading, watched: FilesProgress) -> None:
        for table in reading.tables:
            self._tallies[number, table] = Tally()
        for table, batch in reading.batches():
            self._refuse_in_place((table,) if batch.numbers else ())
            settled = convert_batch(table, batch, reading.name)
            tally = self._tallies[number, table]
            tally.read += settled.rows.height + settled.rejected.height
            tally.rejected += settled.rejected.height
            self._reject(table, self._files[number].fingerprint, settled.rejected)
            rows = settled.rows.with_columns(
                pl.lit(self._key_of(number), KEY).alias(IMPORT), settled.numbers.alias(ROW)
            )
            self._hold(table, rows)
            watched.step(reading, settled.rows.height + settled.rejected.height)

    def finish(self) -> None:
        """Write what is still held; what every file brought becomes part of the import."""
        for table in TABLES:
            self._write(table)
        self._await()
        for table in TABLES:
            self._settle_repeats(table)
        for number, reading in enumerate(self._readings):
            gaps = tuple(sorted(gap.value for gap in reading.gaps))
            self._files[number] = replace(
                self._files[number],
                records=tuple(self._tallies[number, table].as_record(table, reading.name) for table in reading.tables),
                gaps=dict.fromkeys(sorted(self._campaigns.get(number, ())), gaps) if gaps else {},
                repeated=tuple(sorted(self._repeated.get(number, ()))),
            )
        self._running.files = [file for file in self._files if not self._running.says_nothing_new(file)]

    def _key_of(self, number: int) -> int:
        return self.commit.last_file + 1 + number

    def _number_of(self, key: int) -> int:
        return key - self.commit.last_file - 1

    def summary(self) -> ImportSummary:
        """What the import did, once it is finished."""
        read = {file.fingerprint: file for file in self._files}
        again = (read.get(file.fingerprint, file) for file in self._again)
        records = [record for file in self._files for record in file.records]
        records += (count_as_repeated(record) for file in again for record in file.records)
        counts: dict[str, TableCounts] = {}
        for table in TABLES:
            for record in records:
                # That an export holds no numbers of its vendor is nothing to tell.
                if record.table == table and (table in CANONICAL or record.read):
                    counts[table] = counts.get(table, TableCounts()).plus(record)
        unknown: dict[str, set[str]] = {}
        left_out: Counter[str] = Counter()
        for reading in self._readings:
            for table, names in reading.unknown_columns.items():
                unknown.setdefault(table, set()).update(names)
            left_out.update(reading.left_out)
        pairs = zip(self._files, self._readings, strict=True)
        refused = [(file, reading) for file, reading in pairs if file.is_refused]
        return ImportSummary(
            tables=counts,
            unknown_columns={table: tuple(sorted(names)) for table, names in unknown.items() if names},
            left_out=dict(left_out.most_common()),
            gaps=tuple(sorted({gap.value for reading in self._readings for gap in reading.gaps})),
            import_anew=self._losing,
            replaced_edits=self._replaced_edits,
            campaigns=merge_said(self._readings),
            refused={file.name: _find_other_importer(file, reading) for file, reading in refused},
            misnamed=dict(_find_misnamed(refused)),
            reasons={
                table: dict(self._reasons[table].most_common())
                for table in ("campaigns", *TABLES)
                if table in self._reasons
            },
        )

    def _refuse_in_place(self, tables: Sequence[str]) -> None:
        for table in self._in_place.intersection(tables):
            raise WorkspaceError(
                f"{table} is used in place, as [storage] {table} says; no rows of it are imported into this workspace"
            )

    def _hold(self, table: str, rows: pl.DataFrame) -> None:
        if self._held.setdefault(table, HeldRows()).add(rows) >= _ROWS and table not in _WHOLE:
            self._write(table)

    def _write(self, table: str) -> None:
        held = self._held.pop(table, None)
        if held is None:
            return
        frames = [self._without_cycles(pl.concat(held.frames))] if table == "identities" else held.frames
        self._await()
        self._writing = self._writer.submit(self._write_rows, table, frames)

    def _await(self) -> None:
        """Only one stretch is being written at a time: what is held is bounded, and the order is kept."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _write_rows(self, table: str, frames: list[pl.DataFrame]) -> None:
        sifted = self._running.sift(table, pl.concat(frames))
        frames.clear()
        new = sifted.new
        for key, holders in sifted.holders.items():
            self._repeated.setdefault(self._number_of(key), set()).update(holders - {key})
        for key, accepted in new.group_by(IMPORT).len().iter_rows():
            self._tallies[self._number_of(key), table].accepted += accepted
        if table in KEY_COLUMNS:
            latest = new.group_by(IMPORT).agg(pl.col("occurred_at").top_k(LATEST_KEPT))
            for key, instants in latest.iter_rows():
                self._tallies[self._number_of(key), table].note_latest(instants)
        if table == "deliveries":
            for key, campaign in new.select(IMPORT, "campaign_id").unique().iter_rows():
                self._campaigns.setdefault(self._number_of(key), set()).add(campaign)
        self._running.add(table, new)
        if self._running.repeats.hold(table, sifted.repeated):
            self._settle_repeats(table)

    def _settle_repeats(self, table: str) -> None:
        """Keep rows aside that have the id of another thing; count duplicates that differ."""
        compared = self._running.repeats.compare(table, self._running.scan_landing(table))
        if compared is None:
            return
        for key, differing in compared.duplicates.group_by(IMPORT).agg(pl.col("differs").sum()).iter_rows():
            self._tallies[self._number_of(key), table].differing += differing
        self._keep_aside(table, compared.conflicts)

    def _keep_aside(self, table: str, rows: pl.DataFrame) -> None:
        """Reject rows that have been read, with their `reason`."""
        for (key,), refused in rows.partition_by(IMPORT, as_dict=True, maintain_order=True).items():
            number = self._number_of(int(key))
            self._tallies[number, table].rejected += refused.height
            rejected = reject(table, refused, pl.lit(self._readings[number].name))
            self._reject(table, self._files[number].fingerprint, rejected)

    def _reject(self, table: str, fingerprint: str, rows: pl.DataFrame) -> None:
        """Keep rows aside, with their reasons, which are counted."""
        if rows.height:
            counted = self._reasons.setdefault(table, Counter())
            for reason, times in rows["reason"].value_counts().iter_rows():
                counted[reason if reason in counted or len(counted) < _MOST_REASONS else _OTHER_REASONS] += times
            self._rejects.add(table, fingerprint, rows)

    def _without_cycles(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Identity rows but those that would close a cycle: whose person such an id is cannot be said."""
        stored = dict(self._running.scan_stored("identities").select("user_id", "merged_into").collect().iter_rows())
        new: dict[str, str] = {}
        for user_id, merged_into in rows.select("user_id", "merged_into").iter_rows():
            new.setdefault(user_id, merged_into)
        ids = cyclic({**new, **stored}) - stored.keys()
        if not ids:
            return rows
        on_cycle = pl.col("user_id").is_in(list(ids))
        reason = pl.lit("user_id and merged_into are part of a cycle").alias("reason")
        self._keep_aside("identities", rows.filter(on_cycle).with_columns(reason))
        return rows.filter(~on_cycle)


def _find_other_importer(file: ImportedFile, reading: Reading) -> str | None:
    found = recognise_importer(reading.paths[0])
    return None if found == file.importer else found


def _find_misnamed(refused: Iterable[tuple[ImportedFile, Reading]]) -> Iterator[tuple[str, str]]:
    """Of canonical files of which every row was rejected, the table whose rows they look like, if it is another."""
    for file, reading in refused:
        table = recognise_table_in(reading.paths[0]) if file.importer == CANONICAL_IMPORTER else None
        if table and table not in reading.tables:
            yield file.name, table


def _describe(reading: Reading, importer: str) -> ImportedFile:
    """A file that has not been read: nothing is said of its rows, its key is none."""
    said = "\n".join((importer, *reading.tables, reading.fingerprint))
    return ImportedFile(
        key=0,
        fingerprint=hashlib.sha256(said.encode()).hexdigest(),
        records=tuple(Tally().as_record(table, reading.name) for table in reading.tables),
        importer=importer,
        version=package_version(),
        content=reading.content,
    )

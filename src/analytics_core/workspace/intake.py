"""Rows and definitions on their way from files into one import: counted, held, and written a stretch at a time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access
from analytics_core.sources.campaigns import CampaignsExtract
from analytics_core.sources.readings import Reading, merge_said
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.store.book.book import CampaignBook
from analytics_core.store.commits import IMPORT, LATEST_KEPT, Commit, FileRecord, ImportedFile, count_as_repeated
from analytics_core.store.imports import Import
from analytics_core.store.rejects import Rejects
from analytics_core.store.tables import TableStore
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.tables.identities import cyclic
from analytics_core.tables.keys import KEY, KEY_COLUMNS
from analytics_core.workspace.summaries import FilesProgress, ImportSummary, Progress, TableCounts

_ROWS = 500_000
"""Rows of a table that are held before they are written."""
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


@dataclass
class _Tally:
    """What a file brings to one table."""

    read: int = 0
    rejected: int = 0
    accepted: int = 0
    latest: list[datetime] = field(default_factory=list)

    def note_latest(self, instants: Iterable[datetime]) -> None:
        """Keep the latest instants, of these and the earlier ones."""
        self.latest = sorted((*self.latest, *instants), reverse=True)[:LATEST_KEPT]


@dataclass
class _Held:
    """Rows of one table that wait to be written."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    height: int = 0


class Intake:
    """Rows on their way from files into one import: while some are written, the next are read."""

    def __init__(self, running: Import, rejects: Rejects, writer: Executor, into: Destination) -> None:
        self._running = running
        self._in_place = into.in_place
        self._book = into.book
        self._losing: tuple[str, ...] = ()
        self._rejects = rejects
        self._writer = writer
        self._writing: Future[None] | None = None
        self._readings: dict[str, Reading] = {}
        self._again: Counter[str] = Counter()
        self._held: dict[str, _Held] = {}
        self._tallies: dict[tuple[int, str], _Tally] = {}
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
        self._rejects.add("campaigns", "campaigns", campaigns.rejected)
        return TableCounts(
            read=campaigns.read,
            accepted=changes.changed,
            duplicates=changes.unchanged + campaigns.duplicates,
            rejected=campaigns.rejected.height,
        )

    def read(self, readings: Sequence[Reading], progress: Progress, *, again: bool = False) -> None:
        """Take files in; where `again`, what they had brought is taken out first."""
        if again:
            self._losing = tuple(file.name for file in self._running.read_again(each.fingerprint for each in readings))
        new, known = {}, []
        for reading in readings:
            self._refuse_in_place(reading.tables if len(reading.tables) == 1 else ())
            if reading.fingerprint in self._readings or self._running.find_known(reading.fingerprint):
                self._again[reading.fingerprint] += 1
                known.append(reading)
            else:
                new[len(self._readings)] = self._readings[reading.fingerprint] = reading
        watched = FilesProgress(readings, known, progress)
        for number, reading in new.items():
            self._read(number, reading, watched)
            watched.finish(reading)

    def _read(self, number: int, reading: Reading, watched: FilesProgress) -> None:
        for table in reading.tables:
            self._tallies[number, table] = _Tally()
        for table, batch in reading.batches():
            self._refuse_in_place((table,) if batch.numbers else ())
            settled = convert_batch(table, batch, reading.name)
            tally = self._tallies[number, table]
            tally.read += settled.rows.height + settled.rejected.height
            tally.rejected += settled.rejected.height
            self._rejects.add(table, reading.fingerprint, settled.rejected)
            self._hold(table, settled.rows.with_columns(pl.lit(self._key_of(number), KEY).alias(IMPORT)))
            watched.step(reading, settled.rows.height + settled.rejected.height)

    def finish(self) -> None:
        """Write what is still held; what every file brought becomes part of the import."""
        for table in TABLES:
            self._write(table)
        self._await()
        for number, reading in enumerate(self._readings.values()):
            gaps = tuple(sorted(gap.value for gap in reading.gaps))
            self._running.files.append(
                ImportedFile(
                    key=self._key_of(number),
                    fingerprint=reading.fingerprint,
                    records=tuple(_record(reading, table, self._tallies[number, table]) for table in reading.tables),
                    gaps=dict.fromkeys(sorted(self._campaigns.get(number, ())), gaps) if gaps else {},
                    repeated=tuple(sorted(self._repeated.get(number, ()))),
                )
            )

    def _key_of(self, number: int) -> int:
        return self.commit.last_file + 1 + number

    def _number_of(self, key: int) -> int:
        return key - self.commit.last_file - 1

    def summary(self) -> ImportSummary:
        """What the import did, once it is finished."""
        records = [record for file in self._running.files for record in file.records]
        read = {file.fingerprint: file for file in self._running.files}
        for fingerprint, times in self._again.items():
            repeated = read.get(fingerprint) or self._running.find_known(fingerprint)
            records += [count_as_repeated(record) for record in (repeated.records if repeated else ())] * times
        counts: dict[str, TableCounts] = {}
        for table in TABLES:
            for record in records:
                # That an export holds no numbers of its vendor is nothing to tell.
                if record.table == table and (table in CANONICAL or record.read):
                    counts[table] = counts.get(table, TableCounts()).plus(record)
        unknown: dict[str, set[str]] = {}
        left_out: Counter[str] = Counter()
        for reading in self._readings.values():
            for table, names in reading.unknown_columns.items():
                unknown.setdefault(table, set()).update(names)
            left_out.update(reading.left_out)
        return ImportSummary(
            tables=counts,
            unknown_columns={table: tuple(sorted(names)) for table, names in unknown.items() if names},
            left_out=dict(left_out.most_common()),
            gaps=tuple(sorted({gap.value for reading in self._readings.values() for gap in reading.gaps})),
            import_anew=self._losing,
            campaigns=merge_said(self._readings.values()),
        )

    def _refuse_in_place(self, tables: Sequence[str]) -> None:
        for table in self._in_place.intersection(tables):
            raise WorkspaceError(
                f"{table} is used in place, as [storage] {table} says; no rows of it are imported into this workspace"
            )

    def _hold(self, table: str, rows: pl.DataFrame) -> None:
        held = self._held.setdefault(table, _Held())
        held.frames.append(rows)
        held.height += rows.height
        if held.height >= _ROWS and table not in _WHOLE:
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
        new, repeats = self._running.new_rows(table, pl.concat(frames))
        frames.clear()
        for key, holders in repeats.items():
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
        readings = list(self._readings.values())
        for (key,), refused in rows.filter(on_cycle).partition_by(IMPORT, as_dict=True).items():
            number = self._number_of(int(key))
            self._tallies[number, "identities"].rejected += refused.height
            reading = readings[number]
            rejected = refused.select(
                file=pl.lit(reading.name),
                row=pl.lit(None, pl.Int64),
                reason=pl.lit("user_id and merged_into are part of a cycle"),
                raw=pl.struct("user_id", "merged_into").struct.json_encode(),
            )
            self._rejects.add("identities", reading.fingerprint, rejected)
        return rows.filter(~on_cycle)


def _record(reading: Reading, table: str, tally: _Tally) -> FileRecord:
    return FileRecord(
        table=table,
        name=reading.name,
        read=tally.read,
        accepted=tally.accepted,
        duplicates=tally.read - tally.accepted - tally.rejected,
        rejected=tally.rejected,
        latest=tuple(instant.isoformat() for instant in tally.latest),
    )

"""One import: files in, counted rows out, everything or nothing; a stretch of rows at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.sources.campaigns import CampaignsExtract, read_campaigns
from analytics_core.sources.canonical import reading_of
from analytics_core.sources.files.files import campaigns_file, find_files
from analytics_core.sources.readings import Reading
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.store.book import CampaignBook
from analytics_core.store.commits import LATEST_KEPT, Commit, FileRecord, count_as_repeated
from analytics_core.store.rejects import Rejects, open_rejects
from analytics_core.store.tables import Import, TableStore
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.tables.identities import cyclic
from analytics_core.tables.keys import KEY_COLUMNS
from analytics_core.workspace.summaries import FilesProgress, ImportSummary, Progress, TableCounts

_ORIGIN = "_file"
_ROWS = 500_000
"""Rows of a table that are held before they are written."""
_WHOLE = ("instances", "identities")
"""Small tables, taken in at once: a cycle of identities shows only when all of them are there."""


def import_directory(
    directory: Path,
    *,
    store: TableStore,
    book: CampaignBook,
    rejected: Path,
    progress: Progress,
    in_place: frozenset[str] = frozenset(),
) -> ImportSummary:
    """Take the canonical files in `directory` in.

    Everything is read before anything is kept: a file that cannot be read at all raises UnreadableInputError and
    leaves the workspace as it was.
    """
    readings = [reading_of(file) for file in find_files(directory)]
    definitions = campaigns_file(directory)
    campaigns = read_campaigns(definitions) if definitions else None
    summary = import_readings(readings, store=store, rejected=rejected, progress=progress, in_place=in_place)
    return _with_campaigns(summary, campaigns, book, rejected) if campaigns else summary


def import_readings(
    readings: Sequence[Reading],
    *,
    store: TableStore,
    rejected: Path,
    progress: Progress,
    in_place: frozenset[str] = frozenset(),
) -> ImportSummary:
    """Take the rows of files in; a file whose bytes were imported before brings nothing.

    Args:
        readings: how the files are read, in order.
        store: the tables.
        rejected: the directory of rejected rows.
        progress: hears what is read.
        in_place: tables that are used where they lie; no file may have rows of them.

    Raises:
        UnreadableInputError: a file cannot be read.
        WorkspaceError: one has rows of a table that is used in place. Nothing is kept, in either case.
    """
    with taking_in(store, rejected, in_place=in_place) as intake:
        intake.read(readings, progress)
    return intake.summary()


@contextmanager
def taking_in(store: TableStore, rejected: Path, *, in_place: frozenset[str] = frozenset()) -> Iterator["Intake"]:
    """One import: what is read from the files becomes visible together, on leaving without an error."""
    with store.importing() as running, open_rejects(rejected) as rejects, ThreadPoolExecutor(1) as writer:
        intake = Intake(running, rejects, writer, in_place=in_place)
        yield intake
        intake.finish()


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

    def __init__(self, running: Import, rejects: Rejects, writer: Executor, *, in_place: frozenset[str]) -> None:
        self._running = running
        self._in_place = in_place
        self._rejects = rejects
        self._writer = writer
        self._writing: Future[None] | None = None
        self._readings: dict[str, Reading] = {}
        self._again: Counter[str] = Counter()
        self._held: dict[str, _Held] = {}
        self._tallies: dict[tuple[int, str], _Tally] = {}
        self._campaigns: dict[int, set[str]] = {}

    @property
    def commit(self) -> Commit:
        """What the tables hold before this import."""
        return self._running.commit

    def replace(self, table: str, state: str | None) -> None:
        """Throw a table's rows, and its rejected ones, away before others are read (see `Import.replace`)."""
        self._running.replace(table, state)
        self._rejects.replace(table)

    def read(self, readings: Sequence[Reading], progress: Progress) -> None:
        """Take files in."""
        new, known = {}, []
        for reading in readings:
            self._refuse_in_place(reading.tables if len(reading.tables) == 1 else ())
            if reading.fingerprint in self._readings or self._running.find_records(reading.fingerprint):
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
            self._hold(table, settled.rows.with_columns(pl.lit(number, pl.Int32).alias(_ORIGIN)))
            watched.step(reading, settled.rows.height + settled.rejected.height)

    def finish(self) -> None:
        """Write what is still held; what every file brought becomes part of the import."""
        for table in TABLES:
            self._write(table)
        self._await()
        for number, (fingerprint, reading) in enumerate(self._readings.items()):
            for campaign in self._campaigns.get(number, ()):
                gaps = self._running.gaps.get(campaign, frozenset())
                if reading.gaps:
                    self._running.gaps[campaign] = gaps.union(gap.value for gap in reading.gaps)
            self._running.files[fingerprint] = tuple(
                _record(reading, table, self._tallies[number, table]) for table in reading.tables
            )

    def summary(self) -> ImportSummary:
        """What the import did, once it is finished."""
        records = [record for fingerprint in self._readings for record in self._running.files[fingerprint]]
        for fingerprint, times in self._again.items():
            records += [count_as_repeated(record) for record in self._running.find_records(fingerprint) or ()] * times
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
        new = self._running.new_rows(table, pl.concat(frames))
        frames.clear()
        for number, accepted in new.group_by(_ORIGIN).len().iter_rows():
            self._tallies[number, table].accepted += accepted
        if table in KEY_COLUMNS:
            latest = new.group_by(_ORIGIN).agg(pl.col("occurred_at").top_k(LATEST_KEPT))
            for number, instants in latest.iter_rows():
                self._tallies[number, table].note_latest(instants)
        if table == "deliveries":
            for number, campaign in new.select(_ORIGIN, "campaign_id").unique().iter_rows():
                self._campaigns.setdefault(number, set()).add(campaign)
        self._running.add(table, new.drop(_ORIGIN))

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
        for (number,), refused in rows.filter(on_cycle).partition_by(_ORIGIN, as_dict=True).items():
            self._tallies[int(number), "identities"].rejected += refused.height
            reading = readings[int(number)]
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


def _with_campaigns(
    summary: ImportSummary, campaigns: CampaignsExtract, book: CampaignBook, rejected: Path
) -> ImportSummary:
    """Put definitions into the book."""
    changes = book.put(campaigns.campaigns)
    with open_rejects(rejected) as rejects:
        rejects.add("campaigns", "campaigns", campaigns.rejected)
    counts = TableCounts(
        read=campaigns.read,
        accepted=changes.changed,
        duplicates=changes.unchanged + campaigns.duplicates,
        rejected=campaigns.rejected.height,
    )
    unknown: Mapping[str, tuple[str, ...]] = {"campaigns": campaigns.unknown_keys} if campaigns.unknown_keys else {}
    return replace(
        summary, tables={"campaigns": counts, **summary.tables}, unknown_columns={**unknown, **summary.unknown_columns}
    )

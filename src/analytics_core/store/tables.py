"""The tables as Delta tables in one place, with one commit point for all of them.

Deliveries and events have keys beside their ids (see `tables.keys`); the dictionaries of the keys are Delta tables too.

`commit.json` names the version of every table that belongs together and the files they were made from. Readers see
exactly those versions; an import becomes visible, whole, by replacing that one file. What an import writes on its way
belongs to no version of any table until all of it is there; what one that was cut off committed is undone by the next.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from analytics_core.domain.errors import OutdatedWorkspaceError, WorkspaceError
from analytics_core.places.places import Place
from analytics_core.store.commits import IMPORT, Commit, FileRecord, ImportRecord, next_import_time, only_of
from analytics_core.store.delta import DeltaTables
from analytics_core.store.seen_keys import Seen
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.tables.keys import (
    BLOCK,
    DICTIONARIES,
    KEY,
    KEY_COLUMNS,
    KeyedTables,
    Keyring,
    dictionary_of,
    in_blocks,
    key_schema,
    latest_of,
    numbers,
    schema_with_keys,
)

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

COMMIT_FILE = "commit.json"
_LAYOUT = 3
"""Of the files and of the commit file; goes up where what is on disk means something else."""


@dataclass(frozen=True, slots=True)
class _WriteLock:
    """The right to change the tables, alone, beginning with one state of them.

    Attributes:
        commit: the state.
        newest: the newest version of each Delta table; None of a table that is not there.
        replace: makes another text that of the commit file.
    """

    commit: Commit
    newest: Mapping[str, int | None]
    replace: Callable[[str], None]

    def ends_with(self, commit: Commit) -> None:
        """Make another state the one that readers see."""
        self.replace(json.dumps({"layout": _LAYOUT, **asdict(commit)}, indent=1, sort_keys=True))


class Import:
    """One import under way: what it adds is on disk as it comes, and nobody's until it lands."""

    def __init__(self, store: "TableStore", commit: Commit) -> None:
        self.commit = commit
        self.written: dict[str, list[AddAction]] = {}
        self.files: dict[str, tuple[FileRecord, ...]] = {}
        self.gaps: dict[str, frozenset[str]] = {}
        self.newest: datetime | None = None
        self.replaced: dict[str, str | None] = {}
        self._store = store
        self._seen: dict[str, Seen] = {}

    @cached_property
    def ring(self) -> Keyring:
        """The keys handed out so far, those of this import among them."""
        return Keyring({kind: self.scan_stored(dictionary_of(kind)).collect() for kind in DICTIONARIES})

    def replace(self, table: str, state: str | None) -> None:
        """Throw all rows of a table away; what is added to it is an outside table in a state, or (None) its own."""
        self.replaced[table] = state

    def latest_at(self) -> str | None:
        """The latest `occurred_at` of deliveries and events once this import has landed; None where there are none."""
        before = self.commit.latest_at
        if self.replaced.keys() & KEY_COLUMNS.keys():
            kept = [self.scan_stored(table).select(pl.col("occurred_at").max()).collect() for table in KEY_COLUMNS]
            stored = latest_of(kept)
            before = stored.isoformat() if stored else None
        instants = [before, self.newest.isoformat() if self.newest else None]
        return max((instant for instant in instants if instant), default=None)

    def find_records(self, fingerprint: str) -> tuple[FileRecord, ...] | None:
        """The records of a file with the same bytes that was imported before, in this import or an earlier one."""
        before = self.commit.files.get(fingerprint)
        return self.files.get(fingerprint) or (None if before and only_of(self.replaced, before) else before)

    def scan_stored(self, table: str) -> pl.LazyFrame:
        """A table as it was before this import; empty where this import replaces it."""
        if table in self.replaced:
            return pl.LazyFrame(schema=_SCHEMAS[table])
        return self._store.scan(table, self.commit)

    def new_rows(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that repeat neither a stored one nor an earlier one of this import; `table`'s columns and others."""
        if table not in self._seen:
            self._seen[table] = Seen(table, self.scan_stored(table))
        return self._seen[table].first_only(rows)

    def all_gaps(self) -> dict[str, tuple[str, ...]]:
        """Of the campaigns this import found gaps in: those and the ones that were known."""
        known = self.commit.gaps
        return {campaign: tuple(sorted({*known.get(campaign, ()), *found})) for campaign, found in self.gaps.items()}

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Add new rows of a table."""
        if rows.is_empty():
            return
        brought = rows.with_columns(pl.lit(self.commit.next_number, KEY).alias(IMPORT))
        keyed = in_blocks(table, self.ring.with_keys(table, brought)).select(_SCHEMAS[table].names())
        if table in KEY_COLUMNS:
            latest = latest_of([keyed])
            self.newest = max(filter(None, (self.newest, latest)), default=None)
        self.written.setdefault(table, []).append(self._store.delta.write(table, keyed))


class TableStore:
    """The tables in one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.delta = DeltaTables(place)

    def commit(self) -> Commit:
        """The current state; an empty one before the first import."""
        try:
            text = self._place.text(COMMIT_FILE)
            document = None if text is None else json.loads(text)
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"cannot read {self._place.address(COMMIT_FILE)}: {error}") from None
        if document is None:
            return Commit()
        if document.pop("layout", None) != _LAYOUT:
            text = f"{self._place} was written by an older version; import the files into a new one"
            raise OutdatedWorkspaceError(text)
        files = {
            fingerprint: tuple(map(FileRecord.from_json, records))
            for fingerprint, records in document.pop("files").items()
        }
        gaps = {campaign: tuple(found) for campaign, found in document.pop("gaps", {}).items()}
        history = tuple(map(ImportRecord.from_json, document.pop("history", ())))
        return Commit(**document | {"files": files, "gaps": gaps, "history": history})

    def read(self, commit: Commit | None = None) -> KeyedTables:
        """All tables as of a commit, the current one where None; duplicates were removed when they came in.

        What an earlier state leaves out is looked for only where one is asked for: else no row is looked at for it.
        """
        commit = commit or self.commit()
        dictionaries = {kind: self.scan(dictionary_of(kind), commit) for kind in DICTIONARIES}
        return KeyedTables(
            **{table: self._rows(table, commit) for table in CANONICAL},
            vendor_stats=self._rows("vendor_stats", commit) if "vendor_stats" in commit.versions else None,
            dictionaries=dictionaries,
            campaigns=numbers("campaign", dictionaries["campaign"].collect()),
            events_by_name=numbers("event", dictionaries["event"].collect()),
            gaps=commit.gaps,
            users=commit.users,
            latest_at=datetime.fromisoformat(commit.latest_at) if commit.latest_at else None,
            last_import=commit.last_import,
        )

    def _rows(self, table: str, commit: Commit) -> pl.LazyFrame:
        return self.scan(table, commit).select(schema_with_keys(table).names())

    def scan(self, table: str, commit: Commit) -> pl.LazyFrame:
        """A table with the imports that brought its rows, or a dictionary of keys, as of a commit.

        Empty where it was not there.
        """
        version = commit.versions.get(table)
        if version is None:
            return pl.LazyFrame(schema=_SCHEMAS[table])
        return commit.rows(table, self.delta.scan(table, version)).select(_SCHEMAS[table].names())

    @contextmanager
    def importing(self) -> Iterator[Import]:
        """One import at a time: whatever is added becomes visible together, on leaving without an error.

        Raises:
            WorkspaceError: another import takes very long, or something cannot be written.
        """
        with self._write_lock() as write_lock:
            running = Import(self, write_lock.commit)
            try:
                yield running
                self._land(running, write_lock)
            except BaseException:
                self._give_up(running)
                raise

    def optimize(self) -> None:
        """Put deliveries and events into the order in which they are read, one file a block of users.

        Every import adds files of its own; the more there are, the more is read in vain. No row changes. Readers see
        the tables as they were until all is written; then the files that nobody needs any more are deleted, those of
        imports that were cut off too.
        """
        with self._write_lock() as write_lock:
            commit = write_lock.commit
            versions = {table: self._rewrite(table, write_lock) for table in KEY_COLUMNS if table in commit.versions}
            write_lock.ends_with(replace(commit, versions={**commit.versions, **versions}))
            for table in commit.versions:
                self.delta.sweep(table)

    @contextmanager
    def _write_lock(self) -> Iterator[_WriteLock]:
        """The only right to write; what an import that was cut off committed is undone first."""
        try:
            with self._place.write_lock(COMMIT_FILE) as replace_text:
                commit = self.commit()
                newest = {table: self.delta.roll_back(table, commit.versions.get(table)) for table in _SCHEMAS}
                yield _WriteLock(commit, newest, replace_text)
        except TimeoutError:
            raise WorkspaceError("another import has been running for ten minutes; try again later") from None
        except OSError as error:
            raise WorkspaceError(f"cannot write to {self._place}: {error.strerror or error}") from error

    def _rewrite(self, table: str, write_lock: _WriteLock) -> int:
        commit = write_lock.commit
        rows = self.scan(table, commit)
        files = []
        for low in range(0, commit.users, BLOCK):
            block = rows.filter(pl.col("user_key").is_between(low, low + BLOCK, closed="left")).collect()
            if block.height:
                files.append(self.delta.write(table, in_blocks(table, block)))
        return self.delta.commit(table, files, "overwrite", write_lock.newest[table])

    def _land(self, running: Import, write_lock: _WriteLock) -> None:
        before = running.commit
        for kind, added in running.ring.added.items():
            if added.height:
                running.written.setdefault(dictionary_of(kind), []).append(self.delta.write(dictionary_of(kind), added))
        changed = {**{table: [] for table in running.replaced if table in before.versions}, **running.written}
        versions = {
            table: self.delta.commit(
                table, files, "overwrite" if table in running.replaced else "append", write_lock.newest[table]
            )
            for table, files in changed.items()
        }
        outside = {**before.outside, **running.replaced}
        landed = ImportRecord(
            number=before.next_number,
            at=next_import_time(before.history),
            files=tuple(running.files),
            keys={kind: keys.height for kind, keys in running.ring.dictionaries.items()},
            latest_at=running.latest_at(),
            gaps=running.all_gaps(),
            replaced=tuple(running.replaced),
        )
        commit = Commit(
            versions={**before.versions, **versions},
            files={**before.without(running.replaced), **running.files},
            gaps={**before.gaps, **landed.gaps},
            users=landed.keys["user"],
            latest_at=landed.latest_at,
            # Without a new file nothing changed, and there is no state to tell from the one before.
            history=(*before.history, landed) if landed.files or landed.replaced else before.history,
            outside={table: state for table, state in outside.items() if state},
        )
        write_lock.ends_with(commit)

    def _give_up(self, running: Import) -> None:
        """Delete what a failed import wrote: on a full disk that space is missed."""
        with suppress(WorkspaceError, OSError):
            if self.commit() != running.commit:
                return  # it landed before it failed, or somebody has taken over: `optimize` deletes what is not needed
            for table, files in running.written.items():
                self.delta.discard(table, files)
                self.delta.roll_back(table, running.commit.versions.get(table))


_SCHEMAS: dict[str, pl.Schema] = {
    **{table: pl.Schema([*schema_with_keys(table).items(), (IMPORT, KEY)]) for table in TABLES},
    **{dictionary_of(kind): key_schema(kind) for kind in DICTIONARIES},
}
"""Columns and types of every Delta table."""

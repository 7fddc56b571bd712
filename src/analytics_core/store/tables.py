"""The tables in one place, with one commit point for all of them.

Deliveries and events have keys beside their ids (see `tables.keys`); the dictionaries of the keys are tables too.

`commit.json` names the files of every table that belong together and the imports they came with. Readers see exactly
those files; an import becomes visible, whole, by replacing that one file. What an import writes on its way belongs to
no state of any table until all of it is there; what one that was cut off wrote to a log is undone by the next.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.places import Directory, Place
from analytics_core.store.commits import Act, Commit, ImportRecord, TableState, next_import_time
from analytics_core.store.delta import DataFile, DeltaTables
from analytics_core.store.forgetting import find_ids, without_names, without_people
from analytics_core.store.formats import damaged, read_commit, write_commit
from analytics_core.store.imports import Import, schema_of_stored
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.tables.keys import (
    BLOCK,
    DICTIONARIES,
    KEY_COLUMNS,
    KeyedTables,
    dictionary_of,
    in_blocks,
    latest_of,
    numbers,
    schema_with_keys,
)

COMMIT_FILE = "commit.json"
_STORED = (*TABLES, *map(dictionary_of, DICTIONARIES))


@dataclass(frozen=True, slots=True)
class _WriteLock:
    """The right to change the tables, alone, beginning with one state of them.

    Attributes:
        commit: the state.
        replace: makes another text that of the commit file.
    """

    commit: Commit
    replace: Callable[[str], None]

    def ends_with(self, commit: Commit) -> None:
        """Make another state the one that readers see."""
        self.replace(write_commit(commit))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What erasing people did: all of their ids, how many of them were known, how many rows went, by table."""

    ids: frozenset[str]
    people: int
    rows: Mapping[str, int]


class TableStore:
    """The tables in one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._was_found = False
        self.delta = DeltaTables(place)

    @property
    def address(self) -> str:
        """Where the commit file lies."""
        return self._place.address(COMMIT_FILE)

    def commit(self) -> Commit:
        """The current state; an empty one before the first import.

        Raises:
            WorkspaceError: the commit file is damaged, missing beside tables, or was found before and is gone.
        """
        try:
            text = self._place.text(COMMIT_FILE)
            is_lost = text is None and any(self._place.names(f"{table}/_delta_log") for table in _STORED)
        except OSError as error:
            raise WorkspaceError(f"cannot read {self.address}: {error.strerror or error}") from None
        except ValueError:  # no text, or no JSON
            raise WorkspaceError(damaged(self.address)) from None
        if is_lost:
            raise WorkspaceError(
                f"{self.address} is missing beside tables that have rows; restore it from a backup, nothing was changed"
            )
        if text is None and self._was_found:  # a network drive, say: no tables are not the same as tables without rows
            raise WorkspaceError(f"{self.address} was there before and is gone; is its directory still reachable?")
        self._was_found = text is not None
        return Commit() if text is None else read_commit(text, self.address)

    def read(self, commit: Commit | None = None, users: range | None = None) -> KeyedTables:
        """All tables as of a commit, the current one where None; duplicates were removed when they came in.

        What an earlier state leaves out is looked for only where one is asked for: else no row is looked at for it.

        Args:
            commit: the state.
            users: keys of the users whose deliveries and events are needed, others' may be missing; None: all.
        """
        commit = commit or self.commit()
        dictionaries = {kind: self.scan(dictionary_of(kind), commit) for kind in DICTIONARIES}
        return KeyedTables(
            **{table: self._rows(table, commit, users if table in KEY_COLUMNS else None) for table in CANONICAL},
            vendor_stats=self._rows("vendor_stats", commit) if "vendor_stats" in commit.tables else None,
            dictionaries=dictionaries,
            campaigns=numbers("campaign", dictionaries["campaign"].collect()),
            events_by_name=numbers("event", dictionaries["event"].collect()),
            gaps=commit.gaps,
            users=commit.users,
            latest_at=datetime.fromisoformat(commit.latest_at) if commit.latest_at else None,
            last_import=commit.last_import,
        )

    def scan(self, table: str, commit: Commit, users: range | None = None) -> pl.LazyFrame:
        """A table with the keys of the files that brought its rows, or a dictionary of keys, as of a commit.

        Empty where it was not there. Of files that have no rows of `users` none is read, or looked at.

        Raises:
            WorkspaceError: one of its files is not what was written.
        """
        schema = schema_of_stored(table)
        state = commit.tables.get(table)
        stored = self.delta.scan(table, state, commit.until, users) if state else None
        if stored is None:
            return pl.LazyFrame(schema=schema)
        return commit.rows(table, stored).select(schema.names())

    @contextmanager
    def importing(self) -> Iterator[Import]:
        """One import at a time: whatever is added becomes visible together, on leaving without an error.

        Raises:
            WorkspaceError: another import takes very long, or something cannot be written.
        """
        with self._write_lock() as write_lock:
            running = Import(self.scan, self.delta, write_lock.commit)
            try:
                yield running
                self._land(running, write_lock)
            except BaseException:
                self._give_up(running)
                raise

    @contextmanager
    def rehearsing(self) -> Iterator[Import]:
        """An import that never lands: what it adds is nowhere afterwards, and the tables are only read."""
        with tempfile.TemporaryDirectory() as scratch:
            yield Import(self.scan, DeltaTables(Directory(Path(scratch))), self.commit())

    def optimize(self) -> None:
        """Put deliveries and events into the order in which they are read, one file a block of users.

        Every import adds files of its own; the more there are, the more is read in vain. No row changes. Readers see
        the tables as they were until all is written; then the files that nobody needs any more are deleted, those of
        imports that were cut off too.
        """
        with self._write_lock() as write_lock:
            commit = write_lock.commit
            rewritten = {table: self._rewrite(table, commit) for table in KEY_COLUMNS if table in commit.tables}
            landed = replace(commit, tables={**commit.tables, **rewritten})
            write_lock.ends_with(landed)
            self._delete_unneeded(landed)

    def forget(self, ids: Collection[str], by: str) -> Forgotten:
        """Erase people from all tables and from what is kept of earlier states, in one step that is an entry itself.

        Whoever is killed in between has erased nobody, or leaves files that the next one who writes deletes.

        Args:
            ids: of the users, as they were logged; those merged with them are the same people.
            by: who asked for it.
        """
        with self._write_lock() as write_lock:
            commit = write_lock.commit
            pairs = self._scan_all("identities", commit).select("user_id", "merged_into").collect().iter_rows()
            everyone = frozenset(find_ids(ids, pairs))
            tables, rows = self._erase(commit, everyone)
            names = dictionary_of("user")
            users = self._scan_all(names, commit).collect()
            people = int(users["user_id"].is_in(list(everyone)).sum())
            if people:
                file = self.delta.write(names, without_names(users, everyone))
                tables[names] = self._commit_files(names, [file], commit.tables[names], instead=True)
            if tables:
                erased = replace(commit, tables={**commit.tables, **tables}, sweep=True)
                erased = replace(erased, history=(*commit.history, self._record_erasure(erased, people, by)))
                write_lock.ends_with(erased)
                self._sweep(erased, write_lock)
            return Forgotten(everyone, people, rows)

    def check(self, commit: Commit) -> list[str]:
        """What is wrong with the files of a commit, one line each; nothing: all are what was written."""
        found = []
        for table, state in commit.tables.items():
            try:
                self.delta.check(table, state)
            except (WorkspaceError, OSError) as error:
                found.append(str(error))
        return found

    def find_leftovers(self, commit: Commit) -> list[str]:
        """Files of tables that belong to no state: of imports that were cut off, and of earlier states."""
        found = []
        for table in _STORED:
            state = commit.tables.get(table, TableState(-1))
            named = {*state.data, *(f"_delta_log/{name}" for name in state.log)}
            found += [f"{table}/{name}" for name in self._place.names(table) if name not in named]
        return found if all(state.log for state in commit.tables.values()) else []

    def _rows(self, table: str, commit: Commit, users: range | None = None) -> pl.LazyFrame:
        return self.scan(table, commit, users).select(schema_with_keys(table).names())

    @contextmanager
    def _write_lock(self) -> Iterator[_WriteLock]:
        """The only right to write; what an import that was cut off committed is undone first."""
        try:
            with self._place.write_lock(COMMIT_FILE) as replace_text:
                commit = self.commit()
                commit = replace(commit, tables={t: self.delta.seal(t, state) for t, state in commit.tables.items()})
                for table, state in commit.tables.items():
                    self.delta.check(table, state)  # before anything is changed beside what is damaged
                for table in _STORED:
                    self.delta.roll_back(table, commit.tables.get(table))
                write_lock = _WriteLock(commit, replace_text)
                if not commit.tables:
                    write_lock.ends_with(commit)  # from now on a missing commit file is a lost one
                if commit.sweep:
                    write_lock = _WriteLock(self._sweep(commit, write_lock), replace_text)
                yield write_lock
        except TimeoutError:
            raise WorkspaceError("another import has been running for ten minutes; try again later") from None
        except OSError as error:
            raise WorkspaceError(f"cannot write to {self._place}: {error.strerror or error}") from error

    def _sweep(self, commit: Commit, write_lock: _WriteLock) -> Commit:
        """Delete what earlier states held of people who were erased; the state that says that it is done."""
        self._delete_unneeded(commit)
        swept = replace(commit, sweep=False)
        write_lock.ends_with(swept)
        return swept

    def _delete_unneeded(self, commit: Commit) -> None:
        for table, state in commit.tables.items():
            self.delta.sweep(table, state)

    def _scan_all(self, table: str, commit: Commit) -> pl.LazyFrame:
        """All stored rows, those too that the current state leaves out: earlier ones have them."""
        schema, state = schema_of_stored(table), commit.tables.get(table)
        stored = self.delta.scan(table, state) if state else None
        return schema.to_frame().lazy() if stored is None else stored.select(schema.names())

    def _erase(self, commit: Commit, ids: Collection[str]) -> tuple[dict[str, TableState], dict[str, int]]:
        """The states of the tables that change, and how many rows go, by table."""
        tables, rows = {}, {}
        for table in TABLES:
            stored = self._scan_all(table, commit)
            every, kept = (frame.select(pl.len()).collect().item() for frame in (stored, without_people(stored, ids)))
            rows[table] = every - kept
            if rows[table]:
                tables[table] = self._rewrite(table, commit, without=ids)
        return tables, rows

    def _record_erasure(self, erased: Commit, people: int, by: str) -> ImportRecord:
        latest = latest_of(
            [self.scan(table, erased).select(pl.col("occurred_at").max()).collect() for table in KEY_COLUMNS]
        )
        return ImportRecord(
            number=erased.next_number,
            at=next_import_time(erased.history),
            keys=erased.history[-1].keys,
            latest_at=latest.isoformat() if latest else None,
            last_file=erased.last_file,
            act=Act.FORGET,
            people=people,
            by=by,
        )

    def _rewrite(self, table: str, commit: Commit, without: Collection[str] = ()) -> TableState:
        rows = without_people(self._scan_all(table, commit), without) if without else self._scan_all(table, commit)
        if table not in KEY_COLUMNS:
            return self._commit_files(
                table, [self.delta.write(table, rows.collect())], commit.tables[table], instead=True
            )
        files = []
        for low in range(0, commit.users, BLOCK):
            block = rows.filter(pl.col("user_key").is_between(low, low + BLOCK, closed="left")).collect()
            if block.height:
                files.append(self.delta.write(table, in_blocks(table, block)))
        return self._commit_files(table, files, commit.tables[table], instead=True)

    def _commit_files(
        self, table: str, files: Sequence[DataFile], before: TableState | None, *, instead: bool
    ) -> TableState:
        return self.delta.commit(table, schema_of_stored(table), files, before=before, instead=instead)

    def _land(self, running: Import, write_lock: _WriteLock) -> None:
        before = running.commit
        running.write_dictionaries()
        changed = {**{table: [] for table in running.replaced if table in before.tables}, **running.written}
        tables = {
            table: self._commit_files(table, files, before.tables.get(table), instead=table in running.replaced)
            for table, files in changed.items()
        }
        landed = running.as_record(at=next_import_time(before.history))
        outside = {**before.outside, **running.replaced}
        commit = replace(
            before,
            tables={**before.tables, **tables},
            # Where nothing came, nothing changed, and there is no state to tell from the one before.
            history=(*before.history, landed) if running.brings_something else before.history,
            outside={table: state for table, state in outside.items() if state},
            books={**before.books, **running.book},
            said=running.said or before.said,
        )
        if commit != before:
            write_lock.ends_with(commit)

    def _give_up(self, running: Import) -> None:
        """Delete what a failed import wrote: on a full disk that space is missed."""
        with suppress(WorkspaceError, OSError):
            if self.commit() != running.commit:
                return  # it landed before it failed, or somebody has taken over: `optimize` deletes what is not needed
            for table, files in running.written.items():
                self.delta.discard(table, files)
                self.delta.roll_back(table, running.commit.tables.get(table))

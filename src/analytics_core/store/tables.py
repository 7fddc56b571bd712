"""The tables as Delta tables in a directory, with one commit point for all of them.

Deliveries and events have keys beside their ids (see `tables.keys`); the dictionaries of the keys are Delta tables too.

`commit.json` names the version of every table that belongs together and the files they were made from. Readers see
exactly those versions; an import becomes visible, whole, by replacing that one file. What an interrupted import
appended stays invisible and is rolled back by the next one.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl
from filelock import FileLock, Timeout

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.files import write_text
from analytics_core.tables.canonical import KEYS, TABLES
from analytics_core.tables.keys import (
    BLOCK,
    DICTIONARIES,
    KEY_COLUMNS,
    KeyedTables,
    Keyring,
    in_blocks,
    key_schema,
    keyed_schema,
    latest_of,
    numbers,
)

if TYPE_CHECKING:
    from deltalake import WriterProperties

COMMIT_FILE = "commit.json"
_LOCK_SECONDS = 600
_ROW_GROUP = 1 << 15


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What one imported file brought: rows read, kept, repeated and rejected."""

    table: str
    name: str
    read: int
    accepted: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A consistent state of all tables: their versions, and the imported files by fingerprint."""

    versions: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    users: int = 0
    latest_at: str | None = None


class Import:
    """What one import stages before it lands."""

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.rows: dict[str, pl.DataFrame] = {}
        self.files: dict[str, FileRecord] = {}

    def known(self, fingerprint: str) -> FileRecord | None:
        """The record of a file with the same bytes that was imported before, in this import or an earlier one."""
        return self.files.get(fingerprint) or self.commit.files.get(fingerprint)

    def stage(self, table: str, rows: pl.DataFrame, files: Mapping[str, FileRecord]) -> None:
        """Add a table's new rows and the records of the files they came from."""
        self.rows[table] = rows
        self.files.update(files)


class TableStore:
    """The tables below one local directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def commit(self) -> Commit:
        """The current state; an empty one before the first import."""
        path = self._directory / COMMIT_FILE
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Commit()
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"cannot read {path}: {error}") from None
        if "users" not in document:
            raise WorkspaceError(f"{self._directory} was written by an older version; import the files into a new one")
        files = {fingerprint: FileRecord(**record) for fingerprint, record in document.pop("files").items()}
        return Commit(files=files, **document)

    def read(self, commit: Commit | None = None) -> KeyedTables:
        """All tables as of a commit, the current one where None; duplicates were removed when they came in."""
        commit = commit or self.commit()
        dictionaries = {kind: self._scan(_dictionary(kind), commit) for kind in DICTIONARIES}
        return KeyedTables(
            **{table: self._scan(table, commit) for table in TABLES},
            dictionaries=dictionaries,
            campaigns=numbers("campaign", dictionaries["campaign"].collect()),
            events_by_name=numbers("event", dictionaries["event"].collect()),
            users=commit.users,
            latest_at=datetime.fromisoformat(commit.latest_at) if commit.latest_at else None,
        )

    @contextmanager
    def importing(self) -> Iterator[Import]:
        """One import at a time: whatever is staged becomes visible together, on leaving without an error."""
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._directory / ".lock", timeout=_LOCK_SECONDS):
                commit = self.commit()
                self._roll_back(commit)
                running = Import(commit)
                yield running
                self._land(running)
        except Timeout:
            raise WorkspaceError("another import has been running for ten minutes; try again later") from None

    def optimize(self) -> None:
        """Put deliveries and events into the order in which they are read, one file a block of users.

        Every import adds files of its own; the more there are, the more is read in vain. No row changes. Readers see
        the tables as they were until all is written.
        """
        with self.importing() as running:
            before = running.commit
            versions = {table: self._rewritten(table, before) for table in KEY_COLUMNS if table in before.versions}
            running.commit = replace(before, versions={**before.versions, **versions})

    def _rewritten(self, table: str, commit: Commit) -> int:
        rows, version = self._scan(table, commit), commit.versions[table]
        for low in range(0, commit.users, BLOCK):
            block = rows.filter(pl.col("user_key").is_between(low, low + BLOCK, closed="left")).collect()
            version = self._append(table, in_blocks(table, block), mode="append" if low else "overwrite")
        return version

    def existing_keys(self, table: str) -> pl.LazyFrame:
        """The keys of a table's rows that have one, for finding duplicates."""
        key = list(KEYS[table])
        return self._scan(table, self.commit()).select(key).drop_nulls()

    def _scan(self, table: str, commit: Commit) -> pl.LazyFrame:
        version = commit.versions.get(table)
        if version is None:
            return pl.LazyFrame(schema=_SCHEMAS[table])
        return pl.scan_delta(str(self._directory / table), version=version).select(_SCHEMAS[table].names())

    def _land(self, running: Import) -> None:
        before = running.commit
        ring = self._keyring(before)
        rows = {table: in_blocks(table, ring.keyed(table, found)) for table, found in running.rows.items()}
        rows |= {_dictionary(kind): added for kind, added in ring.added.items()}
        versions = {table: self._append(table, found) for table, found in rows.items() if found.height}
        newest = latest_of(rows[table] for table in KEY_COLUMNS if table in rows)
        instants = [before.latest_at, newest.isoformat() if newest else None]
        landed = Commit(
            versions={**before.versions, **versions},
            files={**before.files, **running.files},
            users=ring.dictionaries["user"].height,
            latest_at=max((instant for instant in instants if instant), default=None),
        )
        write_text(self._directory / COMMIT_FILE, json.dumps(asdict(landed), indent=1, sort_keys=True))

    def _append(self, table: str, rows: pl.DataFrame, mode: Literal["append", "overwrite"] = "append") -> int:
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        path = self._directory / table
        rows.write_delta(str(path), mode=mode, delta_write_options={"writer_properties": _writer_properties()})
        return DeltaTable(str(path)).version()

    def _roll_back(self, commit: Commit) -> None:
        """Undo what an interrupted import appended after `commit`."""
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        for table in _SCHEMAS:
            path = self._directory / table
            version = commit.versions.get(table)
            if version is None:
                shutil.rmtree(path, ignore_errors=True)
            elif (stored := DeltaTable(str(path))).version() > version:
                stored.restore(version)

    def _keyring(self, commit: Commit) -> Keyring:
        return Keyring({kind: self._scan(_dictionary(kind), commit).collect() for kind in DICTIONARIES})


def _dictionary(kind: str) -> str:
    return f"{kind}_keys"


_SCHEMAS: dict[str, pl.Schema] = {
    **{table: keyed_schema(table) for table in TABLES},
    **{_dictionary(kind): key_schema(kind) for kind in DICTIONARIES},
}
"""Columns and types of every Delta table."""


def _writer_properties() -> "WriterProperties":
    from deltalake import WriterProperties  # noqa: PLC0415 - reading needs no writer; keeps start-up short

    # Short row groups: a reader skips those whose smallest and largest values say that nothing in them is asked for.
    return WriterProperties(max_row_group_size=_ROW_GROUP, compression="ZSTD", compression_level=1)


def repeated(record: FileRecord) -> FileRecord:
    """What importing a file again brings: nothing; all it had brought is now a duplicate."""
    return replace(record, accepted=0, duplicates=record.accepted + record.duplicates)

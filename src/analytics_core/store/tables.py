"""The canonical tables as Delta tables in a directory, with one commit point for all of them.

`commit.json` names the version of every table that belongs together and the files they were made from. Readers see
exactly those versions; an import becomes visible, whole, by replacing that one file. What an interrupted import
appended stays invisible and is rolled back by the next one.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.files import write_text
from analytics_core.tables.canonical import KEYS, TABLES, CanonicalTables, empty, schema_of

COMMIT_FILE = "commit.json"
_LOCK_SECONDS = 600


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
        files = {fingerprint: FileRecord(**record) for fingerprint, record in document["files"].items()}
        return Commit(versions=document["versions"], files=files)

    def read(self) -> CanonicalTables:
        """All tables as of the current commit; duplicates were removed when they came in."""
        commit = self.commit()
        return CanonicalTables(**{table: self._scan(table, commit) for table in TABLES})

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

    def existing_keys(self, table: str) -> pl.LazyFrame:
        """The keys of a table's rows that have one, for finding duplicates."""
        key = list(KEYS[table])
        return self._scan(table, self.commit()).select(key).drop_nulls()

    def _scan(self, table: str, commit: Commit) -> pl.LazyFrame:
        version = commit.versions.get(table)
        if version is None:
            return empty(table)
        return pl.scan_delta(str(self._directory / table), version=version).select(schema_of(table).names())

    def _land(self, running: Import) -> None:
        versions = dict(running.commit.versions)
        for table, rows in running.rows.items():
            if rows.height:
                versions[table] = self._append(table, rows)
        landed = Commit(versions=versions, files={**running.commit.files, **running.files})
        write_text(self._directory / COMMIT_FILE, json.dumps(asdict(landed), indent=1, sort_keys=True))

    def _append(self, table: str, rows: pl.DataFrame) -> int:
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        path = self._directory / table
        rows.write_delta(str(path), mode="append")
        return DeltaTable(str(path)).version()

    def _roll_back(self, commit: Commit) -> None:
        """Undo what an interrupted import appended after `commit`."""
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        for table in TABLES:
            path = self._directory / table
            version = commit.versions.get(table)
            if version is None:
                shutil.rmtree(path, ignore_errors=True)
            elif (stored := DeltaTable(str(path))).version() > version:
                stored.restore(version)


def repeated(record: FileRecord) -> FileRecord:
    """What importing a file again brings: nothing; all it had brought is now a duplicate."""
    return replace(record, accepted=0, duplicates=record.accepted + record.duplicates)

"""One import under way: what it adds is on disk as it comes, and nobody's until it lands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.store.commits import IMPORT, Act, Commit, ImportedFile, ImportRecord, only_of
from analytics_core.store.delta import DataFile, DeltaTables
from analytics_core.store.repeats import Repeats
from analytics_core.store.seen_keys import Seen, Sifted
from analytics_core.tables.canonical import TABLES
from analytics_core.tables.keys import (
    DICTIONARIES,
    KEY,
    KEY_COLUMNS,
    Keyring,
    dictionary_of,
    in_blocks,
    key_schema,
    latest_of,
    schema_with_keys,
)

if TYPE_CHECKING:
    from datetime import datetime

_SCHEMAS: dict[str, pl.Schema] = {
    **{table: pl.Schema([*schema_with_keys(table).items(), (IMPORT, KEY)]) for table in TABLES},
    **{dictionary_of(kind): key_schema(kind) for kind in DICTIONARIES},
}


def schema_of_stored(table: str) -> pl.Schema:
    """Columns and types of a stored table, or of a dictionary of keys."""
    return _SCHEMAS[table]


@dataclass(frozen=True, slots=True)
class Reversal:
    """What an import takes out.

    Attributes:
        of: the import it takes back; None: files are read again.
        dropped: keys of the files whose rows no longer count.
        unknown: keys of files that have to be read anew when they come again.
    """

    of: int | None = None
    dropped: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


class Import:
    """One import under way.

    Args:
        scan: reads a stored table as of a commit.
        delta: where rows are written.
        commit: the state it begins with.

    Attributes:
        written: by table, the data files written so far.
        files: what was read, in order.
        replaced: by table whose rows are thrown away, the state of the outside table that it becomes; None: its own.
        reversal: what it takes out.
        definitions: how many campaign definitions it changes, and `token`, their mark in the campaign book.
        book: the id of the campaign book they are in, by where it lies.
        said: the settings that are said now.
        repeats: the rows of files whose key was there before.
    """

    def __init__(self, scan: Callable[[str, Commit], pl.LazyFrame], delta: DeltaTables, commit: Commit) -> None:
        self.commit = commit
        self.written: dict[str, list[DataFile]] = {}
        self.files: list[ImportedFile] = []
        self.replaced: dict[str, str | None] = {}
        self.reversal = Reversal()
        self.definitions = 0
        self.token: str | None = None
        self.book: Mapping[str, str] = {}
        self.said: tuple[str, ...] = ()
        self._newest: datetime | None = None
        self._scan = scan
        self._delta = delta
        self._seen: dict[str, Seen] = {}
        self.repeats = Repeats()

    @property
    def number(self) -> int:
        """Its number, if it lands."""
        return self.commit.next_number

    @property
    def brings_something(self) -> bool:
        """Whether there is anything to tell from the state before."""
        return bool(self.files or self.replaced or self.token or self.reversal.of or self.reversal.dropped)

    @cached_property
    def ring(self) -> Keyring:
        """The keys handed out so far, those of this import among them."""
        return Keyring({kind: self._scan(dictionary_of(kind), self.commit).collect() for kind in DICTIONARIES})

    def replace(self, table: str, state: str | None) -> None:
        """Throw all rows of a table away; what is added to it is an outside table in a state, or (None) its own."""
        self.replaced[table] = state

    def find_known(self, file: ImportedFile) -> ImportedFile | None:
        """The same file as it was imported before; None where it has to be read."""
        known = self.commit.known.get(file.fingerprint) or self._find_of_earlier_layout(file)
        if known is None or known.key in self.reversal.dropped or only_of(self.replaced, known.records):
            return None
        return known

    def says_nothing_new(self, file: ImportedFile) -> bool:
        """Whether a file brought nothing, as it did the last time: then there is nothing to remember."""
        if file.brought_something or only_of(self.replaced, file.records):
            return False
        same = (each for each in reversed(self.commit.live) if each.fingerprint == file.fingerprint)
        last = next(same, None)
        return last is not None and replace(last, key=file.key, version=file.version) == file

    def scan_stored(self, table: str) -> pl.LazyFrame:
        """A table as it was before this import, without what this import takes out; empty where it replaces it."""
        if table in self.replaced:
            return pl.LazyFrame(schema=_SCHEMAS[table])
        rows = self._scan(table, self.commit)
        dropped = self.reversal.dropped
        return rows.filter(~pl.col(IMPORT).is_in(sorted(dropped))) if dropped else rows

    def sift(self, table: str, rows: pl.DataFrame) -> Sifted:
        """Tell rows that repeat a stored one, or an earlier one of this import, from new ones.

        Args:
            table: name of the canonical table.
            rows: its columns, and `import_key`; others are left as they are.
        """
        if table not in self._seen:
            self._seen[table] = Seen(table, self.scan_stored(table), IMPORT)
        return self._seen[table].sift(rows)

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Add new rows of a table, with `import_key`."""
        if rows.is_empty():
            return
        keyed = in_blocks(table, self.ring.with_keys(table, rows)).select(_SCHEMAS[table].names())
        if table in KEY_COLUMNS:
            self._newest = max(filter(None, (self._newest, latest_of([keyed]))), default=None)
        self.written.setdefault(table, []).append(self._delta.write(table, keyed))

    def scan_landing(self, table: str) -> pl.LazyFrame:
        """A table as it is if this import lands now."""
        stored, names = self.scan_stored(table), _SCHEMAS[table].names()
        written = self._delta.scan_files(table, [file.name for file in self.written.get(table, ())])
        return stored if written is None else pl.concat([stored.select(names), written.select(names)])

    def write_dictionaries(self) -> None:
        """Write the keys that are new."""
        for kind, added in self.ring.added.items():
            if added.height:
                table = dictionary_of(kind)
                self.written.setdefault(table, []).append(self._delta.write(table, added))

    def as_record(self, at: str) -> ImportRecord:
        """Its entry in the history."""
        return ImportRecord(
            number=self.number,
            at=at,
            keys={kind: keys.height for kind, keys in self.ring.dictionaries.items()},
            latest_at=self._latest_at(),
            last_file=max([self.commit.last_file, *(file.key for file in self.files)]),
            files=tuple(self.files),
            replaced=tuple(self.replaced),
            act=Act.UNDO if self.reversal.of else Act.IMPORT,
            of=self.reversal.of,
            dropped=self.reversal.dropped,
            unknown=self.reversal.unknown,
            definitions=self.definitions,
            token=self.token,
        )

    def take_back(self, number: int) -> tuple[ImportedFile, ...]:
        """Take an import out.

        Returns:
            The files of other imports that had some of its rows again, and have to be imported anew to bring them.

        Raises:
            WorkspaceError: there is no such import, or it cannot be taken back.
        """
        landed = next((each for each in self.commit.history if each.number == number), None)
        if landed is None or landed.act is not Act.IMPORT:
            numbers = [each.number for each in self.commit.history if each.act is Act.IMPORT]
            known = f"there are {numbers[0]} to {numbers[-1]}" if numbers else "there are none yet"
            raise WorkspaceError(f"no import {number}; {known}, see `connector-analytics imports`")
        if landed.replaced:
            raise WorkspaceError(
                f"import {number} took in tables that are used in place; what lies there is what counts"
            )
        if any(each.of == number for each in self.commit.history):
            raise WorkspaceError(f"import {number} has been taken back before")
        return self._drop({file.key for file in landed.files} - self.commit.dropped, of=number)

    def read_again(self, files: Iterable[ImportedFile]) -> tuple[ImportedFile, ...]:
        """Take out what files brought, because they are read again, perhaps by another mapping; else as `take_back`."""
        keys = set()
        for file in files:
            same = (file.importer, file.content)
            alike = (each for each in self.commit.known.values() if (each.importer, each.content) == same)
            known = self.find_known(file)
            keys |= {known.key} if known else {each.key for each in alike}
        for landed in self.commit.history:
            if len([file for file in landed.files if file.key in keys]) != len({f.key for f in landed.files} & keys):
                raise WorkspaceError(
                    f"import {landed.number} was made by an older version, which did not keep apart what each file "
                    f"brought; `imports undo {landed.number}`, then import its files"
                )
        return self._drop(keys, of=None)

    def _find_of_earlier_layout(self, file: ImportedFile) -> ImportedFile | None:
        """Imports before layout 5 knew a file by its bytes alone."""
        known = self.commit.known.get(file.content)
        tables = {record.table for record in file.records}
        return known if known and not known.importer and {record.table for record in known.records} <= tables else None

    def _drop(self, keys: set[int], *, of: int | None) -> tuple[ImportedFile, ...]:
        losing = tuple(file for file in self.commit.live if file.key not in keys and not keys.isdisjoint(file.repeated))
        unknown = tuple(sorted(file.key for file in losing))
        self.reversal = Reversal(of=of, dropped=tuple(sorted(keys)), unknown=unknown)
        return losing

    def _latest_at(self) -> str | None:
        """The latest `occurred_at` of deliveries and events once this has landed; None where there are none."""
        before = self.commit.latest_at
        if self.replaced.keys() & KEY_COLUMNS.keys() or self.reversal.dropped:
            kept = [self.scan_stored(table).select(pl.col("occurred_at").max()).collect() for table in KEY_COLUMNS]
            stored = latest_of(kept)
            before = stored.isoformat() if stored else None
        instants = [before, self._newest.isoformat() if self._newest else None]
        return max((instant for instant in instants if instant), default=None)

"""What the tables hold, and what they held after every import: the content of the commit file.

Rows are only ever added, each with the key of the file that brought it, and keys only ever handed out; so every state,
the current one too, is a filter. Of four deliveries, where imports 1 and 2 landed at 08:00 and at 09:00 with one file
each, and import 1 was taken back at 10:00::

    request_id  user_key  import_key   known at 08:30         known at 09:30   known at 10:30
    "r1"               0           1   yes                    yes              no: taken back
    "r2"               0           2   no: not yet imported   yes              yes
    "r3"               1           2   no                     yes              yes

A table that is used in place loses rows too, when it is taken in anew: its earlier states are not kept. Neither is what
was known of people who have been forgotten.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.places import Seal
from analytics_core.tables.keys import DICTIONARIES, dictionary_of

IMPORT = "import_key"
"""The column of every stored row of a canonical table that says which file brought it: `ImportedFile.key`."""

LATEST_KEPT = 2
"""Of each file this many of the latest instants are kept: the latest row of all, and the latest of all others."""
_KINDS = {dictionary_of(kind): kind for kind in DICTIONARIES}
_TICK = timedelta(microseconds=1)
_END = datetime.max.replace(tzinfo=UTC)


class Act(StrEnum):
    """What an entry of the history did."""

    IMPORT = "import"
    UNDO = "undo"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What one imported file brought to one table: rows read, kept, repeated and rejected.

    Of the repeated ones, `differing` say something else than the row that is kept, in columns that do not make them
    another thing.
    `latest` has the two latest `occurred_at` of the kept deliveries or events, the latest first; none in records that
    were made before these were kept.
    """

    table: str
    name: str
    read: int
    accepted: int
    duplicates: int
    rejected: int
    latest: tuple[str, ...] = ()
    differing: int = 0

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file."""
        return cls(**{**document, "latest": tuple(document.get("latest", ()))})


def only_of(tables: Collection[str], records: Collection[FileRecord]) -> bool:
    """Whether a file has rows of some of `tables`, and of no other."""
    return bool(records) and all(record.table in tables for record in records)


def count_as_repeated(record: FileRecord) -> FileRecord:
    """What importing a file again brings: nothing; all it had brought is now a duplicate."""
    return replace(record, accepted=0, duplicates=record.accepted + record.duplicates, latest=())


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file that an import read.

    Attributes:
        key: its rows carry it in the column `import_key`; files of imports by version 0.1 share one key an import.
        fingerprint: what it is known by: the importer, what it was read as, and its bytes; of its bytes alone in
            imports before layout 5, where `importer` is empty.
        importer: what read it, such as `braze`, and `version`, of the package.
        content: SHA-256 of its bytes.
        records: what it brought, by table.
        gaps: by campaign with deliveries in it, what it could not say of them.
        repeated: keys of files of earlier imports whose rows it had again.
    """

    key: int
    fingerprint: str
    records: tuple[FileRecord, ...] = ()
    gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: tuple[int, ...] = ()
    importer: str = ""
    version: str = ""
    content: str = ""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file."""
        return cls(
            **{name: document.get(name, "") for name in ("importer", "version", "content")},
            key=document["key"],
            fingerprint=document["fingerprint"],
            records=tuple(map(FileRecord.from_json, document["records"])),
            gaps={campaign: tuple(found) for campaign, found in document["gaps"].items()},
            repeated=tuple(document["repeated"]),
        )

    @property
    def name(self) -> str:
        """What it is called, in its folder."""
        return self.records[0].name if self.records else ""

    @property
    def is_refused(self) -> bool:
        """Whether it has rows, and every one was rejected."""
        read = sum(record.read for record in self.records)
        return read > 0 and read == sum(record.rejected for record in self.records)

    @property
    def brought_something(self) -> bool:
        """Whether any row of it was new."""
        return any(record.accepted for record in self.records)


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One entry of the history: an import that brought something, or what took something out again.

    Attributes:
        number: 1 for the first.
        at: when it landed, ISO 8601 in UTC to the microsecond; after every earlier one.
        keys: how many keys of each kind had been handed out then.
        latest_at: the latest `occurred_at` of deliveries and events then; None where there were none.
        last_file: the highest key that a file had been given then.
        files: what it read; those that had been imported before are not among them.
        replaced: the tables of which it threw away all earlier rows.
        act: what it did.
        of: the number of the import that it took back; None of any other entry.
        dropped: keys of files whose rows no longer count.
        unknown: keys of files whose rows still count, but which are read anew when they come again.
        definitions: how many campaign definitions it changed.
        token: the mark of those definitions in the campaign book; None where there are none.
        people: how many people it erased, and `by` whom; 0 and None of any other entry.
    """

    number: int
    at: str
    keys: Mapping[str, int]
    latest_at: str | None
    last_file: int
    files: tuple[ImportedFile, ...] = ()
    replaced: tuple[str, ...] = ()
    act: Act = Act.IMPORT
    of: int | None = None
    dropped: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
    definitions: int = 0
    token: str | None = None
    people: int = 0
    by: str | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file's `history`."""
        return cls(
            **{
                **document,
                "files": tuple(map(ImportedFile.from_json, document["files"])),
                "act": Act(document["act"]),
                **{name: tuple(document[name]) for name in ("replaced", "dropped", "unknown")},
            }
        )

    @property
    def instant(self) -> datetime:
        """When it landed."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class TableState:
    """One table as it belongs to a commit.

    Attributes:
        version: of the Delta table.
        data: its data files.
        log: the entries of its log until that version, and what else lies beside them.
        first: by data file, the lowest key of an imported file that has rows in it, where that is known.
        users: by data file, the lowest and the highest key of the users who have rows in it, where that is known.
    """

    version: int
    data: Mapping[str, Seal] = field(default_factory=dict)
    log: Mapping[str, Seal] = field(default_factory=dict)
    first: Mapping[str, int] = field(default_factory=dict)
    users: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file's `tables`."""
        data, log = ({name: Seal(*seal) for name, seal in document[part].items()} for part in ("data", "log"))
        # What was written before there were shares does not say it.
        users = {name: (low, high) for name, (low, high) in document.get("users", {}).items()}
        return cls(document["version"], data, log, document["first"], users)

    def as_document(self) -> dict[str, Any]:
        """As JSON can have it."""
        seals = {
            part: {name: [seal.size, seal.mark] for name, seal in getattr(self, part).items()}
            for part in ("data", "log")
        }
        users = {name: list(bounds) for name, bounds in self.users.items()}
        return {"version": self.version, "first": dict(self.first), "users": users, **seals}

    def without_later(self, key: int | None) -> "TableState":
        """This state without the data files that have only rows of imported files with a higher key; None: as it is."""
        if key is None:
            return self
        return replace(self, data={name: seal for name, seal in self.data.items() if self.first.get(name, 0) <= key})

    def without_others(self, users: range | None) -> "TableState":
        """This state without the data files that have no rows of users with these keys; None: as it is."""
        if users is None:
            return self
        of_others = {name for name, (low, high) in self.users.items() if low >= users.stop or high < users.start}
        return replace(self, data={name: seal for name, seal in self.data.items() if name not in of_others})


@dataclass(frozen=True)
class Commit:
    """A consistent state of all tables, and how it came about.

    Attributes:
        tables: by name.
        history: the imports, and what took something out, first to last.
        outside: by table that is used in place, the state in which it was taken in.
        books: the ids of the campaign books that imports put definitions into, by where each lay.
        said: the settings that `workspace.toml` said when the last import landed, as `section.key`.
        sweep: whether files of earlier states have to be deleted still, because people were erased.
    """

    tables: Mapping[str, TableState] = field(default_factory=dict)
    history: tuple[ImportRecord, ...] = ()
    outside: Mapping[str, str] = field(default_factory=dict)
    books: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    sweep: bool = False

    @property
    def next_number(self) -> int:
        """The number of the import that lands next."""
        return self.history[-1].number + 1 if self.history else 1

    @property
    def last_file(self) -> int:
        """The highest key that a file has been given."""
        return self.history[-1].last_file if self.history else 0

    @property
    def users(self) -> int:
        """How many user keys have been handed out."""
        return self.history[-1].keys["user"] if self.history else 0

    @property
    def latest_at(self) -> str | None:
        """The latest `occurred_at` of deliveries and events; None where there are none."""
        return self.history[-1].latest_at if self.history else None

    @cached_property
    def dropped(self) -> frozenset[int]:
        """Keys of files whose rows do not count."""
        return frozenset(key for landed in self.history for key in landed.dropped)

    @cached_property
    def live(self) -> tuple[ImportedFile, ...]:
        """The files whose rows count, in the order in which they came.

        Of a table that is used in place only what it said last counts.
        """
        found: list[ImportedFile] = []
        for landed in self.history:
            found = [file for file in found if not only_of(landed.replaced, file.records)]
            found += (file for file in landed.files if file.key not in self.dropped)
        return tuple(found)

    @cached_property
    def known(self) -> dict[str, ImportedFile]:
        """By fingerprint, the files that bring nothing when they come again: those that brought something."""
        unknown = {key for landed in self.history for key in landed.unknown}
        return {file.fingerprint: file for file in self.live if file.key not in unknown and file.brought_something}

    @cached_property
    def gaps(self) -> dict[str, tuple[str, ...]]:
        """By campaign, what its exports could not say; sorted."""
        found: dict[str, set[str]] = {}
        for file in self.live:
            for campaign, gaps in file.gaps.items():
                found.setdefault(campaign, set()).update(gaps)
        return {campaign: tuple(sorted(gaps)) for campaign, gaps in found.items()}

    @property
    def records(self) -> Iterator[FileRecord]:
        """What every file that counts brought."""
        return (record for file in self.live for record in file.records)

    @property
    def last_import(self) -> int | None:
        """The number of the latest import that brought a row; None where none did."""
        brought = {file.key for file in self.live if file.brought_something}
        found = (landed for landed in reversed(self.history) if any(file.key in brought for file in landed.files))
        return next((landed.number for landed in found), None)

    @property
    def until(self) -> int | None:
        """The highest key of an imported file whose rows may count; None: no later ones are there."""
        return None

    def rows(self, table: str, stored: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of a stored table that belong to this state."""
        if table in _KINDS or not self.dropped:
            return stored
        return stored.filter(~pl.col(IMPORT).is_in(sorted(self.dropped)))

    def as_known(self, instant: datetime) -> "Commit":
        """The state after the last import that had landed at `instant`.

        Raises:
            WorkspaceError: none had, or a table that is used in place had other rows then.
        """
        then = self.history[: bisect_right(self.history, instant, key=lambda landed: landed.instant)]
        if len(then) == len(self.history) > 0:
            return self
        if not then:
            raise WorkspaceError(_nothing_known(instant, self.history))
        _refuse_replaced(then, self.history[len(then) :])
        return EarlierState(tables=self.tables, history=then)


@dataclass(frozen=True)
class EarlierState(Commit):
    """What was known after one of the imports, in the files of a later commit: imports add rows and keys only."""

    @property
    def until(self) -> int | None:
        """The highest key that a file had been given then."""
        return self.last_file

    def rows(self, table: str, stored: pl.LazyFrame) -> pl.LazyFrame:
        """The rows, or keys, of a stored table that were there then."""
        last = self.history[-1]
        if table in _KINDS:
            kind = _KINDS[table]
            return stored.filter(pl.col(f"{kind}_key") < last.keys[kind])
        return super().rows(table, stored).filter(pl.col(IMPORT) <= last.last_file)


def next_import_time(history: Sequence[ImportRecord]) -> str:
    """When an import lands that lands now: after the last one, also where the clock was put back or has not moved."""
    now = _now()
    last = history[-1].instant if history else None
    # A clock that once stood at the end of time must not stop all that follows.
    at = now if last is None else max(now, last if last > _END - _TICK else last + _TICK)
    return at.isoformat(timespec="microseconds")


def _refuse_replaced(then: Sequence[ImportRecord], later: Sequence[ImportRecord]) -> None:
    """Rows that were thrown away since cannot be counted; tables that were empty then have lost none."""
    had = {table for landed in then for table in landed.replaced}
    for landed in reversed(later):
        for table in landed.replaced:
            if table in had:
                since = f"{table} is used in place and has been read anew since"
                raise WorkspaceError(f"{since}; what was known before {landed.at} is not kept")


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing_known(instant: datetime, history: Iterable[ImportRecord]) -> str:
    first = next(iter(history), None)
    if first is None:
        return "nothing was imported yet, so nothing was known then"
    return f"nothing was imported yet at {instant.isoformat()}; the first import was at {first.at}"


def digest_inputs(commit: Commit, current: Commit, said: Iterable[str]) -> str:
    """SHA-256 of everything that can change a number.

    Args:
        commit: the state that is asked for.
        current: the state as it is now.
        said: the definitions of campaigns and the settings, as JSON.
    """
    parts = [
        *sorted(file.fingerprint for file in commit.live),
        *(f"{table} {state}" for table, state in sorted(commit.outside.items())),
        # Which campaigns have gaps depends on which of two exports with the same rows came first.
        *(f"{campaign} {','.join(gaps)}" for campaign, gaps in sorted(commit.gaps.items())),
        *said,
        # Whoever is erased is erased from earlier states too.
        *(str(landed.number) for landed in current.history if landed.act is Act.FORGET),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

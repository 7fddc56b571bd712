"""What the tables hold, and what they held after every import: the content of `commit.json`.

A table only ever gains rows, each with the number of the import that brought it; so an earlier state is a filter. Of
three deliveries, where imports 1 and 2 landed at 08:00 and at 09:00::

    request_id  user_key  import_key   known at 08:30 (last import 1, one user key)
    "r1"               0           1   yes
    "r2"               0           2   no: import 2 had not landed
    "r3"               1           2   no, and user key 1 had not been handed out

A table that is used in place loses rows too, when it is taken in anew: its earlier states are not kept.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.tables.keys import DICTIONARIES, dictionary_of

IMPORT = "import_key"
"""The column of every stored row of a canonical table that says which import brought it: `ImportRecord.number`."""

LATEST_KEPT = 2
"""Of each file this many of the latest instants are kept: the latest row of all, and the latest of all others."""
_KINDS = {dictionary_of(kind): kind for kind in DICTIONARIES}
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What one imported file brought to one table: rows read, kept, repeated and rejected.

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

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file's `files`."""
        return cls(**{**document, "latest": tuple(document.get("latest", ()))})


def only_of(tables: Collection[str], records: Collection[FileRecord]) -> bool:
    """Whether a file has rows of some of `tables`, and of no other."""
    return bool(records) and all(record.table in tables for record in records)


def count_as_repeated(record: FileRecord) -> FileRecord:
    """What importing a file again brings: nothing; all it had brought is now a duplicate."""
    return replace(record, accepted=0, duplicates=record.accepted + record.duplicates, latest=())


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import that brought new files, and what was known once it had landed.

    Attributes:
        number: 1 for the first; its rows carry it in the column `import_key`.
        at: when it landed, ISO 8601 in UTC to the microsecond; after every earlier one.
        files: the fingerprints of its files.
        keys: how many keys of each kind had been handed out then.
        latest_at: the latest `occurred_at` of deliveries and events then; None where there were none.
        gaps: by campaign it found gaps in, all gaps that were known then.
        replaced: the tables of which it threw away all earlier rows.
    """

    number: int
    at: str
    files: tuple[str, ...]
    keys: Mapping[str, int]
    latest_at: str | None
    gaps: Mapping[str, tuple[str, ...]]
    replaced: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """An entry of the commit file's `history`."""
        gaps = {campaign: tuple(found) for campaign, found in document["gaps"].items()}
        return cls(
            **{**document, "files": tuple(document["files"]), "gaps": gaps, "replaced": tuple(document["replaced"])}
        )

    @property
    def instant(self) -> datetime:
        """When it landed."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Commit:
    """A consistent state of all tables: their versions, the imported files by fingerprint, and how it came about.

    `outside` is, by table that is used in place, the state in which it was taken in.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, tuple[FileRecord, ...]] = field(default_factory=dict)
    gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    users: int = 0
    latest_at: str | None = None
    history: tuple[ImportRecord, ...] = ()
    outside: Mapping[str, str] = field(default_factory=dict)

    @property
    def next_number(self) -> int:
        """The number of the import that lands next."""
        return self.history[-1].number + 1 if self.history else 1

    @property
    def last_import(self) -> int | None:
        """The number of the latest import that brought a row; None where none did."""
        brought = {fingerprint for fingerprint, records in self.files.items() if any(each.accepted for each in records)}
        return next((landed.number for landed in reversed(self.history) if not brought.isdisjoint(landed.files)), None)

    def rows(self, _table: str, stored: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of a stored table that belong to this state."""
        return stored

    def without(self, tables: Collection[str]) -> dict[str, tuple[FileRecord, ...]]:
        """The files but for those that have rows of `tables` only."""
        return {name: records for name, records in self.files.items() if not only_of(tables, records)}

    def as_known(self, instant: datetime) -> "Commit":
        """The state after the last import that had imported at `instant`.

        Raises:
            WorkspaceError: none had, or a table that is used in place had other rows then.
        """
        then = self.history[: bisect_right(self.history, instant, key=lambda landed: landed.instant)]
        if len(then) == len(self.history) > 0:
            return self
        if not then:
            raise WorkspaceError(_nothing_known(instant, self.history))
        _refuse_replaced(then, self.history[len(then) :])
        fingerprints = [fingerprint for landed in then for fingerprint in landed.files]
        return EarlierState(
            versions=self.versions,
            files={fingerprint: self.files[fingerprint] for fingerprint in fingerprints if fingerprint in self.files},
            gaps={campaign: gaps for landed in then for campaign, gaps in landed.gaps.items()},
            users=then[-1].keys["user"],
            latest_at=then[-1].latest_at,
            history=then,
        )


@dataclass(frozen=True, slots=True)
class EarlierState(Commit):
    """What was known after one of the imports, in the versions of a later commit: imports add rows and keys only."""

    def rows(self, table: str, stored: pl.LazyFrame) -> pl.LazyFrame:
        """The rows, or keys, of a stored table that were there then."""
        last = self.history[-1]
        if table in _KINDS:
            kind = _KINDS[table]
            return stored.filter(pl.col(f"{kind}_key") < last.keys[kind])
        return stored.filter(pl.col(IMPORT) <= last.number)


def next_import_time(history: Sequence[ImportRecord]) -> str:
    """When an import lands that lands now: after the last one, also where the clock was put back or has not moved."""
    now = _now()
    at = max(now, history[-1].instant + _TICK) if history else now
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

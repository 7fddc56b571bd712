"""What an import tells: while it runs, and when it is done."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from analytics_core.store.commits import Act, Commit, FileRecord
from analytics_core.tables.canonical import TABLES

if TYPE_CHECKING:
    from analytics_core.sources.finding.unread import UnreadFile
    from analytics_core.sources.readings import Reading, SaidCampaign

Progress = Callable[[str, int, float], None]
"""Called again and again with the name of the file that is read, the rows read since the last call, and how much of
all files has been read, from 0 to 1, which never falls."""

Days = tuple[date | None, date | None] | None
"""The first and the last day whose files are read; None where it is all of them."""


class FilesProgress:
    """How much of several files has been read, in bytes of all, told as it grows.

    Args:
        readings: all of the files.
        known: those that need no reading: they count as read from the start.
        tell: hears of it, for the first time at once.
    """

    def __init__(self, readings: Iterable["Reading"], known: Iterable["Reading"], tell: Progress) -> None:
        self._tell = tell
        self._size = sum(reading.progress.size for reading in readings)
        self._done = sum(reading.progress.size for reading in known)
        tell("", 0, self._share(0.0))

    def step(self, reading: "Reading", rows: int) -> None:
        """Some more `rows` of a file have been read."""
        self._tell(reading.name, rows, self._share(reading.progress.size * reading.progress.share))

    def finish(self, reading: "Reading") -> None:
        """A file has been read to its end."""
        self._done += reading.progress.size
        self._tell(reading.name, 0, self._share(0.0))

    def _share(self, current: float) -> float:
        return (self._done + current) / self._size if self._size else 1.0


def silent(_name: str, _rows: int, _share: float) -> None:
    """No progress wanted."""


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of one table's rows; read = accepted + duplicates + rejected, always.

    Of the duplicates, `differing` say something else than the row that is kept.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    differing: int = 0

    def plus(self, other: FileRecord) -> "TableCounts":
        """These counts and one more file's."""
        return TableCounts(
            read=self.read + other.read,
            accepted=self.accepted + other.accepted,
            duplicates=self.duplicates + other.duplicates,
            rejected=self.rejected + other.rejected,
            differing=self.differing + other.differing,
        )


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    Attributes:
        tables: counts per table.
        unknown_columns: per table, names that were in the files and are not read.
        left_out: what was in the files and is a row of no table, in words, and how often.
        gaps: what the exports cannot say about deliveries (see `sources.readings.Gap`).
        import_anew: names of files of other imports that had some of the replaced rows too, and bring them only when
            they are imported anew.
        replaced_edits: by campaign the fields that had been edited here, of which the definitions say something else.
        campaigns: what the exports say of campaigns beside their rows, by id.
        refused: by name of a file of which every row was rejected, the importer whose rows they look like; None where
            they look like nobody's.
        misnamed: by name of such a file, if it was read as one canonical table, another whose rows they look like.
        reasons: by table, why rows of files that were read now were kept aside, and how many, most frequent first.
        files_read: how many files lay there and were read, or had been read before.
        not_read: the others, which with those are all that lay there.
        empty_files: names of those that were read and have no bytes.
    """

    tables: Mapping[str, TableCounts] = field(default_factory=dict)
    unknown_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    import_anew: tuple[str, ...] = ()
    replaced_edits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    campaigns: Mapping[str, "SaidCampaign"] = field(default_factory=dict)
    refused: Mapping[str, str | None] = field(default_factory=dict)
    misnamed: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    files_read: int = 0
    not_read: tuple["UnreadFile", ...] = ()
    empty_files: tuple[str, ...] = ()

    @property
    def rejected(self) -> int:
        """Rows kept aside in `rejected/`, over all tables."""
        return sum(counts.rejected for counts in self.tables.values())


@dataclass(frozen=True, slots=True)
class UndoSummary:
    """What taking an import back did.

    Attributes:
        number: of the import.
        entry: the number of the entry in the history that says so.
        rows: how many rows no longer count, by table.
        definitions: how many campaign definitions went back.
        import_anew: names of files that have to be imported anew to bring rows back: those the import had replaced,
            and those of other imports that had some of the rows too.
    """

    number: int
    entry: int
    rows: Mapping[str, int]
    definitions: int
    import_anew: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import of the past, or what took something out again.

    Attributes:
        number: 1 for the first.
        at: when it landed, UTC; numbers known at that instant rest on it and on all before.
        act: what it did.
        of: the number of the import it took back; None of any other.
        undone: whether it was taken back later.
        files: how many files it brought; those that had been imported before are not among them.
        names: what those are called that may have rows, some perhaps alike.
        rows: how many rows it added, by table; left out are tables it had no file of, and those replaced since.
        definitions: how many campaign definitions it changed.
        rejected: how many rows of its files were kept aside.
        latest_at: the latest time of deliveries and events once it had landed, UTC; None where there were none.
        people: how many people it erased, and `by` whom.
    """

    number: int
    at: datetime
    act: Act
    of: int | None
    undone: bool
    files: int
    names: tuple[str, ...]
    rows: Mapping[str, int]
    definitions: int
    rejected: int
    latest_at: datetime | None
    people: int
    by: str | None


def list_past_imports(commit: Commit) -> tuple[PastImport, ...]:
    """The imports a state is made of, and what took something out, first to last."""
    # A table that is used in place has the same files, with other rows, each time it is taken in.
    replaced = {file.key for landed in commit.history if landed.replaced for file in landed.files}
    gone = replaced - {file.key for file in commit.live}
    undone = {landed.of for landed in commit.history}
    found = []
    for landed in commit.history:
        files = [file for file in landed.files if file.key not in gone and file.records]
        records = [record for file in files for record in file.records]
        tables = [table for table in TABLES if any(record.table == table for record in records)]
        found.append(
            PastImport(
                number=landed.number,
                at=landed.instant,
                act=landed.act,
                of=landed.of,
                undone=landed.number in undone,
                files=len(landed.files),
                names=tuple(file.name for file in files),
                rows={table: sum(record.accepted for record in records if record.table == table) for table in tables},
                definitions=landed.definitions,
                rejected=sum(record.rejected for record in records),
                latest_at=datetime.fromisoformat(landed.latest_at) if landed.latest_at else None,
                people=landed.people,
                by=landed.by,
            )
        )
    return tuple(found)

"""What an import tells: while it runs, and when it is done."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analytics_core.store.tables import FileRecord

if TYPE_CHECKING:
    from analytics_core.sources.readings import Reading

Progress = Callable[[str, int, float], None]
"""Called again and again with the name of the file that is read, the rows read since the last call, and how much of
all files has been read, from 0 to 1, which never falls."""


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


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of one table's rows; read = accepted + duplicates + rejected, always."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0

    def plus(self, other: FileRecord) -> "TableCounts":
        """These counts and one more file's."""
        return TableCounts(
            read=self.read + other.read,
            accepted=self.accepted + other.accepted,
            duplicates=self.duplicates + other.duplicates,
            rejected=self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    Attributes:
        tables: counts per table.
        unknown_columns: per table, names that were in the files and are not read.
        left_out: what was in the files and is a row of no table, in words, and how often.
        gaps: what the exports cannot say about deliveries (see `sources.readings.Gap`).
    """

    tables: Mapping[str, TableCounts] = field(default_factory=dict)
    unknown_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()

    @property
    def rejected(self) -> int:
        """Rows kept aside in `rejected/`, over all tables."""
        return sum(counts.rejected for counts in self.tables.values())

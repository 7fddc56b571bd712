"""What an import tells: while it runs, and when it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from analytics_core.store.tables import FileRecord

Progress = Callable[[str, int], None]
"""Called after each file with its name and the rows read from it."""


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

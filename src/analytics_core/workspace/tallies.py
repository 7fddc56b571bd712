"""What one file brings to one table, counted while it is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from analytics_core.store.commits import LATEST_KEPT, FileRecord


@dataclass
class Tally:
    """Rows read, rejected and accepted; of the duplicates among the rest, those that differ from the first row."""

    read: int = 0
    rejected: int = 0
    accepted: int = 0
    differing: int = 0
    latest: list[datetime] = field(default_factory=list)

    def note_latest(self, instants: Iterable[datetime]) -> None:
        """Keep the latest instants, of these and the earlier ones."""
        self.latest = sorted((*self.latest, *instants), reverse=True)[:LATEST_KEPT]

    def as_record(self, table: str, name: str) -> FileRecord:
        """What is remembered of the file that is called so."""
        return FileRecord(
            table=table,
            name=name,
            read=self.read,
            accepted=self.accepted,
            duplicates=self.read - self.accepted - self.rejected,
            rejected=self.rejected,
            differing=self.differing,
            latest=tuple(instant.isoformat() for instant in self.latest),
        )

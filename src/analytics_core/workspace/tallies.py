"""What one file brings to one table, counted while it is read; and rows that turn out bad once they are read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from analytics_core.store.commits import LATEST_KEPT, FileRecord
from analytics_core.tables.canonical import schema_of

ROW = "_row"
"""The column of rows on their way that says in which line or row of their file they were."""


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


def reject(table: str, rows: pl.DataFrame, file: pl.Expr) -> pl.DataFrame:
    """Rows of a table, with `_row` and `reason`, as rejected ones; their `raw` text is what was read of them."""
    raw = pl.struct(schema_of(table).names()).struct.json_encode()
    return rows.select(file.alias("file"), pl.col(ROW).alias("row"), "reason", raw.alias("raw"))

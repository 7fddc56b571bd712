"""What an import of somebody's own table would bring, before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import TableMapping, read_mapping
from analytics_core.sources.rows.batches import REJECTED, convert_batch
from analytics_core.tables.canonical import schema_of
from analytics_core.workspace.summaries import FilesProgress, Progress

_FIRST = 10


@dataclass(frozen=True, eq=False)
class Preview:
    """What would arrive; duplicates are not looked for.

    Attributes:
        table: the canonical table, the first of those that the mapping makes rows of.
        rows: by table, the first rows, with the columns that the mapping says something about, in declared order.
        good: by table, rows that would arrive.
        left_out: what would be left out, in words, and how often.
        read: rows of all files.
        rejected: the first rows that would be rejected: `file`, `row`, `reason`, `raw`.
        reasons: why rows would be rejected and how many, the most frequent first.
    """

    table: str
    rows: Mapping[str, pl.DataFrame]
    good: Mapping[str, int]
    left_out: Mapping[str, int]
    read: int
    rejected: pl.DataFrame
    reasons: Mapping[str, int]


def preview_table(mapping: Path, paths: Sequence[Path], progress: Progress) -> Preview:
    """Read files as an import would, and write nothing.

    Raises:
        UnreadableInputError: the mapping or a file cannot be read.
    """
    described = read_mapping(mapping)
    rows = {row.table: schema_of(row.table).to_frame() for row in described.all_rows}
    rejected = REJECTED.to_frame()
    reasons, left_out, good = Counter[str](), Counter[str](), Counter[str]()
    found = find_readings(paths, described)
    watched = FilesProgress(found, (), progress)
    for reading in found:
        for table, batch in reading.batches():
            settled = convert_batch(table, batch, reading.name)
            good[table] += settled.rows.height
            watched.step(reading, settled.rows.height + settled.rejected.height)
            reasons.update(settled.rejected["reason"])
            rows[table] = pl.concat([rows[table], settled.rows.head(_FIRST - rows[table].height)])
            rejected = pl.concat([rejected, settled.rejected.head(_FIRST - rejected.height)])
        left_out.update(reading.left_out)
        watched.finish(reading)
    return Preview(
        table=described.table,
        rows={table: first.select(_mapped(described, table)) for table, first in rows.items()},
        good=good,
        left_out=left_out,
        read=good.total() + reasons.total(),
        rejected=rejected,
        reasons=dict(reasons.most_common()),
    )


def _mapped(described: TableMapping, table: str) -> list[str]:
    """Columns of a table that a mapping says something about, in declared order."""
    mappings = [mapping for mapping in described.all_rows if mapping.table == table]
    said = {name.partition(".")[0] for mapping in mappings for name in (*mapping.sources(), *mapping.constants)}
    return [name for name in schema_of(table) if name in said]

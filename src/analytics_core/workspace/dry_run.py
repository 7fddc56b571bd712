"""What an import of somebody's own table would bring, before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.rows.batches import REJECTED, convert_batch
from analytics_core.tables.canonical import schema_of
from analytics_core.workspace.summaries import FilesProgress, Progress

_FIRST = 10


@dataclass(frozen=True, eq=False)
class Preview:
    """What would arrive; duplicates are not looked for.

    Attributes:
        table: the canonical table.
        mapped: its columns that the mapping says something about, in declared order.
        rows: the first rows.
        read: rows of all files.
        rejected: the first rows that would be rejected: `file`, `row`, `reason`, `raw`.
        reasons: why rows would be rejected and how many, the most frequent first.
    """

    table: str
    mapped: tuple[str, ...]
    rows: pl.DataFrame
    read: int
    rejected: pl.DataFrame
    reasons: Mapping[str, int]


def preview_table(mapping: Path, paths: Sequence[Path], progress: Progress) -> Preview:
    """Read files as an import would, and write nothing.

    Raises:
        UnreadableInputError: the mapping or a file cannot be read.
    """
    described = read_mapping(mapping)
    rows, rejected = schema_of(described.table).to_frame(), REJECTED.to_frame()
    reasons: Counter[str] = Counter()
    read = 0
    found = find_readings(paths, described)
    watched = FilesProgress(found, (), progress)
    for reading in found:
        for table, batch in reading.batches():
            settled = convert_batch(table, batch, reading.name)
            size = settled.rows.height + settled.rejected.height
            read += size
            watched.step(reading, size)
            reasons.update(settled.rejected["reason"])
            rows = pl.concat([rows, settled.rows.head(_FIRST - rows.height)])
            rejected = pl.concat([rejected, settled.rejected.head(_FIRST - rejected.height)])
        watched.finish(reading)
    named = {name.partition(".")[0] for name in (*described.sources(), *described.constants)}
    return Preview(
        table=described.table,
        mapped=tuple(name for name in rows.columns if name in named),
        rows=rows,
        read=read,
        rejected=rejected,
        reasons=dict(reasons.most_common()),
    )

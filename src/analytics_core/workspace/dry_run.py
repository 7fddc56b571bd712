"""What an import of somebody's own table would bring, before anything is written."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics_core.places.places import Directory
from analytics_core.sources.finding.unread import Search, UnreadFile
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import TableMapping, read_mapping
from analytics_core.sources.rows.batches import REJECTED, ConvertedRows, convert_batch
from analytics_core.store.commits import IMPORT
from analytics_core.store.imports import Import
from analytics_core.store.tables import TableStore
from analytics_core.tables.canonical import schema_of
from analytics_core.tables.keys import KEY
from analytics_core.workspace.summaries import FilesProgress, Progress
from analytics_core.workspace.tallies import ROW, reject

_FIRST = 10


@dataclass(frozen=True, eq=False)
class Preview:
    """What would arrive; read = good + duplicates + rejected.

    Attributes:
        table: the canonical table, the first of those that the mapping makes rows of.
        rows: by table, the first rows that would arrive, with the columns that the mapping says something about, in
            declared order.
        good: by table, rows that would arrive.
        duplicates: rows that repeat one of the files or of the workspace; `differing` of them say something else.
        left_out: what would be left out, in words, and how often.
        files_read: how many files would be read.
        not_read: the others that lie there.
        read: rows of all files.
        rejected: the first rows that would be rejected: `file`, `row`, `reason`, `raw`.
        reasons: why rows would be rejected and how many, the most frequent first.
    """

    table: str
    rows: Mapping[str, pl.DataFrame]
    good: Mapping[str, int]
    duplicates: int
    differing: int
    left_out: Mapping[str, int]
    files_read: int
    not_read: tuple[UnreadFile, ...]
    read: int
    rejected: pl.DataFrame
    reasons: Mapping[str, int]


def preview_table(mapping: Path, paths: Sequence[Path], progress: Progress, into: TableStore | None = None) -> Preview:
    """Read files as an import would, and write nothing.

    Args:
        mapping: a mapping file.
        paths: files, or folders of them.
        progress: hears what is read.
        into: the tables among which repeats and conflicts of ids are looked for; None: within the files only.

    Raises:
        UnreadableInputError: the mapping or a file cannot be read.
        WorkspaceError: the tables cannot be read.
    """
    described = read_mapping(mapping)
    found = find_readings(paths, described)
    watched = FilesProgress(found, (), progress)
    with (
        tempfile.TemporaryDirectory() as nowhere,
        (into or TableStore(Directory(Path(nowhere)))).rehearsing() as running,
    ):
        trial = _Trial(described, running)
        for number, reading in enumerate(found, start=running.commit.last_file + 1):
            trial.names[number] = reading.name
            for table, batch in reading.batches():
                settled = convert_batch(table, batch, reading.name)
                trial.take(table, settled, number)
                watched.step(reading, settled.rows.height + settled.rejected.height)
            trial.left_out.update(reading.left_out)
            watched.finish(reading)
        files = {path for reading in found for path in reading.paths}
        return trial.finish(len(files), Search(paths).name_unread(files))


class _Trial:
    """What became of the rows so far."""

    def __init__(self, described: TableMapping, running: Import) -> None:
        self._described = described
        self._running = running
        self._first = {row.table: schema_of(row.table).to_frame() for row in described.all_rows}
        self._rejected = REJECTED.to_frame()
        self._reasons, self._good = Counter[str](), Counter[str]()
        self._duplicates = self._differing = 0
        self.names: dict[int, str] = {}
        self.left_out = Counter[str]()

    def take(self, table: str, settled: ConvertedRows, file: int) -> None:
        """Take rows of a file in."""
        self._reject(settled.rejected)
        rows = settled.rows.with_columns(pl.lit(file, KEY).alias(IMPORT), settled.numbers.alias(ROW))
        sifted = self._running.sift(table, rows)
        first = sifted.new.select(settled.rows.columns).head(_FIRST - self._first[table].height)
        self._first[table] = pl.concat([self._first[table], first])
        self._running.add(table, sifted.new)
        self._good[table] += sifted.new.height
        self._duplicates += sifted.repeated.height
        if self._running.repeats.hold(table, sifted.repeated):
            self._compare(table)

    def finish(self, files_read: int, not_read: tuple[UnreadFile, ...]) -> Preview:
        """All that there is to tell."""
        for table in self._first:
            self._compare(table)
        return Preview(
            table=self._described.table,
            rows={table: first.select(_mapped(self._described, table)) for table, first in self._first.items()},
            good=self._good,
            duplicates=self._duplicates,
            differing=self._differing,
            left_out=self.left_out,
            files_read=files_read,
            not_read=not_read,
            read=self._good.total() + self._duplicates + self._reasons.total(),
            rejected=self._rejected,
            reasons=dict(self._reasons.most_common()),
        )

    def _compare(self, table: str) -> None:
        compared = self._running.repeats.compare(table, self._running.scan_landing(table))
        if compared is None:
            return
        self._differing += int(compared.duplicates["differs"].sum())
        self._duplicates -= compared.conflicts.height
        file = pl.col(IMPORT).replace_strict(self.names, return_dtype=pl.String)
        self._reject(reject(table, compared.conflicts, file))

    def _reject(self, rows: pl.DataFrame) -> None:
        self._reasons.update(rows["reason"])
        self._rejected = pl.concat([self._rejected, rows.head(_FIRST - self._rejected.height)])


def _mapped(described: TableMapping, table: str) -> list[str]:
    """Columns of a table that a mapping says something about, in declared order."""
    mappings = [mapping for mapping in described.all_rows if mapping.table == table]
    said = {name.partition(".")[0] for mapping in mappings for name in (*mapping.sources(), *mapping.constants)}
    return [name for name in schema_of(table) if name in said]

"""A stretch of a file's records, and its way into canonical rows: column-wise where that is exact, else one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.sources.rows.cells import Record, convert
from analytics_core.sources.rows.texts import cut_raw
from analytics_core.sources.rows.vectors import EXACT, read_columns
from analytics_core.tables.canonical import schema_of

REJECTED = pl.Schema({"file": pl.String, "row": pl.Int64, "reason": pl.String, "raw": pl.String})
"""One row per rejected input row: file, line or row number (from 1), reason (one line, no ids in it), raw text."""

_POSITION = "_position"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of one file, in file order.

    Attributes:
        numbers: line or row number (from 1) of each record.
        cells: one row per record, a text column (or zoned timestamp) per canonical column the file may have; columns
            ``attributes.NAME`` hold JSON values.
        exact: per record, whether `cells` says all there is to say; else only `record` does.
        record: the cells of the record at a position, as `cells.convert` takes them; raises RowError.
        raw: the text of the record at a position.
    """

    numbers: Sequence[int]
    cells: pl.DataFrame
    exact: pl.Series
    record: Callable[[int], Record]
    raw: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class ConvertedRows:
    """What became of a batch: canonical `rows` and `rejected` ones, both in file order, together all of them.

    `numbers` has the line or row number (from 1) of each of the canonical rows.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    numbers: pl.Series


def convert_batch(table: str, batch: Batch, file: str) -> ConvertedRows:
    """The canonical rows of `batch`, and the rows that cannot be one with their reasons; `file` names their origin."""
    read = read_columns(table, batch.cells)
    exact = read[EXACT] & batch.exact
    rows = read.drop(EXACT)
    numbers = _as_series(batch.numbers)
    if exact.all():
        return ConvertedRows(rows, REJECTED.to_frame(), numbers)
    accepted, rejected = [], []
    for position in exact.not_().arg_true():
        try:
            accepted.append((position, *convert(table, batch.record(position))))
        except RowError as error:
            rejected.append((position, str(error)))
    schema = schema_of(table)
    wire = {name: pl.Int64 if isinstance(dtype, pl.Datetime) else dtype for name, dtype in schema.items()}
    others = pl.DataFrame(accepted, schema={_POSITION: pl.UInt32, **wire}, orient="row").cast(schema)
    merged = pl.concat([rows.with_row_index(_POSITION).filter(exact), others]).sort(_POSITION)
    refused = [(file, batch.numbers[place], reason, cut_raw(batch.raw(place))) for place, reason in rejected]
    refused_rows = pl.DataFrame(refused, schema=REJECTED, orient="row")
    return ConvertedRows(merged.drop(_POSITION), refused_rows, numbers.gather(merged[_POSITION]))


def _as_series(numbers: Sequence[int]) -> pl.Series:
    if isinstance(numbers, range):
        return pl.int_range(numbers.start, numbers.stop, numbers.step, eager=True)
    return pl.Series(numbers, dtype=pl.Int64)

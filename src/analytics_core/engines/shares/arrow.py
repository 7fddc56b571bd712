"""A partial as Arrow, and back: what programs of any kind can hand on between processes and machines."""

from io import BytesIO
from typing import Literal

import polars as pl

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.partials import Partial

_WHOLE = {str(dtype): dtype for dtype in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt32)}
"""Types of whole numbers, which are written in as few bytes as their values need."""


def to_arrow(partial: Partial) -> bytes:
    """A partial as one Arrow IPC file: one row per `table`, its `rows` an Arrow IPC file of its own.

    Whole numbers are narrowed to what their values need; `types` says what they were. The same partial gives the same
    bytes.
    """
    tables = [
        {"table": name, "types": [str(dtype) for dtype in rows.dtypes], "rows": _write(_narrow(rows), "uncompressed")}
        for name, rows in sorted(partial.items())
    ]
    schema = {"table": pl.String(), "types": pl.List(pl.String), "rows": pl.Binary()}
    # Compressed as one: most tables are small.
    return _write(pl.DataFrame(tables, schema=schema), "zstd")


def from_arrow(written: bytes) -> Partial:
    """The partial that `to_arrow` wrote.

    Raises:
        AnalyticsError: the bytes are something else.
    """
    try:
        found = pl.read_ipc(BytesIO(written))
        return {name: _widen(_read(rows), types) for name, types, rows in found.iter_rows()}
    except (pl.exceptions.PolarsError, OSError, ValueError, KeyError) as error:
        raise AnalyticsError(f"these bytes are no partial: {type(error).__name__}") from None


def _write(rows: pl.DataFrame, compression: Literal["zstd", "uncompressed"]) -> bytes:
    file = BytesIO()
    rows.rechunk().write_ipc(file, compression=compression)
    return file.getvalue()


def _read(written: bytes) -> pl.DataFrame:
    return pl.read_ipc(BytesIO(written))


def _narrow(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(column.shrink_dtype() for column in rows if str(column.dtype) in _WHOLE and len(column))


def _widen(rows: pl.DataFrame, types: list[str]) -> pl.DataFrame:
    return rows.cast({name: _WHOLE[said] for name, said in zip(rows.columns, types, strict=True) if said in _WHOLE})

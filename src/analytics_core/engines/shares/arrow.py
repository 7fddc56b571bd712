"""A partial as Arrow, and back: what programs of any kind can hand on between processes and machines."""

from collections.abc import Iterator, Mapping
from io import BytesIO

import polars as pl

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.partials import Partial
from analytics_core.engines.shares.packing import pack_columns, unpack_columns

_SCHEMA = {"table": pl.String, "height": pl.Int64, "columns": pl.Binary}


class WrittenPartial(Mapping[str, pl.DataFrame]):
    """A partial in few bytes: a table is read where it is asked for, each time.

    Args:
        tables: by name, how many rows a table has, and its columns (see `pack_columns`) as Arrow.
    """

    def __init__(self, tables: Mapping[str, tuple[int, bytes]]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The rows of a table."""
        height, columns = self._tables[name]
        return unpack_columns(pl.read_ipc(BytesIO(columns)), height)

    def __iter__(self) -> Iterator[str]:
        """The names of the tables."""
        return iter(self._tables)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self._tables)


def to_arrow(partial: Partial) -> bytes:
    """A partial as one Arrow IPC file: one row per `table`, its `columns` an Arrow IPC file of their own.

    The same partial gives the same bytes.
    """
    tables = [(name, rows.height, _write(pack_columns(rows))) for name, rows in sorted(partial.items())]
    # Compressed once more: most tables are small, and much the same is said of each.
    return _write(pl.DataFrame(tables, schema=_SCHEMA, orient="row"))


def from_arrow(written: bytes) -> Partial:
    """The partial that `to_arrow` wrote, as a mapping that reads a table where it is asked for.

    Raises:
        AnalyticsError: the bytes are something else.
    """
    try:
        found = pl.read_ipc(BytesIO(written)).select(*_SCHEMA)
        return WrittenPartial({name: (height, columns) for name, height, columns in found.iter_rows()})
    except (pl.exceptions.PolarsError, OSError, ValueError, KeyError) as error:
        raise AnalyticsError(f"these bytes are no partial: {type(error).__name__}") from None


def _write(rows: pl.DataFrame) -> bytes:
    file = BytesIO()
    rows.rechunk().write_ipc(file, compression="zstd")
    return file.getvalue()

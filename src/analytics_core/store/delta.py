"""Delta tables below one directory: data files that nobody sees until one commit a table names them."""

import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import polars as pl

from analytics_core.domain.errors import WorkspaceError

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

_ROW_GROUP = 1 << 15
"""Rows: short groups, because a reader skips those whose least and greatest values say that nothing is asked for."""


class DeltaTables:
    """Tables by name, each a Delta table of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def scan(self, table: str, version: int) -> pl.LazyFrame:
        """A table as it was at a version."""
        return pl.scan_delta(self._place(table), version=version)

    def write(self, table: str, rows: pl.DataFrame) -> "AddAction":
        """Write a data file that belongs to no version yet, and flush it to disk.

        Raises:
            WorkspaceError: it cannot be written.
        """
        from deltalake.transaction import AddAction  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        path = self._directory / table / f"part-{uuid4()}.parquet"
        with self._writing(table):
            self._made(table, rows)
            rows.write_parquet(path, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP)
            with path.open("rb") as written:
                os.fsync(written.fileno())
            size = path.stat().st_size
        return AddAction(path.name, size, {}, time.time_ns() // 1_000_000, data_change=True, stats=_stats(rows))

    def commit(self, table: str, files: "Sequence[AddAction]", mode: Literal["append", "overwrite"]) -> int:
        """Make written files the table's, beside the others or instead of them; the new version.

        Raises:
            WorkspaceError: it cannot be written.
        """
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        with self._writing(table):
            stored = DeltaTable(self._place(table))
            stored.create_write_transaction(list(files), mode, stored.schema())
            stored.update_incremental()
            return stored.version()

    def roll_back(self, table: str, version: int | None) -> None:
        """Undo what was committed after `version`; None: the table was not there."""
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        path = self._directory / table
        if version is None:
            shutil.rmtree(path, ignore_errors=True)
        elif path.exists() and (stored := DeltaTable(str(path))).version() > version:
            stored.restore(version)

    def sweep(self, table: str) -> None:
        """Delete the data files that the newest version does not need: of older versions, and of no version at all."""
        from deltalake import DeltaTable  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        stored = DeltaTable(self._place(table))
        stored.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)

    def _place(self, table: str) -> str:
        return str(self._directory / table)

    def _made(self, table: str, like: pl.DataFrame) -> None:
        if not (self._directory / table / "_delta_log").exists():
            like.clear().write_delta(self._place(table))

    @contextmanager
    def _writing(self, table: str) -> Iterator[None]:
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        try:
            yield
        except (OSError, DeltaError, pl.exceptions.ComputeError) as error:
            raise WorkspaceError(f"cannot write the table {table}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """One line; what libraries say of a full disk is long and differs."""
    text = " ".join(str(error).split())
    if "os error 28" in text or "No space left" in text:
        return "no space left on the disk"
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else text[:200]


def _stats(rows: pl.DataFrame) -> str:
    """The file's statistics as the Delta log has them: how many rows, and the bounds of numeric keys."""
    keys = [name for name, dtype in rows.schema.items() if dtype == pl.Int32 and name.endswith("_key")]
    bounds = {name: rows[name] for name in keys if rows.height}
    return json.dumps(
        {
            "numRecords": rows.height,
            "minValues": {name: values.min() for name, values in bounds.items()},
            "maxValues": {name: values.max() for name, values in bounds.items()},
            "nullCount": dict.fromkeys(bounds, 0),
        }
    )

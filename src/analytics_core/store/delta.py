"""Delta tables in one place: data files that nobody sees until one commit a table names them."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.endpoints import storage_options
from analytics_core.places.places import Place

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction

_ROW_GROUP = 1 << 15
"""Rows: short groups, because a reader skips those whose least and greatest values say that nothing is asked for."""


class DeltaTables:
    """Tables by name, each a Delta table of its own."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def scan(self, table: str, version: int) -> pl.LazyFrame:
        """A table as it was at a version."""
        # Credentials come from the environment for all that reads and writes here; Polars would look elsewhere too.
        return pl.scan_delta(
            self._place.address(table), version=version, storage_options=storage_options(), credential_provider=None
        )

    def write(self, table: str, rows: pl.DataFrame) -> "AddAction":
        """Write a data file that belongs to no version yet, and keep it safe.

        Raises:
            WorkspaceError: it cannot be written.
        """
        from deltalake.transaction import AddAction  # noqa: PLC0415 - reading needs no writer; keeps start-up short

        name = f"part-{uuid4()}.parquet"
        with self._writing(table):
            self._make(table, rows)
            size = self._place.put(
                f"{table}/{name}",
                lambda file: rows.write_parquet(
                    file, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
                ),
            )
        return AddAction(name, size, {}, time.time_ns() // 1_000_000, data_change=True, stats=_stats(rows))

    def discard(self, table: str, files: "Sequence[AddAction]") -> None:
        """Delete data files that belong to no version."""
        for file in files:
            self._place.remove(f"{table}/{file.path}")

    def commit(
        self, table: str, files: "Sequence[AddAction]", mode: Literal["append", "overwrite"], newest: int | None
    ) -> int:
        """Make written files the table's, beside the others or instead of them; the new version.

        Args:
            table: name of the table.
            files: of `write`.
            mode: beside or instead.
            newest: the version after which only these files come; None of a table that `write` made.

        Raises:
            WorkspaceError: it cannot be written, or somebody else has made a version meanwhile.
        """
        from deltalake import CommitProperties  # noqa: PLC0415 - as above

        with self._writing(table):
            stored = self._open(table, newest or 0)
            once = CommitProperties(max_commit_retries=0)
            stored.create_write_transaction(list(files), mode, stored.schema(), commit_properties=once)
        return (newest or 0) + 1

    def roll_back(self, table: str, version: int | None) -> int | None:
        """Undo what was committed after `version`; None: the table was not there.

        Returns:
            The version that now is the newest.

        Raises:
            WorkspaceError: the table is not there, or cannot be written.
        """
        if version is None:
            self._place.remove(table)
            return None
        with self._writing(table):
            stored = self._open(table)
            if stored.version() > version:
                stored.restore(version)
                stored.update_incremental()
            return stored.version()

    def sweep(self, table: str) -> None:
        """Delete the data files that the newest version does not need: of older versions, and of no version at all."""
        self._open(table).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)

    def _open(self, table: str, version: int | None = None) -> "DeltaTable":
        """The table at a version, the newest where None."""
        from deltalake import DeltaTable  # noqa: PLC0415 - as above

        return DeltaTable(self._place.address(table), version=version, storage_options=storage_options())

    def _make(self, table: str, like: pl.DataFrame) -> None:
        from deltalake import DeltaTable  # noqa: PLC0415 - as above

        address, options = self._place.address(table), storage_options()
        if not DeltaTable.is_deltatable(address, options):
            like.clear().write_delta(address, storage_options=options, credential_provider=None)

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

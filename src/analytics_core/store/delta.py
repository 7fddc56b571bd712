"""Delta tables in one place: data files that nobody sees until a commit names them, and the log that others read.

What belongs to a table is said by the commit file, with the size and checksum of every file. The log says it once more,
for programs that read Delta tables. It is written here and not by a library, because libraries take the name of a
directory for a URL and do not flush what they write: after a power cut an entry may be empty.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import polars as pl
from polars.datatypes import DataTypeClass

from analytics_core import package_version
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.endpoints import storage_options
from analytics_core.places.places import Place, Seal
from analytics_core.store.commits import IMPORT, TableState

_ROW_GROUP = 1 << 15
"""Rows: short groups, because a reader skips those whose least and greatest values say that nothing is asked for."""
_LOG = "_delta_log"
_ENTRY = "{:020d}.json"
_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "string",
    pl.Int8: "byte",
    pl.Int32: "integer",
    pl.Int64: "long",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}
"""What Delta calls the types that stored columns have; times have a zone."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file that was written.

    Attributes:
        name: below its table.
        seal: what tells its content.
        stats: its statistics as the log has them, JSON text.
        first: the lowest key of an imported file that has rows in it; None of a dictionary of keys.
        users: the lowest and the highest key of the users who have rows in it; None where rows name no user keys.
    """

    name: str
    seal: Seal
    stats: str
    first: int | None
    users: tuple[int, int] | None


class DeltaTables:
    """Tables by name, each a Delta table of its own."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def scan(
        self, table: str, state: TableState, until: int | None = None, users: range | None = None
    ) -> pl.LazyFrame | None:
        """A table in a state, if all of its files are what was written; None where it has none.

        Args:
            table: name of the table.
            state: which.
            until: files that have only rows of imported files with a higher key than this are not looked at.
            users: nor are files that have no rows of users with these keys; None: of all users.

        Raises:
            WorkspaceError: one is not; the text names it.
        """
        state = state.without_later(until).without_others(users)
        self.check(table, state)
        return self.scan_files(table, state.data if state.log else self._find_old(table, state))

    def scan_files(self, table: str, names: Iterable[str]) -> pl.LazyFrame | None:
        """Data files of a table, of a version or not, unchecked; None where there are none."""
        paths = [self._place.address(f"{table}/{name}") for name in names]
        # Credentials come from the environment for all that reads and writes here; Polars would look elsewhere too.
        # A directory may be called anything: names are no patterns.
        if not paths:
            return None
        return pl.scan_parquet(paths, glob=False, storage_options=storage_options(), credential_provider=None)

    def check(self, table: str, state: TableState) -> None:
        """Raise a WorkspaceError where a file of a table is missing or is not what was written."""
        log = {f"{_LOG}/{name}": seal for name, seal in state.log.items()}
        damage = self._place.find_damage(table, {**state.data, **log})
        if damage:
            raise WorkspaceError(f"{damage}; restore it from a backup, nothing was changed")

    def seal(self, table: str, state: TableState) -> TableState:
        """A state that was written without checksums, with those of the files as they lie there now.

        What its log has beside it is of imports that were cut off, and of undoing them: it is deleted.
        """
        if state.log:
            return state
        for name in self._find_late(table, state.version):
            self._place.remove(f"{table}/{_LOG}/{name}")
        data = self._find_old(table, state)
        found = self._place.seals(table)
        log = {name.partition("/")[2]: seal for name, seal in found.items() if name.startswith(f"{_LOG}/")}
        return replace(state, data={name: found[name] for name in sorted(data)}, log=log)

    def write(self, table: str, rows: pl.DataFrame) -> DataFile:
        """Write a data file that belongs to no version yet, and keep it safe.

        Raises:
            WorkspaceError: it cannot be written.
        """
        name = f"part-{uuid4()}.parquet"
        with self._writing(table):
            seal = self._place.put(
                f"{table}/{name}",
                lambda file: rows.write_parquet(
                    file, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
                ),
            )
        bounds = _find_bounds(rows)
        if IMPORT not in bounds:  # a dictionary of keys, or no rows
            return DataFile(name, seal, _stats(rows, bounds), None, None)
        return DataFile(name, seal, _stats(rows, bounds), bounds[IMPORT][0], bounds.get("user_key"))

    def discard(self, table: str, files: Iterable[DataFile]) -> None:
        """Delete data files that belong to no version."""
        for file in files:
            self._place.remove(f"{table}/{file.name}")

    def commit(
        self, table: str, schema: pl.Schema, files: Iterable[DataFile], *, before: TableState | None, instead: bool
    ) -> TableState:
        """Make written files the table's.

        Args:
            table: name of the table.
            schema: of its columns.
            files: of `write`.
            before: the state that this follows; None: the table is new.
            instead: these files only, and not beside those that were there.

        Returns:
            The new state.

        Raises:
            WorkspaceError: it cannot be written.
        """
        state = before or self._create(table, schema)
        added = {file.name: file.seal for file in files}
        first = {**state.first, **{file.name: file.first for file in files if file.first is not None}}
        users = {**state.users, **{file.name: file.users for file in files if file.users is not None}}
        kept = {} if instead else dict(state.data)
        actions = [{"remove": _removal(name)} for name in state.data if name not in kept]
        actions += [{"add": _addition(file)} for file in files]
        version = state.version + 1
        log = {**state.log, **self._log(table, version, actions, "Overwrite" if instead else "Append")}
        data = {**kept, **added}
        return TableState(
            version,
            data,
            log,
            {name: key for name, key in first.items() if name in data},
            {name: bounds for name, bounds in users.items() if name in data},
        )

    def roll_back(self, table: str, state: TableState | None) -> None:
        """Undo what an import that was cut off did to the log; None: the table was not there.

        Raises:
            WorkspaceError: what lies there is of more than one import, so the commit file is not the latest.
        """
        landed = state.version if state else 0
        late = self._find_late(table, landed)
        if any(_version(name) > landed + 1 for name in late):
            raise WorkspaceError(
                f"{self._place.address(f'{table}/{_LOG}')} is newer than the commit file; "
                "restore both from the same backup, nothing was changed"
            )
        if state is None:
            self._place.remove(table)
            return
        for name in late:
            self._place.remove(f"{table}/{_LOG}/{name}")

    def sweep(self, table: str, state: TableState) -> None:
        """Delete the data files that a state does not need: of older states, and of no state at all."""
        for name in self._place.names(table):
            if name not in state.data and not name.startswith(f"{_LOG}/"):
                self._place.remove(f"{table}/{name}")

    def _find_late(self, table: str, version: int) -> list[str]:
        """The entries of a table's log that are newer than a version."""
        return [name for name in self._place.names(f"{table}/{_LOG}") if _version(name) > version]

    def _create(self, table: str, schema: pl.Schema) -> TableState:
        metadata = {
            "id": str(uuid4()),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": _fields(schema)}),
            "partitionColumns": [],
            "configuration": {},
            "createdTime": _now(),
        }
        protocol = {"minReaderVersion": 1, "minWriterVersion": 2}
        return TableState(0, {}, self._log(table, 0, [{"protocol": protocol}, {"metaData": metadata}], "ErrorIfExists"))

    def _log(self, table: str, version: int, actions: Iterable[Mapping[str, Any]], mode: str) -> dict[str, Seal]:
        info = {
            "timestamp": _now(),
            "operation": "WRITE",
            "operationParameters": {"mode": mode, "partitionBy": "[]"},
            "engineInfo": f"connector-analytics {package_version()}",
        }
        text = "\n".join(json.dumps(action) for action in ({"commitInfo": info}, *actions))
        name = _ENTRY.format(version)
        with self._writing(table):
            return {name: self._place.put(f"{table}/{_LOG}/{name}", lambda file: file.write(text.encode()))}

    def _find_old(self, table: str, state: TableState) -> list[str]:
        """The data files of a state that does not name them, as the log says."""
        from deltalake import DeltaTable  # noqa: PLC0415 - only workspaces of an older version need it
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 - as above

        try:
            stored = DeltaTable(self._place.address(table), version=state.version, storage_options=storage_options())
            return [uri.rpartition("/")[2] for uri in stored.file_uris()]
        except (DeltaError, OSError) as error:
            found = self._place.address(f"{table}/{_LOG}")
            raise WorkspaceError(f"{found} is missing or damaged: {_reason(error)}") from None

    @contextmanager
    def _writing(self, table: str) -> Iterator[None]:
        try:
            yield
        except (OSError, pl.exceptions.ComputeError) as error:
            raise WorkspaceError(f"cannot write the table {table}: {_reason(error)}") from error


def _version(name: str) -> int:
    """The version that a file of a log is of; -1 of what is of none."""
    number = name.partition(".")[0]
    return int(number) if number.isdigit() else -1


def _fields(schema: Mapping[str, pl.DataType]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": _delta_type(dtype), "nullable": True, "metadata": {}} for name, dtype in schema.items()
    ]


def _delta_type(dtype: pl.DataType) -> str | dict[str, Any]:
    if isinstance(dtype, pl.List):
        inner = _delta_type(_instance(dtype.inner))
        return {"type": "array", "elementType": inner, "containsNull": True}
    if isinstance(dtype, pl.Struct):
        return {"type": "struct", "fields": _fields({field.name: _instance(field.dtype) for field in dtype.fields})}
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return _TYPES[type(dtype)]


def _instance(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return dtype() if isinstance(dtype, DataTypeClass) else dtype


def _addition(file: DataFile) -> dict[str, Any]:
    return {
        "path": file.name,
        "partitionValues": {},
        "size": file.seal.size,
        "modificationTime": _now(),
        "dataChange": True,
        "stats": file.stats,
    }


def _removal(name: str) -> dict[str, Any]:
    return {"path": name, "deletionTimestamp": _now(), "dataChange": True}


def _now() -> int:
    """Milliseconds since 1970, as logs have it."""
    return time.time_ns() // 1_000_000


def _reason(error: Exception) -> str:
    """One line; what libraries say of a full disk is long and differs."""
    text = " ".join(str(error).split())
    if "os error 28" in text or "No space left" in text:
        return "no space left on the disk"
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else text[:200]


def _find_bounds(rows: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """The lowest and the highest of each numeric key; nothing without rows."""
    keys = [name for name, dtype in rows.schema.items() if dtype == pl.Int32 and name.endswith("_key")]
    return {name: rows.select(low=pl.col(name).min(), high=pl.col(name).max()).row(0) for name in keys if rows.height}


def _stats(rows: pl.DataFrame, bounds: Mapping[str, tuple[int, int]]) -> str:
    """The file's statistics as the Delta log has them: how many rows, and the bounds of numeric keys."""
    return json.dumps(
        {
            "numRecords": rows.height,
            "minValues": {name: low for name, (low, _) in bounds.items()},
            "maxValues": {name: high for name, (_, high) in bounds.items()},
            "nullCount": dict.fromkeys(bounds, 0),
        }
    )

"""Tables that lie outside the workspace, in canonical columns: Delta and Iceberg tables and Parquet files of others."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.places.endpoints import storage_options
from analytics_core.sources.canonical import reading_by
from analytics_core.sources.files import parquet_records
from analytics_core.sources.files.files import SourceFile, naming
from analytics_core.sources.files.iceberg_tables import find_metadata, reading_iceberg, scan_table
from analytics_core.sources.files.managed_tables import DELTA, ICEBERG, METADATA_ENDINGS, find_managed, kind_of
from analytics_core.sources.finding.exports import files_in, is_hidden
from analytics_core.sources.readings import Reading
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.columns import UnknownNames
from analytics_core.sources.rows.texts import readable

if TYPE_CHECKING:
    from deltalake import DeltaTable

_PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Look:
    """What an outside table was when it was looked at.

    Attributes:
        state: another one whenever the table holds other rows; a digest.
        readings: its files. What they are called, and their fingerprints, stay the same while their rows change.
    """

    state: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class ExternalTable:
    """A table that is used where it lies; it is only read.

    Attributes:
        table: the canonical table whose rows it has.
        place: a directory, a file, a pattern of files, or the URL of a Delta table.
        directory: what a relative place lies below.
    """

    table: str
    place: str
    directory: Path

    @property
    def has_versions(self) -> bool:
        """Whether it is a Delta or Iceberg table: then it is read in one version, whatever is written meanwhile."""
        return self._is_delta or self._is_iceberg

    def look(self) -> Look:
        """What it is now: the version of a managed table, which is what will be read; path, size, time of other files.

        Raises:
            UnreadableInputError: there is no table there, or it cannot be read; the text does not repeat a URL.
        """
        if self._is_iceberg:
            metadata = self._path if self._path.is_file() else find_metadata(self._path)
            with naming(readable(self.place)):
                status = metadata.stat()
            state = _digest(str(metadata), str(status.st_size), str(status.st_mtime_ns))
            return Look(state, (self._reading(f"{self.table} (Iceberg table)", _iceberg_reader(metadata)),))
        if self._is_delta:
            from deltalake import DeltaTable  # noqa: PLC0415 - costs half of start-up, and few workspaces need it

            with _reading_delta():
                place = self.place if "://" in self.place else self._path
                stored = DeltaTable(place, storage_options=storage_options())
                version, table_id = stored.version(), stored.metadata().id
            state = _digest(str(self._path), str(table_id), str(version))
            return Look(state, (self._reading(f"{self.table} (Delta table)", _delta_reader(stored)),))
        with naming(readable(self.place)):
            paths = self._files()
            found = [(str(path), path.stat()) for path in paths]
            signs = (f"{path} {status.st_size} {status.st_mtime_ns}" for path, status in found)
            start = os.path.commonpath([path.parent for path in paths])
            names = [readable(path.relative_to(start).as_posix()) for path in paths]
            read = parquet_records.batches
            readings = (self._reading(name, read, path) for name, path in zip(names, paths, strict=True))
            return Look(_digest(str(self._path), *signs), tuple(readings))

    @property
    def _path(self) -> Path:
        return self.directory / self.place

    @property
    def _is_delta(self) -> bool:
        return "://" in self.place or kind_of(self._path) == DELTA

    @property
    def _is_iceberg(self) -> bool:
        """Whether it is the folder of an Iceberg table, or a metadata file of one."""
        is_metadata = self.place.endswith(METADATA_ENDINGS) and self._path.is_file()
        return "://" not in self.place and (is_metadata or kind_of(self._path) == ICEBERG)

    def _files(self) -> list[Path]:
        """The files there, in the order of their names; a folder's that are hidden or start with `_` are left alone."""
        path = self._path
        if path.is_dir():
            inside = [entry for entry in files_in([path], broken=_PARQUET) if not is_hidden(entry.place)]
            found = [entry.path for entry in inside if entry.place.name.lower().endswith(_PARQUET)]
        elif path.is_file():
            found = [path]
        else:
            base = Path(path.anchor) if Path(self.place).is_absolute() else self.directory
            found = [file for file in base.glob(self.place.removeprefix(path.anchor)) if file.is_file()]
        files = sorted(found)
        if not files:
            raise UnreadableInputError(f"no Delta or Iceberg table and no Parquet file at {readable(self.place)}")
        if managed := find_managed(files):
            raise UnreadableInputError(
                f"{readable(self.place)} leads to files of {managed}, which may hold rows that were deleted; "
                "name the folder of the table itself"
            )
        return files

    def _reading(
        self, name: str, read: Callable[[SourceFile, UnknownNames], Iterator[Batch]], path: Path = Path()
    ) -> Reading:
        return reading_by(SourceFile(self.table, path, name, _digest(self.table, self.place, name)), read)


def _delta_reader(stored: "DeltaTable") -> Callable[[SourceFile, UnknownNames], Iterator[Batch]]:
    """Reads the version that was looked at, whatever is written to the table meanwhile."""

    def read(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
        with _reading_delta():
            yield from parquet_records.batches_of(
                source, pl.scan_delta(stored, storage_options=storage_options(), credential_provider=None), unknown
            )

    return read


def _iceberg_reader(metadata: Path) -> Callable[[SourceFile, UnknownNames], Iterator[Batch]]:
    """Reads the version that was looked at."""

    def read(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
        scan = scan_table(metadata)
        with reading_iceberg():
            yield from parquet_records.batches_of(source, scan, unknown)

    return read


@contextmanager
def _reading_delta() -> Iterator[None]:
    from deltalake.exceptions import DeltaError, DeltaProtocolError  # noqa: PLC0415 - as above

    try:
        yield
    except DeltaProtocolError as error:
        text = "is a Delta table with an unsupported feature, such as column mapping"
        raise UnreadableInputError(text) from error
    except (DeltaError, OSError, ValueError) as error:
        if isinstance(error, UnreadableInputError):
            raise
        raise UnreadableInputError("is not a readable Delta table") from error


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()

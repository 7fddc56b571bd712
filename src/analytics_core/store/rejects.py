"""Rows that could not be taken in, kept with their reason and raw text in `rejected/`."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import polars as pl

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access, flush_directory, make_directory

_UNFINISHED = ".part"


class Rejects:
    """The rejected rows of one import, a file of JSON lines (`file`, `row`, `reason`, `raw`) for each imported file.

    A file is named after the table and the fingerprint of what was imported, so that importing it again replaces it
    with the same. One import at a time writes here.
    """

    def __init__(self, directory: Path, access: Access = PRIVATE) -> None:
        self._directory = directory
        self._access = access
        self._beside: dict[str, Path] = {}
        self._replaced: set[str] = set()

    def replace(self, table: str) -> None:
        """Of this table only what is added here remains."""
        self._replaced.add(table)

    def add(self, table: str, fingerprint: str, rows: pl.DataFrame) -> None:
        """Keep some rows of one imported file."""
        if rows.is_empty():
            return
        text = rows.select("file", "row", "reason", "raw").write_ndjson().encode()
        with self._naming_errors(), self._open(f"{table}-{fingerprint[:16]}.jsonl") as file:
            file.write(text)

    def finish(self) -> None:
        """Let the files appear, each whole."""
        with self._naming_errors():
            for name, beside in self._beside.items():
                with beside.open("rb") as file:
                    os.fsync(file.fileno())
                beside.replace(self._directory / name)
            for table in self._replaced:
                for path in self._directory.glob(f"{table}-*.jsonl"):
                    if path.name not in self._beside:
                        path.unlink(missing_ok=True)
            if self._beside:
                flush_directory(self._directory)

    def forget(self) -> None:
        """Delete what has not appeared, of imports that were cut off too."""
        for path in self._directory.glob(f".*{_UNFINISHED}"):
            with suppress(OSError):
                path.unlink()

    def _open(self, name: str) -> BinaryIO:
        """The file beside, for more rows; made when there is none yet, by a name that nobody can guess."""
        if name not in self._beside:
            make_directory(self._directory, self._access)
            beside = self._directory / f".{secrets.token_hex(8)}{_UNFINISHED}"
            beside.touch(mode=self._access.file, exist_ok=False)
            beside.chmod(self._access.file)
            self._beside[name] = beside
        return self._beside[name].open("ab")

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename2 or error.filename or self._directory
            raise WorkspaceError(f"cannot keep rejected rows in {where}: {error.strerror}") from error


@contextmanager
def open_rejects(directory: Path, access: Access = PRIVATE) -> Iterator[Rejects]:
    """Rejected rows below `directory`: all of them are there on leaving without an error, else none."""
    kept = Rejects(directory, access)
    kept.forget()
    try:
        yield kept
        kept.finish()
    finally:
        kept.forget()

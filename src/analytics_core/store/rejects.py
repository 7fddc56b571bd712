"""Rows that could not be taken in, kept with their reason and raw text in `rejected/`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

_UNFINISHED = ".part"


class Rejects:
    """The rejected rows of one import, a file of JSON lines (`file`, `row`, `reason`, `raw`) for each imported file.

    A file is named after the table and the fingerprint of what was imported, so that importing it again replaces it
    with the same.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names: dict[str, None] = {}
        self._replaced: set[str] = set()

    def replace(self, table: str) -> None:
        """Of this table only what is added here remains."""
        self._replaced.add(table)

    def add(self, table: str, fingerprint: str, rows: pl.DataFrame) -> None:
        """Keep some rows of one imported file."""
        if rows.is_empty():
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        name = f"{table}-{fingerprint[:16]}.jsonl"
        self._names[name] = None
        with self._beside(name).open("ab") as file:
            file.write(rows.select("file", "row", "reason", "raw").write_ndjson().encode())

    def finish(self) -> None:
        """Let the files appear, each whole."""
        for name in self._names:
            with self._beside(name).open("rb") as file:
                os.fsync(file.fileno())
            self._beside(name).replace(self._directory / name)
        for table in self._replaced:
            for path in self._directory.glob(f"{table}-*.jsonl"):
                if path.name not in self._names:
                    path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Delete what has not appeared, of imports that were cut off too."""
        for path in self._directory.glob(f".*{_UNFINISHED}"):
            with suppress(OSError):
                path.unlink()

    def _beside(self, name: str) -> Path:
        return self._directory / f".{name}{_UNFINISHED}"


@contextmanager
def open_rejects(directory: Path) -> Iterator[Rejects]:
    """Rejected rows below `directory`: all of them are there on leaving without an error, else none."""
    kept = Rejects(directory)
    kept.forget()
    try:
        yield kept
        kept.finish()
    finally:
        kept.forget()

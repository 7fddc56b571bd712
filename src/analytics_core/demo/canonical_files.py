"""Writes canonical input files: beside their place first, synced, then renamed."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

Row = dict[str, object]
"""One row of a canonical table: column name to JSON value."""


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Puts what `write` writes at `path`; a failure on the way leaves whatever was there before.

    Args:
        path: where the file shall be; its directory is made where it is missing.
        write: is handed the open file.

    Raises:
        OSError: the directory cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """One compact JSON object a line, in the given order; the same rows give the same bytes on every machine."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    write_file(path, lambda file: file.writelines(line.encode() for line in lines))


def write_campaigns(directory: Path, campaigns: Iterable[Mapping[str, object]]) -> None:
    """`campaigns.json`: the campaign book as one indented array."""
    book = json.dumps(list(campaigns), ensure_ascii=False, indent=2) + "\n"
    write_file(directory / "campaigns.json", lambda file: file.write(book.encode()))

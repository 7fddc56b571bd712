"""Writing files so that nobody ever sees half of one."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with whole_file(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_json_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one compact JSON object a line, in the given order; the same rows give the same bytes on every machine."""
    with whole_file(path) as file:
        file.writelines(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n".encode() for row in rows)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all: written beside its place, flushed to disk, then renamed over it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _flush_directory(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _flush_directory(directory: Path) -> None:
    # A rename is durable only once its directory is; not every platform can open one.
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

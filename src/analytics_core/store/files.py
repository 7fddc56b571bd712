"""Writing files so that nobody ever sees half of one."""

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: beside it, flushed to disk, then renamed over it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
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

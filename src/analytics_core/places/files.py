"""Writing files so that nobody ever sees half of one, and so that nobody sees one who may not."""

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # no POSIX system: leftovers of a killed process stay
    flock = None  # type: ignore[assignment]

_LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.part")


@dataclass(frozen=True, slots=True)
class Access:
    """The modes of the directories and files that are made, whatever the process's mask says."""

    directory: int
    file: int


PRIVATE = Access(0o700, 0o600)
"""Nobody else reads what is about people."""
SHARED = Access(0o2770, 0o660)
"""A group reads and writes; what is made below belongs to the same group."""


def write_text(path: Path, text: str, access: Access | None = None) -> None:
    """Write a file whole or not at all."""
    with whole_file(path, access) as file:
        file.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_json_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one compact JSON object a line, in the given order; the same rows give the same bytes on every machine."""
    with whole_file(path) as file:
        file.writelines(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n".encode() for row in rows)


@contextmanager
def whole_file(path: Path, access: Access | None = None) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all: written beside its place, flushed to disk, then renamed over it.

    Args:
        path: its place.
        access: its mode; None: as the process's mask says.
    """
    sweep_leftovers(path.parent)
    beside, handle = _open_beside(path.parent, access)
    try:
        with os.fdopen(handle, "wb") as file:
            if access:
                os.fchmod(file.fileno(), access.file)
            yield file
            file.flush()
            os.fsync(file.fileno())
            # Renamed while it is still locked: nobody takes it for a leftover.
            beside.replace(path)
        flush_directory(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def make_directory(path: Path, access: Access) -> None:
    """Make a directory and those above it that are missing, durably; one that is there stays as it is."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir()
            each.chmod(access.directory)
        flush_directory(each.parent)
    path.mkdir(exist_ok=True)  # an error where something else has its name


def flush_directory(directory: Path) -> None:
    """Make what was made, renamed or deleted in a directory durable; not every platform can."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_leftovers(directory: Path) -> None:
    """Delete what processes that were killed left beside their files: what still is written is locked."""
    if flock is None:
        return
    with suppress(OSError):
        found = [path for path in directory.iterdir() if _LEFTOVER.fullmatch(path.name)]
        for path in found:
            _sweep(path)


def _sweep(path: Path) -> None:
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            flock(handle, LOCK_EX | LOCK_NB)
            path.unlink()
        finally:
            os.close(handle)


def _open_beside(directory: Path, access: Access | None) -> tuple[Path, int]:
    """A new file of a name that nobody can guess, locked for as long as it is open."""
    while True:
        path = directory / f".{secrets.token_hex(8)}.part"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, access.file if access else 0o666)
        if flock is not None:
            with suppress(OSError):  # a file system without locks
                flock(handle, LOCK_EX | LOCK_NB)
        if os.fstat(handle).st_nlink:
            return path, handle
        os.close(handle)  # taken for a leftover between the two lines above

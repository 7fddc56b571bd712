"""Where tables lie: a directory of this machine, or an object store that many machines share."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from analytics_core.places.files import write_text

LOCK_SECONDS = 600
"""How long the right to write is waited for."""


class Place(Protocol):
    """Files and tables by name, for readers at any time and for one writer at a time.

    What goes wrong is an OSError of one line; waiting too long for the right to write is a TimeoutError.
    """

    def address(self, name: str) -> str:
        """What readers of Delta tables call the one of that name."""

    def text(self, name: str) -> str | None:
        """A file's text; None where there is no such file."""

    def write_lock(self, name: str) -> AbstractContextManager[Callable[[str], None]]:
        """The right to write, alone, and to replace the text of one file: it then has it whole, or is as it was.

        Who lost the right without knowing, because the machine slept, cannot replace the text any more.
        """

    def put(self, path: str, write: Callable[[BinaryIO], object]) -> int:
        """Make a new file of what `write` writes, and keep it safe; its size in bytes."""

    def remove(self, name: str) -> None:
        """Delete a file or everything below a name; nothing where it is not there."""


class Directory:
    """A place on this machine's disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def address(self, name: str) -> str:
        """The path of a table."""
        return str(self._path / name)

    def text(self, name: str) -> str | None:
        """A file's text."""
        try:
            return (self._path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    @contextmanager
    def write_lock(self, name: str) -> Iterator[Callable[[str], None]]:
        """The right to write: a lock that the system takes back from a process that ends."""
        from filelock import FileLock  # noqa: PLC0415 - reading locks nothing

        self._path.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path / ".lock", timeout=LOCK_SECONDS):
            yield lambda text: write_text(self._path / name, text)

    def put(self, path: str, write: Callable[[BinaryIO], object]) -> int:
        """Make a new file, flushed to disk."""
        try:
            with (self._path / path).open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                return os.fstat(file.fileno()).st_size
        except BaseException:
            self.remove(path)
            raise

    def remove(self, name: str) -> None:
        """Delete a file or a directory with all that is in it."""
        path = self._path / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

"""Where tables lie: a directory of this machine, or an object store that many machines share."""

import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from analytics_core.places.files import PRIVATE, Access, flush_directory, make_directory, whole_file, write_text

LOCK_SECONDS = 600
"""How long the right to write is waited for."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """What tells the content of a file from any other: size in bytes and CRC-32, in an object store its ETag."""

    size: int
    mark: str


class Place(Protocol):
    """Files and tables by name, for readers at any time and for one writer at a time.

    What goes wrong is an OSError of one line; waiting too long for the right to write is a TimeoutError.
    """

    def address(self, name: str) -> str:
        """What readers of data files call the one of that name."""

    def text(self, name: str) -> str | None:
        """A file's text; None where there is no such file."""

    def load(self, name: str) -> bytes | None:
        """A file's content; None where there is no such file."""

    def replace(self, name: str, content: bytes) -> None:
        """Make a file, or another one in its place: it has the content whole, or is as it was."""

    def names(self, folder: str) -> list[str]:
        """The files below a folder, by name from there, in order; none where there is no such folder."""

    def seals(self, folder: str) -> dict[str, Seal]:
        """The files below a folder, by name from there, with what tells their content."""

    def find_damage(self, folder: str, expected: Mapping[str, Seal]) -> str | None:
        """What is wrong with the first file below a folder that is not as expected, its address first; None: nothing.

        A file that was looked at is looked at again when its size or time has changed.
        """

    def write_lock(self, name: str) -> AbstractContextManager[Callable[[str], None]]:
        """The right to write, alone, and to replace the text of one file: it then has it whole, or is as it was.

        Who lost the right without knowing, because the machine slept, cannot replace the text any more.
        """

    def put(self, path: str, write: Callable[[BinaryIO], object]) -> Seal:
        """Make a new file of what `write` writes, and keep it safe."""

    def remove(self, name: str) -> None:
        """Delete a file or everything below a name; nothing where it is not there."""


_LOOKED_AT: dict[str, tuple[int, int, int, Seal]] = {}
"""By path: time of last change, of last change of status, number, and what was found; for all of this process."""


class Directory:
    """A place on this machine's disk.

    Args:
        path: of the directory; it is made when something is written.
        access: the modes of what is made there.
    """

    def __init__(self, path: Path, access: Access = PRIVATE) -> None:
        self._path = path
        self._access = access

    def __str__(self) -> str:
        return str(self._path)

    def address(self, name: str) -> str:
        """The path of a file."""
        return str(self._path / name)

    def text(self, name: str) -> str | None:
        """A file's text."""
        try:
            return (self._path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def load(self, name: str) -> bytes | None:
        """A file's content."""
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, name: str, content: bytes) -> None:
        """Write beside, flush to disk, rename."""
        target = self._path / name
        make_directory(target.parent, self._access)
        with whole_file(target, self._access) as file:
            file.write(content)

    def names(self, folder: str) -> list[str]:
        """The files below a folder."""
        top = self._path / folder
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if not path.is_dir())

    def seals(self, folder: str) -> dict[str, Seal]:
        """The files below a folder with size and CRC-32."""
        return {name: _seal(self._path / folder / name) for name in self.names(folder)}

    def find_damage(self, folder: str, expected: Mapping[str, Seal]) -> str | None:
        """The first file that is not as expected."""
        for name, seal in expected.items():
            path = self._path / folder / name
            try:
                found = _seal(path)
            except FileNotFoundError:
                return f"{path} is missing"
            except OSError as error:
                return f"{path} cannot be read: {error.strerror}"
            if found != seal:
                return f"{path} {'is empty' if not found.size else 'is damaged: its content is not what was written'}"
        return None

    @contextmanager
    def write_lock(self, name: str) -> Iterator[Callable[[str], None]]:
        """The right to write: a lock that the system takes back from a process that ends."""
        from filelock import FileLock  # noqa: PLC0415 - reading locks nothing

        make_directory(self._path, self._access)
        with FileLock(self._path / ".lock", timeout=LOCK_SECONDS, mode=self._access.file):
            with suppress(OSError):  # somebody else's file; the group may lock it all the same
                (self._path / ".lock").chmod(self._access.file)
            yield lambda text: write_text(self._path / name, text, self._access)

    def put(self, path: str, write: Callable[[BinaryIO], object]) -> Seal:
        """Make a new file, flushed to disk with the directory it lies in."""
        target = self._path / path
        make_directory(target.parent, self._access)
        try:
            with target.open("xb") as file:
                os.fchmod(file.fileno(), self._access.file)
                write(file)
                file.flush()
                os.fsync(file.fileno())
            flush_directory(target.parent)
            return _seal(target)
        except BaseException:
            self.remove(path)
            raise

    def remove(self, name: str) -> None:
        """Delete a file or a directory with all that is in it."""
        path = self._path / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _seal(path: Path) -> Seal:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        known = _LOOKED_AT.get(str(path))
        signs = status.st_mtime_ns, status.st_ctime_ns, status.st_ino
        if known and known[:3] == signs and known[3].size == status.st_size:
            return known[3]
        checksum = size = 0
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
            size += len(chunk)
    seal = Seal(size, f"{checksum:08x}")
    _LOOKED_AT[str(path)] = *signs, seal
    return seal

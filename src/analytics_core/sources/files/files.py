"""Files, and how they are opened."""

import gzip
import hashlib
import io
import os
import select
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import IO, TextIO, TypeVar, cast

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.bounded import BoundedBytes
from analytics_core.sources.files.managed_tables import find_managed
from analytics_core.sources.rows.texts import is_unicode

_TEXT_FORMS = ("csv", "tsv", "jsonl", "ndjson")
EXTENSIONS = ("parquet", *_TEXT_FORMS, *(f"{form}.gz" for form in _TEXT_FORMS))
CAMPAIGNS = "campaigns.json"

_TABLE_FORMS = (".parquet", ".avro")
_USE_IN_PLACE = "name the table in [storage] of workspace.toml, or write its rows to a file"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FORMATS = {
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"\x1f\x8b": "is compressed; its name must end in .gz",
    b"PAR1": "is a Parquet file; its name must end in .parquet",
}


_LARGEST_WRITTEN = 1 << 20
_PATIENCE = 10.0
"""Seconds without a byte after which nobody writes into a pipe."""
_ERRORS = 2
_HUSHED = RLock()
"""There is one output of errors for all threads."""

_Item = TypeVar("_Item")


class FileProgress:
    """How much of one file has been read: by its bytes where it is read as a stream, else by rows or events of all.

    Args:
        size: bytes of the file as it is on disk.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._share: Callable[[], float] = lambda: 0.0

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1; it does not fall while a file is read once."""
        return min(self._share(), 1.0)

    def follow(self, file: IO[bytes]) -> None:
        """Go by the place in the file on disk, before anything is uncompressed; one that is closed was read."""
        self._share = lambda: 1.0 if file.closed else file.tell() / max(self.size, 1)

    def reach(self, part: int, whole: int) -> None:
        """Go by `part` of `whole` rows or events having been read."""
        self._share = lambda: part / max(whole, 1)

    def over(self, items: Sequence[_Item]) -> Iterator[_Item]:
        """The `items`, each of which is as much of the file as any other."""
        for number, item in enumerate(items, 1):
            self.reach(number, len(items))
            yield item


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of one table.

    Attributes:
        table: deliveries, events, instances or identities.
        path: where the file is.
        name: its posix path relative to the import directory; what rejects and summaries name.
        fingerprint: SHA-256 of its bytes, hexadecimal.
        progress: how much of it has been read.
    """

    table: str
    path: Path
    name: str
    fingerprint: str
    progress: FileProgress = field(default_factory=FileProgress, compare=False, repr=False)


def extension_of(name: str) -> str | None:
    """The supported extension of a file name, in any case of letters, without the dot; None for any other."""
    lower = name.lower()
    return next((extension for extension in EXTENSIONS if lower.endswith(f".{extension}")), None)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Turn whatever an unreadable file raises into one line that names it.

    Raises:
        UnreadableInputError: the file or directory cannot be read.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableInputError(f"{name}: the gzip data is damaged or cut short") from error
    except OSError as error:
        raise UnreadableInputError(f"{name}: {error.strerror or 'cannot be read'}") from error


def read_written(path: Path, name: str) -> bytes:
    """What a person has written into a file, or writes into a pipe now.

    Raises:
        UnreadableInputError: it cannot be read, is no file, is larger than a megabyte, or a pipe that stays empty.
    """
    content = b""
    with naming(name):
        # Whoever opens a pipe waits for somebody who writes into it, maybe forever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
                raise UnreadableInputError(f"{name}: is not a file")
            waiting = select.poll()
            waiting.register(handle, select.POLLIN)
            while len(content) <= _LARGEST_WRITTEN:
                if not waiting.poll(_PATIENCE * 1000):
                    raise UnreadableInputError(f"{name}: is a pipe into which nobody writes")
                part = os.read(handle, _LARGEST_WRITTEN)
                if not part:
                    return content
                content += part
        finally:
            os.close(handle)
    raise UnreadableInputError(f"{name}: is larger than a megabyte, as nothing is that a person writes")


def path_as_text(source: SourceFile) -> Path:
    """The path of a file for a library that takes nothing but text.

    Raises:
        UnreadableInputError: it is none.
    """
    if not is_unicode(str(source.path)):
        raise UnreadableInputError(f"{source.name}: the path to it is not UTF-8 text; rename it")
    return source.path


@contextmanager
def hushing() -> Iterator[None]:
    """What libraries write to the errors by themselves, such as the trace of a panic that is caught, goes nowhere."""
    with _HUSHED:
        try:
            kept = os.dup(_ERRORS)
        except OSError:  # there are none
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _ERRORS)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, _ERRORS)
            os.close(kept)


@contextmanager
def bytes_of(source: SourceFile) -> Iterator[IO[bytes]]:
    """The file's bytes, uncompressed, without the mark that some put before UTF-8.

    Raises:
        UnreadableInputError: the file cannot be opened, is damaged, or is of another format altogether.
    """
    is_compressed = source.name.lower().endswith(".gz")
    with (
        naming(source.name),
        source.path.open("rb") as file,
        gzip.open(file) if is_compressed else nullcontext(file) as opened,
    ):
        source.progress.follow(file)
        binary = cast("IO[bytes]", opened)
        start = binary.read(4)
        for mark, verdict in _OTHER_FORMATS.items():
            if start.startswith(mark):
                raise UnreadableInputError(f"{source.name}: {verdict}")
        binary.seek(len(_BYTE_ORDER_MARK) if start.startswith(_BYTE_ORDER_MARK) else 0)
        size = os.fstat(file.fileno()).st_size
        yield cast("IO[bytes]", BoundedBytes(binary, source.name, size if is_compressed else None))


@contextmanager
def text_of(source: SourceFile) -> Iterator[TextIO]:
    """The file's text: lines end at line feeds only, bytes that are not UTF-8 come as lone surrogates.

    Raises:
        UnreadableInputError: as `bytes_of` does.
    """
    with bytes_of(source) as binary:
        yield io.TextIOWrapper(binary, encoding="utf-8", errors="surrogateescape", newline="\n")


def source_at(table: str, path: Path, name: str) -> SourceFile:
    """The file at `path`, with its fingerprint.

    Raises:
        UnreadableInputError: it cannot be read, is no file, or belongs to a table whose log says which rows count.
    """
    with naming(name):
        if path.exists() and not path.is_file():
            raise UnreadableInputError(f"{name}: is not a file")
    if name.lower().endswith(_TABLE_FORMS) and (managed := find_managed([path])):
        raise UnreadableInputError(
            f"{name}: is a part of {managed}, and may hold rows that were deleted; {_USE_IN_PLACE}"
        )
    with naming(name), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return SourceFile(table, path, name, digest, FileProgress(file.tell()))

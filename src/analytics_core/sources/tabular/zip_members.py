"""Files in ZIP archives: each is one of its own, and is unpacked beside them while it is read."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.bounded import MOST_TIMES, most_unpacked, require_bound
from analytics_core.sources.files.files import FileProgress, SourceFile, naming
from analytics_core.sources.finding.exports import is_hidden
from analytics_core.sources.rows.texts import readable

_BLOCK = 1024 * 1024
_ENCRYPTED = 1


def members_of(archive: SourceFile) -> Sequence[ZipInfo]:
    """The files in an archive that are not hidden, in order of their names.

    Raises:
        UnreadableInputError: it cannot be read, or one of its files is encrypted or grows beyond all bounds.
    """
    with opening(archive) as opened:
        found = [member for member in opened.infolist() if not member.is_dir()]
    for member in found:
        name = f"{archive.name}/{readable(member.filename)}"
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableInputError(f"{name}: is encrypted; decrypt it first")
        if member.file_size > most_unpacked(member.compress_size):
            raise UnreadableInputError(f"{name}: would be more than {MOST_TIMES} times as large as it is packed")
    # Several of its files may be the same bytes.
    require_bound(archive.name, archive.path.stat().st_size, sum(member.file_size for member in found))
    shown = [member for member in found if not is_hidden(Path(PurePosixPath(member.filename)))]
    return sorted(shown, key=lambda member: member.filename)


def member_source(archive: SourceFile, member: ZipInfo) -> SourceFile:
    """A file in an archive as one of its own; its path is the archive's."""
    digest = hashlib.sha256()
    with opening(archive) as opened, opened.open(member) as packed:
        while block := packed.read(_BLOCK):
            digest.update(block)
    name = f"{archive.name}/{readable(member.filename)}"
    return replace(archive, name=name, fingerprint=digest.hexdigest(), progress=FileProgress(member.file_size))


@contextmanager
def unpacking(source: SourceFile, member: ZipInfo) -> Iterator[SourceFile]:
    """The file in an archive, unpacked for as long as it is read.

    Raises:
        UnreadableInputError: it is damaged.
    """
    with TemporaryDirectory(prefix="connector-analytics-") as directory:
        path = Path(directory) / "member"
        with opening(source) as opened, opened.open(member) as packed, path.open("wb") as file:
            copyfileobj(packed, file, _BLOCK)
        yield replace(source, path=path)


@contextmanager
def opening(source: SourceFile) -> Iterator[ZipFile]:
    """The archive, for as long as it is read.

    Raises:
        UnreadableInputError: it is none, or damaged.
    """
    with naming(source.name):
        try:
            with ZipFile(source.path) as opened:
                yield opened
        except (BadZipFile, NotImplementedError, RuntimeError) as error:
            raise UnreadableInputError(f"{source.name}: is damaged, or packed in a way that is not read") from error

"""Which files a vendor's export has: those at paths, and those below folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files import naming
from analytics_core.sources.rejection import readable


def files_below(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Every file at or below `paths`, with its place below its path as a name; hidden ones are left alone.

    Raises:
        UnreadableInputError: there is nothing at one of the paths, or a folder cannot be read.
    """
    for path in paths:
        if path.is_dir():
            yield from ((readable(found.relative_to(path).as_posix()), found) for found in _walk(path))
        elif path.exists():
            yield readable(path.name), path
        else:
            raise UnreadableInputError(f"{path}: no such file or folder")


def _walk(folder: Path) -> Iterator[Path]:
    with naming(str(folder)):
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry

"""Which files a vendor's export has: those at paths, and those below folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import CAMPAIGNS, naming
from analytics_core.sources.rows.texts import readable


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


def export_files(
    path: Path, extensions: tuple[str, ...], kind: str, *, encrypted: tuple[str, ...] = ()
) -> list[tuple[Path, Path]]:
    """The files with one of these extensions at or below a path, in order, and their places below its folder.

    Hidden ones, those in hidden folders and `campaigns.json` are left alone; an underscore hides too.

    Raises:
        UnreadableInputError: the path is not there, holds no such file, which the message calls `kind`, or one that
            ends as `encrypted` ones do.
    """
    shown = readable(str(path))
    with naming(shown):
        path.stat()
        root, inside = (path, sorted(path.rglob("*"))) if path.is_dir() else (path.parent, [path])
        seen = [file for file in inside if not is_hidden(file.relative_to(root)) and not file.is_dir()]
    locked = next((file for file in seen if file.name.lower().endswith(encrypted)), None)
    if locked:
        raise UnreadableInputError(f"{readable(locked.name)}: is encrypted; decrypt it first")
    found = [file for file in seen if file.name.lower().endswith(extensions) and file.name != CAMPAIGNS]
    if not found:
        raise UnreadableInputError(f"{shown}: holds no {kind}; their names end in {', '.join(extensions)}")
    return [(file, file.relative_to(root)) for file in found]


def is_hidden(path: Path) -> bool:
    """Whether a place below a folder, or a folder on the way there, begins with a dot or an underscore."""
    return any(part.startswith((".", "_")) for part in path.parts)


def _walk(folder: Path) -> Iterator[Path]:
    with naming(str(folder)):
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry

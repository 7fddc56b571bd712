"""Which files a vendor's export has: those at paths, and those below folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import CAMPAIGNS
from analytics_core.sources.finding.listing import UNLISTED, Entry, list_entries
from analytics_core.sources.rows.texts import readable


def files_in(paths: Sequence[Path], *, broken: str | None = None) -> Iterator[Entry]:
    """The files at or below `paths`; in a folder, hidden ones are left alone, and what is no file, such as a fifo.

    Args:
        paths: files and folders.
        broken: how the names end that must be files, where nobody is told of what is left alone.

    Raises:
        UnreadableInputError: there is no file at one of the paths, or a folder cannot be listed.
    """
    given = set(paths)
    for entry in list_entries(paths):
        is_wanted = entry.path in given or not entry.is_hidden
        if entry.flaw.startswith(UNLISTED) and is_wanted:
            raise UnreadableInputError(f"{readable(str(entry.path))}: {entry.flaw}")
        is_needed = broken is not None and is_wanted and entry.place.name.lower().endswith(broken)
        if entry.flaw and not entry.is_folder and (entry.path in given or is_needed):
            raise UnreadableInputError(f"{entry.name}: is {entry.flaw}")
        if not entry.flaw and is_wanted:
            yield entry


def files_below(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The same (see `files_in`) as names, which are places below the path, and paths."""
    yield from ((entry.name, entry.path) for entry in files_in(paths))


def export_files(
    paths: Sequence[Path], extensions: tuple[str, ...], kind: str, *, encrypted: tuple[str, ...] = ()
) -> list[tuple[Path, Path]]:
    """The files with one of these extensions at or below paths, in order, and their places below the path's folder.

    Hidden ones, those in hidden folders and `campaigns.json` are left alone; an underscore hides too.

    Raises:
        UnreadableInputError: a path is not there, holds no such file, which the message calls `kind`, or one that
            ends as `encrypted` ones do.
    """
    seen = [entry for entry in files_in(paths) if not is_hidden(entry.place)]
    locked = next((entry for entry in seen if entry.place.name.lower().endswith(encrypted)), None)
    if locked:
        raise UnreadableInputError(f"{readable(locked.place.name)}: is encrypted; decrypt it first")
    found = [(entry.path, entry.place) for entry in seen if _has_ending(entry.place.name.lower(), extensions)]
    empty = next((path for path in paths if not any(file.is_relative_to(path) for file, _ in found)), None)
    if empty:
        shown = readable(str(empty))
        raise UnreadableInputError(f"{shown}: holds no {kind}; their names end in {', '.join(extensions)}")
    return found


def is_hidden(path: Path) -> bool:
    """Whether a place below a folder, or a folder on the way there, begins with a dot or an underscore."""
    return any(part.startswith((".", "_")) for part in path.parts)


def _has_ending(name: str, extensions: tuple[str, ...]) -> bool:
    return name.endswith(extensions) and name != CAMPAIGNS

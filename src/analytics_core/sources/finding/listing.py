"""What lies at paths: files, and what is none, each by its name. Nothing is opened."""

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_core.sources.files.files import naming
from analytics_core.sources.rows.texts import readable

UNLISTED = "cannot be listed"

_WORKSPACE = "workspace.toml"
_OWN = ("tables", "rejected")
"""Folders that a workspace makes for itself."""
_KINDS = {
    stat.S_IFIFO: "a fifo",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or what is none.

    Attributes:
        path: where it is.
        place: where it is below the folder that was looked in.
        flaw: why it is no file that could be opened; empty for a file.
        is_folder: whether it is a folder that was not entered.
    """

    path: Path
    place: Path
    flaw: str = ""
    is_folder: bool = False

    @property
    def name(self) -> str:
        """Its place as text; a folder's ends with a slash."""
        return readable(self.place.as_posix()) + ("/" if self.is_folder else "")

    @property
    def is_hidden(self) -> bool:
        """Whether its name, or that of a folder on the way there, begins with a dot."""
        return any(part.startswith(".") for part in self.place.parts)


def list_entries(paths: Sequence[Path], base: Path | None = None) -> list[Entry]:
    """All that lies at or below `paths`, in the order of paths, then of names.

    Folders are entered, linked ones too, each once however many links lead there. What is not entered is an entry: a
    link to a folder that was entered already, or to one above, a workspace, and what cannot be listed.

    Args:
        paths: files and folders.
        base: what names are relative to; None for the path of each.

    Raises:
        UnreadableInputError: there is nothing at one of the paths.
    """
    walk = _Walk()
    return [entry for path in paths for entry in sorted(walk.below(path, base), key=lambda entry: entry.path)]


class _Walk:
    """Folders are entered once, whatever leads there."""

    def __init__(self) -> None:
        self._entered: dict[tuple[int, int], str] = {}
        self._met: set[Path] = set()

    def below(self, root: Path, base: Path | None) -> Iterator[Entry]:
        with naming(readable(str(root))):
            status = root.stat()
        if not stat.S_ISDIR(status.st_mode):
            yield from self._once(Entry(root, root.relative_to(base or root.parent), _flaw_of(status)))
            return
        start = base or root
        # Linked folders come last: a folder's own name is better than that of a link to it.
        folders, links = deque([root]), deque[Path]()
        while folders or links:
            is_link = not folders
            folder = (folders or links).popleft()
            with naming(readable(str(folder))):
                status = folder.stat()
            place, known = folder.relative_to(start), (status.st_dev, status.st_ino)
            if known in self._entered and not is_link:
                continue
            flaw = self._entered.get(known) or _flaw_of_folder(folder, root)
            self._entered.setdefault(known, f"the same folder as {readable(place.as_posix())}/")
            if flaw:
                yield Entry(folder, place, flaw, is_folder=True)
            else:
                yield from self._inside(folder, start, folders, links)

    def _inside(self, folder: Path, start: Path, folders: deque[Path], links: deque[Path]) -> Iterator[Entry]:
        """The files in a folder; its folders wait for their turn."""
        try:
            with os.scandir(folder) as found:
                inside = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield Entry(folder, folder.relative_to(start), f"{UNLISTED}: {error.strerror}", is_folder=True)
            return
        own = _OWN if any(entry.name == _WORKSPACE for entry in inside) else ()
        for entry in inside:
            path = folder / entry.name
            if entry.name in own:
                yield Entry(path, path.relative_to(start), "a part of a workspace", is_folder=True)
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
                continue
            try:
                status = entry.stat()
            except OSError as error:
                refused = isinstance(error, PermissionError)
                flaw = f"a link that cannot be followed: {error.strerror}" if refused else "a link to nothing"
                yield from self._once(Entry(path, path.relative_to(start), flaw))
                continue
            if stat.S_ISDIR(status.st_mode):
                links.append(path)
            else:
                yield from self._once(Entry(path, path.relative_to(start), _flaw_of(status)))

    def _once(self, entry: Entry) -> Iterator[Entry]:
        """An entry that was not met at another path."""
        place = entry.path.absolute()
        if place not in self._met:
            self._met.add(place)
            yield entry


def _flaw_of_folder(folder: Path, root: Path) -> str:
    """Why a folder below `root` is not entered."""
    if folder == root:
        return ""
    if root.resolve().is_relative_to(folder.resolve()):
        return "a link to a folder above"
    try:
        return "a workspace" if (folder / _WORKSPACE).exists() else ""
    except OSError as error:
        return f"{UNLISTED}: {error.strerror}"


def _flaw_of(status: os.stat_result) -> str:
    kind = stat.S_IFMT(status.st_mode)
    return "" if kind == stat.S_IFREG else f"{_KINDS.get(kind, 'something else')}, no file"

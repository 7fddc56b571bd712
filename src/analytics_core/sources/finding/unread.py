"""The files of an import that nobody reads: each is named, with a reason where there is one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_core.sources.files.files import CAMPAIGNS
from analytics_core.sources.finding.listing import Entry, list_entries

_ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".lz4", ".z", ".tar.gz")


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file or folder that lies at the paths of an import and is not read.

    Attributes:
        name: its place below the path; a folder's ends with a slash.
        reason: why it is not read, in words; empty where nothing of its name is known.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Search:
    """Where the files of an import were looked for.

    Attributes:
        paths: files and folders.
        base: what names are relative to; None for the path of each.
        others: files there that would have been read, had other days been asked for.
    """

    paths: Sequence[Path]
    base: Path | None = None
    others: Collection[Path] = frozenset()

    def name_unread(self, read: Collection[Path]) -> tuple[UnreadFile, ...]:
        """What lies there and is not among the files `read`; with them it is all there is. Hidden files come last.

        Raises:
            UnreadableInputError: there is nothing at one of the paths any more.
        """
        same = {path.resolve() for path in read}
        unread = [entry for entry in list_entries(self.paths, self.base) if entry.path not in read]
        unread.sort(key=lambda entry: entry.is_hidden)
        return tuple(UnreadFile(entry.name, self._reason(entry, same)) for entry in unread)

    def _reason(self, entry: Entry, same: Collection[Path]) -> str:
        if entry.flaw:
            return entry.flaw
        name = entry.place.name.lower()
        reasons = (
            (entry.is_hidden, "hidden"),
            (entry.path in self.others, "of other days"),
            (entry.path.resolve() in same, "the same file as one that is read"),
            (name == CAMPAIGNS and self.base is None, "definitions, which import canonical takes in"),
            (name.endswith(_ARCHIVES), "an archive; unpack it first"),
            (any(part.startswith("_") for part in entry.place.parts), "begins with an underscore"),
        )
        return next((reason for is_so, reason in reasons if is_so), "")

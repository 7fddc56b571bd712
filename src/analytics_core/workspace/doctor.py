"""What is wrong with a workspace, and what to do: every file looked at, nothing changed."""

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_core.domain.errors import AnalyticsError
from analytics_core.places.opening import open_place
from analytics_core.store.commits import Commit
from analytics_core.store.settings import SETTINGS_FILE, WorkspaceSettings, read_settings
from analytics_core.store.tables import TableStore
from analytics_core.views.forms.numbers import count_of

if TYPE_CHECKING:
    from analytics_core.store.book.book import CampaignBook


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: in one line; what is wrong, or what was looked at.
        advice: what to do; empty where nothing has to be done.
        serious: whether numbers cannot be relied on.
    """

    what: str
    advice: str = ""
    serious: bool = False


_ENTRY = re.compile(r'<code data-entry="(\d{1,18})">([0-9a-f]{64})</code>')
_RESTORE = "docs/backup.md says how to restore"


def examine(directory: Path, reports: Iterable[Path] = ()) -> tuple[Finding, ...]:
    """Look at the settings, the tables, the campaign book and who may read them, in this order.

    Args:
        directory: of the workspace.
        reports: files of reports, whose entries of the campaign book must still be there.

    Raises:
        WorkspaceError: there is no workspace in the directory.
    """
    try:
        settings = read_settings(directory)
    except AnalyticsError as error:
        try:
            (directory / SETTINGS_FILE).stat()
        except OSError:
            raise error from None  # there are none, or nobody here may look at them
        return (Finding(str(error), f"mend {SETTINGS_FILE}; {_RESTORE}", serious=True),)
    return (
        Finding(f"{SETTINGS_FILE} is well-formed"),
        *_examine_tables(directory, settings),
        *(_examine_report(path, directory, settings) for path in reports),
        *_modes(directory, settings),
    )


def _examine_tables(directory: Path, settings: WorkspaceSettings) -> Iterator[Finding]:
    from analytics_core.store.book.book import CampaignBook  # noqa: PLC0415 - importing a database toolkit takes time

    store = TableStore(open_place(settings.storage.tables, directory))
    try:
        commit = store.commit()
    except AnalyticsError as error:
        yield Finding(str(error), _RESTORE, serious=True)
        return
    faults = store.check(commit)
    yield from (Finding(fault, _RESTORE, serious=True) for fault in faults)
    if not faults:
        files = sum(len(state.data) for state in commit.tables.values())
        verb = "is" if files == 1 else "are"
        yield Finding(
            f"{count_of(files, 'data file')} of {count_of(len(commit.tables), 'table')} {verb} what was written"
        )
    leftovers = store.find_leftovers(commit)
    if leftovers:
        verb = "belongs" if len(leftovers) == 1 else "belong"
        yield Finding(f"{count_of(len(leftovers), 'file')} {verb} to no state of the tables", "`optimize` deletes them")
    yield from _examine_book(
        CampaignBook(settings.storage.campaigns, directory, alone=settings.storage.has_own_tables), commit
    )
    yield from _examine_settings(settings, commit)


def _examine_book(book: "CampaignBook", commit: Commit) -> Iterator[Finding]:
    faults = book.find_faults(commit)
    yield from (Finding(fault, _RESTORE, serious=True) for fault in faults)
    if faults:
        return
    try:
        campaigns = book.campaigns(commit)
    except AnalyticsError as error:
        yield Finding(str(error), _RESTORE, serious=True)
    else:
        yield Finding(f"the campaign book and its history are sound: {count_of(len(campaigns), 'campaign')}")


def _examine_report(path: Path, directory: Path, settings: WorkspaceSettings) -> Finding:
    """A history that was cut off at its end is sound by itself; a report from before says that there was more."""
    from analytics_core.store.book.book import CampaignBook  # noqa: PLC0415 - importing a database toolkit takes time

    try:
        found = _ENTRY.search(path.read_text(encoding="utf-8", errors="replace"))
        if found is None:
            return Finding(f"{path} names no entry of the campaign book")
        book = CampaignBook(settings.storage.campaigns, directory, alone=settings.storage.has_own_tables)
        if book.has_entry(int(found[1]), found[2]):
            return Finding(f"entry {found[1]} of the campaign book is the one {path} was made from")
        what = f"{path} was made from entry {found[1]}, which the campaign book does not have"
    except (OSError, AnalyticsError) as error:
        what = f"cannot compare with {path}: {getattr(error, 'strerror', None) or error}"
    return Finding(what, _RESTORE, serious=True)


def _examine_settings(settings: WorkspaceSettings, commit: Commit) -> Iterator[Finding]:
    lost = settings.find_lost(commit.said)
    if lost:
        yield Finding(
            f"{SETTINGS_FILE} no longer says {', '.join(lost)}, as it did at the last import",
            f"say it again; {_RESTORE}",
            serious=True,
        )


def _modes(directory: Path, settings: WorkspaceSettings) -> Iterator[Finding]:
    access = settings.storage.access
    wide = []
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            continue
        allowed = access.directory if stat.S_ISDIR(status.st_mode) else access.file
        if stat.S_IMODE(status.st_mode) & 0o777 & ~allowed:
            wide.append(path)
    if wide:
        command = "chmod -R g+rwX,o-rwx" if settings.storage.group else "chmod -R go-rwx"
        what = "file or directory" if len(wide) == 1 else "files or directories"
        yield Finding(f"{len(wide):,} {what} may be read by others, such as {wide[0]}", f"{command} {directory}")

"""Finding, making and opening workspaces."""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from analytics_core.demo import Dataset, write_demo
from analytics_core.domain.errors import OutdatedWorkspaceError, WorkspaceError
from analytics_core.domain.settings import App
from analytics_core.domain.words import require_every
from analytics_core.places.files import PRIVATE, write_text
from analytics_core.places.opening import open_place
from analytics_core.store.settings import SETTINGS_FILE, write_settings
from analytics_core.workspace.summaries import ImportSummary
from analytics_core.workspace.workspace import Workspace

WORKSPACE_VARIABLE = "CONNECTOR_ANALYTICS_WORKSPACE"
_DEMO_MARK = "demo.txt"
_BESIDE = ".demo-"
"""How the name of a directory begins in which a demo is made."""
DEMO_DIRECTORIES = require_every(Dataset, {Dataset.SYNTHETIC: "demo", Dataset.COMPLETEJOURNEY: "completejourney"})


def open_workspace(directory: Path | str | None = None, *, known_at: datetime | None = None) -> Workspace:
    """Open a workspace: its campaigns, their numbers, and the rows behind each number.

    Everything starts here::

        workspace = open_workspace("workspace")
        workspace.campaigns()                                     # every definition
        workspace.snapshot("spring-sale").performance.sent.total  # every number of a campaign, computed once
        workspace.explain("spring-sale", "sent", rows=10)         # a number down to its rows
        workspace.explain_user("spring-sale", "sent", "u-1")      # why a user counts, or does not
        Explorer(workspace)                                       # the same on a page (analytics_core.widgets)

    Other rules are asked for with ``settings=replace(workspace.settings, window_hours=12.0)``.

    Args:
        directory: where it is. None: the one CONNECTOR_ANALYTICS_WORKSPACE names, else `./workspace`, else the demo
            workspace, which is made on first use.
        known_at: see `Workspace`.

    Raises:
        WorkspaceError: there is no workspace there, its settings cannot be read, or `known_at` has no offset.
    """
    if directory is not None:
        return Workspace(Path(directory), known_at)
    found = default_directory()
    if found == demo_directory(Dataset.SYNTHETIC) and not _is_current(found):
        make_demo(found, Dataset.SYNTHETIC)
    return Workspace(found, known_at)


def _is_current(demo: Path) -> bool:
    """Whether the demo workspace is there and can be read; what an older version made is made anew."""
    if not (demo / SETTINGS_FILE).exists():
        return False
    try:
        Workspace(demo).tables()
    except OutdatedWorkspaceError:
        return False
    return True


def open_own_workspace(directory: Path | None) -> Workspace:
    """Open a workspace to put data into: never the demo workspace, unless it is named.

    Raises:
        WorkspaceError: none is named and there is none of one's own.
    """
    found = find_own_workspace(directory)
    if found is None:
        raise WorkspaceError("no workspace of your own: name one with --workspace DIR; `init DIR` makes one")
    return found


def find_own_workspace(directory: Path | None) -> Workspace | None:
    """The workspace to put data into; None where none is named and there is none of one's own.

    Raises:
        WorkspaceError: there is none in `directory`, or it cannot be opened.
    """
    found = directory or default_directory()
    if directory is None and (found == demo_directory(Dataset.SYNTHETIC) or not (found / SETTINGS_FILE).exists()):
        return None
    return Workspace(found)


def default_directory() -> Path:
    """The workspace a command means when none is named."""
    if named := os.environ.get(WORKSPACE_VARIABLE):
        return Path(named)
    here = Path("workspace")
    return here if here.exists() else demo_directory(Dataset.SYNTHETIC)


def demo_directory(dataset: Dataset) -> Path:
    """Where a demo workspace lies: in the nearest `data/` at or above the current directory."""
    here = Path.cwd()
    homes = [folder / "data" for folder in (here, *here.parents) if (folder / "data" / "README.md").exists()]
    return (homes[0] if homes else here / "data") / DEMO_DIRECTORIES[dataset]


def create_workspace(directory: Path, app: App | None = None, tables: str = "tables") -> Workspace:
    """Make an empty workspace in `directory`.

    Args:
        directory: of the workspace.
        app: whose campaigns these are.
        tables: where its rows will lie: a path, relative to `directory` or not, or the URL of an object store.

    Raises:
        WorkspaceError: there is one already, the app's time zone or currency is none, `tables` is no place, or it
            cannot be written.
    """
    if (directory / SETTINGS_FILE).exists():
        raise WorkspaceError(f"{directory} is already a workspace")
    open_place(tables, directory)  # before anything is written
    write_settings(directory, app or App(), tables)
    return Workspace(directory)


def make_demo(directory: Path, dataset: Dataset) -> ImportSummary:
    """Make a demo workspace in `directory`, replacing an earlier demo workspace there.

    It is made beside, on the same disk, and appears whole: its settings come last, and without them it is none. A
    directory that is there stays the one it is: it may be a mount, or where somebody stands.

    Raises:
        WorkspaceError: the directory holds anything but a demo workspace, and is left alone, or cannot be written.
    """
    try:
        there = directory.resolve()
        open_place("tables", there)  # before anything is written
        if there.exists() and any(map(_is_strange, there.iterdir())) and not (there / _DEMO_MARK).exists():
            raise WorkspaceError(f"{directory} holds something other than a demo workspace; choose another directory")
        (there if there.exists() else there.parent).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=there if there.exists() else there.parent, prefix=_BESIDE) as beside:
            exports, made = Path(beside) / "exports", Path(beside) / "workspace"
            exports.mkdir()
            app = write_demo(exports, dataset)
            summary = create_workspace(made, app).import_canonical(exports)
            write_text(made / _DEMO_MARK, f"{dataset.value}\n", PRIVATE)
            _move(made, there)
    except OSError as error:
        raise WorkspaceError(f"cannot make a demo workspace in {directory}: {error.strerror or error}") from error
    return summary


def _is_strange(path: Path) -> bool:
    """Whether it is anything but what a demo that was cut off has left."""
    return not path.name.startswith(_BESIDE)


def _move(made: Path, there: Path) -> None:
    """Let a workspace be in a directory in place of what is there."""
    if not there.exists():
        made.rename(there)
        return
    for old in sorted(filter(_is_strange, there.iterdir()), key=_is_incidental):
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink()
    for new in sorted(made.iterdir(), key=_is_incidental, reverse=True):
        new.rename(there / new.name)


def _is_incidental(path: Path) -> bool:
    """Whether a directory is a workspace or is none without it; the settings go first, and come last."""
    return path.name != SETTINGS_FILE

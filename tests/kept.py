"""What a workspace keeps of its tables, wherever that is: files by name."""

from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from analytics_core.places.opening import open_place
from analytics_core.places.places import Place
from analytics_core.store.settings import read_settings
from analytics_core.store.tables import COMMIT_FILE, TableStore
from analytics_core.workspace import Workspace


def place(workspace: Workspace) -> Place:
    return open_place(read_settings(workspace.directory).storage.tables, workspace.directory)


def store(workspace: Workspace) -> TableStore:
    return TableStore(place(workspace))


def names(workspace: Workspace, below: str | None = None) -> set[str]:
    """The names of all files, or of those below a name."""
    return {item["path"] for page in obstore.list(_files(workspace), below) for item in page}


def data_files(workspace: Workspace, table: str | None = None) -> set[str]:
    return {name for name in names(workspace, table) if name.endswith(".parquet") and "_delta_log" not in name}


def read(workspace: Workspace, name: str = COMMIT_FILE) -> bytes:
    return bytes(obstore.get(_files(workspace), name).bytes())


def write(workspace: Workspace, content: bytes, name: str = COMMIT_FILE) -> None:
    obstore.put(_files(workspace), name, content)


def state(workspace: Workspace) -> tuple[bytes, bytes]:
    """What says what the workspace holds: the commit file and the campaign book."""
    return read(workspace), (workspace.directory / "campaigns.db").read_bytes()


def restore(workspace: Workspace, before: tuple[bytes, bytes]) -> None:
    """Make it look as if an import had been killed before its last step; `before` is of `state`."""
    write(workspace, before[0])
    (workspace.directory / "campaigns.db").write_bytes(before[1])


def delete(workspace: Workspace, *paths: str) -> None:
    obstore.delete(_files(workspace), list(paths))


def _files(workspace: Workspace) -> ObjectStore:
    where = str(place(workspace))
    return from_url(where) if "://" in where else LocalStore(Path(where))

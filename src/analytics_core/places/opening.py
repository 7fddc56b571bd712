"""Which kind of place a text names."""

from pathlib import Path

from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.files import PRIVATE, Access
from analytics_core.places.places import Directory, Place

_OBJECT_STORES = ("s3", "gs", "az")


def open_place(tables: str, workspace: Path, access: Access = PRIVATE) -> Place:
    """The place that `[storage] tables` names: a path below the workspace or anywhere, or a URL.

    Args:
        tables: what the setting says.
        workspace: what a relative path lies below.
        access: the modes of what is made in a directory.

    Raises:
        WorkspaceError: no such kind of place is known, what it needs is not installed, or a path is no text.
    """
    scheme, mark, _ = tables.partition("://")
    if not mark:
        path = workspace / tables
        try:
            str(path.absolute()).encode()
        except UnicodeEncodeError:
            shown = str(path).encode(errors="surrogateescape").decode(errors="replace")
            raise WorkspaceError(f"{shown}: its name is not UTF-8 text; choose a directory whose name is") from None
        return Directory(path, access)
    if scheme not in _OBJECT_STORES:
        known = ", ".join(f"{name}://" for name in _OBJECT_STORES)
        raise WorkspaceError(f"[storage] tables: {scheme}:// is not a known place; use a path or one of {known}")
    try:
        from analytics_core.places.bucket import Bucket  # noqa: PLC0415 - an extra; a directory needs none of it
    except ImportError:
        raise WorkspaceError(
            f"[storage] tables: {scheme}:// needs an extra package: pip install 'connector-analytics[cloud]'"
        ) from None
    return Bucket(tables)

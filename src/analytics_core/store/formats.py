"""The commit file as text: how a state is written, and how those of earlier versions are read.

A workspace of an earlier layout opens and is read as it is; the next import writes the layout of today, in one step.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analytics_core.domain.errors import OutdatedWorkspaceError, WorkspaceError
from analytics_core.store.commits import Commit, FileRecord, ImportedFile, ImportRecord, TableState

LAYOUT = 5
"""Of the files and of the commit file; goes up where what is on disk means something else."""
_FOURTH = 4
"""What it does not say of a file, such as the importer, is empty."""
_OLDEST = 3


def write_commit(commit: Commit) -> str:
    """A state as the text of a commit file, which tells when a character of it changes."""
    document = {
        "layout": LAYOUT,
        **{name: getattr(commit, name) for name in ("outside", "books", "said", "sweep")},
        "tables": {name: state.as_document() for name, state in commit.tables.items()},
        "history": [asdict(landed) for landed in commit.history],
    }
    return json.dumps({**document, "checksum": _checksum(document)}, indent=1, sort_keys=True)


def read_commit(text: str, address: str) -> Commit:
    """The state that the text of a commit file says.

    Args:
        text: of the file.
        address: of the file, for errors.

    Raises:
        WorkspaceError: the file is damaged, or of a layout that is not known here.
    """
    try:
        document = json.loads(text)
        layout = document.pop("layout", None)
        if layout in (LAYOUT, _FOURTH):
            return _read_current(document, layout)
        if layout == _OLDEST:
            return _read_third(document)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise WorkspaceError(damaged(address)) from None
    if isinstance(layout, int) and layout > LAYOUT:
        raise WorkspaceError(f"{address} was written by a newer version (layout {layout}); upgrade connector-analytics")
    raise OutdatedWorkspaceError(f"{address} was written by an older version; import the files into a new one")


def damaged(address: str) -> str:
    """What is said of a commit file that cannot be read."""
    return f"{address} is damaged; restore it from a backup, nothing was changed"


def _read_current(document: dict[str, Any], layout: int) -> Commit:
    if document.pop("checksum") != _checksum({"layout": layout, **document}):
        raise ValueError
    return Commit(
        tables={name: TableState.from_json(state) for name, state in document["tables"].items()},
        history=tuple(map(ImportRecord.from_json, document["history"])),
        outside=document["outside"],
        books=document["books"],
        said=tuple(document["said"]),
        sweep=document["sweep"],
    )


def _read_third(document: dict[str, Any]) -> Commit:
    """Layout 3 kept one key for all files of an import, and of a file that came again only what it brought last."""
    if document["users"] != (document["history"][-1]["keys"]["user"] if document["history"] else 0):
        raise ValueError  # what the tables hold is said by no import
    records = {name: tuple(map(FileRecord.from_json, found)) for name, found in document["files"].items()}
    last = {name: landed["number"] for landed in document["history"] for name in landed["files"]}
    history = []
    for landed in document["history"]:
        number, gaps = landed["number"], {name: tuple(found) for name, found in landed["gaps"].items()}
        files = [
            ImportedFile(number, name, records.get(name, ()) if last[name] == number else ())
            for name in landed["files"]
        ]
        if files and gaps:
            files[0] = ImportedFile(number, files[0].fingerprint, files[0].records, gaps)
        history.append(
            ImportRecord(
                number=number,
                at=landed["at"],
                keys=landed["keys"],
                latest_at=landed["latest_at"],
                last_file=number,
                files=tuple(files),
                replaced=tuple(landed["replaced"]),
            )
        )
    return Commit(
        tables={name: TableState(version) for name, version in document["versions"].items()},
        history=tuple(history),
        outside=document["outside"],
    )


def _checksum(document: Mapping[str, Any]) -> str:
    # What is read back has lists where what was written has tuples; their text is the same.
    return f"{zlib.crc32(json.dumps(document, sort_keys=True).encode()):08x}"

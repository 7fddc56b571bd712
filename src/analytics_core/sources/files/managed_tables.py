"""Tables that a log manages: which of the files in their folders count is known to the log alone."""

from collections.abc import Iterator
from pathlib import Path

METADATA_ENDINGS = (".metadata.json", ".metadata.json.gz")
METADATA = "metadata"
DELTA, ICEBERG, HUDI = "Delta", "Iceberg", "Hudi"

_LOGS = {"_delta_log": DELTA, ".hoodie": HUDI}


def kind_of(folder: Path) -> str:
    """What manages a folder: `Delta`, `Iceberg` or `Hudi`; empty where nothing does, or nobody may look."""
    try:
        for log, kind in _LOGS.items():
            if (folder / log).is_dir():
                return kind
        inside = (folder / METADATA).iterdir() if (folder / METADATA).is_dir() else iter(())
        return ICEBERG if any(entry.name.endswith(METADATA_ENDINGS) for entry in inside) else ""
    except OSError:
        return ""


def table_around(path: Path) -> str:
    """The managed table in whose folder a file lies, however it was reached, in words; empty where in none."""
    return next(tables_around(path, {}), "")


def tables_around(path: Path, looked_at: dict[Path, str]) -> Iterator[str]:
    """The managed tables in whose folders a file lies; what was found out about folders is kept in `looked_at`."""
    for folder in dict.fromkeys((*path.absolute().parents, *path.resolve().parents)):
        if folder not in looked_at:
            looked_at[folder] = kind_of(folder)
        if kind := looked_at[folder]:
            yield f"the {kind} table {folder.name}"

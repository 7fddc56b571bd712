"""Tables that a log manages: which of the files in their folders count is known to the log alone."""

from collections.abc import Iterable
from pathlib import Path

from analytics_core.sources.rows.texts import readable

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


def find_managed(paths: Iterable[Path]) -> str:
    """The first managed table in whose folder one of the files lies, in words; empty where none does.

    A folder counts by the way that leads to the file and by where it really is.
    """
    looked_at: dict[Path, str] = {}
    for path in paths:
        for folder in dict.fromkeys((*path.absolute().parents, *path.resolve().parents)):
            if folder not in looked_at:
                looked_at[folder] = kind_of(folder)
            if kind := looked_at[folder]:
                return f"the {kind} table {readable(str(folder))}"
    return ""

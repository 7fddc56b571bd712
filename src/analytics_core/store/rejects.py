"""Rows that could not be taken in, kept with their reason and raw text in `rejected/`."""

from pathlib import Path

import polars as pl

from analytics_core.store.files import write_text


def keep_rejected(directory: Path, *, table: str, fingerprint: str, rows: pl.DataFrame) -> Path | None:
    """Write the rejected rows of one file as JSON lines (`file`, `row`, `reason`, `raw`).

    The file is named after the table and the fingerprint of what was imported, so that importing it again replaces
    it with the same.

    Returns:
        The file written; None where nothing was rejected.
    """
    if rows.is_empty():
        return None
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{table}-{fingerprint[:16]}.jsonl"
    write_text(path, rows.select("file", "row", "reason", "raw").write_ndjson())
    return path

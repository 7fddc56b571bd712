"""`imports`: what was imported when, and so the times at which `--known-at` can look."""

import json
from collections.abc import Sequence
from typing import Any

from analytics_core.cli.commands import app
from analytics_core.cli.options import JsonOption, WorkspaceOption
from analytics_core.cli.streams import say
from analytics_core.domain.time import zone_named
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.views.forms.numbers import count, local_time
from analytics_core.views.forms.table import Align, Column, Row, Table, table_text
from analytics_core.workspace import PastImport, open_workspace


@app.command()
def imports(workspace: WorkspaceOption = None, *, as_json_document: JsonOption = False) -> None:
    """One line per import that brought new files: when, and what it added; --known-at takes these times."""
    opened = open_workspace(workspace)
    if as_json_document:
        for landed in opened.imports():
            say(json.dumps(_document(landed), ensure_ascii=False))
    else:
        say(table_text(_table(opened.imports(), opened.app.timezone)))


def _table(landed: tuple[PastImport, ...], timezone: str) -> Table:
    """One row an import; the time is written as `--known-at` takes it."""
    tables = [table for table in TABLES if table in CANONICAL or any(each.rows.get(table) for each in landed)]
    columns = (
        Column("Imported at"),
        *(Column(name.capitalize(), Align.RIGHT) for name in ("files", *tables, "rejected")),
        Column("Latest row"),
    )
    return Table(
        "Imports", columns, tuple(_row(each, tables, timezone) for each in landed), note=None if landed else "None yet."
    )


def _row(landed: PastImport, tables: Sequence[str], timezone: str) -> Row:
    at = landed.at.astimezone(zone_named(timezone)).isoformat(timespec="microseconds")
    added = (count(landed.rows[table]) if table in landed.rows else "" for table in tables)
    return Row((at, count(landed.files), *added, count(landed.rejected), local_time(landed.latest_at, timezone)))


def _document(landed: PastImport) -> dict[str, Any]:
    return {
        "number": landed.number,
        "at": landed.at.isoformat(timespec="microseconds"),
        "files": landed.files,
        "names": list(landed.names),
        "rows": dict(landed.rows),
        "rejected": landed.rejected,
        "latest_at": landed.latest_at.isoformat() if landed.latest_at else None,
    }

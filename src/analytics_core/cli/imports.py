"""`imports`: what was imported when, and so the times at which `--known-at` can look."""

from analytics_core.cli.commands import app
from analytics_core.cli.options import JsonOption, WorkspaceOption
from analytics_core.cli.streams import say, say_json
from analytics_core.domain.time import zone_named
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.views.forms.numbers import count, local_time
from analytics_core.views.forms.table import Row, Table, columns, table_text
from analytics_core.workspace import PastImport, open_workspace


@app.command()
def imports(workspace: WorkspaceOption = None, *, as_json_document: JsonOption = False) -> None:
    """One line per import that brought new files: when, and what it added; --known-at takes these times."""
    opened = open_workspace(workspace)
    if as_json_document:
        for landed in opened.imports():
            say_json(
                {
                    "number": landed.number,
                    "at": landed.at.isoformat(timespec="microseconds"),
                    "files": landed.files,
                    "names": list(landed.names),
                    "rows": dict(landed.rows),
                    "rejected": landed.rejected,
                    "latest_at": landed.latest_at.isoformat() if landed.latest_at else None,
                }
            )
    else:
        say(table_text(_table(opened.imports(), opened.app.timezone)))


def _table(landed: tuple[PastImport, ...], timezone: str) -> Table:
    """One row an import; the time is written as `--known-at` takes it."""
    tables = [table for table in TABLES if table in CANONICAL or any(each.rows.get(table) for each in landed)]
    heading = [name.capitalize() for name in ("files", *tables, "rejected")]
    rows = []
    for each in landed:
        at = each.at.astimezone(zone_named(timezone)).isoformat(timespec="microseconds")
        added = (count(each.rows[table]) if table in each.rows else "" for table in tables)
        latest = local_time(each.latest_at, timezone)
        rows.append(Row((at, count(each.files), *added, count(each.rejected), latest)))
    return Table(
        "Imports",
        columns("Imported at", *heading, "Latest row", texts=["Latest row"]),
        tuple(rows),
        note=None if landed else "None yet.",
    )

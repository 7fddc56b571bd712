"""`imports`: what was imported when, and so the times at which `--known-at` can look; and how to take one back."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from analytics_core.cli.commands import app
from analytics_core.cli.options import JsonOption, WorkspaceOption
from analytics_core.cli.showing import tell_import_anew
from analytics_core.cli.streams import say, say_json
from analytics_core.domain.time import zone_named
from analytics_core.store.commits import Act
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.views.forms.numbers import count, count_of, local_time
from analytics_core.views.forms.table import Align, Column, Row, Table, table_text
from analytics_core.workspace import PastImport, open_own_workspace, open_workspace

past = typer.Typer(
    rich_markup_mode=None,
    invoke_without_command=True,
    no_args_is_help=False,
    help="One line per import: when, and what it added; --known-at takes these times. `imports undo N` takes one back.",
)
app.add_typer(past, name="imports")


@past.callback()
def list_imports(
    context: typer.Context, workspace: WorkspaceOption = None, *, as_json_document: JsonOption = False
) -> None:
    """List what was imported."""
    if context.invoked_subcommand:
        return
    opened = open_workspace(workspace)
    if as_json_document:
        for landed in opened.imports():
            say_json(_document(landed))
    else:
        say(table_text(_table(opened.imports(), opened.app.timezone)))


@past.command()
def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="N", help="Of the import, as `imports` lists it.")],
    workspace: WorkspaceOption = None,
    *,
    as_json_document: JsonOption = False,
) -> None:
    """Take the rows and definitions of an import out again; numbers known before stay as they were."""
    outer = context.parent.params if context.parent else {}
    into = open_own_workspace(workspace or outer.get("workspace"))
    done = into.undo_import(number)
    if as_json_document or outer.get("as_json_document"):
        document = {
            "number": done.number,
            "entry": done.entry,
            "rows": dict(done.rows),
            "definitions": done.definitions,
            "import_anew": list(done.import_anew),
        }
        say_json(document)
        return
    rows = ", ".join(f"{count(rows)} {table}" for table, rows in done.rows.items() if rows)
    taken = ", ".join(filter(None, [rows, count_of(done.definitions, "definition") if done.definitions else ""]))
    say(f"import {done.number} taken back by entry {done.entry}: {taken or 'nothing of it still counted'}")
    tell_import_anew(done.import_anew)


def _table(landed: tuple[PastImport, ...], timezone: str) -> Table:
    """One row an import; the time is written as `--known-at` takes it. Where there is nothing to note, no column."""
    tables = [table for table in TABLES if table in CANONICAL or any(each.rows.get(table) for each in landed)]
    with_note = any(map(_note, landed))
    columns = (
        Column("No.", Align.RIGHT),
        Column("Imported at"),
        *(Column(name.capitalize(), Align.RIGHT) for name in ("files", *tables, "rejected")),
        Column("Latest row"),
        *((Column("Note"),) if with_note else ()),
    )
    rows = tuple(_row(each, tables, timezone, with_note=with_note) for each in landed)
    return Table("Imports", columns, rows, note=None if landed else "None yet.")


def _row(landed: PastImport, tables: Sequence[str], timezone: str, *, with_note: bool) -> Row:
    at = landed.at.astimezone(zone_named(timezone)).isoformat(timespec="microseconds")
    added = (count(landed.rows[table]) if table in landed.rows else "" for table in tables)
    cells = (str(landed.number), at, count(landed.files), *added, count(landed.rejected))
    note = (_note(landed),) if with_note else ()
    return Row((*cells, local_time(landed.latest_at, timezone), *note))


def _note(landed: PastImport) -> str:
    match landed.act:
        case Act.IMPORT:
            defined = count_of(landed.definitions, "definition") if landed.definitions else ""
            return ", ".join(filter(None, [defined, "taken back" if landed.undone else ""]))
        case Act.UNDO:
            return f"takes {landed.of} back"
        case Act.FORGET:
            by = f" by {landed.by}" if landed.by else ""
            return f"{landed.people:,} {'person' if landed.people == 1 else 'people'} erased{by}"


def _document(landed: PastImport) -> dict[str, Any]:
    return {
        "number": landed.number,
        "at": landed.at.isoformat(timespec="microseconds"),
        "act": landed.act.value,
        "undoes": landed.of,
        "undone": landed.undone,
        "files": landed.files,
        "names": list(landed.names),
        "rows": dict(landed.rows),
        "definitions": landed.definitions,
        "rejected": landed.rejected,
        "latest_at": landed.latest_at.isoformat() if landed.latest_at else None,
        "people_erased": landed.people,
        "by": landed.by,
    }

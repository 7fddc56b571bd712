"""`imports`: what was imported when, and so the times at which `--known-at` can look; and how to take one back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from analytics_core.cli.commands import app
from analytics_core.cli.options import JsonOption, WorkspaceOption
from analytics_core.cli.showing import tell_import_anew
from analytics_core.cli.streams import say, say_json, terminal_width
from analytics_core.domain.time import zone_named
from analytics_core.store.commits import Act
from analytics_core.tables.canonical import CANONICAL, TABLES
from analytics_core.views.forms.fitting import fit_text
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
_NONE_YET = "None yet."
_SHORT_NOTE = 30
"""Notes of no more characters are not cut."""


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
        say(_fit(opened.imports(), opened.app.timezone, terminal_width()))


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


def _fit(landed: Sequence[PastImport], timezone: str, width: int | None) -> str:
    """The list in the widest form that a terminal has room for; None for one without an end.

    The widest has a column for every table; the next leaves out columns that are empty and the time of day of the
    latest row; the narrowest has times of the clock in place of those that `--known-at` takes.
    """
    names = [table for table in TABLES if table in CANONICAL or any(each.rows.get(table) for each in landed)]
    text = table_text(_full_table(landed, names, timezone))
    if width is None or _is_within(text, width):
        return text
    exact = table_text(_short_table(landed, names, timezone, exact=True))
    return exact if _is_within(exact, width) else fit_text(_short_table(landed, names, timezone, exact=False), width)


def _is_within(text: str, width: int) -> bool:
    return max(map(cell_len, text.splitlines())) <= width


def _full_table(landed: Sequence[PastImport], tables: Sequence[str], timezone: str) -> Table:
    """One row an import; the time is written as `--known-at` takes it. Where there is nothing to note, no column."""
    latest = [local_time(each.latest_at, timezone) for each in landed]
    shown = _columns(landed, tables, _list_times(landed, timezone), latest)
    shown = shown if any(map(_note, landed)) else shown[:-1]
    return _as_table(shown, None if landed else _NONE_YET)


def _short_table(landed: Sequence[PastImport], tables: Sequence[str], timezone: str, *, exact: bool) -> Table:
    """The same without columns that are empty; of the latest row the day; times to the minute where not `exact`."""
    zone = zone_named(timezone)
    latest = [f"{each.latest_at.astimezone(zone):%Y-%m-%d}" if each.latest_at else "" for each in landed]
    times = [f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}" for each in landed]
    every = _columns(landed, tables, _list_times(landed, timezone) if exact else times, latest)
    shown = every[:2] + [column for column in every[2:] if any(text not in {"", "0"} for text in column[1])]
    note = f"Times are in {timezone}; --json, or a wider terminal, has them as --known-at takes them."
    least = ("Files", "Latest row", *reversed([table.capitalize() for table in tables]))
    return replace(_as_table(shown, (None if exact else note) if landed else _NONE_YET), droppable=least)


def _columns(
    landed: Sequence[PastImport], tables: Sequence[str], times: Sequence[str], latest: Sequence[str]
) -> list[tuple[Column, Sequence[str]]]:
    """Each column with a text for each import; a table is empty where an import had no file of it."""
    added = ((table, [count(each.rows[table]) if table in each.rows else "" for each in landed]) for table in tables)
    notes = [_note(each) for each in landed]
    return [
        (Column("No.", Align.RIGHT), [str(each.number) for each in landed]),
        (Column("Imported at", whole=True), times),
        (Column("Files", Align.RIGHT), [count(each.files) for each in landed]),
        *((Column(table.capitalize(), Align.RIGHT), rows) for table, rows in added),
        (Column("Rejected", Align.RIGHT), [count(each.rejected) for each in landed]),
        (Column("Latest row"), latest),
        (Column("Note", whole=max(map(cell_len, notes), default=0) <= _SHORT_NOTE), notes),
    ]


def _list_times(landed: Sequence[PastImport], timezone: str) -> list[str]:
    return [each.at.astimezone(zone_named(timezone)).isoformat(timespec="microseconds") for each in landed]


def _as_table(shown: Sequence[tuple[Column, Sequence[str]]], note: str | None) -> Table:
    rows = zip(*(texts for _, texts in shown), strict=True)
    return Table("Imports", tuple(column for column, _ in shown), tuple(map(Row, rows)), note=note)


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

"""Looking after a workspace: is it sound, and erasing people from it."""

from pathlib import Path
from typing import Annotated

import typer

from analytics_core.cli.commands import app
from analytics_core.cli.options import WorkspaceOption
from analytics_core.cli.streams import say
from analytics_core.domain.errors import AnalyticsError
from analytics_core.store.book.entries import login_name
from analytics_core.views.forms.numbers import count
from analytics_core.workspace import default_directory, open_own_workspace


@app.command()
def doctor(
    workspace: WorkspaceOption = None,
    report: Annotated[
        list[Path] | None,
        typer.Option("--report", metavar="FILE", help="Compare the history with this report."),
    ] = None,
) -> int:
    """Check the workspace: tables, campaign book, permissions, leftovers; say what is wrong, and what to do."""
    from analytics_core.workspace.doctor import examine  # noqa: PLC0415 - costs other commands time

    found = examine(workspace or default_directory(), report or ())
    for finding in found:
        mark = "WRONG" if finding.serious else "note" if finding.advice else "ok"
        say(f"{mark:5}  {finding.what}{f'; {finding.advice}' if finding.advice else ''}")
    return 1 if any(finding.serious for finding in found) else 0


@app.command()
def forget(
    users: Annotated[Path, typer.Option("--users", metavar="FILE", help="Ids of users, one a line.")],
    workspace: WorkspaceOption = None,
    acting: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who asks for it.")] = None,
) -> None:
    """Erase people: their rows, in earlier states too, and the rejected ones that name them."""
    try:
        lines = users.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise AnalyticsError(f"cannot read {users}: {reason}") from None
    ids = {line.strip() for line in lines if line.strip()}
    if not ids:
        raise AnalyticsError(f"{users} names nobody; write one id a line")
    done = open_own_workspace(workspace).forget(ids, acting or login_name())
    rows = ", ".join(f"{count(rows)} {table}" for table, rows in done.rows.items() if rows)
    say(f"erased: {count(done.people)} of {count(len(ids))} asked for; rows: {rows or 'none'}")

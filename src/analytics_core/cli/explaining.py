"""`explain`: a number down to its rows, and why a user counts or does not."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from analytics_core.cli.commands import app
from analytics_core.cli.options import (
    JsonOption,
    KnownAtOption,
    Overrides,
    WorkspaceOption,
    open_as_known,
    with_overrides,
)
from analytics_core.cli.showing import latest_row_lines, show_known_at, show_latest_row, show_oddities
from analytics_core.cli.streams import say, say_json, tell, terminal_width
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.places.outputs import output_file
from analytics_core.views.explaining.explanation import explanation_text
from analytics_core.views.explaining.explanation_json import explanation_json, user_explanation_json
from analytics_core.views.explaining.row_tables import csv_ready
from analytics_core.views.explaining.user_explanation import user_explanation_text
from analytics_core.views.forms.numbers import count_of
from analytics_core.workspace import Workspace
from analytics_core.workspace.campaigns.standing import stand_as_of

RowsOption = Annotated[int | None, typer.Option("--rows", metavar="N", min=1, help="Show the first N rows.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows, with user ids.")]
UserOption = Annotated[str | None, typer.Option("--user", metavar="ID", help="Why this user counts or does not.")]
GoalOption = Annotated[str | None, typer.Option("--goal", metavar="ID", help="Which goal; default: the primary one.")]


@app.command()
@with_overrides
def explain(  # noqa: PLR0913 - one argument per option of the contract
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Campaign id.")],
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="A metric, error reason or category.")],
    workspace: WorkspaceOption = None,
    *,
    rows: RowsOption = None,
    csv: CsvOption = None,
    user: UserOption = None,
    goal: GoalOption = None,
    as_json_document: JsonOption = False,
    known_at: KnownAtOption = None,
    overrides: Overrides,
) -> None:
    """A number down to its rows; with --user, why that user counts or does not."""
    if user is not None and (rows is not None or csv is not None):
        raise AnalyticsError("--user shows all rows of one user; leave out --rows and --csv")
    opened = open_as_known(workspace, known_at)
    settings = overrides.over(opened.settings)
    if user is not None:
        path = opened.explain_user(campaign, metric, user, goal_id=goal, settings=settings)
        answer = user_explanation_json(path) if as_json_document else user_explanation_text(path, terminal_width())
        _show(opened, settings, answer)
        return
    shown = None if csv else rows or 0
    explanation = opened.explain(campaign, metric, goal_id=goal, settings=settings, rows=shown)
    standing = stand_as_of(opened, [explanation.snapshot])[explanation.question.campaign.campaign_id]
    # How sure an uplift is depends on whether its campaign still runs.
    explanation = replace(explanation, question=replace(explanation.question, campaign=standing.campaign))
    if csv:
        _write_csv(csv, explanation.rows)
        explanation = explanation.with_first(rows or 0)
    shown_as = explanation_json(explanation) if as_json_document else explanation_text(explanation, terminal_width())
    _show(opened, settings, shown_as)
    if not as_json_document:
        show_oddities(opened, explanation, settings)


def _show(opened: Workspace, settings: Settings, answer: dict[str, Any] | str) -> None:
    if isinstance(answer, str):
        show_known_at(opened)
        show_latest_row(opened, settings)
        say(answer.rstrip("\n"))
    else:
        for line in latest_row_lines(opened, settings):
            tell(line)
        say_json(answer)


def _write_csv(path: Path, rows: pl.DataFrame) -> None:
    try:
        with output_file(path) as file:
            csv_ready(rows).write_csv(file, line_terminator="\r\n")
    except OSError as error:
        raise AnalyticsError(f"cannot write {path}: {error.strerror or error}") from None
    tell(f"{count_of(rows.height, 'row')} written to {path}")

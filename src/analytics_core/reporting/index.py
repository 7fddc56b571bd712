"""The page that lists the reports of a directory with their main numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.places.files import write_text
from analytics_core.reporting.inputs import inputs_of, inputs_written_in
from analytics_core.reporting.plan import one_line, report_paths
from analytics_core.reporting.session import open_if_needed
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.workspace import Workspace
from analytics_core.workspace.campaigns.standing import stand_as_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics_core.snapshot.snapshot import Snapshot
    from analytics_core.views.forms.pieces import Note

INDEX = "index.html"
_OLDER = "Made from other data, other rules or another version than the reports above; make them again to compare."
_LANDSCAPE = Markup("<style>\n{}@page {{ size: landscape; }}\n</style>")
_SECTION = Markup('<section class="ca ca-section">{}</section>')
_HEADING = Markup('<header class="ca ca-header"><h1 dir="auto">{}</h1></header>')


def write_index(
    workspace: Path | Workspace, *, output: Path, settings: Settings | None = None, sort_by: str | None = None
) -> Path:
    """Writes `output`/index.html: one row per report found there, with its campaign's main numbers and a link.

    A report made from other data, by other rules or by another version is listed apart and without numbers, so the
    page never shows a number that differs from the file it links to.

    Args:
        workspace: its directory, or itself (what it has computed is then not computed again).
        output: directory of the reports; made where it is missing.
        settings: the rules the reports were made by; null means the workspace's own.
        sort_by: metric the rows are sorted by, greatest first; null means by status, then name.

    Raises:
        AnalyticsError: the workspace cannot be opened, or the page cannot be written.
    """
    book = open_if_needed(workspace)
    inputs = inputs_of(book, settings)
    written = {name: (path, inputs_written_in(path)) for name, path in report_paths(book, output.resolve()).items()}
    files = {name: path.name for name, (path, made_from) in written.items() if made_from == inputs}
    older = {name: path.name for name, (path, made_from) in written.items() if made_from not in {None, inputs}}
    page = _page(book, settings, files, older=older, sort_by=sort_by)
    try:
        output.mkdir(parents=True, exist_ok=True)
        write_text(output / INDEX, page)
    except OSError as problem:
        raise AnalyticsError(f"cannot write {output / INDEX}: {problem.strerror or one_line(problem)}") from None
    return output / INDEX


def _page(
    workspace: Workspace,
    settings: Settings | None,
    files: dict[str, str],
    *,
    older: dict[str, str],
    sort_by: str | None,
) -> str:
    from analytics_core.views.campaign import tables  # noqa: PLC0415 (HTML views only where a page is made)
    from analytics_core.views.page.html import page_html  # noqa: PLC0415 (as above)
    from analytics_core.views.page.pieces import notes_html, table_html  # noqa: PLC0415 (as above)
    from analytics_core.views.request.shown import shown_name  # noqa: PLC0415 (as above)

    snapshots = workspace.snapshots(files, settings) if files else ()
    standings = stand_as_of(workspace, snapshots)
    campaigns = {name: standing.campaign for name, standing in standings.items()}
    ordered = tables.order_by_status(snapshots, campaigns) if sort_by is None else snapshots
    portfolio = tables.portfolio_table(ordered, campaigns, sort_by=sort_by, hrefs=files)
    title = f"{shown_name(workspace.app.name)}: campaign reports"
    # The rules for paper that reports have too, but the long side across: the table has many columns.
    css = Path(__file__).with_name("template").joinpath("report.css").read_text(encoding="utf-8")
    style = _LANDSCAPE.format(Markup(css))  # noqa: S704 (our own file)
    body = [style, _HEADING.format(title)]
    if about := _about(workspace, settings, snapshots):
        body.append(_SECTION.format(notes_html(about)))
    body.append(_SECTION.format(table_html(portfolio, csv="reports")))
    if older:
        body.append(_SECTION.format(table_html(_older_table(workspace, older))))
    return page_html(title, body)


def _about(workspace: Workspace, settings: Settings | None, snapshots: "Sequence[Snapshot]") -> "list[Note]":
    """Of which time and zone the numbers are; they are the same for all reports."""
    from analytics_core.views.campaign.notes import as_of_note, known_at_note, period_note  # noqa: PLC0415 (as above)
    from analytics_core.views.forms.pieces import Note  # noqa: PLC0415 (as above)

    about = [as_of_note(snapshots[0]), Note("Time zone", workspace.app.timezone)] if snapshots else []
    about += [known_at_note(workspace.known_at, workspace.app.timezone)] if workspace.known_at else []
    return [*about, *period_note(settings or workspace.settings)]


def _older_table(workspace: Workspace, older: dict[str, str]) -> Table:
    from analytics_core.views.request.shown import shown_id, shown_name  # noqa: PLC0415 (as above)

    links = [
        Row((shown_name(campaign.name), shown_id(campaign.campaign_id)), href=older[campaign.campaign_id])
        for campaign in workspace.campaigns()
        if campaign.campaign_id in older
    ]
    return Table("Older reports", columns("Campaign", "ID", texts=["ID"]), tuple(links), _OLDER)

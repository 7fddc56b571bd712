"""One function per command: read the options, ask the workspace, show the answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analytics_core import package_version
from analytics_core.cli.campaign.listing import Listing, with_listing
from analytics_core.cli.options import (
    AllOption,
    CampaignsArgument,
    JsonOption,
    KnownAtOption,
    Overrides,
    WorkspaceOption,
    open_as_known,
    with_overrides,
)
from analytics_core.cli.shares.engine import EngineOption, use_engine
from analytics_core.cli.showing import (
    campaign_document,
    latest_row_lines,
    show_campaigns,
    show_snapshots,
    show_summary,
)
from analytics_core.cli.streams import progress_bar, say, say_json, tell
from analytics_core.demo import Dataset
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import (
    Workspace,
    create_workspace,
    make_demo,
    open_own_workspace,
    open_workspace,
)
from analytics_core.workspace.campaigns.standing import stand_as_of
from analytics_core.workspace.opening import demo_directory

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="Every number of a connector campaign, recomputed from the raw rows.",
)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - how an option calls back
    if asked:
        say(f"connector-analytics {package_version()}")
        raise typer.Exit


@app.callback()
def _begin(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """Options before the command."""
    del version


@app.command()
def demo(
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Default: under data/.")] = None,
    dataset: Annotated[Dataset, typer.Option("--dataset", help="Which demo.")] = Dataset.SYNTHETIC,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a demo workspace."""
    where = directory or workspace or demo_directory(dataset)
    summary = make_demo(where, dataset)
    show_summary(summary)
    say(f"demo workspace: {where}")


@app.command()
def init(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where.")] = None,
    timezone: Annotated[str, typer.Option("--timezone", metavar="TZ", help="IANA time zone of the app.")] = "UTC",
    name: Annotated[str, typer.Option("--name", help="The app's name.")] = "App",
    currency: Annotated[str, typer.Option("--currency", help="The app's currency, such as USD.")] = "USD",
    tables: Annotated[
        str, typer.Option("--tables", metavar="PLACE", help="Where rows are kept: a path or s3://, gs://, az://.")
    ] = ("tables"),
    workspace: WorkspaceOption = None,
) -> None:
    """Make an empty workspace."""
    where = directory or workspace
    if where is None:
        raise AnalyticsError("init needs a directory: connector-analytics init DIR --timezone America/New_York")
    made = create_workspace(where, App(name=name, timezone=timezone, currency=currency), tables)
    say(f"workspace: {made.directory}")


@app.command()
def optimize(workspace: WorkspaceOption = None) -> None:
    """Make later computations read less; worth it after many imports."""
    opened = open_own_workspace(workspace)
    opened.optimize()
    say(f"optimized: {opened.directory}")


@app.command()
@with_listing
def campaigns(
    workspace: WorkspaceOption = None,
    *,
    as_json_document: JsonOption = False,
    engine: EngineOption = None,
    listing: Listing,
) -> None:
    """One line per campaign."""
    opened = open_as_known(workspace)
    for line in latest_row_lines(opened, opened.settings):
        tell(line)
    use_engine(opened, engine)
    computed = opened.snapshots()
    standings = stand_as_of(opened, computed)
    shown = listing.choose(computed, {name: each.campaign for name, each in standings.items()})
    if as_json_document:
        for snapshot in shown:
            say_json(campaign_document(standings[snapshot.campaign_id], snapshot))
    else:
        show_campaigns(opened, shown, {name: each.campaign for name, each in standings.items()})


@app.command()
@with_overrides
def metrics(  # noqa: PLR0913 - one argument per option of the contract
    campaign: CampaignsArgument = None,
    workspace: WorkspaceOption = None,
    *,
    every: AllOption = False,
    as_json_document: JsonOption = False,
    known_at: KnownAtOption = None,
    engine: EngineOption = None,
    overrides: Overrides,
) -> None:
    """Every number of campaigns."""
    opened = open_as_known(workspace, known_at)
    ids = chosen(opened, campaign, every=every)
    rules = overrides.over(opened.settings)
    use_engine(opened, engine)
    snapshots = opened.snapshots(ids, rules)
    if not as_json_document:
        show_snapshots(opened, snapshots, rules)
        return
    for line in latest_row_lines(opened, rules):
        tell(line)
    for snapshot in snapshots:
        say_json(as_json(snapshot))


@app.command()
@with_overrides
def report(  # noqa: PLR0913 - one argument per option of the contract
    campaign: CampaignsArgument = None,
    workspace: WorkspaceOption = None,
    *,
    every: AllOption = False,
    known_at: KnownAtOption = None,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the files go.")] = Path("reports"),
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Keep reports that are up to date.")] = False,
    engine: EngineOption = None,
    overrides: Overrides,
) -> int:
    """One HTML file per campaign, and index.html."""
    from analytics_core.reporting.batch import write_reports  # noqa: PLC0415 - costs other commands time
    from analytics_core.reporting.index import write_index  # noqa: PLC0415 - costs other commands time

    opened = open_as_known(workspace, known_at)
    ids, rules = chosen(opened, campaign, every=every), overrides.over(opened.settings)
    # A workspace that cannot be read says so once here, and not once a campaign.
    for line in latest_row_lines(opened, rules):
        tell(line)
    use_engine(opened, engine, is_shown=False)  # the bar is that of the reports
    with progress_bar() as bar:
        task = bar.add_task("reports", total=len(ids))
        results = write_reports(
            opened, ids, output=output, settings=rules, jobs=jobs, resume=resume, progress=lambda _: bar.advance(task)
        )
    failed = [result for result in results if result.error]
    for result in failed:
        tell(f"error: {result.campaign_id}: {result.error}")
    index = write_index(opened, output=output, settings=rules)
    say(f"{len(results) - len(failed)} of {len(results)} reports written; open {index}")
    return 1 if failed else 0


@app.command()
def lab(workspace: WorkspaceOption = None) -> int:
    """JupyterLab on the explorer notebook, for this machine only."""
    from analytics_core.cli.lab import run_lab  # noqa: PLC0415 - costs other commands time

    return run_lab(open_workspace(workspace))


def chosen(workspace: Workspace, campaign_ids: Sequence[str] | None, *, every: bool) -> tuple[str, ...]:
    """The ids a command is about; an unknown one is an error before anything is computed."""
    if every:
        return tuple(campaign.campaign_id for campaign in workspace.campaigns())
    if not campaign_ids:
        raise AnalyticsError("name at least one campaign, or use --all; `connector-analytics campaigns` lists them")
    return tuple(dict.fromkeys(workspace.campaign(campaign_id).campaign_id for campaign_id in campaign_ids))

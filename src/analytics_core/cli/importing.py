"""`import`: export files of every kind into the workspace."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_core.cli.commands import app
from analytics_core.cli.import_progress import import_progress
from analytics_core.cli.options import (
    AgainOption,
    DraftsOption,
    FirstFolderOption,
    JsonOption,
    LastFolderOption,
    StrictOption,
    WorkspaceOption,
    read_day_option,
    without_options,
)
from analytics_core.cli.showing import latest_row_lines, name_some, show_summary, summary_document, tell_refused
from analytics_core.cli.streams import say_json, tell
from analytics_core.domain.errors import AnalyticsError
from analytics_core.places.files import write_json
from analytics_core.sources.vendors import VENDORS, VendorExport
from analytics_core.views.forms.numbers import count_of
from analytics_core.workspace import ImportSummary, Workspace, open_own_workspace
from analytics_core.workspace.summaries import Progress

if TYPE_CHECKING:
    from analytics_core.sources.readings import SaidCampaign

_LONGEST_NAME = 60

importing = typer.Typer(rich_markup_mode=None, help="Import export files into the workspace.")
app.add_typer(importing, name="import")


@importing.command("canonical")
def import_canonical(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Directories of canonical files.")],
    workspace: WorkspaceOption = None,
    *,
    as_json_document: JsonOption = False,
    strict: StrictOption = False,
    again: AgainOption = False,
    drafts: DraftsOption = None,
) -> int:
    """Canonical parquet, csv and jsonl files."""
    into = open_own_workspace(workspace)
    taken_in = [partial(into.import_canonical, path, again=again) for path in paths]
    return import_all(into, taken_in, as_json_document=as_json_document, strict=strict, drafts=drafts)


def _add_vendor(export: VendorExport) -> None:
    """Add the command that takes a vendor's export in; days may be asked for where the names of its files say them."""

    def import_export(  # noqa: PLR0913 - one argument per option of the contract
        paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=export.files)],
        workspace: WorkspaceOption = None,
        *,
        since: FirstFolderOption = None,
        until: LastFolderOption = None,
        as_json_document: JsonOption = False,
        strict: StrictOption = False,
        again: AgainOption = False,
        drafts: DraftsOption = None,
    ) -> int:
        into = open_own_workspace(workspace)
        first, last = read_day_option("--since", since), read_day_option("--until", until)
        days = (first, last) if first or last else None
        taken_in = [partial(into.import_export, export.vendor.value, paths, again=again, days=days)]
        return import_all(into, taken_in, as_json_document=as_json_document, strict=strict, drafts=drafts)

    command = import_export if export.within else without_options(import_export, "since", "until")
    importing.command(export.vendor.value, help=export.summary)(command)


for _export in VENDORS.values():
    _add_vendor(_export)


def import_all(
    into: Workspace,
    imports: Iterable[Callable[[Progress], ImportSummary]],
    *,
    as_json_document: bool,
    strict: bool,
    drafts: Path | None = None,
) -> int:
    """Take files in, one import after the other, and say of each what it did; the exit code.

    Args:
        into: the workspace.
        imports: what takes them in.
        as_json_document: whether what they did is said as a document.
        strict: whether rejected rows are a failure.
        drafts: where a first `campaigns.json` goes; AnalyticsError before anything is taken in where it cannot go.
    """
    if drafts is not None:
        _require_free(drafts)
    rejected, refused, misnamed = 0, dict[str, str | None](), dict[str, str]()
    said: dict[str, SaidCampaign] = {}
    for take_in in imports:
        with import_progress() as progress:
            summary = take_in(progress)
        rejected += summary.rejected
        refused.update(summary.refused)
        misnamed.update(summary.misnamed)
        said = {**summary.campaigns, **said}
        if as_json_document:
            say_json(summary_document(summary))
        else:
            show_summary(summary)
    code = report_rejected(into, rejected, quiet=as_json_document, strict=strict)
    tell_refused(refused, misnamed)
    if drafts is not None:
        _write_drafts(into, drafts, said)
    return 1 if refused else code


def report_rejected(into: Workspace, rejected: int, *, quiet: bool, strict: bool) -> int:
    """Say where rejected rows are, and which campaigns still lack a definition; the exit code."""
    undefined = () if quiet else into.find_undefined_campaigns()
    if undefined:
        tell(f"no numbers yet, because campaigns.json does not define them: {name_some(undefined, _LONGEST_NAME)}")
    for line in () if quiet else latest_row_lines(into, into.settings):
        tell(line)
    if rejected and not quiet:
        tell(f"{count_of(rejected, 'row')} rejected; the reasons are in {into.directory / 'rejected'}")
    return 1 if rejected and strict else 0


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise AnalyticsError(f"--write-campaigns {path}: is there already; name another file, or take it away first")
    if not path.parent.is_dir():
        raise AnalyticsError(f"--write-campaigns {path}: there is no folder {path.parent}")


def _write_drafts(into: Workspace, path: Path, said: "Mapping[str, SaidCampaign]") -> None:
    """Write definitions of campaigns that have none, and say what has to be done with them."""
    from analytics_core.workspace.campaign_drafts import NO_EVENT, draft_campaigns  # noqa: PLC0415 - few imports ask for it

    undefined, tables = into.find_undefined_campaigns(), into.tables()
    defined = sorted({campaign.campaign_id for campaign in into.campaigns()} & set(tables.campaigns))
    if defined:
        tell(f"left out of {path}, because they are defined already: {name_some(defined, _LONGEST_NAME)}")
    if not undefined:
        tell(f"{path} was not written: no campaign has rows and no definition")
        return
    found = draft_campaigns(tables, undefined, said)
    _require_free(path)
    try:
        write_json(path, found)
    except OSError as error:
        raise AnalyticsError(f"--write-campaigns {path}: {error.strerror or 'cannot be written'}") from error
    without = "" if tables.events_by_name else f"; put the name of an event where it says {NO_EVENT!r}"
    tell(
        f"{count_of(len(found), 'campaign')} written to {path}: look at names, delivery types and goals{without}, "
        "then import the folder of a file campaigns.json with `import canonical`"
    )

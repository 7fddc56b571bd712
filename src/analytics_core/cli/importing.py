"""`import`: export files of every kind into the workspace."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from analytics_core.cli.commands import app
from analytics_core.cli.import_progress import import_progress
from analytics_core.cli.options import (
    AgainOption,
    FirstFolderOption,
    JsonOption,
    LastFolderOption,
    StrictOption,
    WorkspaceOption,
    day,
    without_options,
)
from analytics_core.cli.showing import latest_row_lines, show_summary, summary_document
from analytics_core.cli.streams import say_json, tell
from analytics_core.sources.vendors import VENDORS, VendorExport
from analytics_core.views.forms.numbers import count_of
from analytics_core.views.forms.texts import cut
from analytics_core.workspace import ImportSummary, Workspace, open_own_workspace
from analytics_core.workspace.summaries import Progress

_LONGEST_NAME, _MOST_NAMES = 60, 5

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
) -> int:
    """Canonical parquet, csv and jsonl files."""
    into = open_own_workspace(workspace)
    taken_in = [partial(into.import_canonical, path, again=again) for path in paths]
    return import_all(into, taken_in, as_json_document=as_json_document, strict=strict)


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
    ) -> int:
        into = open_own_workspace(workspace)
        first, last = day("--since", since), day("--until", until)
        files = export.within(paths, first, last) if export.within and (first or last) else paths
        taken_in = [partial(into.import_export, export.vendor.value, files, again=again)]
        return import_all(into, taken_in, as_json_document=as_json_document, strict=strict)

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
) -> int:
    """Take files in, one import after the other, and say of each what it did; the exit code."""
    rejected = 0
    for take_in in imports:
        with import_progress() as progress:
            summary = take_in(progress)
        rejected += summary.rejected
        if as_json_document:
            say_json(summary_document(summary))
        else:
            show_summary(summary)
    return report_rejected(into, rejected, quiet=as_json_document, strict=strict)


def report_rejected(into: Workspace, rejected: int, *, quiet: bool, strict: bool) -> int:
    """Say where rejected rows are, and which campaigns still lack a definition; the exit code."""
    undefined = () if quiet else into.find_undefined_campaigns()
    if undefined:
        names = ", ".join(cut(name, _LONGEST_NAME) for name in undefined[:_MOST_NAMES])
        more = f" and {len(undefined) - _MOST_NAMES:,} more" if len(undefined) > _MOST_NAMES else ""
        tell(f"no numbers yet, because campaigns.json does not define them: {names}{more}")
    for line in () if quiet else latest_row_lines(into, into.settings):
        tell(line)
    if rejected and not quiet:
        tell(f"{count_of(rejected, 'row')} rejected; the reasons are in {into.directory / 'rejected'}")
    return 1 if rejected and strict else 0

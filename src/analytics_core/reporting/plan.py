"""Which reports a batch has to make, where each goes and from what, and what became of each.

Campaign ids become file names only after checking.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError, UnknownNameError
from analytics_core.reporting.inputs import inputs_written_in
from analytics_core.views.request.shown import shown_id
from analytics_core.workspace import Workspace

KEPT = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Names that Windows keeps for devices, and the name of the page that lists the reports.
TAKEN = frozenset({"con", "prn", "aux", "nul", "index"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)})
SLUG_LENGTH = 24


@dataclass(frozen=True, slots=True)
class ReportResult:
    """One row per campaign asked for.

    Attributes:
        campaign_id: the campaign.
        path: the report's file; None where it could not be made (an older file may still be there).
        error: one line for a person; None where all went well.
        kept: the file was there already, made from the same inputs, and was not made again.
    """

    campaign_id: str
    path: Path | None
    error: str | None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One report to make: `inputs` is the fingerprint of all it is made from."""

    campaign_id: str
    path: Path
    inputs: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The reports to make, and the results known without making any."""

    tasks: tuple[Task, ...]
    known: tuple[ReportResult, ...]


def report_paths(workspace: Workspace, output: Path) -> dict[str, Path]:
    """The report's file of each campaign of the workspace, existing or not."""
    names = report_file_names(campaign.campaign_id for campaign in workspace.campaigns())
    return {campaign_id: output / name for campaign_id, name in names.items()}


def plan_reports(workspace: Workspace, campaign_ids: Sequence[str], *, output: Path, inputs: str, resume: bool) -> Plan:
    """Each campaign once; no work is one the workspace does not have and, with `resume`, one already made."""
    paths = report_paths(workspace, output)
    asked = dict.fromkeys(campaign_ids)
    unknown = [
        ReportResult(name, None, one_line(UnknownNameError("campaign", name, paths)))
        for name in asked
        if name not in paths
    ]
    there = {
        campaign_id
        for campaign_id in asked.keys() & paths.keys()
        if resume and inputs_written_in(paths[campaign_id]) == inputs
    }
    kept = [ReportResult(name, paths[name], None, kept=True) for name in asked if name in there]
    todo = [name for name in asked if name in paths and name not in there]
    return Plan(tuple(Task(name, paths[name], inputs) for name in todo), (*unknown, *kept))


def report_file_name(campaign_id: str, among: Iterable[str] = ()) -> str:
    """The report's file name: `campaign_id` itself where it is harmless, else a readable start and a hash.

    A hashed name is longer than any kept one, so the two never meet.

    Args:
        campaign_id: any text.
        among: ids of the campaigns reported beside it; of ids that differ in capitals only, those with capitals
            get a hash, since some file systems would take them for one.
    """
    folded = campaign_id.casefold()
    has_twin = campaign_id != folded and any(other != campaign_id and other.casefold() == folded for other in among)
    shown = shown_id(campaign_id)
    if not KEPT.fullmatch(campaign_id) or folded in TAKEN or has_twin or shown != campaign_id:
        slug = re.sub(r"[^a-z0-9]+", "-", shown.lower())[:SLUG_LENGTH].strip("-")
        digest = sha256(campaign_id.encode("utf-8", "surrogatepass")).hexdigest()
        return "-".join(part for part in ("campaign", slug, digest) if part) + ".html"
    return f"{campaign_id}.html"


def report_file_names(campaign_ids: Iterable[str]) -> dict[str, str]:
    """The file name of each campaign of a workspace; no two are equal, not even without regard to capitals."""
    ids = sorted(set(campaign_ids))
    by_fold: dict[str, list[str]] = {}
    for campaign_id in ids:
        by_fold.setdefault(campaign_id.casefold(), []).append(campaign_id)
    return {campaign_id: report_file_name(campaign_id, by_fold[campaign_id.casefold()]) for campaign_id in ids}


def one_line(problem: BaseException) -> str:
    """What to tell a person about `problem`: our own and the system's words, never a foreign message.

    Foreign messages may quote rows, so only their kind is named.
    """
    if isinstance(problem, AnalyticsError):
        return " ".join(str(problem).split())
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.strerror}: {problem.filename}" if problem.filename else problem.strerror
    return f"unexpected {type(problem).__name__}; running notebooks/campaign_report.ipynb in JupyterLab shows where"

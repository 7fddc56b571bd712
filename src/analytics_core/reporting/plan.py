"""Which reports a batch has to make, where each goes, and from what."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_core.domain.errors import UnknownNameError
from analytics_core.reporting.inputs import inputs_written_in
from analytics_core.reporting.names import report_file_names
from analytics_core.reporting.result import ReportResult, one_line
from analytics_core.workspace import Workspace


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


def planned(workspace: Workspace, campaign_ids: Sequence[str], *, output: Path, inputs: str, resume: bool) -> Plan:
    """Each campaign once; no work is one the workspace does not have and, with `resume`, one already made."""
    paths = report_paths(workspace, output)
    asked = dict.fromkeys(campaign_ids)
    unknown = [_unknown(campaign_id, paths) for campaign_id in asked if campaign_id not in paths]
    there = {
        campaign_id
        for campaign_id in asked.keys() & paths.keys()
        if resume and inputs_written_in(paths[campaign_id]) == inputs
    }
    kept = [ReportResult(name, paths[name], None, kept=True) for name in asked if name in there]
    todo = [name for name in asked if name in paths and name not in there]
    return Plan(tuple(Task(name, paths[name], inputs) for name in todo), (*unknown, *kept))


def _unknown(campaign_id: str, paths: dict[str, Path]) -> ReportResult:
    return ReportResult(campaign_id, None, one_line(UnknownNameError("campaign", campaign_id, paths)))

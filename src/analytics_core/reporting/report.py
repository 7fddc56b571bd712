"""What the report's notebook opens: one campaign's report, a section per attribute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from analytics_core import package_version
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.time import instant_of
from analytics_core.reporting.inputs import settings_from_json
from analytics_core.reporting.session import Session, session_for

if TYPE_CHECKING:
    from analytics_core.views.page.context import ReportContext

END_MIME = "application/vnd.connector-analytics.end"
"""Says, beside the closing section's HTML, which campaign's report has come to its end."""

Bundle = tuple[dict[str, str], dict[str, dict[str, bool]]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Attributes:
        html: finished, escaped HTML.
        in_head: the exporter puts it into the page's head (style), not its body.
        ends: the campaign whose report ends here; None for every section but the last.
    """

    html: str
    in_head: bool = False
    ends: str | None = None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """How Jupyter asks for it."""
        del include, exclude
        end = {} if self.ends is None else {END_MIME: self.ends}
        return {"text/html": self.html, "text/plain": "(HTML)", **end}, {"text/html": {"in_head": self.in_head}}


@dataclass(frozen=True, slots=True)
class Report:
    """One campaign's report; each attribute is a section that Jupyter shows and the exported page prints.

    A section the campaign does not have (the funnel of a legacy campaign) is there and empty.
    """

    style: Section
    header: Section
    result: Section
    details: Section
    performance: Section
    goals: Section
    funnel: Section
    errors: Section
    trends: Section
    instances: Section
    reported: Section
    notes: Section
    info: Section
    footer: Section


def open_report(
    workspace: str | Path,
    campaign_id: str,
    settings: Settings | Mapping[str, JsonValue] | None = None,
    *,
    known_at: datetime | str | None = None,
    pins: Iterable[str] = (),
) -> Report:
    """The report of one campaign.

    Args:
        workspace: its directory; empty means the default workspace.
        campaign_id: which campaign; empty means the workspace's first.
        settings: the rules, also as the JSON object a notebook's parameter can hold; null means the workspace's own.
        known_at: see `Workspace`; also as ISO 8601 text with an offset, as a notebook's parameter can hold it.
        pins: names of the metrics that stay when unpinned ones are hidden, at most five.

    Raises:
        WorkspaceError: where no workspace can be opened there, or nothing was imported yet at `known_at`.
        UnknownNameError: where it has no such campaign, or none at all.
    """
    from analytics_core.views.page.html import report_sections  # noqa: PLC0415 (templates: only where needed)
    from analytics_core.views.page.pieces import style_html  # noqa: PLC0415 (as above)

    rules = settings if settings is None or isinstance(settings, Settings) else settings_from_json(dict(settings))
    known = instant_of("known_at", known_at) if isinstance(known_at, str) else known_at
    session = session_for(Path(workspace) if workspace else None, rules, known)
    first = next((campaign.campaign_id for campaign in session.workspace.campaigns()), "")
    campaign = session.workspace.campaign(campaign_id or first)
    session = session.with_campaigns([campaign.campaign_id])
    context = _context(session, campaign, pins)
    standing = session.standings[campaign.campaign_id]
    parts = report_sections(session.snapshots[campaign.campaign_id], standing.campaign, context)
    shown = {part.name: Section(str(getattr(parts, part.name))) for part in fields(parts)}
    end = Section(str(parts.footer), ends=campaign.campaign_id)
    return Report(style=Section(str(style_html()), in_head=True), **{**shown, "footer": end})


def _context(session: Session, campaign: Campaign, pins: Iterable[str]) -> "ReportContext":
    from analytics_core.views.campaign.notes import latest_row_note  # noqa: PLC0415 (as above)
    from analytics_core.views.page.context import ReportContext  # noqa: PLC0415 (as above)

    workspace = session.workspace
    rules = session.settings or workspace.settings
    return ReportContext(
        app_name=workspace.app.name,
        pins=tuple(pins),
        instances=session.instances.get(campaign.campaign_id, ()),
        fingerprint=workspace.fingerprint,
        version=package_version(),
        known_at=workspace.known_at,
        workspace_notes=tuple(latest_row_note(workspace.latest_row(), rules, workspace.app.timezone)),
        oddities=session.oddities.get(campaign.campaign_id),
        current=session.standings[campaign.campaign_id].current,
        entry=workspace.booked(campaign.campaign_id).entry,
    )

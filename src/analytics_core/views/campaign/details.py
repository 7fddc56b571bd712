"""The details of a campaign: what it is, who made and changed it, who decided on it; and the period it was sent in.

Staff addresses (who created, updated, approved) are shown as given; everything else an author wrote is masked for
secrets.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from analytics_core.domain.campaign import Approval, Campaign, Schedule
from analytics_core.domain.words import Status
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.numbers import UNDEFINED, local_day, local_time
from analytics_core.views.forms.pieces import Fact, FactSheet, fact
from analytics_core.views.request.shown import shown_campaign, shown_id


def status_text(campaign: Campaign) -> str:
    """Icon and word of the status; an en dash where none is declared."""
    return " ".join(STATUSES[campaign.status]) if campaign.status else UNDEFINED


def campaign_facts(campaign: Campaign, timezone: str) -> FactSheet:
    """The campaign details: type, id, status, team, tags, who made and changed it when, and the approval."""
    campaign = shown_campaign(campaign)
    return FactSheet(
        "Campaign details",
        (
            Fact("Campaign type", DELIVERY_TYPES[campaign.delivery_type]),
            Fact("Campaign ID", shown_id(campaign.campaign_id)),
            Fact("Status", status_text(campaign)),
            fact("Team", campaign.team),
            fact("Tags", ", ".join(campaign.tags)),
            fact("Created", _by(campaign.created_at, campaign.created_by, timezone)),
            fact("Updated", _by(campaign.updated_at, campaign.updated_by, timezone)),
            *_approval(campaign, timezone),
        ),
    )


def period(
    campaign: Campaign,
    timezone: str,
    instances: Sequence[InstanceTimes] = (),
    sends: tuple[datetime, datetime] | None = None,
) -> str:
    """From the first to the last send where instances or rows tell them, else from the schedule's start to its end.

    Args:
        campaign: whose schedule counts where nothing was sent.
        timezone: of every time shown.
        instances: as declared.
        sends: the first and the last that the rows have, where no instance declares any.
    """
    declared = [time for instance in instances for time in (instance.first_sent_at, instance.last_sent_at) if time]
    sent = declared or sends
    if sent:
        return _span(min(sent), max(sent), timezone)
    schedule = campaign.schedule or Schedule()
    return _span(schedule.starts_at, schedule.ends_at, timezone)


def _span(start: datetime | None, end: datetime | None, timezone: str) -> str:
    if start is None and end is None:
        return UNDEFINED
    if end is None:
        return f"since {local_time(start, timezone)}"
    if start is None:
        return f"until {local_time(end, timezone)}"
    same_day = f"{local_day(start, timezone)}, "
    return f"{local_time(start, timezone)} {UNDEFINED} {local_time(end, timezone).removeprefix(same_day)}"


def _by(instant: datetime | None, who: str | None, timezone: str) -> str:
    """When and by whom, as far as it is declared."""
    return " ".join(([local_time(instant, timezone)] if instant else []) + ([f"by {who}"] if who else []))


def _approval(campaign: Campaign, timezone: str) -> Iterator[Fact]:
    """Who may approve, what was decided by whom and when, and what they said; nothing where nothing is declared."""
    approval = campaign.approval or Approval()
    if approval.required or approval.approvers:
        yield fact("Approvers", ", ".join(approval.approvers))
    decisions = (("Approved by", approval.approved_by), ("Rejected by", approval.rejected_by))
    when = local_time(approval.decided_at, timezone) if approval.decided_at else ""
    taken = [(label, who) for label, who in decisions if who]
    for label, who in taken:
        yield Fact(label, ", ".join(text for text in (who, when) if text))
    if not taken and when:
        yield Fact("Decided", when)
    elif not taken and campaign.status is Status.UNDER_REVIEW:
        yield Fact("Decision", "Not taken yet")
    if approval.comment:
        yield Fact("Comment", approval.comment)

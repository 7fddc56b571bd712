"""What stands in the place of the numbers where nothing was sent: the campaign's status, and why there are none."""

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.domain.campaign import Approval, Campaign, Schedule
from analytics_core.domain.words import Status
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.details import status_text
from analytics_core.views.forms.numbers import UNDEFINED, local_time, period_text
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.request.shown import shown_campaign


def was_never_sent(snapshot: Snapshot) -> bool:
    """Whether neither a row nor a vendor says anything of the campaign, so that every number is 0 or undefined."""
    counts, sums = snapshot.performance, snapshot.reconciliation
    told = snapshot.instances or snapshot.vendor_reported
    return not (counts.sent.total or counts.attempted.total or sums.users_in_segment or told)


def leaves_rows_out(snapshot: Snapshot) -> bool:
    """Whether its rules do not count every delivery, so that what is not counted may well have been sent."""
    return bool(snapshot.period or snapshot.settings.matured_only)


def describe_lack(snapshot: Snapshot) -> str:
    """What a campaign has none of that would count, such as "no row in the period Mon 1 Jun 2026 and later"."""
    row = "matured row" if snapshot.settings.matured_only else "row"
    period = snapshot.period
    return f"no {row} in the period {period_text(period.since, period.until)}" if period else f"no {row}"


def unsent_sheet(campaign: Campaign, current: CurrentStatus | None, snapshot: Snapshot) -> FactSheet:
    """Why there are no numbers: the status, and what it rests on; what the rules leave out is not said to be missing.

    Args:
        campaign: with the status that holds as of the numbers.
        current: that status; None where nobody looked.
        snapshot: the numbers, of which there are none.
    """
    campaign = shown_campaign(campaign)
    schedule = campaign.schedule or Schedule()
    reason = _why_unsent(campaign, schedule, snapshot)
    if current is not None and current.reason:
        reason = f"{reason} It is so because {current.reason}."
    facts = [Fact("Status", status_text(campaign)), Fact("Why there are no numbers", reason)]
    if schedule.starts_at:
        facts.append(Fact("Starts", local_time(schedule.starts_at, snapshot.timezone)))
    if leaves_rows_out(snapshot):
        return FactSheet("Nothing was sent that counts", tuple(facts), "Numbers appear with the first row that counts.")
    return FactSheet("Nothing was sent yet", tuple(facts), "Numbers appear with the first imported row.")


def _why_unsent(campaign: Campaign, schedule: Schedule, snapshot: Snapshot) -> str:
    zone, approval = snapshot.timezone, campaign.approval or Approval()
    match campaign.status:
        case Status.REJECTED:
            said = f": \N{LEFT DOUBLE QUOTATION MARK}{approval.comment}\N{RIGHT DOUBLE QUOTATION MARK}"
            when = f" on {local_time(approval.decided_at, zone)}" if approval.decided_at else ""
            return f"Rejected by {approval.rejected_by or UNDEFINED}{when}{said if approval.comment else '.'}"
        case Status.UNDER_REVIEW:
            return f"It waits for an approval by {' or '.join(approval.approvers) or 'somebody'}."
        case Status.SCHEDULED:
            return f"It is scheduled; its start is {local_time(schedule.starts_at, zone)}."
        case Status.DRAFT:
            return "It is a draft that nobody has submitted."
        case _:
            until = f", as of {local_time(snapshot.as_of, zone)}" if snapshot.as_of else ""
            return f"It has {describe_lack(snapshot)}{until}."

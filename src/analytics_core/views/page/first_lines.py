"""What stands above the numbers: what the campaign is and what the numbers rest on, in a line each.

And what stands in their place where nothing was ever sent.
"""

from collections.abc import Sequence

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.domain.campaign import Approval, Campaign, Schedule
from analytics_core.domain.words import Counting, Status
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.details import status_text
from analytics_core.views.campaign.notes import window_text
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.labels import ATTRIBUTION_MODELS, DELIVERY_TYPES
from analytics_core.views.forms.numbers import UNDEFINED, count_of, local_day, local_time, period_text, share
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.request.shown import shown_campaign, shown_id

_SEPARATOR = " \N{MIDDLE DOT} "


def facts_line(campaign: Campaign, timezone: str) -> str:
    """Type, id, team, tags and when it was last changed, in one line; what is not declared is left out."""
    campaign = shown_campaign(campaign)
    changed = campaign.updated_at or campaign.created_at
    word = "updated" if campaign.updated_at else "created"
    parts = (
        DELIVERY_TYPES[campaign.delivery_type],
        shown_id(campaign.campaign_id),
        campaign.team,
        ", ".join(campaign.tags),
        f"{word} {local_time(changed, timezone)}" if changed else None,
    )
    return _SEPARATOR.join(part for part in parts if part)


def basis_facts(snapshot: Snapshot, instances: Sequence[InstanceTimes]) -> tuple[Fact, ...]:
    """Up to when rows count, of which days, how much of it can still change, and by which rules, in a few words."""
    zone, quality = snapshot.timezone, snapshot.data_quality
    sends = [time for one in instances for time in (one.first_sent_at, one.last_sent_at) if time]
    days = dict.fromkeys(local_day(time, zone) for time in (min(sends), max(sends))) if sends else {}
    facts = [Fact("As of", local_time(snapshot.as_of, zone))]
    facts += [Fact("Sent", f" {UNDEFINED} ".join(days))] if days else []
    facts += [Fact("Matured", share(quality.matured_share))] if quality.matured_share is not None else []
    return (*facts, Fact("Rules", rules_in_short(snapshot)))


def rules_in_short(snapshot: Snapshot) -> str:
    """The rules the numbers were computed by, in a few words (`settings_line` has them in full)."""
    rules = snapshot.settings
    period = snapshot.period
    parts = (
        f"window {window_text(rules.window_hours)}",
        ATTRIBUTION_MODELS[rules.attribution_model].partition(":")[0],
        f"{rules.instance_credit.value} delivery",
        f"success {' '.join(map(str, rules.success_codes))}",
        "matured only" if rules.matured_only else "",
        f"rows of {period_text(period.since, period.until)}" if period else "",
    )
    return _SEPARATOR.join(part for part in parts if part)


def counting_sentence(snapshot: Snapshot, counting: Counting) -> str:
    """How delivery figures count users; under Unique also how many are in two of them."""
    if counting is Counting.TOTAL:
        return "Each user counts once per instance, so that sent and failed add up to attempted."
    counts = snapshot.performance
    attempted, failed = counts.attempted.unique, counts.failed.unique
    if attempted is None or failed is None:
        return "Each user counts once per campaign: sent are users sent at least once."
    both = counts.sent.unique + failed - attempted
    end = f"; {count_of(both, 'user')} {'is' if both == 1 else 'are'} in both" if both else ""
    return f"Each user counts once per campaign: users sent at least once, users failed at least once{end}."


def was_never_sent(snapshot: Snapshot) -> bool:
    """Whether neither a row nor a vendor says anything of the campaign, so that every number is 0 or undefined."""
    counts, sums = snapshot.performance, snapshot.reconciliation
    told = snapshot.instances or snapshot.vendor_reported
    return not (counts.sent.total or counts.attempted.total or sums.users_in_segment or told)


def unsent_sheet(campaign: Campaign, current: CurrentStatus | None, timezone: str) -> FactSheet:
    """Why there are no numbers: the status, and what it rests on."""
    campaign = shown_campaign(campaign)
    approval, schedule = campaign.approval or Approval(), campaign.schedule or Schedule()
    reason = _why_unsent(campaign.status, approval, schedule, timezone)
    if current is not None and current.reason:
        reason = f"{reason} It is so because {current.reason}."
    facts = [Fact("Status", status_text(campaign)), Fact("Why there are no numbers", reason)]
    if schedule.starts_at:
        facts.append(Fact("Starts", local_time(schedule.starts_at, timezone)))
    return FactSheet("Nothing was sent yet", tuple(facts), "Numbers appear with the first imported row.")


_WHY = {
    Status.DRAFT: "It is a draft that nobody has submitted.",
    Status.PAUSED: "It was paused before anything was sent.",
    Status.STOPPED: "It was stopped before anything was sent.",
}
"""Where the status alone says it."""


def _why_unsent(status: Status | None, approval: Approval, schedule: Schedule, timezone: str) -> str:
    if status is Status.REJECTED:
        said = f": \N{LEFT DOUBLE QUOTATION MARK}{approval.comment}\N{RIGHT DOUBLE QUOTATION MARK}"
        when = f" on {local_time(approval.decided_at, timezone)}" if approval.decided_at else ""
        return f"Rejected by {approval.rejected_by or UNDEFINED}{when}{said if approval.comment else '.'}"
    if status is Status.UNDER_REVIEW:
        return f"It waits for an approval by {' or '.join(approval.approvers) or 'somebody'}."
    if status is Status.SCHEDULED:
        return f"It is scheduled; its start is {local_time(schedule.starts_at, timezone)}."
    return _WHY.get(status, "No row of it was imported.") if status else "No row of it was imported."

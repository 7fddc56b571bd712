"""What is said about a campaign: its details, and the Info page (timeline, audience, trigger, schedule, goals).

Staff addresses (who created, updated, approved) are shown as given; everything else an author wrote is masked for
secrets.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from analytics_core.domain.campaign import Approval, Audience, Campaign, Goal, Schedule
from analytics_core.domain.words import DeliveryType, FilterOperator
from analytics_core.views.campaign.notes import window_text
from analytics_core.views.campaign.timeline import InstanceTimes, timeline
from analytics_core.views.forms.labels import DELIVERY_TYPES, FILTER_OPERATORS, STATUSES
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, local_day, local_time
from analytics_core.views.forms.pieces import Fact, FactSheet, fact
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.views.request.shown import Fragment, ShownCampaign, ShownGoal, shown_campaign, shown_id


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
            Fact("Created", _by(campaign.created_at, campaign.created_by, timezone)),
            Fact("Updated", _by(campaign.updated_at, campaign.updated_by, timezone)),
            *_approval(campaign.approval, timezone),
        ),
    )


def period(campaign: Campaign, timezone: str, instances: Sequence[InstanceTimes] = ()) -> str:
    """From the first to the last send where instances tell them, else from the schedule's start to its end."""
    sent = [time for instance in instances for time in (instance.first_sent_at, instance.last_sent_at) if time]
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


def info_sheets(
    campaign: Campaign, timezone: str, instances: Sequence[InstanceTimes] = ()
) -> tuple[FactSheet | Table, ...]:
    """The Info page in its order; a part about which nothing is declared is left out.

    The timeline is that of one-time and periodic campaigns only: a triggered one has no publishing stages.
    """
    campaign = shown_campaign(campaign)
    triggered = campaign.delivery_type is DeliveryType.EVENT_TRIGGERED
    trigger = campaign.trigger
    criteria = trigger if isinstance(trigger, str) else _json(trigger, indent=2)
    parts = (
        timeline(instances, timezone) if instances and not triggered else None,
        _audience(campaign.audience),
        None if trigger is None else FactSheet("Trigger criteria", (Fact("Criteria", criteria),)),
        _schedule(campaign, timezone),
        _goals(campaign),
    )
    return tuple(part for part in parts if part is not None)


def _by(instant: datetime | None, who: str | None, timezone: str) -> str:
    when = local_time(instant, timezone)
    return f"{when} by {who}" if who else when


def _approval(approval: Approval | None, timezone: str) -> tuple[Fact, ...]:
    if approval is None or not (approval.required or approval.approved_by or approval.rejected_by):
        return ()
    decisions = (("Approved by", approval.approved_by), ("Rejected by", approval.rejected_by))
    when = f", {local_time(approval.decided_at, timezone)}" if approval.decided_at else ""
    return (
        fact("Approvers", ", ".join(approval.approvers)),
        *(Fact(label, f"{who}{when}") for label, who in decisions if who),
        *((Fact("Comment", approval.comment),) if approval.comment else ()),
    )


def _audience(audience: Audience | None) -> FactSheet | None:
    if audience is None:
        return None
    percent = audience.control_group_percent
    return FactSheet(
        "Audience",
        (
            fact("Segment", audience.segment),
            fact("Filters", audience.filters),
            fact("Excluded", audience.excluded),
            fact("Control group", None if percent is None else f"{percent:,.6g}%"),
            Fact("Global control group", "Yes" if audience.global_control_group else "No"),
        ),
    )


def _schedule(campaign: Campaign, timezone: str) -> FactSheet | None:
    schedule = campaign.schedule
    if schedule is None:
        return None
    per_minute = schedule.requests_per_minute
    return FactSheet(
        "Scheduling and delivery controls",
        (
            fact("Schedule", schedule.kind),
            fact("Detail", schedule.detail),
            Fact("Starts", local_time(schedule.starts_at, timezone)),
            Fact("Ends", local_time(schedule.ends_at, timezone)),
            fact("Frequency cap", schedule.frequency_cap),
            Fact("Ignores the frequency cap", "Yes" if schedule.ignore_frequency_cap else "No"),
            fact("Requests per minute", None if per_minute is None else count(per_minute)),
        ),
    )


def _goals(campaign: ShownCampaign) -> Table:
    hours = campaign.attribution_window_hours
    rows = []
    for goal in campaign.goals:
        name = f"(P) {goal.name}" if goal is campaign.primary_goal else goal.name
        revenue = goal.revenue
        currency = f" ({revenue.currency})" if revenue and revenue.currency else ""
        earns = f"{revenue.attribute}{currency}" if revenue else UNDEFINED
        rows.append(Row((name, goal.event_name, conditions_text(goal) or UNDEFINED, earns)))
    return Table(
        title="Conversion goals",
        columns=columns("Goal", "Event", "Conditions", "Revenue", texts=["Event", "Conditions", "Revenue"]),
        rows=tuple(rows),
        note=f"(P) marks the primary goal. {f'Attribution window: {window_text(hours)}.' if hours else ''}".strip(),
    )


def conditions_text(goal: Goal) -> str:
    """What must hold of an event's attributes, of a goal that may be shown; empty without filters."""
    conditions = []
    for condition in goal.filters:
        words = [condition.attribute, FILTER_OPERATORS[condition.op]]
        if condition.op is not FilterOperator.EXISTS:
            words.append(condition.value if isinstance(condition.value, Fragment) else _json(condition.value))
        conditions.append(" ".join(words))
    if isinstance(goal, ShownGoal) and goal.conditions_left_out:
        conditions.append(count_of(goal.conditions_left_out, "more condition"))
    return " and ".join(conditions)


def _json(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)

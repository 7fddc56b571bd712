"""The Info page of a campaign: timeline, audience, trigger, scheduling and goals, in words.

What an author wrote is masked for secrets; what is not declared is an en dash, and a part about which nothing is
declared is left out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from analytics_core.domain.campaign import Audience, Campaign, Schedule
from analytics_core.domain.words import DeliveryType
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.timeline import InstanceTimes, timeline
from analytics_core.views.forms.numbers import UNDEFINED, count, local_time
from analytics_core.views.forms.pieces import Fact, FactSheet, Part, fact, sentence
from analytics_core.views.forms.scheduling import AT_ONCE, kind_in_words, why_at_once
from analytics_core.views.forms.table import Table
from analytics_core.views.info.goals import goals_declared
from analytics_core.views.info.trigger_sentence import trigger_sentence
from analytics_core.views.request.shown import shown_campaign


def info_sheets(
    campaign: Campaign, snapshot: Snapshot, instances: Sequence[InstanceTimes] = ()
) -> tuple[FactSheet | Table, ...]:
    """The Info page in its order, of older campaigns as of any.

    Args:
        campaign: as it is defined.
        snapshot: its numbers; the page has their time zone, as-of time and attribution window.
        instances: its runs.
    """
    hours = snapshot.settings.window_hours
    return sheets_at(campaign, instances, timezone=snapshot.timezone, as_of=snapshot.as_of, window_hours=hours)


def sheets_at(
    campaign: Campaign,
    instances: Sequence[InstanceTimes],
    *,
    timezone: str,
    as_of: datetime | None,
    window_hours: float,
) -> tuple[FactSheet | Table, ...]:
    """The same without numbers.

    The timeline is that of one-time and periodic campaigns only: a triggered one has no publishing stages.

    Args:
        campaign: as it is defined.
        instances: its runs.
        timezone: the app's; every time is in it.
        as_of: what is later has not happened yet.
        window_hours: the attribution window that holds.
    """
    campaign = shown_campaign(campaign)
    triggered = campaign.delivery_type is DeliveryType.EVENT_TRIGGERED
    staged = bool(instances) and not triggered
    parts = (
        timeline(campaign, instances, timezone=timezone, as_of=as_of) if staged else None,
        _audience(campaign.audience or Audience()),
        _trigger(campaign.trigger),
        _schedule(campaign.schedule or Schedule(), timezone, campaign.delivery_type),
        goals_declared(campaign, window_hours),
    )
    return tuple(part for part in parts if part is not None)


def _audience(audience: Audience) -> FactSheet | None:
    if audience == Audience():
        return None
    percent = audience.control_group_percent
    held_out = (
        None if percent is None else f"{percent:,.6g}% of users are held out" if percent else "Nobody is held out"
    )
    everywhere = "Its users are held out" if audience.global_control_group else "Its users are not held out"
    return FactSheet(
        "Audience",
        (
            fact("Segment", audience.segment),
            fact("Filters", audience.filters),
            fact("Excluded", audience.excluded),
            fact("Control group", held_out),
            Fact("Global control group", everywhere),
        ),
    )


def _trigger(trigger: object) -> FactSheet | None:
    """The criteria as a sentence, with what it does not say below it; text and unknown shapes as they were written."""
    if trigger in (None, "", [], {}):
        return None
    read = trigger_sentence(trigger) if isinstance(trigger, Mapping) else None
    if read is None:
        return FactSheet("Trigger criteria", (sentence("Criteria", [Part(_written(trigger))]),))
    rest = (Fact(name, _written(value)) for name, value in read.rest)
    return FactSheet("Trigger criteria", (sentence("Criteria", read.parts), *rest))


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _schedule(schedule: Schedule, timezone: str, delivery_type: DeliveryType) -> FactSheet | None:
    if schedule == Schedule():
        return None
    return FactSheet("Scheduling and delivery controls", tuple(_schedule_facts(schedule, timezone, delivery_type)))


def _schedule_facts(schedule: Schedule, timezone: str, delivery_type: DeliveryType) -> Iterator[Fact]:
    """How often, from when to when, and what slows the campaign down."""
    often = ": ".join(text for text in (kind_in_words(schedule.kind), schedule.detail) if text)
    at_once = delivery_type is DeliveryType.ONE_TIME and why_at_once(schedule) is not None
    yield fact("Schedule", often or (AT_ONCE if at_once else None))
    if schedule.starts_at or not at_once:
        yield Fact("Starts", local_time(schedule.starts_at, timezone))
    if schedule.ends_at or delivery_type is not DeliveryType.ONE_TIME:
        yield Fact("Ends", local_time(schedule.ends_at, timezone) if schedule.ends_at else "No end is declared")
    yield Fact("Frequency cap", _frequency_cap(schedule))
    per_minute = schedule.requests_per_minute
    yield fact("Requests per minute", None if per_minute is None else f"At most {count(per_minute)}")


def _frequency_cap(schedule: Schedule) -> str:
    cap = schedule.frequency_cap
    if schedule.ignore_frequency_cap:
        return f"Ignored ({cap})" if cap else "Ignored"
    return cap or UNDEFINED

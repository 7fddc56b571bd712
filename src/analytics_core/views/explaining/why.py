"""The words of explanations: what rows are, and what became of events that could have counted."""

from datetime import timedelta
from typing import Any

from analytics_core.domain.campaign import Goal
from analytics_core.domain.words import EventFate, Standing, require_every
from analytics_core.metrics.metric import Grain, Measure
from analytics_core.snapshot.parts import InstancePart, Part
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.buckets import list_buckets, name_bucket
from analytics_core.views.forms.labels import reason_label
from analytics_core.views.forms.numbers import count_of, duration, local_time
from analytics_core.views.forms.texts import one_line
from analytics_core.views.request.shown import shown_id

VERDICTS = require_every(
    EventFate,
    {
        EventFate.CREDITED: "The event is credited to the delivery.",
        EventFate.NOT_MATURED: (
            "The event is credited to a delivery whose window is still open, and only matured deliveries are counted."
        ),
        EventFate.OUTSIDE_PERIOD: (
            "The event is credited to a delivery outside the period, and only deliveries of its days are counted."
        ),
        EventFate.OTHER_CAMPAIGN: "The event is credited to another campaign, which had the later delivery.",
        EventFate.OTHER_INSTANCE: (
            "The event is credited to another instance of the campaign: of several deliveries one gets the credit."
        ),
        EventFate.AFTER_AS_OF: "The event happened after the as-of time.",
        EventFate.FILTER_NOT_FULFILLED: "The event does not fulfil the goal's filters.",
        EventFate.CONTROL_USER: "The event belongs to a user held out in a control group.",
        EventFate.NOT_SENT: "The event belongs to a user who was not sent the request; only sent deliveries convert.",
        EventFate.AFTER_WINDOW: (
            "The event happened after the attribution window had closed, less than one window late."
        ),
        EventFate.BEFORE_FIRST_SEND: "The event happened before the user's first send, less than one window early.",
        EventFate.OUT_OF_REACH: (
            "The event happened in no delivery's window, and not within one window after one or before the first send."
        ),
    },
)
"""One sentence per verdict; each starts with the event."""
VERDICTS_IN_SHORT = require_every(
    EventFate,
    {
        EventFate.CREDITED: "credited to instance {instance_id}",
        EventFate.NOT_MATURED: "credited to instance {instance_id}, whose window is still open",
        EventFate.OUTSIDE_PERIOD: "credited to instance {instance_id}, which is outside the period",
        EventFate.OTHER_CAMPAIGN: "credited to campaign {credited_campaign_id}",
        EventFate.OTHER_INSTANCE: "credited to instance {credited_instance_id}",
        EventFate.AFTER_AS_OF: "after the as-of time",
        EventFate.FILTER_NOT_FULFILLED: "filter not fulfilled ({attributes})",
        EventFate.CONTROL_USER: "control user",
        EventFate.NOT_SENT: "not sent ({standing})",
        EventFate.AFTER_WINDOW: "{late} after the window",
        EventFate.BEFORE_FIRST_SEND: "{early} before the first send",
        EventFate.OUT_OF_REACH: "in no window and not near one",
    },
)
"""A few words per verdict, to be filled in from a row of verdicts."""

GRAINS = require_every(
    Grain,
    {
        Grain.AUDIENCE_ROW: "audience row",
        Grain.CREDIT: "credit",
        Grain.COMPARED_EVENT: "event",
        Grain.COMPARED_ROW: "row",
        Grain.FIRST_ROW: "first row",
        Grain.INSTANCE: "instance",
    },
)
"""What one row is called."""

MEASURES = require_every(
    Measure,
    {
        Measure.ROWS: "The number is how many rows there are.",
        Measure.USERS: "The number is how many distinct users the rows have.",
        Measure.INSTANCE_USERS: "The number is how many distinct pairs of instance and user the rows have.",
        Measure.ATTEMPTS: "The number is the sum of the rows' request attempts.",
        Measure.AMOUNT: "The number is the sum of the rows' amounts.",
        Measure.MEDIAN: "The number is the median of the rows' delays.",
        Measure.P75: "The number is the 75th percentile of the rows' delays, linear between neighbours.",
        Measure.P90: "The number is the 90th percentile of the rows' delays, linear between neighbours.",
        Measure.P95: "The number is the 95th percentile of the rows' delays, linear between neighbours.",
        Measure.UNACCOUNTED: "The number is the sum of the users that no logged row accounts for.",
    },
)

AMOUNT_NOTES = {
    "without_value": "no value",
    "other_currency": "other currency",
    "without_value_in_other_currency": "no value, other currency",
    "rounded": "rounded to six decimals",
}
"""Why a credit adds no money, or not the amount as written."""

_KINDS = {
    "sent": "Sent",
    "credited": "Credited",
    "without_value": "Credited, without a value: counts as 0",
    "other_currency": "Credited, in another currency: counts as 0",
    "without_value_in_other_currency": "Credited, in another currency and without a value: counts as 0",
    "rounded": "Credited, value rounded to six decimals",
    "treated_sent": "Treated: sent",
    "treated_not_sent": "Treated: attempted, not sent",
    "control_held_out": "Control: held out",
    "control_contaminated": "Control: drawn, but requested anyway",
    "drawn_into_control": "Drawn into the control group",
    "to_be_sent": "To be sent",
    "instance": "Instances that declared more users than were logged",
}


def part_text(part: Part, snapshot: Snapshot) -> str:
    """Which part of a campaign a number is of, in a sentence; the Snapshot lists it."""
    if isinstance(part, InstancePart):
        return f"Only of instance {shown_id(part.instance_id)}."
    buckets = list_buckets(snapshot, part.grain)
    named = [name_bucket(snapshot, one, part.grain) for one in buckets if one.starts_at == part.starts_at]
    when = named[0] if named else local_time(part.starts_at, snapshot.timezone)
    if part.by_send:
        return f"Only of what was sent on {when}, and of what came of that, whenever it came."
    return f"Only of {when}: deliveries by their own time, conversions by the time of the event."


def kind_label(kind: str) -> str:
    """A kind of row in words."""
    return _KINDS[kind] if kind in _KINDS else reason_label(kind)


def rows_text(number: int, grain: Grain) -> str:
    """A number of rows with what they are, such as ``2 audience rows``."""
    return count_of(number, GRAINS[grain])


def standing_text(standing: str, response_code: int | None) -> str:
    """What became of an audience row, such as ``response 404``."""
    if standing == Standing.FAILED_RESPONSE.value:
        return "no response" if response_code is None else f"response {response_code}"
    return standing.replace("_", " ")


def not_sent_text(standing: str, response_code: int | None) -> str:
    """Why a row was not sent, in brackets after these words, such as ``404``."""
    return standing_text(standing, response_code).removeprefix("response ")


def no_event_text(goal: Goal) -> str:
    """Says that a user has no event that could count."""
    return f"they have no {one_line(goal.event_name)!r} event"


def duplicates_text(rows: int) -> str:
    """What the imports say about repeated events."""
    if not rows:
        return "No event row in the workspace repeated an event id."
    dropped = "was dropped" if rows == 1 else "were dropped"
    return (
        f"{count_of(rows, 'event row')} in the workspace repeated an event id and {dropped}; imports record only how"
        " many, so it is not known whether one would have counted here."
    )


def omission_text(users: int) -> str:
    """What is said of users whose events are not in the list."""
    who = f"{count_of(users, 'user')} {'has' if users == 1 else 'have'}"
    return f"{who} too many deliveries and events to compare one by one (a bot, say); their events are left out here."


def time_between(start: Any, end: Any) -> str:  # noqa: ANN401 - two instants, or null where they mean nothing
    """The time from one instant to another in words."""
    passed = end - start if start is not None and end is not None else timedelta()
    return duration(passed.total_seconds())

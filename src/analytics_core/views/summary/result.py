"""The result of a campaign in three sentences: what was sent, what that brought, what it added and how sure that is."""

from collections.abc import Iterable
from datetime import datetime

from analytics_core.domain.campaign import Approval, Campaign
from analytics_core.domain.words import AnalyticsVersion, DeliveryType, Status, Verdict
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.certainty import certainty_of, name_control_group, uplift_text
from analytics_core.views.campaign.incremental import conversions_sentence
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.forms.numbers import count, count_of, day_text, local_day, money, share
from analytics_core.views.forms.pieces import Note, NoteTone
from analytics_core.views.summary.unsent import describe_lack, leaves_rows_out

_NO_CONTROL = "Without a control group it cannot be told how many of these conversions the campaign added."
_WORST_FIRST = (
    "Latest row",
    "Ids",
    "Times",
    "Event name",
    "Sample ratio",
    "Contamination",
    "Uplift by assignment",
    "Not known",
    "Values",
    "Revenue",
    "Matured",
)
"""What nearly every number suffers from, then what the uplift does, then what some figures do."""


def result_sentences(snapshot: Snapshot, campaign: Campaign) -> tuple[str, ...]:
    """What was sent, what it brought, what it added over the control group; one sentence where nothing was sent.

    Both are safe to show.
    """
    if not snapshot.performance.sent.total:
        return (_nothing_sent(snapshot, campaign),)
    return (_sent(snapshot, campaign), _brought(snapshot), _added(snapshot, campaign))


def sends_between(snapshot: Snapshot) -> tuple[datetime, datetime] | None:
    """The first and the last send that the rows have; None without any."""
    rest = snapshot.instances_remainder
    counted = (*snapshot.instances, *((rest,) if rest else ()))
    times = [time for one in counted for time in (one.first_sent_at, one.last_sent_at) if time]
    return (min(times), max(times)) if times else None


def _nothing_sent(snapshot: Snapshot, campaign: Campaign) -> str:
    failed = snapshot.performance.failed.total
    if failed:
        return f"Nothing was sent: all {count_of(failed, 'attempted request')} failed."
    if leaves_rows_out(snapshot):
        return f"Nothing was sent that counts: there is {describe_lack(snapshot)}."
    if campaign.status is None:
        return "Nothing was sent."
    text = f"Nothing was sent; the campaign's status is {STATUSES[campaign.status][1]}"
    approval = campaign.approval or Approval()
    if campaign.status is Status.REJECTED and approval.rejected_by:
        text += f", rejected by {approval.rejected_by}"
        text += f": {approval.comment.rstrip('.')}" if approval.comment else ""
    return f"{text}."


def _sent(snapshot: Snapshot, campaign: Campaign) -> str:
    counts = snapshot.performance
    text = f"{count_of(counts.sent.total, 'request')} to {count_of(counts.sent.unique, 'user')} went out"
    if times := sends_between(snapshot):
        first, last = (local_day(time, snapshot.timezone) for time in times)
        text += f" on {first}" if first == last else f" from {first} to {last}"
    runs = len(snapshot.instances) + snapshot.instances_omitted
    if runs > 1:
        triggered = campaign.delivery_type is DeliveryType.EVENT_TRIGGERED
        text += f", for {count(runs)} triggers" if triggered else f", in {count(runs)} instances"
    if counts.attempted.total is None or counts.failed.total is None:
        return f"{text}; how many failed is not known."
    of = f"{share(counts.sent_rate.total)} of {count(counts.attempted.total)} attempted"
    failed = f"{count(counts.failed.total)} failed" if counts.failed.total else "none failed"
    return f"{text}: {of}; {failed}."


def _brought(snapshot: Snapshot) -> str:
    goal, sums = snapshot.primary_goal, snapshot.performance
    open_share = snapshot.data_quality.matured_share
    so_far = "" if open_share in {None, 1} else "So far "
    if not sums.conversion_events:
        return f"{so_far}{'n' if so_far else 'N'}obody converted on {goal.name}.{_final(snapshot)}"
    users = count_of(sums.converted_users, "user")
    text = f"{so_far}{users} converted on {goal.name} ({share(sums.conversion_rate)} of sent)"
    text += f" with {count_of(sums.conversion_events, 'conversion event')}"
    if sums.revenue is not None:
        text += f", which brought {money(sums.revenue, goal.currency)}"
    return f"{text}.{_final(snapshot)}"


def _final(snapshot: Snapshot) -> str:
    quality = snapshot.data_quality
    return "" if quality.matured_share in {None, 1} else f" Conversions are final on {day_text(quality.final_on)}."


def _added(snapshot: Snapshot, campaign: Campaign) -> str:
    goal, arm = snapshot.primary_goal, snapshot.primary_goal.uplift.compared
    if arm is None:
        older = snapshot.analytics_version is AnalyticsVersion.LEGACY
        return "Older campaigns are not compared with a control group." if older else _NO_CONTROL
    certainty = certainty_of(snapshot, campaign, arm)
    added = conversions_sentence(snapshot, campaign, goal, arm)
    if certainty.verdict in {None, Verdict.TOO_FEW} or certainty.too_early:
        return f"Against the {name_control_group(goal)}: {added[0].lower()}{added[1:]}"
    return f"{_uplift(goal, uplift_text(arm, certainty), certainty.interval_label)} {added}"


def _uplift(goal: GoalResult, text: str, interval: str) -> str:
    # The interval ends the text; what it is called belongs into the same brackets.
    within = f"{text.removesuffix(')')}, {interval})" if text.endswith(")") else text
    return f"Uplift over the {name_control_group(goal)}: {within}."


def pick_warnings(shown: Iterable[Note]) -> tuple[Note, ...]:
    """The warnings, the worst first; of one kind in their order. One that is not ranked here stands before all."""
    ranks = {label: rank for rank, label in enumerate(_WORST_FIRST)}
    warnings = (note for note in shown if note.tone is NoteTone.WARNING)
    return tuple(sorted(warnings, key=lambda note: ranks.get(note.label, -1)))


def pick_plain(shown: Iterable[Note]) -> tuple[Note, ...]:
    """The notes that are no warnings, in their order."""
    return tuple(note for note in shown if note.tone is not NoteTone.WARNING)

"""The timeline of a campaign's instances: which stage of publishing each has reached, when, and how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType, Status
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.forms.numbers import UNDEFINED, count, duration, local_day, local_time
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.forms.scheduling import why_at_once
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.views.request.shown import shown_id

_MOST_INSTANCES = 20
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class InstanceTimes:
    """One run of a campaign, as the instances table has it; times are UTC, None where not declared."""

    instance_id: str
    users_in_segment: int | None = None
    segmentation_started_at: datetime | None = None
    segmentation_completed_at: datetime | None = None
    ready_at: datetime | None = None
    first_batch_sent_at: datetime | None = None
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None

    @property
    def times(self) -> tuple[datetime | None, ...]:
        """When each step was reached, in their order."""
        return (
            self.segmentation_started_at,
            self.segmentation_completed_at,
            self.ready_at,
            self.first_batch_sent_at,
            self.first_sent_at,
            self.last_sent_at,
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of publishing: its names among facts and over a column, and the stage that begins with it."""

    label: str
    heading: str
    stage: str


_SENDING, _SENT = STATUSES[Status.SENDING][1], STATUSES[Status.SENT][1]
_STEPS = (
    _Step("Segmentation query started", "Segmentation started", "Segmentation"),
    _Step("Segmentation query completed", "Segmentation completed", "Preparing"),
    _Step("Campaign ready", "Ready", "Ready"),
    _Step("First batch sent", "First batch sent", _SENDING),
    _Step("First request sent", "First sent", _SENDING),
    _Step("Last request sent", "Last sent", _SENT),
)
_READY = 2


@dataclass(frozen=True, slots=True)
class _Run:
    """One instance as it stood at an instant.

    Attributes:
        instance: as declared.
        times: when each step was reached, None where it was not.
        durations: how long each step took, None where its beginning or end is not known, or the clock went backwards.
        stage: the current one.
        ready_as: why *ready* is only the time of the first send; None where it is declared.
    """

    instance: InstanceTimes
    times: tuple[datetime | None, ...]
    durations: tuple[str | None, ...]
    stage: str
    ready_as: str | None

    @property
    def started_at(self) -> datetime | None:
        """The earliest time it has reached."""
        return min((time for time in self.times if time is not None), default=None)


def timeline(
    campaign: Campaign, instances: Sequence[InstanceTimes], *, timezone: str, as_of: datetime | None = None
) -> FactSheet | Table:
    """A single run as facts, several as a table of the latest twenty, latest first.

    Args:
        campaign: whose runs they are; one that waits for no start is ready when it is sent.
        instances: at least one.
        timezone: of every time shown.
        as_of: what is later has not happened; None for all that is declared.
    """
    runs = [_stand(campaign, instance, as_of) for instance in instances]
    if len(runs) == 1:
        return FactSheet("Timeline", tuple(_facts(runs[0], timezone)))
    latest = sorted(runs, key=lambda run: (run.started_at or _NEVER, run.instance.instance_id), reverse=True)
    shown = latest[:_MOST_INSTANCES]
    return Table(
        title="Timeline",
        columns=columns(
            *("Instance", "Current stage", "Users in segment", "Day"),
            *(step.heading for step in _STEPS),
            texts=["Current stage", "Day"],
        ),
        rows=tuple(_row(run, timezone) for run in shown),
        note=" ".join(_notes(shown, len(runs))) or None,
    )


def _stand(campaign: Campaign, instance: InstanceTimes, as_of: datetime | None) -> _Run:
    """The instance as of an instant."""
    times = [None if time is None or (as_of and time > as_of) else time for time in instance.times]
    durations = [None, *(_took(before, time) for before, time in pairwise(times))]
    ready_as, sent = None, [time for time in times[_READY + 1 : -1] if time]
    if times[_READY] is None and sent and (ready_as := why_at_once(campaign.schedule)):
        times[_READY] = min(sent)
        durations[_READY] = _took(times[_READY - 1], times[_READY])
    return _Run(instance, tuple(times), tuple(durations), _current_stage(campaign, instance, times), ready_as)


def _took(before: datetime | None, reached: datetime | None) -> str | None:
    # A clock that went backwards is not explained away.
    if before is None or reached is None or reached < before:
        return None
    return duration((reached - before).total_seconds())


def _current_stage(campaign: Campaign, instance: InstanceTimes, times: Sequence[datetime | None]) -> str:
    """The stage that began with the last step reached.

    A one-time campaign's own word counts more where its last send only tells until when it was sent: it may be sending
    still, or have been stopped. That word is of today, so not where anything lies ahead.
    """
    stages = [step.stage for step, time in zip(_STEPS, times, strict=True) if time]
    if not stages:
        return "Not started" if any(instance.times) else UNDEFINED
    ahead = any(declared and not reached for declared, reached in zip(instance.times, times, strict=True))
    told = campaign.delivery_type is DeliveryType.ONE_TIME and campaign.status in {Status.SENDING, Status.STOPPED}
    if campaign.status and told and not ahead and stages[-1] in {_SENDING, _SENT}:
        return STATUSES[campaign.status][1]
    return stages[-1]


def _facts(run: _Run, timezone: str) -> Iterator[Fact]:
    yield Fact("Current stage", run.stage)
    for place, (step, time, took) in enumerate(zip(_STEPS, run.times, run.durations, strict=True)):
        remarks = [f"after {took}"] if took else []
        if place == _READY and run.ready_as:
            remarks.append(f"the first sending time, as {run.ready_as}")
        yield Fact(step.label, "\n".join(text for text in (local_time(time, timezone), "; ".join(remarks)) if text))


def _row(run: _Run, timezone: str) -> Row:
    day = local_day(run.started_at, timezone)
    # The time of day; with its day where that is not the row's.
    clocks = (local_time(time, timezone).removeprefix(f"{day}, ") for time in run.times)
    cells = (f"{clock} ({took})" if took else clock for clock, took in zip(clocks, run.durations, strict=True))
    return Row((shown_id(run.instance.instance_id), run.stage, count(run.instance.users_in_segment), day, *cells))


def _notes(shown: Sequence[_Run], of: int) -> Iterator[str]:
    if of > len(shown):
        yield f"The latest {len(shown)} of {count(of)} instances."
    if any(any(run.durations) for run in shown):
        yield "In brackets: how long after the step before."
    if reason := next((run.ready_as for run in shown if run.ready_as), None):
        some = "" if all(run.ready_as for run in shown) else ", where none is declared,"
        yield f"Ready{some} is the first sending time, as {reason}."

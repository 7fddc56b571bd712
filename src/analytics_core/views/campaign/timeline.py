"""The timeline of a campaign's instances: when each stage of publishing was reached, and how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_core.views.forms.facts import Fact, FactSheet
from analytics_core.views.forms.numbers import count, duration, local_day, local_time
from analytics_core.views.forms.table import Row, Table, columns

_MOST_INSTANCES = 20


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
    def started_at(self) -> datetime | None:
        """The earliest time it declares."""
        times = (
            self.segmentation_started_at,
            self.segmentation_completed_at,
            self.ready_at,
            self.first_batch_sent_at,
            self.first_sent_at,
            self.last_sent_at,
        )
        return min((time for time in times if time is not None), default=None)


def timeline(instances: Sequence[InstanceTimes], timezone: str) -> FactSheet | Table:
    """A single run as facts, several as a table of the latest twenty, latest first."""
    if len(instances) == 1:
        return FactSheet("Timeline", tuple(_stages(instances[0], timezone)))
    latest = sorted(instances, key=_order, reverse=True)
    stages = ("Segmentation started", "Segmentation completed", "Ready", "First batch sent", "First sent", "Last sent")
    return Table(
        title="Timeline",
        columns=columns("Instance", "Users in segment", "Day", *stages),
        rows=tuple(_row(instance, timezone) for instance in latest[:_MOST_INSTANCES]),
        note=_note(len(instances)),
    )


def _order(instance: InstanceTimes) -> tuple[datetime, str]:
    return instance.started_at or datetime.min.replace(tzinfo=UTC), instance.instance_id


def _note(number: int) -> str | None:
    return f"The latest {_MOST_INSTANCES} of {count(number)} instances." if number > _MOST_INSTANCES else None


def _stages(instance: InstanceTimes, timezone: str) -> Iterator[Fact]:
    stages = (
        ("Segmentation query started", instance.segmentation_started_at, None),
        ("Segmentation query completed", instance.segmentation_completed_at, instance.segmentation_started_at),
        ("Campaign ready", instance.ready_at, instance.segmentation_completed_at),
        ("First batch sent", instance.first_batch_sent_at, instance.ready_at),
        ("First request sent", instance.first_sent_at, instance.first_batch_sent_at),
        ("Last request sent", instance.last_sent_at, instance.first_sent_at),
    )
    for label, reached, before in stages:
        yield Fact(label, f"{local_time(reached, timezone)}{_since(reached, before)}")


def _since(reached: datetime | None, before: datetime | None) -> str:
    """How long after the stage before; a clock that went backwards is not explained away."""
    if reached is None or before is None or reached < before:
        return ""
    return f" (after {duration((reached - before).total_seconds())})"


def _row(instance: InstanceTimes, timezone: str) -> Row:
    day = local_day(instance.started_at, timezone)
    times = (
        instance.segmentation_started_at,
        instance.segmentation_completed_at,
        instance.ready_at,
        instance.first_batch_sent_at,
        instance.first_sent_at,
        instance.last_sent_at,
    )
    # The time of day; with its day where that is not the row's.
    clocks = (local_time(time, timezone).removeprefix(f"{day}, ") for time in times)
    return Row((instance.instance_id, count(instance.users_in_segment), day, *clocks))

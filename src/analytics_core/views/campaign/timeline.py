"""The timeline of a campaign's instances: when each stage of publishing was reached, and how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_core.views.forms.numbers import count, duration, local_day, local_time
from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.views.request.shown import shown_id

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
    def times(self) -> tuple[datetime | None, ...]:
        """When each stage was reached, in their order."""
        return (
            self.segmentation_started_at,
            self.segmentation_completed_at,
            self.ready_at,
            self.first_batch_sent_at,
            self.first_sent_at,
            self.last_sent_at,
        )

    @property
    def started_at(self) -> datetime | None:
        """The earliest time it declares."""
        return min((time for time in self.times if time is not None), default=None)


def timeline(instances: Sequence[InstanceTimes], timezone: str) -> FactSheet | Table:
    """A single run as facts, several as a table of the latest twenty, latest first."""
    if len(instances) == 1:
        return FactSheet("Timeline", tuple(_stages(instances[0], timezone)))
    never = datetime.min.replace(tzinfo=UTC)
    latest = sorted(instances, key=lambda one: (one.started_at or never, one.instance_id), reverse=True)
    rows = []
    for one in latest[:_MOST_INSTANCES]:
        day = local_day(one.started_at, timezone)
        # The time of day; with its day where that is not the row's.
        clocks = (local_time(time, timezone).removeprefix(f"{day}, ") for time in one.times)
        rows.append(Row((shown_id(one.instance_id), count(one.users_in_segment), day, *clocks)))
    stages = ("Segmentation started", "Segmentation completed", "Ready", "First batch sent", "First sent", "Last sent")
    left_out = len(instances) > _MOST_INSTANCES
    return Table(
        title="Timeline",
        columns=columns("Instance", "Users in segment", "Day", *stages),
        rows=tuple(rows),
        note=f"The latest {_MOST_INSTANCES} of {count(len(instances))} instances." if left_out else None,
    )


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
        text = local_time(reached, timezone)
        # A clock that went backwards is not explained away.
        if reached is not None and before is not None and reached >= before:
            text += f" (after {duration((reached - before).total_seconds())})"
        yield Fact(label, text)

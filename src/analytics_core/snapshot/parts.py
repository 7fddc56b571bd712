"""Parts of a campaign whose numbers a Snapshot lists: one instance, or one hour, day, week or month."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Grain
from analytics_core.snapshot.kinds import share
from analytics_core.snapshot.snapshot import Counts, InstanceResult, Snapshot, TrendBucket, Unknown

INSTANCE, SENDS = "instance", "sends"
"""How `find_part` is told of an instance, and of the sends of a day; buckets go by the name of their grain."""
_DELIVERED = ("attempted", "sent", "failed")
_CONVERTED = ("converted_users", "conversion_events", "revenue")
_OF_INSTANCES = frozenset({"users_in_segment", "conversion_rate", *_DELIVERED, *_CONVERTED})
_OF_SENDS = _OF_INSTANCES - {"users_in_segment"}
_OF_TIMES = _OF_SENDS - {"conversion_rate"}
"""The metrics of each kind of part; those of conversions are of the primary goal."""


@dataclass(frozen=True, slots=True)
class InstancePart:
    """One instance."""

    instance_id: str

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics that the Snapshot has of it."""
        return _OF_INSTANCES


@dataclass(frozen=True, slots=True)
class TimePart:
    """One hour, day, week or month: deliveries by their clock, conversions by the time of the event.

    Attributes:
        grain: how long it is.
        starts_at: its first moment.
        by_send: whether conversions are those of its deliveries instead, whenever they came.
    """

    grain: Grain
    starts_at: datetime
    by_send: bool = False

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics that the Snapshot has of it."""
        return _OF_SENDS if self.by_send else _OF_TIMES


Part = InstancePart | TimePart


def find_part(snapshot: Snapshot, name: str) -> Part | None:
    """The part that is called by its list and its place there, such as ``day 3``; None where there is none."""
    kind, _, text = name.partition(" ")
    place = int(text) if text.isascii() and text.isdecimal() else -1
    if kind == INSTANCE:
        found = snapshot.instances[place].instance_id if 0 <= place < len(snapshot.instances) else None
        return None if found is None else InstancePart(found)
    by_send = kind == SENDS
    grain = Grain.DAY if by_send else next((each for each in Grain if each.value == kind), None)
    buckets = () if grain is None else _list_buckets(snapshot, grain, by_send=by_send)
    return TimePart(grain, buckets[place].starts_at, by_send) if grain and 0 <= place < len(buckets) else None


def view_by_part(snapshot: Snapshot, part: Part) -> Snapshot:
    """The Snapshot as if a part were the campaign, so that the part's metrics read its figures; others mean nothing.

    Raises:
        AnalyticsError: it does not list the part.
    """
    one: InstanceResult | TrendBucket | None
    size, unaccounted = None, 0
    if isinstance(part, InstancePart):
        one = next((each for each in snapshot.instances if each.instance_id == part.instance_id), None)
        size, unaccounted = (one.users_in_segment, one.unaccounted) if one else (None, 0)
    else:
        buckets = _list_buckets(snapshot, part.grain, by_send=part.by_send)
        one = next((each for each in buckets if each.starts_at == part.starts_at), None)
    if one is None:
        raise AnalyticsError("this part of the campaign is not listed any more; look at the page again")
    counts: dict[str, Any] = {name: getattr(one, name) for name in _DELIVERED}
    if isinstance(one, InstanceResult):
        # Within an instance each user is counted once.
        counts = {name: Unknown() if n is None else Counts(unique=n, total=n) for name, n in counts.items()}
    figures = {name: getattr(one, name) for name in _CONVERTED}
    rate = share(one.converted_users, counts["sent"].total)
    own = replace(snapshot.primary_goal, conversion_rate=rate, **figures)
    return replace(
        snapshot,
        performance=replace(snapshot.performance, **counts),
        goals=tuple(own if goal.is_primary else goal for goal in snapshot.goals),
        funnel=(),
        errors=(),
        reconciliation=replace(snapshot.reconciliation, users_in_segment=size, unaccounted=unaccounted),
        legacy_segment=None if size is None else Counts(unique=size - unaccounted, total=size),
    )


def _list_buckets(snapshot: Snapshot, grain: Grain, *, by_send: bool) -> Sequence[TrendBucket]:
    found: Sequence[TrendBucket] = snapshot.trends.cohort_day if by_send else getattr(snapshot.trends, grain.value)
    return found

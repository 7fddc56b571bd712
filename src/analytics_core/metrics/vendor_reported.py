"""What a vendor says of a campaign, each number beside the one of ours that it is meant to be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from analytics_core.domain.words import ControlGroupType, Counting, Vendor
from analytics_core.metrics.catalog import CATALOG, arm_value_of, goal_value_of, value_of
from analytics_core.metrics.metric import Metric, Scope, Unit, Value
from analytics_core.snapshot.snapshot import Counts, GoalResult, Snapshot, TrendBucket, Unknown, VendorReported

MAX_REPORTED = 100
"""So many numbers of a campaign are listed."""

_PLACE = {name: place for place, name in enumerate(CATALOG)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorNumber:
    """One number of a vendor: the newest it stated, or its conversions counted.

    Attributes:
        vendor: who says it.
        metric: what the vendor calls it.
        our_metric: the metric of the catalog it is meant to be; None where there is none.
        counting: how the vendor counts users; None where nothing says.
        goal: the vendor's name of the goal; None: the primary one, or of no goal.
        control_group_type: the control group it is about or compares with.
        starts_on: the first day it is about; None where it is about all there is, as far as is known.
        ends_on: the last day.
        value: the number; shares 0-1.
        answers: how many stated numbers were kept for it; 0 where conversions were counted.
    """

    vendor: Vendor
    metric: str
    our_metric: str | None
    counting: Counting | None
    goal: str | None
    control_group_type: ControlGroupType | None
    starts_on: date | None
    ends_on: date | None
    value: Decimal
    answers: int


def with_reported(snapshot: Snapshot, stated: Iterable[VendorNumber]) -> Snapshot:
    """The Snapshot with a vendor's numbers beside its own; no other field changes."""
    reported = sorted((_compare(snapshot, one) for one in stated), key=_order)
    return replace(
        snapshot,
        vendor_reported=tuple(reported[:MAX_REPORTED]),
        vendor_reported_omitted=max(0, len(reported) - MAX_REPORTED),
    )


def _order(reported: VendorReported) -> tuple[object, ...]:
    """By vendor, then in the order of the catalog; what is none of our metrics comes last."""
    texts = (reported.goal, reported.control_group_type, reported.counting)
    place = _PLACE.get(reported.our_metric or "", len(_PLACE))
    return (reported.vendor, place, reported.metric, *(text or "" for text in texts))


def _compare(snapshot: Snapshot, stated: VendorNumber) -> VendorReported:
    goal = _goal(snapshot, stated)
    ours = _ours(snapshot, stated, goal)
    declared = CATALOG.get(stated.our_metric or "")
    unit = declared.unit if declared else None
    value: float | Decimal = stated.value
    if unit is not Unit.MONEY:  # which stays exact
        is_whole = unit is not Unit.SHARE and stated.value == stated.value.to_integral_value()
        value = int(stated.value) if is_whole else float(stated.value)
    difference = None if ours is None else _difference(value, ours)
    return VendorReported(
        vendor=stated.vendor,
        metric=stated.metric,
        counting=stated.counting,
        goal=stated.goal,
        control_group_type=stated.control_group_type,
        starts_on=stated.starts_on,
        ends_on=stated.ends_on,
        value=value,
        our_metric=stated.our_metric,
        goal_id=goal.goal_id if goal else None,
        ours=ours,
        difference=difference,
        relative_difference=float(difference) / abs(float(ours)) if ours and difference is not None else None,
        answers=stated.answers,
    )


def _difference(theirs: float | Decimal, ours: float | Decimal) -> float | Decimal:
    """Exact where both are money, and where both are counts."""
    if isinstance(theirs, Decimal) and isinstance(ours, Decimal):
        return theirs - ours
    if isinstance(theirs, int) and isinstance(ours, int):
        return theirs - ours
    return float(theirs) - float(ours)


def _goal(snapshot: Snapshot, stated: VendorNumber) -> GoalResult | None:
    """The goal a number is of: the one of that name or id, the primary one where the vendor names none."""
    declared = CATALOG.get(stated.our_metric or "")
    if declared is None or declared.scope is Scope.CAMPAIGN:
        return None
    if stated.goal is None:
        return snapshot.primary_goal
    asked = _letters(stated.goal)
    named = [goal for goal in snapshot.goals if asked in {_letters(goal.name), _letters(goal.goal_id)}]
    return named[0] if len(named) == 1 else None


def _letters(name: str) -> str:
    return " ".join(name.casefold().split())


def _ours(snapshot: Snapshot, stated: VendorNumber, goal: GoalResult | None) -> Value:
    """Our number of the same metric over the same days; None where there is none, or where it is not known."""
    declared = CATALOG.get(stated.our_metric or "")
    if declared is None or (goal is None and declared.scope is not Scope.CAMPAIGN):
        return None
    # A number over some days only may still be about every day on which anything happened.
    if not all(_is_within(stated, day) for day in snapshot.trends.day):
        return _over_days(snapshot, stated, declared, goal)
    if goal is None:
        return value_of(declared, snapshot, stated.counting or Counting.TOTAL)
    if declared.scope is Scope.GOAL:
        return goal_value_of(declared, goal)
    is_global = stated.control_group_type is ControlGroupType.GLOBAL
    return arm_value_of(declared, goal.uplift.global_ if is_global else goal.uplift.campaign)


def _is_within(stated: VendorNumber, day: TrendBucket) -> bool:
    on = date.fromisoformat(day.label)
    return (stated.starts_on is None or on >= stated.starts_on) and (stated.ends_on is None or on <= stated.ends_on)


def _over_days(snapshot: Snapshot, stated: VendorNumber, declared: Metric, goal: GoalResult | None) -> Value:
    """Our number over some days; only totals add up, and of goals only the primary one is kept by day."""
    if not declared.adds_up or stated.counting is Counting.UNIQUE or (goal and not goal.is_primary):
        return None
    found = [getattr(day, declared.name) for day in snapshot.trends.day if _is_within(stated, day)]
    values: list[Value] = [one.total if isinstance(one, Counts | Unknown) else one for one in found]
    known = [Decimal(value) for value in values if value is not None]
    if len(known) < len(values):
        return None
    whole = sum(known, Decimal(0))
    return whole if declared.unit is Unit.MONEY else int(whole)

"""What exports cannot tell is null in a Snapshot, with the reason, and not 0."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from analytics_core.domain.words import Gap, require_every
from analytics_core.metrics.catalog import CATALOG
from analytics_core.metrics.delivery_metrics import ATTEMPTED, SAMPLE_RATIO
from analytics_core.metrics.funnel_metrics import PERSONALIZATION_FAILED, USERS_IN_SEGMENT
from analytics_core.snapshot.comparison import ArmFigures, AssignedUplift, GoalUplift, SampleRatio
from analytics_core.snapshot.snapshot import (
    Counts,
    DataQuality,
    FunnelStage,
    GoalResult,
    InstanceResult,
    Performance,
    Reconciliation,
    Shares,
    Snapshot,
    TrendBucket,
    Trends,
    Unknown,
    UnknownMetric,
)

_WORDS: Mapping[Gap, str] = require_every(
    Gap,
    {
        Gap.FAILED_RESPONSES: "failed responses",
        Gap.PERSONALIZATION: "failed personalizations",
        Gap.FREQUENCY_CAP: "users removed by frequency caps",
        Gap.CONTROL_GROUPS: "control groups",
    },
)
_Part = TypeVar("_Part", DataQuality, InstanceResult, Performance, Reconciliation, TrendBucket)
_NULLS = {Counts: Unknown(), Shares: Shares(None, None)}
"""What stands for an unknown value of two numbers; None for any other."""
_BUCKETS = [field.name for field in fields(Trends) if field.name != "hours_omitted"]
_NO_ARM = ArmFigures(rows=None, people=None, converted_users=None, converted_people=None)
_NO_COMPARISON = AssignedUplift(treated=_NO_ARM, control=_NO_ARM, verdict=None)


def mask_gaps(snapshot: Snapshot, gaps: Collection[str]) -> Snapshot:
    """The Snapshot with null where its campaign's exports have gaps; the same without any.

    Args:
        snapshot: what was counted.
        gaps: see `domain.words.Gap`.
    """
    missing = _missing(snapshot, gaps)
    if not missing:
        return snapshot
    ratio, categories, remainder = snapshot.sample_ratio, snapshot.personalization_errors, snapshot.instances_remainder
    if any(other.name in missing for other in SAMPLE_RATIO.unknown_with):
        ratio = SampleRatio(ratio.declared, None, None, None, None)
    if PERSONALIZATION_FAILED.name in missing:
        categories = tuple(replace(count, unique=None, total=None) for count in categories)
    trends: dict[str, Any] = {
        name: tuple(_blank(bucket, missing) for bucket in getattr(snapshot.trends, name)) for name in _BUCKETS
    }
    return replace(
        snapshot,
        performance=_blank(snapshot.performance, missing),
        goals=tuple(map(_goal, snapshot.goals)) if ATTEMPTED.name in missing else snapshot.goals,
        funnel=tuple(_stage(stage, missing) for stage in snapshot.funnel),
        personalization_errors=categories,
        reconciliation=_blank(snapshot.reconciliation, missing),
        data_quality=_blank(snapshot.data_quality, missing),
        sample_ratio=ratio,
        trends=replace(snapshot.trends, **trends),
        instances=tuple(_blank(found, missing) for found in snapshot.instances),
        instances_remainder=remainder and _blank(remainder, missing),
        legacy_segment=None if USERS_IN_SEGMENT.name in missing else snapshot.legacy_segment,
        unknown=tuple(
            UnknownMetric(name, f"the exports do not say: {', '.join(_WORDS[gap] for gap in found)}")
            for name, found in missing.items()
        ),
    )


def _missing(snapshot: Snapshot, gaps: Collection[str]) -> dict[str, list[Gap]]:
    """The metrics of the campaign's page that are unknown, each with the gaps that make it so."""
    shown = (declared for declared in CATALOG.values() if declared.exists_in(snapshot.analytics_version))
    found = {declared.name: [gap for gap in Gap if gap in gaps and gap in declared.gaps] for declared in shown}
    # What the cards show, or is divided from that, is named first.
    first = {field.name for field in fields(Performance)}
    below = {name: name not in first and CATALOG[name].figure is not None for name in found}
    return {name: found[name] for name in sorted(filter(found.get, found), key=below.__getitem__)}


def _blank(part: _Part, missing: Collection[str]) -> _Part:
    """The same with null in those fields that are missing, in both countings where there are two."""
    nulls: dict[str, Any] = {
        field.name: _NULLS.get(type(getattr(part, field.name))) for field in fields(part) if field.name in missing
    }
    return replace(part, **nulls)


def _goal(goal: GoalResult) -> GoalResult:
    """Without the comparison by assignment, whose treated arm is attempted."""
    arms = (arm and replace(arm, assigned=_NO_COMPARISON) for arm in (goal.uplift.campaign, goal.uplift.global_))
    return replace(goal, uplift=GoalUplift(*arms))


def _stage(stage: FunnelStage, missing: Collection[str]) -> FunnelStage:
    if stage.stage in missing:
        return FunnelStage(stage.stage, None, None, None)
    return replace(stage, share=None) if USERS_IN_SEGMENT.name in missing else stage

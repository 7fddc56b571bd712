"""What exports cannot tell is null in a Snapshot, with the reason, and not 0."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from analytics_core.domain.words import AnalyticsVersion, Gap, require_every
from analytics_core.metrics.breakdowns import NOT_ON_OLDER_PAGES
from analytics_core.snapshot.comparison import ArmFigures, AssignedUplift, GoalUplift, SampleRatio
from analytics_core.snapshot.snapshot import (
    Counts,
    DataQuality,
    FunnelStage,
    GoalResult,
    InstanceResult,
    Performance,
    PersonalizationCount,
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
_FAILURES = frozenset({Gap.FAILED_RESPONSES, Gap.PERSONALIZATION})
_CONTROL = frozenset({Gap.CONTROL_GROUPS})
_DEPENDS: Mapping[str, frozenset[Gap]] = {
    "attempted": _FAILURES,
    "failed": _FAILURES,
    "sent_rate": _FAILURES,
    "failure_rate": _FAILURES,
    "attempted_share": frozenset(Gap),
    "request_attempts": frozenset({Gap.FAILED_RESPONSES}),
    "users_in_segment": frozenset(Gap),
    "after_frequency_cap": _FAILURES,
    "after_personalization": frozenset({Gap.FAILED_RESPONSES}),
    "failed_responses": frozenset({Gap.FAILED_RESPONSES}),
    "personalization_failed": frozenset({Gap.PERSONALIZATION}),
    "frequency_capped": frozenset({Gap.FREQUENCY_CAP}),
    "control_group": _CONTROL,
    "global_control_group": _CONTROL,
    "contaminated_users": _CONTROL,
}
"""The metrics that gaps make unknown, and which do."""
_NO_SHARES = Shares(None, None)
_NO_ARM = ArmFigures(rows=None, people=None, converted_users=None, converted_people=None)
_NO_COMPARISON = AssignedUplift(treated=_NO_ARM, control=_NO_ARM, verdict=None)


def masked(snapshot: Snapshot, gaps: Collection[str]) -> Snapshot:
    """The Snapshot with null where its campaign's exports have gaps; the same without any.

    Args:
        snapshot: what was counted.
        gaps: see `domain.words.Gap`.
    """
    missing = _missing(snapshot, gaps)
    if not missing:
        return snapshot
    return replace(
        snapshot,
        performance=replace(snapshot.performance, **_performance(missing)),
        goals=tuple(_goal(goal, missing) for goal in snapshot.goals),
        funnel=tuple(_stage(stage, missing) for stage in snapshot.funnel),
        personalization_errors=tuple(_category(count, missing) for count in snapshot.personalization_errors),
        reconciliation=replace(snapshot.reconciliation, **_nulls(missing, Reconciliation)),
        data_quality=replace(snapshot.data_quality, **_nulls(missing, DataQuality)),
        sample_ratio=_sample_ratio(snapshot.sample_ratio, missing),
        trends=_trends(snapshot.trends, missing),
        instances=tuple(_instance(found, missing) for found in snapshot.instances),
        instances_remainder=snapshot.instances_remainder and _instance(snapshot.instances_remainder, missing),
        legacy_segment=None if "users_in_segment" in missing else snapshot.legacy_segment,
        unknown=tuple(UnknownMetric(name, _reason(found)) for name, found in missing.items()),
    )


def _missing(snapshot: Snapshot, gaps: Collection[str]) -> dict[str, list[Gap]]:
    """The metrics of the campaign's page that are unknown, each with the gaps that make it so."""
    hidden = NOT_ON_OLDER_PAGES if snapshot.analytics_version is AnalyticsVersion.LEGACY else ()
    shown = {name: of for name, of in _DEPENDS.items() if name not in hidden}
    return {name: found for name, of in shown.items() if (found := [gap for gap in Gap if gap in gaps and gap in of])}


def _reason(gaps: Collection[Gap]) -> str:
    return f"the exports do not say: {', '.join(_WORDS[gap] for gap in gaps)}"


def _performance(missing: Collection[str]) -> dict[str, Any]:
    counts = {name: Unknown() for name in ("attempted", "failed") if name in missing}
    shares = {name: _NO_SHARES for name in ("sent_rate", "failure_rate") if name in missing}
    return {**counts, **shares, **_nulls({"request_attempts"} & set(missing), Performance)}


def _nulls(missing: Collection[str], of: type) -> dict[str, Any]:
    """Null for those fields of a class that are missing."""
    return dict.fromkeys(field.name for field in fields(of) if field.name in missing)


def _goal(goal: GoalResult, missing: Collection[str]) -> GoalResult:
    """Without the comparison by assignment, whose treated arm is attempted."""
    if "attempted" not in missing:
        return goal
    arms = (arm and replace(arm, assigned=_NO_COMPARISON) for arm in (goal.uplift.campaign, goal.uplift.global_))
    return replace(goal, uplift=GoalUplift(*arms))


def _sample_ratio(ratio: SampleRatio, missing: Collection[str]) -> SampleRatio:
    """Only what was declared, where nobody can say who was drawn, or of whom."""
    is_known = "attempted" not in missing and "control_group" not in missing
    return ratio if is_known else SampleRatio(ratio.declared, None, None, None, None)


def _stage(stage: FunnelStage, missing: Collection[str]) -> FunnelStage:
    if stage.stage in missing:
        return FunnelStage(stage.stage, None, None, None)
    return replace(stage, share=None) if "users_in_segment" in missing else stage


def _category(count: PersonalizationCount, missing: Collection[str]) -> PersonalizationCount:
    return replace(count, unique=None, total=None) if "personalization_failed" in missing else count


def _trends(trends: Trends, missing: Collection[str]) -> Trends:
    if "attempted" not in missing:
        return trends
    return replace(
        trends,
        hour=tuple(map(_bucket, trends.hour)),
        day=tuple(map(_bucket, trends.day)),
        week=tuple(map(_bucket, trends.week)),
        month=tuple(map(_bucket, trends.month)),
        cohort_day=tuple(map(_bucket, trends.cohort_day)),
    )


def _bucket(bucket: TrendBucket) -> TrendBucket:
    return replace(bucket, attempted=Unknown(), failed=Unknown())


def _instance(found: InstanceResult, missing: Collection[str]) -> InstanceResult:
    return replace(found, **_nulls(missing, InstanceResult))


def known(counts: Counts | Unknown) -> Counts | None:
    """The counts, where they are known."""
    return counts if isinstance(counts, Counts) else None

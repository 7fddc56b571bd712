"""What a number of a comparison with a control group comes from: both arms, and how sure their difference is."""

from dataclasses import dataclass

from analytics_core.domain.words import ControlGroupType
from analytics_core.explaining.rows_compared import COMPARES, Basis
from analytics_core.metrics.compared_arms import compared_arm, compared_group
from analytics_core.metrics.incremental_metrics import REVENUE_BY_ASSIGNMENT
from analytics_core.metrics.metric import Value
from analytics_core.snapshot.comparison import ArmFigures, ArmUplift, AssignedUplift, RevenueComparison
from analytics_core.snapshot.snapshot import Snapshot

OF_REVENUE = frozenset(one.name for one in REVENUE_BY_ASSIGNMENT)
"""The metrics of what both arms brought."""


@dataclass(frozen=True, slots=True)
class Tested:
    """How sure a number of a comparison is.

    Attributes:
        interval: at 95 %, in the number's unit, for one look at the end; None where the data cannot say it, its high
            end None where nothing bounds it.
        p_value: of the same test; None where the data cannot say it.
        p_value_adjusted: by Holm over the goals; None by assignment, of revenue, and where there is one goal only.
        always_valid_interval: of the difference of the rates, for looks at any time; None where there is none yet.
    """

    interval: tuple[Value, Value] | None
    p_value: float | None
    p_value_adjusted: float | None = None
    always_valid_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ComparedFigures:
    """Both arms of one comparison of one goal.

    Attributes:
        basis: who is compared.
        group: with which control group.
        treated: the treated arm.
        control: the control arm.
        gain: what the treated arm gained.
        contaminated_rows: drawn into this control group and requested anyway.
        tested: how sure the number is; None for numbers that nothing is tested about.
    """

    basis: Basis
    group: ControlGroupType
    treated: ArmFigures
    control: ArmFigures
    gain: ArmUplift | AssignedUplift
    contaminated_rows: int
    tested: Tested | None


def compared_figures(name: str, snapshot: Snapshot) -> ComparedFigures | None:
    """The comparison the metric `name` is of; None where it is of none, or the campaign has no control group."""
    goal = snapshot.primary_goal
    arm, group = compared_arm(goal), compared_group(goal)
    if name not in COMPARES or name == "sample_ratio" or arm is None or group is None:
        return None
    basis = COMPARES[name].basis
    by_sent = basis is Basis.SENT
    gain = arm if by_sent else arm.assigned
    return ComparedFigures(
        basis=basis,
        group=group,
        treated=gain.treated,
        control=_control(arm) if by_sent else arm.assigned.control,
        gain=gain,
        contaminated_rows=arm.contaminated_rows,
        tested=_tested(name, gain, several_goals=len(snapshot.goals) > 1),
    )


def _control(arm: ArmUplift) -> ArmFigures:
    return ArmFigures(
        rows=arm.active_targets,
        people=arm.people,
        converted_users=arm.converted_users,
        converted_people=arm.converted_people,
        conversion_rate=arm.conversion_rate,
    )


def _tested(name: str, gain: ArmUplift | AssignedUplift, *, several_goals: bool) -> Tested | None:
    if name in OF_REVENUE:
        return _revenue_tested(name, gain.revenue)
    intervals = {
        "uplift": gain.interval,
        "assigned_uplift": gain.interval,
        "difference": gain.difference_interval,
        "assigned_difference": gain.difference_interval,
        "incremental_conversions": gain.incremental_conversions_interval,
    }
    if name not in intervals:
        return None
    adjusted = gain.p_value_adjusted if isinstance(gain, ArmUplift) and several_goals else None
    return Tested(intervals[name], gain.p_value, adjusted, gain.always_valid_interval)


def _revenue_tested(name: str, revenue: RevenueComparison | None) -> Tested | None:
    if revenue is None:
        return None
    intervals = {
        "incremental_revenue": revenue.incremental_interval,
        "assigned_revenue_difference": revenue.interval,
    }
    return Tested(intervals[name], revenue.p_value) if name in intervals else None

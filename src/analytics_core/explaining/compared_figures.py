"""What a number of a comparison with a control group comes from: both arms, and how sure their difference is."""

from dataclasses import dataclass

from analytics_core.domain.words import ControlGroupType
from analytics_core.metrics.catalog import figure_at
from analytics_core.metrics.metric import Basis, ComparedEvents, ComparedRows, Metric, Value
from analytics_core.snapshot.comparison import ArmUplift, AssignedUplift
from analytics_core.snapshot.snapshot import Snapshot


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
        gain: both arms, and what the treated one gained.
        contaminated_rows: drawn into this control group and requested anyway.
        tested: how sure the number is; None for numbers that nothing is tested about.
    """

    basis: Basis
    group: ControlGroupType
    gain: ArmUplift | AssignedUplift
    contaminated_rows: int
    tested: Tested | None


def compare_arms(metric: Metric, snapshot: Snapshot) -> ComparedFigures | None:
    """The comparison a metric is of; None where it is of none, or the campaign has no control group."""
    goal = snapshot.primary_goal
    arm, group = goal.uplift.compared, goal.uplift.compared_group
    if not isinstance(metric.made_of, ComparedRows | ComparedEvents) or arm is None or group is None:
        return None
    by_sent = metric.made_of.basis is Basis.SENT
    gain = arm if by_sent else arm.assigned
    return ComparedFigures(
        basis=metric.made_of.basis,
        group=group,
        gain=gain,
        contaminated_rows=arm.contaminated_rows,
        tested=_test(metric, arm, several_goals=len(snapshot.goals) > 1),
    )


def _test(metric: Metric, arm: ArmUplift, *, several_goals: bool) -> Tested | None:
    """The interval that the metric declares, and what the same test says beside it."""
    if metric.interval is None:
        return None
    *way, end = metric.interval.split(".")
    test = figure_at(arm, ".".join(way)) if way else arm
    if test is None:
        return None
    adjusted = test.p_value_adjusted if isinstance(test, ArmUplift) and several_goals else None
    always_valid = test.always_valid_interval if isinstance(test, ArmUplift | AssignedUplift) else None
    return Tested(getattr(test, end), test.p_value, adjusted, always_valid)

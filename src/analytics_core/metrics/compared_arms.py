"""Which comparison the cards show, and how metrics read its figures; all of the primary goal."""

from analytics_core.domain.words import ControlGroupType
from analytics_core.metrics.metric import Read, Value
from analytics_core.snapshot.comparison import ArmFigures, ArmUplift, AssignedUplift
from analytics_core.snapshot.snapshot import GoalResult, Snapshot


def compared_arm(goal: GoalResult) -> ArmUplift | None:
    """The comparison the cards show: with the campaign's control group, with the global one where there is none."""
    return goal.uplift.campaign or goal.uplift.global_


def compared_group(goal: GoalResult) -> ControlGroupType | None:
    """The control group of that comparison; None without any."""
    if goal.uplift.campaign is not None:
        return ControlGroupType.CAMPAIGN
    return None if goal.uplift.global_ is None else ControlGroupType.GLOBAL


def read_control(field: str) -> Read:
    """Takes a figure of the control arm by sent requests."""
    return lambda snapshot: _figure(compared_arm(snapshot.primary_goal), field)


def read_treated(field: str) -> Read:
    """Takes a figure of the treated arm by sent requests."""

    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        return None if arm is None else _figure(arm.treated, field)

    return read


def read_assigned(field: str) -> Read:
    """Takes a figure of the comparison by assignment."""

    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        return None if arm is None else _figure(arm.assigned, field)

    return read


def read_assigned_arm(arm: str, field: str) -> Read:
    """Takes a figure of one arm of the comparison by assignment."""

    def read(snapshot: Snapshot) -> Value:
        compared = compared_arm(snapshot.primary_goal)
        return None if compared is None else _figure(getattr(compared.assigned, arm), field)

    return read


def read_assigned_revenue(field: str) -> Read:
    """Takes a figure of the revenue by assignment."""

    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        value: Value = getattr(arm.assigned.revenue, field, None) if arm else None
        return value

    return read


def _figure(figures: ArmUplift | AssignedUplift | ArmFigures | None, field: str) -> Value:
    value: Value = getattr(figures, field, None)
    return value

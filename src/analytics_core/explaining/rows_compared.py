"""Which rows the numbers of a comparison with a control group are made of."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from analytics_core.counting.arm_tables import NO_SIDES, Sides, as_assigned, as_sent
from analytics_core.domain.words import Arm, ControlGroupType, require_every
from analytics_core.explaining.row_grains import Grain, Measure, RowsBehind


class Basis(StrEnum):
    """Who is compared: who was sent with who was held out, or all as they were drawn."""

    SENT = "sent"
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class Compares:
    """What of a comparison one number is made of."""

    basis: Basis
    arms: tuple[Arm, ...]
    grain: Grain = Grain.COMPARED_EVENT
    measure: Measure | None = None


_BOTH = require_every(Arm, (Arm.TREATED, Arm.CONTROL))


def _of_arm(basis: Basis, arm: Arm, users: str, converted: str, *rates: str) -> dict[str, Compares]:
    """One arm's size, its converted users, and what is divided by its size."""
    return {
        users: Compares(basis, (arm,), Grain.COMPARED_ROW, Measure.ROWS),
        converted: Compares(basis, (arm,), measure=Measure.INSTANCE_USERS),
        **{rate: Compares(basis, (arm,)) for rate in rates},
    }


def _of_both(basis: Basis, *names: str) -> dict[str, Compares]:
    return {name: Compares(basis, _BOTH) for name in names}


COMPARES: dict[str, Compares] = {
    **_of_both(Basis.SENT, "uplift", "difference", "smallest_detectable_uplift"),
    **_of_arm(Basis.SENT, Arm.TREATED, "treated_users", "treated_converted_users", "treated_conversion_rate"),
    **_of_arm(Basis.SENT, Arm.CONTROL, "active_targets", "control_converted_users", "control_conversion_rate"),
    **_of_both(
        Basis.ASSIGNED,
        "incremental_conversions",
        "assigned_uplift",
        "assigned_difference",
        "incremental_revenue",
        "assigned_revenue_difference",
    ),
    **_of_arm(
        Basis.ASSIGNED,
        Arm.TREATED,
        "assigned_treated_users",
        "assigned_treated_converted_users",
        "assigned_treated_conversion_rate",
        "assigned_treated_revenue_per_user",
    ),
    **_of_arm(
        Basis.ASSIGNED,
        Arm.CONTROL,
        "assigned_control_users",
        "assigned_control_converted_users",
        "assigned_control_conversion_rate",
        "assigned_control_revenue_per_user",
    ),
    "sample_ratio": Compares(Basis.ASSIGNED, _BOTH, Grain.FIRST_ROW),
}
"""By metric."""


def compared_rows_behind(compares: Compares, group: ControlGroupType | None) -> RowsBehind:
    """The rows of a number of a comparison with the control group `group`; none where there is no such group.

    The sample ratio is about the campaign's own control group, whichever the uplift is over.
    """
    drawn = ControlGroupType.CAMPAIGN if compares.grain is Grain.FIRST_ROW else group
    return RowsBehind(
        grain=compares.grain,
        condition=pl.col("arm").is_in([arm.value for arm in compares.arms]),
        measure=compares.measure,
        sides=_sides(compares.basis, drawn),
        arms=compares.arms,
    )


def _sides(basis: Basis, group: ControlGroupType | None) -> Sides:
    if group is None:
        return NO_SIDES
    match basis:
        case Basis.SENT:
            return as_sent(group)
        case Basis.ASSIGNED:
            return as_assigned(group)

"""Which rows each number is made of: what its declaration says, as conditions on frames."""

from dataclasses import dataclass

import polars as pl

from analytics_core.counting.arm_tables import NO_SIDES, Sides, as_assigned, as_sent
from analytics_core.domain.words import AnalyticsVersion, Arm, ControlGroupType, Counting, require_every
from analytics_core.metrics.metric import (
    AudienceRows,
    Basis,
    Compared,
    ComparedEvents,
    ComparedRows,
    Credits,
    FirstRows,
    Grain,
    Measure,
    Rows,
    UnaccountedInstances,
)

OF_COMPARISON = frozenset({Grain.COMPARED_EVENT, Grain.COMPARED_ROW, Grain.FIRST_ROW})
"""The rows that comparisons of arms are made of."""
_SIDES = require_every(Basis, {Basis.SENT: as_sent, Basis.ASSIGNED: as_assigned})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBehind:
    """The rows behind one number.

    Attributes:
        grain: what one row is.
        condition: which rows of the grain count.
        measure: what of them is the number; None for quotients, whose parts have their own rows.
        category: of personalization failures only those of this category.
        matured_or_not: rows count whatever the settings say about matured ones.
        sides: of a comparison, the cells its arms are made of.
        arms: of a comparison, the arms whose rows count.
    """

    grain: Grain
    condition: pl.Expr
    measure: Measure | None = Measure.ROWS
    category: str | None = None
    matured_or_not: bool = False
    sides: Sides = NO_SIDES
    arms: tuple[Arm, ...] = ()

    @property
    def compares_nobody(self) -> bool:
        """Whether the number is of a comparison, and there is no control group to compare with."""
        return self.grain in OF_COMPARISON and self.sides == NO_SIDES

    def measure_in(self, counting: Counting, version: AnalyticsVersion) -> Measure | None:
        """What of the rows is the number in `counting`; older campaigns count converted users once."""
        if self.measure is Measure.ROWS and self.grain is Grain.AUDIENCE_ROW and counting is Counting.UNIQUE:
            return Measure.USERS
        if self.measure is Measure.INSTANCE_USERS and version is AnalyticsVersion.LEGACY:
            return Measure.USERS
        return self.measure


def rows_behind(made_of: Rows, group: ControlGroupType | None) -> RowsBehind:
    """Which rows a number is made of.

    Args:
        made_of: what its metric declares.
        group: the control group the campaign is compared with; None without one.
    """
    match made_of:
        case ComparedRows() | ComparedEvents() | FirstRows():
            return _restrict_to_arms(made_of, group)
        case Credits():
            condition = pl.lit(value=True) if made_of.flaw is None else pl.col(made_of.flaw)
            return RowsBehind(grain=made_of.grain, condition=condition, measure=made_of.measure)
        case UnaccountedInstances():
            return RowsBehind(grain=made_of.grain, condition=pl.col("unaccounted") > 0, measure=made_of.measure)
        case AudienceRows():
            conditions = (
                pl.col("standing").is_in([each.value for each in made_of.standings]) if made_of.standings else None,
                None if made_of.reason is None else pl.col("became") == made_of.reason,
                pl.col("contaminated") if made_of.contaminated else None,
            )
            return RowsBehind(
                grain=made_of.grain,
                condition=pl.all_horizontal([condition for condition in conditions if condition is not None]),
                measure=made_of.measure,
                category=made_of.category,
                matured_or_not=made_of.matured_or_not,
            )


def may_miss_events(made_of: Rows) -> bool:
    """Whether events that almost counted are worth a look."""
    return isinstance(made_of, ComparedEvents) or (isinstance(made_of, Credits) and made_of.flaw is None)


def _restrict_to_arms(compared: Compared, group: ControlGroupType | None) -> RowsBehind:
    """Those of a comparison with the control group `group`; none where there is no such group.

    How users were drawn is about the campaign's own control group, whichever the uplift is over.
    """
    drawn = ControlGroupType.CAMPAIGN if compared.grain is Grain.FIRST_ROW else group
    return RowsBehind(
        grain=compared.grain,
        condition=pl.col("arm").is_in([arm.value for arm in compared.arms]),
        measure=compared.measure,
        sides=NO_SIDES if drawn is None else _SIDES[compared.basis](drawn),
        arms=compared.arms,
    )

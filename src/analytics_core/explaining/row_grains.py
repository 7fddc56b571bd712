"""What rows behind numbers are, which of them a number has, and what of them the number is."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from analytics_core.counting.arm_tables import NO_SIDES, Sides
from analytics_core.domain.words import AnalyticsVersion, Arm, Counting


class Grain(StrEnum):
    """What one row behind a number is."""

    AUDIENCE_ROW = "audience_row"
    CREDIT = "credit"
    COMPARED_EVENT = "compared_event"
    COMPARED_ROW = "compared_row"
    FIRST_ROW = "first_row"
    INSTANCE = "instance"


OF_COMPARISON = frozenset({Grain.COMPARED_EVENT, Grain.COMPARED_ROW, Grain.FIRST_ROW})
"""The rows that comparisons of arms are made of."""


class Measure(StrEnum):
    """What of the rows is the number; the names of the sums in `RowSums`."""

    ROWS = "rows"
    USERS = "users"
    INSTANCE_USERS = "instance_users"
    ATTEMPTS = "attempts"
    AMOUNT = "amount"
    MEDIAN = "median_seconds"
    P75 = "p75_seconds"
    P90 = "p90_seconds"
    P95 = "p95_seconds"
    UNACCOUNTED = "unaccounted"


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

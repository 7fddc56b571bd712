"""One campaign's counts of the arms, and what of them two arms of one goal are compared by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.attribution.comparison import CONTAMINATED, HELD, Cell
from analytics_core.attribution.numeric import MONEY
from analytics_core.attribution.packing import Ints
from analytics_core.domain.words import ControlGroupType
from analytics_core.metrics.arms import ALL, CONVERTED, ROWS
from analytics_core.statistics.user_counts import UserCounts, merge_counts


@dataclass(frozen=True, slots=True)
class Sides:
    """The cells two arms are made of."""

    treated: tuple[Cell, ...]
    control: tuple[Cell, ...]


def as_sent(group: ControlGroupType) -> Sides:
    """Those who were sent beside those who were held out; contaminated rows are in neither arm."""
    return Sides((Cell.SENT,), (HELD[group],))


def as_assigned(group: ControlGroupType) -> Sides:
    """Those who were to be sent beside those who were drawn into the control group, whatever became of either."""
    return Sides((Cell.SENT, Cell.NOT_SENT), (HELD[group], CONTAMINATED[group]))


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How many users have each combination of rows, and of converted rows, in the cells.

    Attributes:
        rows: one line per cell, one column per combination.
        converted: the same of converted rows; None where none is looked at.
        users: how many users have the combination.
    """

    rows: Ints
    converted: Ints | None
    users: Ints

    @classmethod
    def by_span(cls, counted: pl.DataFrame) -> dict[int, Self]:
        """The rows of `arm_users` or `arm_converters`, by span."""
        span, users = counted["span"].to_numpy(), counted["users"].to_numpy()
        rows = counted.select(ROWS).to_numpy().T
        converted = counted.select(CONVERTED).to_numpy().T if CONVERTED[0] in counted.columns else None
        places = {number: np.flatnonzero(span == number) for number in np.unique(span).tolist()}
        return {
            number: cls(rows[:, its], None if converted is None else converted[:, its], users[its])
            for number, its in places.items()
        }


_NOBODY = Tally(np.zeros((len(ROWS), 0), np.int64), np.zeros((len(ROWS), 0), np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class ArmTables:
    """A campaign's rows of the tables of `arms.count_arms`, of all its users.

    Attributes:
        users: by span, all users.
        converters: by goal id and span, those with converted rows; goals without any have no entry.
        amounts: by goal id, rows of `arm_amounts`; goals without any have no entry.
        week: the span that the first matured week is; None where none has matured.
    """

    users: Mapping[int, Tally] = field(default_factory=dict)
    converters: Mapping[str, Mapping[int, Tally]] = field(default_factory=dict)
    amounts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    week: int | None = None

    def rows_in(self, cells: tuple[Cell, ...]) -> int:
        """How many rows are in some cells."""
        everyone = self.users.get(ALL, _NOBODY)
        return int((_sum_of(everyone.rows, cells) * everyone.users).sum())

    def counts(self, goal_id: str, sides: Sides, span: int = ALL) -> UserCounts:
        """How many users have which rows and converted rows in two arms."""
        return _counts(self, goal_id, sides, span)

    def sums(self, goal_id: str, sides: Sides) -> pl.DataFrame:
        """One row per user with any amount in two arms: exact sums, squares of rows' amounts, and rows in both arms.

        Returns:
            `treated`, `control` (exact), `treated_squares`, `control_squares`, `treated_rows`, `control_rows`.
        """
        rows = self.amounts.get(goal_id)
        if rows is None:
            return pl.DataFrame(schema=_SUM_TYPES)
        person = pl.col("new").cast(pl.Int64).cum_sum().alias("person")
        inside = rows.lazy().with_columns(person).filter(pl.col("cell").is_in([*sides.treated, *sides.control]))
        in_arm = {name: pl.col("cell").is_in(list(getattr(sides, name))) for name in ("treated", "control")}
        # A user has one row here per cell, of which an arm has at most two: their sum does not depend on their order.
        sums = [
            expression
            for name, where in in_arm.items()
            for expression in (
                pl.col("amount").filter(where).sum().alias(name),
                pl.col("squares").filter(where).sum().alias(f"{name}_squares"),
            )
        ]
        sizes = [
            pl.sum_horizontal(ROWS[cell] for cell in getattr(sides, name)).first().alias(f"{name}_rows")
            for name in in_arm
        ]
        return inside.group_by("person").agg(*sums, *sizes).select(list(_SUM_TYPES)).collect()


_SUM_TYPES: dict[str, pl.DataType] = {
    "treated": MONEY,
    "control": MONEY,
    "treated_squares": pl.Float64(),
    "control_squares": pl.Float64(),
    "treated_rows": pl.Int64(),
    "control_rows": pl.Int64(),
}


def total_of(amounts: pl.Series) -> Decimal:
    """An exact sum; 0 of none."""
    return Decimal(amounts.sum() or 0)


@lru_cache(maxsize=16)
def _counts(tables: ArmTables, goal_id: str, sides: Sides, span: int) -> UserCounts:
    """One goal's counts are asked for by several figures, one after the other."""
    everyone = tables.users.get(span, _NOBODY)
    brought = tables.converters.get(goal_id, {}).get(span, _NOBODY)
    treated, control = (_sum_of(everyone.rows, cells) for cells in (sides.treated, sides.control))
    rows, others = (_sum_of(brought.rows, cells) for cells in (sides.treated, sides.control))
    none, nobody = np.zeros(len(treated), np.int64), np.zeros(len(rows), np.int64)
    converted = brought.rows if brought.converted is None else brought.converted
    # Users with converted rows stand among all users as if they had none: they are taken away once there.
    columns = (
        (treated, rows, rows),
        (none, _sum_of(converted, sides.treated), nobody),
        (control, others, others),
        (none, _sum_of(converted, sides.control), nobody),
        (everyone.users, brought.users, -brought.users),
    )
    joined = [np.concatenate(parts) for parts in columns]
    in_arms = joined[0] + joined[2] > 0
    return merge_counts(UserCounts(*(column[in_arms] for column in joined)))


def _sum_of(counts: Ints, cells: tuple[Cell, ...]) -> NDArray[np.int64]:
    """By combination, the sum of the lines of some cells."""
    lines = counts[list(cells)]
    return lines[0].astype(np.int64) if len(cells) == 1 else lines.sum(axis=0, dtype=np.int64)

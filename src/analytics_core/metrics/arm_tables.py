"""One campaign's counts of the arms, and what of them two arms of one goal are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import polars as pl

from analytics_core.attribution.comparison import CONTAMINATED, HELD, Cell
from analytics_core.attribution.numeric import MONEY
from analytics_core.attribution.packing import Ints, added_up
from analytics_core.domain.words import ControlGroupType
from analytics_core.metrics.arms import ALL, CONVERTED, ROWS
from analytics_core.statistics.user_counts import UserCounts

_SIDES = ("treated_rows", "treated_converted", "control_rows", "control_converted")


@dataclass(frozen=True, slots=True)
class Sides:
    """The cells two arms are made of."""

    treated: tuple[Cell, ...]
    control: tuple[Cell, ...]


NO_SIDES = Sides((), ())
"""Nobody is compared."""


def as_sent(group: ControlGroupType) -> Sides:
    """Those who were sent beside those who were held out; contaminated rows are in neither arm."""
    return Sides((Cell.SENT,), (HELD[group],))


def as_assigned(group: ControlGroupType) -> Sides:
    """Those who were to be sent beside those who were drawn into the control group, whatever became of either."""
    return Sides((Cell.SENT, Cell.NOT_SENT), (HELD[group], CONTAMINATED[group]))


@dataclass(frozen=True, slots=True, eq=False)
class ArmTables:
    """A campaign's rows of the tables of `arms.count_arms`, of all its users.

    Attributes:
        users: rows of `arm_users`.
        converters: by goal id, rows of `arm_converters`; goals without any have no entry.
        amounts: by goal id, rows of `arm_amounts`; goals without any have no entry.
        week: the span that the first matured week is; None where none has matured.
    """

    users: pl.DataFrame = field(default_factory=pl.DataFrame)
    converters: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    amounts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    week: int | None = None

    def rows_in(self, cells: Sequence[Cell]) -> int:
        """How many rows are in some cells."""
        if self.users.is_empty():
            return 0
        of_all = self.users.filter(pl.col("span") == ALL)
        return int((_sum_of(of_all, ROWS, cells) * of_all["users"].to_numpy()).sum())

    def counts(self, goal_id: str, sides: Sides, span: int = ALL) -> UserCounts:
        """How many users have which rows and converted rows in two arms."""
        everyone = self.users.filter(pl.col("span") == span)
        converters = self.converters.get(goal_id)
        parts = [_counted(everyone, sides, converted=False)]
        if converters is not None:
            brought = converters.filter(pl.col("span") == span)
            # Users with converted rows stand among all users as if they had none: once less there.
            parts += [_counted(brought, sides, converted=True), _counted(brought, sides, converted=False, sign=-1)]
        columns = {name: np.concatenate([part[name] for part in parts]) for name in (*_SIDES, "users")}
        summed = added_up(columns, _SIDES)
        kept = (summed["users"] > 0) & (summed["treated_rows"] + summed["control_rows"] > 0)
        return UserCounts(*(summed[name][kept].astype(np.int64) for name in (*_SIDES, "users")))

    def sums(self, goal_id: str, sides: Sides) -> pl.DataFrame:
        """One row per user with any amount in two arms: exact sums, squares of rows' amounts, and rows in both arms.

        Returns:
            `treated`, `control` (exact), `treated_squares`, `control_squares`, `treated_rows`, `control_rows`.
        """
        rows = self.amounts.get(goal_id)
        if rows is None:
            return pl.DataFrame(schema=_SUM_TYPES)
        person = pl.col("new").cast(pl.Int64).cum_sum().alias("person")
        inside = rows.with_columns(person).filter(pl.col("cell").is_in([*sides.treated, *sides.control]))
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
        sizes = [pl.sum_horizontal(_named(ROWS, getattr(sides, name))).first().alias(f"{name}_rows") for name in in_arm]
        return inside.group_by("person").agg(*sums, *sizes).select(list(_SUM_TYPES))


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


def _counted(rows: pl.DataFrame, sides: Sides, *, converted: bool, sign: int = 1) -> dict[str, Ints]:
    none = np.zeros(rows.height, np.int64)
    return {
        "treated_rows": _sum_of(rows, ROWS, sides.treated),
        "treated_converted": _sum_of(rows, CONVERTED, sides.treated) if converted else none,
        "control_rows": _sum_of(rows, ROWS, sides.control),
        "control_converted": _sum_of(rows, CONVERTED, sides.control) if converted else none,
        "users": rows["users"].to_numpy() * sign,
    }


def _sum_of(rows: pl.DataFrame, names: Sequence[str], cells: Sequence[Cell]) -> Ints:
    """By row, the sum of the columns that are of some cells."""
    columns = [rows[name].to_numpy().astype(np.int64) for name in _named(names, cells)]
    return columns[0] if len(columns) == 1 else columns[0] + columns[1]


def _named(names: Sequence[str], cells: Sequence[Cell]) -> list[str]:
    return [names[cell] for cell in cells]

"""Revenue per row of both arms, exact, and how sure the gain is; once as it is and once with large sums cut."""

from dataclasses import fields
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import polars as pl

from analytics_core.domain.campaign import Goal
from analytics_core.metrics.arm_tables import ArmTables, Sides, total_of
from analytics_core.metrics.ratios import money_per
from analytics_core.metrics.snapshot import RevenueComparison, RevenueFigures
from analytics_core.statistics.amounts import AmountComparison, UserAmounts, compare_amounts
from analytics_core.statistics.user_counts import UserCounts

_DIGITS = 100
_QUANTUM = Decimal("0.000001")
_CUT_AT = 99
"""The percentile of users' positive sums at which every sum is cut."""


def compare_revenue(goal: Goal, arms: ArmTables, sides: Sides) -> RevenueComparison | None:
    """Both arms' revenue per row; None without a revenue attribute or with an arm that has no rows."""
    rows = arms.rows_in(sides.treated), arms.rows_in(sides.control)
    if goal.revenue is None or not min(rows):
        return None
    counts, sums = arms.counts(goal.goal_id, sides), arms.sums(goal.goal_id, sides)
    whole, cut = _figures(counts, sums, rows), _figures(counts, _cut(sums), rows)
    return RevenueComparison(**{column.name: getattr(whole, column.name) for column in fields(whole)}, cut=cut)


def _figures(counts: UserCounts, sums: pl.DataFrame, rows: tuple[int, int]) -> RevenueFigures:
    treated, control = total_of(sums["treated"]), total_of(sums["control"])
    found = compare_amounts(counts, _amounts(sums))
    with localcontext(prec=_DIGITS):
        gain = treated * rows[1] - control * rows[0]
    return RevenueFigures(
        treated_per_row=_per(treated, rows[0]),
        control_per_row=_per(control, rows[1]),
        difference=_per(gain, rows[0] * rows[1]),
        interval=_interval(found, 1),
        p_value=found.p_value,
        incremental=_per(gain, rows[1]),
        incremental_interval=_interval(found, rows[0]),
    )


def _per(amount: Decimal, count: int) -> Decimal:
    return money_per(amount, count) or Decimal(0)


def _interval(found: AmountComparison, rows: int) -> tuple[Decimal, Decimal] | None:
    if found.interval is None:
        return None
    low, high = (_rounded(end * rows) for end in found.interval)
    return low, high


def _rounded(amount: float) -> Decimal:
    with localcontext(prec=400):
        rounded = Decimal(amount).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
        return rounded or abs(rounded)


def _amounts(sums: pl.DataFrame) -> UserAmounts:
    return UserAmounts(
        treated_rows=sums["treated_rows"].to_numpy(),
        control_rows=sums["control_rows"].to_numpy(),
        treated_sum=sums["treated"].cast(pl.Float64).to_numpy(),
        control_sum=sums["control"].cast(pl.Float64).to_numpy(),
        treated_squares=sums["treated_squares"].to_numpy(),
        control_squares=sums["control_squares"].to_numpy(),
    )


def _cut(sums: pl.DataFrame) -> pl.DataFrame:
    """Every user's sum per arm cut at the 99th percentile (nearest rank) of the positive sums of both arms.

    A cut user's rows shrink in proportion, so their squares do by its square.
    """
    positive = pl.concat([sums["treated"], sums["control"].rename("treated")])
    positive = positive.filter(positive > 0).sort()
    if positive.is_empty():
        return sums
    rank = -(-_CUT_AT * len(positive) // 100)
    limit = positive.slice(rank - 1, 1)
    return sums.with_columns(
        *(_cut_squares(sums, name, limit) for name in ("treated", "control")),
        *(pl.min_horizontal(name, pl.lit(limit)).alias(name) for name in ("treated", "control")),
    )


def _cut_squares(sums: pl.DataFrame, name: str, limit: pl.Series) -> pl.Series:
    amounts, squares = sums[name].cast(pl.Float64).to_numpy(), sums[f"{name}_squares"].to_numpy()
    most = float(limit.cast(pl.Float64)[0])
    shrunk = np.divide(most, amounts, out=np.ones(len(amounts)), where=amounts > most)
    return pl.Series(f"{name}_squares", squares * shrunk**2)

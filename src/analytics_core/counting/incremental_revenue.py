"""Revenue per row of both arms, exact, and how sure the gain is; once as it is and once with large sums cut."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from analytics_core.arrays.packing import Ints
from analytics_core.attribution.numeric import MONEY_DECIMALS
from analytics_core.counting.arm_tables import ArmTables, Sides, UserSums
from analytics_core.domain.campaign import Goal
from analytics_core.domain.money import money_per
from analytics_core.snapshot.comparison import RevenueComparison, RevenueFigures
from analytics_core.statistics.amounts import AmountComparison, UserAmounts, compare_many_amounts
from analytics_core.statistics.user_counts import UserCounts

Floats = NDArray[np.float64]
_DIGITS = 100
_QUANTUM = Decimal("0.000001")
_HALF = 32
_CUT_AT = 99
"""The percentile of users' positive sums at which every sum is cut."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmRevenue:
    """What the revenue of two arms that both have `rows` is compared by: users' sums, also with large ones `cut`."""

    rows: tuple[int, int]
    counts: UserCounts
    whole: UserSums
    cut: UserSums


def gather_revenue(goal: Goal, arms: ArmTables, sides: Sides, counts: UserCounts) -> ArmRevenue | None:
    """One goal's revenue in two arms; None without a revenue attribute or with an arm that has no rows."""
    rows = arms.rows_in(sides.treated), arms.rows_in(sides.control)
    if goal.revenue is None or not min(rows):
        return None
    sums = arms.sums(goal.goal_id, sides)
    return ArmRevenue(rows, counts, sums, cut_sums(sums))


def compare_revenues(gathered: Sequence[ArmRevenue | None]) -> list[RevenueComparison | None]:
    """Both arms' revenue per row, of many comparisons at once; None where there is none."""
    asked = [(each.counts, (_amounts(each.whole), _amounts(each.cut))) for each in gathered if each is not None]
    found = iter(compare_many_amounts(asked))
    return [None if each is None else _compare(each, *next(found)) for each in gathered]


def _compare(revenue: ArmRevenue, whole: AmountComparison, cut: AmountComparison) -> RevenueComparison:
    figures = _figures(revenue.whole, revenue.rows, whole)
    return RevenueComparison(
        **{column.name: getattr(figures, column.name) for column in fields(figures)},
        cut=_figures(revenue.cut, revenue.rows, cut),
    )


def cut_sums(sums: UserSums) -> UserSums:
    """Every user's sum per arm cut at the 99th percentile (nearest rank) of the positive sums of both arms.

    A cut user's rows shrink in proportion, so their squares do by its square.
    """
    both = np.concatenate([sums.treated, sums.control])
    positive = np.sort(both[both > 0])
    if not len(positive):
        return sums
    most = positive[-(-_CUT_AT * len(positive) // 100) - 1]
    return replace(
        sums,
        treated=np.minimum(sums.treated, most),
        control=np.minimum(sums.control, most),
        treated_squares=_shrink(sums.treated_squares, sums.treated, most),
        control_squares=_shrink(sums.control_squares, sums.control, most),
    )


def _shrink(squares: Floats, amounts: Ints, most: int) -> Floats:
    left = float(most) / np.maximum(amounts, most).astype(np.float64)
    return squares * (left * left)


def _figures(sums: UserSums, rows: tuple[int, int], found: AmountComparison) -> RevenueFigures:
    treated, control = _total(sums.treated), _total(sums.control)
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


def _total(millionths: Ints) -> Decimal:
    """The exact sum as an amount of money; in two halves, because the whole may not fit 64 bits."""
    high, low = int((millionths >> _HALF).sum()), int((millionths & ((1 << _HALF) - 1)).sum())
    with localcontext(prec=_DIGITS):
        return Decimal((high << _HALF) + low).scaleb(-MONEY_DECIMALS)


def _per(amount: Decimal, count: int) -> Decimal:
    return money_per(amount, count) or Decimal(0)


def _interval(found: AmountComparison, rows: int) -> tuple[Decimal, Decimal] | None:
    if found.interval is None:
        return None
    low, high = (_round(end * rows) for end in found.interval)
    return low, high


def _round(amount: float) -> Decimal:
    with localcontext(prec=_DIGITS):
        rounded = Decimal(amount).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
        return rounded or abs(rounded)


def _amounts(sums: UserSums) -> UserAmounts:
    unit = 10.0**MONEY_DECIMALS
    return UserAmounts(
        treated_rows=sums.treated_rows.astype(np.int64),
        control_rows=sums.control_rows.astype(np.int64),
        treated_sum=sums.treated.astype(np.float64) / unit,
        control_sum=sums.control.astype(np.float64) / unit,
        treated_squares=sums.treated_squares,
        control_squares=sums.control_squares,
    )

"""The comparison of amounts per row: the test of rates on amounts scaled down to where a row is worth 1 at most."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.effective_sizes import Floats, Residuals, UserRows, size_arms
from analytics_core.statistics.intervals import difference_interval
from analytics_core.statistics.score_test import ObservedRates, is_shared_evenly, score_no_effect
from analytics_core.statistics.user_counts import Ints, UserCounts, merge_columns, sum_products

Amounts = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class UserAmounts:
    """One entry per user who has any amount: columns of equal length; all other users have none.

    `…_rows` are all of the user's rows in an arm, also those without an amount; `…_sum` their amounts together, refunds
    negative; `…_squares` the sums over the rows of the square of each row's amount.

    Example:
        A user whose two sent rows brought 3 and 4 and who was not held out: 2, 0, 7, 0, 25, 0.
    """

    treated_rows: Ints
    control_rows: Ints
    treated_sum: Amounts
    control_sum: Amounts
    treated_squares: Amounts
    control_squares: Amounts


@dataclass(frozen=True, slots=True)
class AmountComparison:
    """How sure the difference of the amounts per row is, in the amounts' unit; None where the amounts cannot say it."""

    interval: tuple[float, float] | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class AmountSums:
    """One arm: rows, the amounts' sum and the sum of their squares."""

    rows: int
    amount: float
    squares: float

    @property
    def mean(self) -> float:
        """The amount per row."""
        return self.amount / self.rows

    @property
    def worth(self) -> float:
        """What a row with an amount is worth: the amounts' mean, each weighted by itself; 0 without amounts."""
        return self.squares / self.amount if self.amount else 0.0


def compare_amounts(counts: UserCounts, amounts: UserAmounts) -> AmountComparison:
    """The interval (95 %) and p-value of treated less control amount per row, the user as the unit.

    Where every amount is the same, the p-value is that of the rows that have one.

    Args:
        counts: the rows of all users; what converted is ignored.
        amounts: of the users who have any, who are among `counts`.

    Returns:
        None where an arm has no rows, is worth one user or has a negative sum, where there is no amount at all, or
        where users are shared between the arms so evenly that nothing can vary (with equal means the p-value is 1).
    """
    treated, control = _sum_amounts(counts, amounts)
    total = treated.amount + control.amount
    if not treated.rows or not control.rows or total <= 0 or treated.amount < 0 or control.amount < 0:
        return AmountComparison()
    unit = max((treated.squares + control.squares) / total, treated.mean, control.mean)
    observed = _observe_amounts(counts, amounts, (treated, control), unit)
    if not observed.sizes.testable:
        return AmountComparison()
    null = score_no_effect(observed)
    if is_shared_evenly(observed, null):
        return AmountComparison(p_value=null.p_value)
    low, high = difference_interval(observed, null)
    return AmountComparison((low * unit, high * unit), null.p_value)


def cut_amounts(amounts: UserAmounts) -> tuple[UserAmounts, float | None]:
    """Every user's sum per arm cut at the 99th percentile of the positive sums of both arms, and that percentile.

    Nearest rank: of n sums in order, the one numbered 0.99 n, rounded up. Rows of a user who is cut shrink in
    proportion. Without a positive sum nothing is cut and the percentile is None.
    """
    sums = np.concatenate([amounts.treated_sum, amounts.control_sum])
    positive = np.sort(sums[sums > 0])
    if not len(positive):
        return amounts, None
    most = positive[(99 * len(positive) + 99) // 100 - 1].item()
    return replace(
        amounts,
        treated_sum=np.minimum(amounts.treated_sum, most),
        control_sum=np.minimum(amounts.control_sum, most),
        treated_squares=_shrink(amounts.treated_squares, amounts.treated_sum, most),
        control_squares=_shrink(amounts.control_squares, amounts.control_sum, most),
    ), most


def _shrink(squares: Amounts, sums: Amounts, most: float) -> Floats:
    """Squares of users whose sum is cut to `most`, by the square of what is left of it."""
    left = most / np.maximum(sums, most)
    return squares * (left * left)


def _sum_amounts(counts: UserCounts, amounts: UserAmounts) -> tuple[AmountSums, AmountSums]:
    return (
        AmountSums(
            sum_products(counts.treated_rows, counts.users),
            math.fsum(amounts.treated_sum.tolist()),
            math.fsum(amounts.treated_squares.tolist()),
        ),
        AmountSums(
            sum_products(counts.control_rows, counts.users),
            math.fsum(amounts.control_sum.tolist()),
            math.fsum(amounts.control_squares.tolist()),
        ),
    )


def _observe_amounts(
    counts: UserCounts, amounts: UserAmounts, arms: tuple[AmountSums, AmountSums], unit: float
) -> ObservedRates:
    """The arms' means in units of `unit`, and their effective sizes by how alike a user's amounts are."""
    treated, control = arms
    rows, without = _line_up(counts, amounts)
    sums = _pad(amounts.treated_sum, without), _pad(amounts.control_sum, without)
    squares = _pad(amounts.treated_squares, without), _pad(amounts.control_squares, without)
    sizes = size_arms(
        rows,
        _leave_residuals(rows.treated, sums[0], squares[0], treated.mean),
        _leave_residuals(rows.control, sums[1], squares[1], control.mean),
    )
    return ObservedRates(
        treated.mean / unit, control.mean / unit, sizes, max(treated.worth / unit, 1.0), max(control.worth / unit, 1.0)
    )


def _line_up(counts: UserCounts, amounts: UserAmounts) -> tuple[UserRows, int]:
    """The rows of each combination of users without amounts, then of each user with; and how many are of the first."""
    (treated, control), users = merge_columns(
        (
            np.concatenate([counts.treated_rows, amounts.treated_rows]),
            np.concatenate([counts.control_rows, amounts.control_rows]),
        ),
        np.concatenate([counts.users, np.full(len(amounts.treated_rows), -1)]),
    )
    rows = UserRows(
        np.concatenate([treated, amounts.treated_rows]),
        np.concatenate([control, amounts.control_rows]),
        np.concatenate([users, np.ones(len(amounts.treated_rows), np.int64)]),
    )
    return rows, len(users)


def _pad(column: Amounts, without: int) -> Floats:
    return np.concatenate([np.zeros(without), column.astype(np.float64)])


def _leave_residuals(rows: Ints, sums: Floats, squares: Floats, mean: float) -> Residuals:
    """What the arm's mean leaves of every row's amount."""
    return Residuals(sums - rows * mean, squares - 2 * mean * sums + rows * (mean * mean))

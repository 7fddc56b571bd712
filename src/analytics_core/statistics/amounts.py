"""The comparison of amounts per row: the test of rates on amounts scaled down to where a row is worth 1 at most."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics_core.arrays.packing import order_values, split_by_size, tally
from analytics_core.statistics.effective_sizes import Residuals, Sizes, UserRows, size_arms
from analytics_core.statistics.intervals import difference_interval
from analytics_core.statistics.score_test import ObservedRates, is_shared_evenly, score_no_effect
from analytics_core.statistics.stacking import QUIETLY, Flags, Floats, Groups, number_rows
from analytics_core.statistics.user_counts import Ints, UserCounts, merge_columns

_AT_ONCE = 1 << 15
"""Users with amounts whose comparisons are made at once, about."""

Amounts = NDArray[np.float64] | NDArray[np.int64]

_NOTHING = 1e-12
"""A sum below this share of what was added and taken away is what rounding leaves of 0."""


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


Asked = tuple[UserCounts, tuple[UserAmounts, ...]]
"""A comparison: the rows of all users, and the amounts of those who have any, in one version or more."""


@dataclass(frozen=True, slots=True)
class AmountComparison:
    """How sure the difference of the amounts per row is, in the amounts' unit; None where the amounts cannot say it."""

    interval: tuple[float, float] | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UserLines:
    """Of many comparisons the users without amounts, by combination of rows, and each user with amounts."""

    rows: UserRows
    treated: Floats
    control: Floats
    treated_squares: Floats
    control_squares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AmountSums:
    """One arm by comparison: rows, the amounts' sum and the sum of their squares."""

    rows: Floats
    amount: Floats
    squares: Floats

    @property
    def mean(self) -> Floats:
        """The amount per row."""
        return self.amount / self.rows

    @property
    def worth(self) -> Floats:
        """What a row with an amount is worth: the amounts' mean, each weighted by itself; 0 without amounts."""
        return np.where(self.amount == 0, 0.0, self.squares / self.amount)


def compare_amounts(counts: UserCounts, amounts: UserAmounts) -> AmountComparison:
    """Compare the amounts of one treated arm with those of its control arm (see `compare_many_amounts`)."""
    return compare_many_amounts([(counts, (amounts,))])[0][0]


def compare_many_amounts(asked: Sequence[Asked]) -> list[tuple[AmountComparison, ...]]:
    """Intervals (95 %) and p-values of treated less control amount per row, the user as the unit; each as if alone.

    Where every amount is the same, the p-value is that of the rows that have one.

    Args:
        asked: of each comparison the rows of all users, of which what converted is ignored, and the amounts of the
            users who have any, who are among them: in as many versions as every other has (whole and cut, say), which
            differ in nothing but the amounts.

    Returns:
        In the order given, by version. None where an arm has no rows, is worth one user or has a negative sum, where
        there is no amount at all, or where users are shared between the arms so evenly that nothing can vary (with
        equal means the p-value is 1).
    """
    if not asked:
        return []
    # Some at a time, because there are as many amounts as users who paid, and what a processor holds is fast.
    sizes = [len(versions[0].treated_rows) for _, versions in asked]
    seen = [_observe(some) for some in split_by_size(asked, sizes, _AT_ONCE)]
    by_version = (_test([found[version] for found in seen]) for version in range(len(asked[0][1])))
    return list(zip(*by_version, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Observed:
    """The arms' means in units of `unit`, by comparison, and whether there is anything to test."""

    means: ObservedRates
    unit: Floats
    testable: Flags


@QUIETLY
def _observe(asked: Sequence[Asked]) -> list[_Observed]:
    """By version."""
    rows, order = _line_up([(counts, versions[0]) for counts, versions in asked])
    versions = zip(*(versions for _, versions in asked), strict=True)
    return [_observe_lines(_fill(rows, order, amounts)) for amounts in versions]


def _observe_lines(lines: UserLines) -> _Observed:
    treated = _sum_arm(lines, lines.rows.treated.rows, lines.treated, lines.treated_squares)
    control = _sum_arm(lines, lines.rows.control.rows, lines.control, lines.control_squares)
    total = treated.amount + control.amount
    unit = np.maximum.reduce([(treated.squares + control.squares) / total, treated.mean, control.mean])
    observed = _observe_amounts(lines, (treated, control), unit)
    positive = (total > 0) & (treated.amount >= 0) & (control.amount >= 0)
    return _Observed(observed, unit, positive & observed.sizes.testable)


@QUIETLY
def _test(parts: Sequence[_Observed]) -> list[AmountComparison]:
    """p-values and intervals; without intervals where users are shared so evenly that nothing can vary."""
    testable, unit = (np.concatenate(columns) for columns in zip(*((p.testable, p.unit) for p in parts), strict=True))
    places = np.flatnonzero(testable)
    observed = ObservedRates.join([part.means for part in parts]).take(places)
    null = score_no_effect(observed)
    ends, varying = np.full((2, len(places)), np.nan), np.flatnonzero(~is_shared_evenly(observed, null))
    ends[:, varying] = difference_interval(observed.take(varying), null.take(varying))
    found = [AmountComparison()] * len(testable)
    for place, low, high, p_value in zip(
        places.tolist(), *(ends * unit[places]).tolist(), null.p_value.tolist(), strict=True
    ):
        interval = None if math.isnan(low) else (low, high)
        found[place] = AmountComparison(interval, None if math.isnan(p_value) else p_value)
    return found


def _sum_arm(lines: UserLines, rows: Floats, sums: Floats, squares: Floats) -> AmountSums:
    add = lines.rows.groups.add
    amount = add(sums)
    if (sums < 0).any():
        amount = np.where(np.abs(amount) < _NOTHING * add(np.abs(sums)), 0.0, amount)
    return AmountSums(rows, amount, add(squares))


def _observe_amounts(lines: UserLines, arms: tuple[AmountSums, AmountSums], unit: Floats) -> ObservedRates:
    """The arms' means in units of `unit`, and their effective sizes by how alike a user's amounts are."""
    (treated, control), rows = arms, lines.rows
    sizes = size_arms(
        rows,
        _leave_residuals(rows.treated, lines.treated, lines.treated_squares, treated),
        _leave_residuals(rows.control, lines.control, lines.control_squares, control),
    )
    scales = np.maximum(treated.worth / unit, 1.0), np.maximum(control.worth / unit, 1.0)
    return ObservedRates(treated.mean / unit, control.mean / unit, sizes, *scales)


def _line_up(pairs: Sequence[tuple[UserCounts, UserAmounts]]) -> tuple[UserRows, NDArray[np.integer[Any]]]:
    """The rows of all users of many comparisons, in order of their comparison, and that order (see `_fill`)."""
    counts, amounts = [counts for counts, _ in pairs], [amounts for _, amounts in pairs]
    number = number_rows([len(each.treated_rows) for each in amounts])
    having = (
        np.concatenate([each.treated_rows for each in amounts]),
        np.concatenate([each.control_rows for each in amounts]),
        number,
    )
    others, users = _merge_others(counts, having)
    treated, control, numbers = (np.concatenate(columns) for columns in zip(others, having, strict=True))
    order = order_values(numbers)
    everyone = np.concatenate([users, np.ones(len(number), np.int64)])
    return (
        UserRows.of(treated[order], control[order], everyone[order], Groups.of(numbers[order], len(pairs))),
        order,
    )


def _merge_others(counts: Sequence[UserCounts], having: tuple[Ints, Ints, Ints]) -> tuple[tuple[Ints, ...], Ints]:
    """Treated rows, control rows and comparison of the users without amounts, and how many they are.

    `having` are the same columns of the users with amounts, one entry per user.
    """
    taken, times = tally({"number": having[2], "treated": having[0], "control": having[1]})
    columns = (
        np.concatenate([*(each.treated_rows for each in counts), taken["treated"]]),
        np.concatenate([*(each.control_rows for each in counts), taken["control"]]),
        np.concatenate([number_rows([len(each.users) for each in counts]), taken["number"]]),
    )
    return merge_columns(columns, np.concatenate([*(each.users for each in counts), -times]))


def _fill(rows: UserRows, order: NDArray[np.integer[Any]], amounts: Sequence[UserAmounts]) -> UserLines:
    """The lines with one version of the amounts: those of the users without any stand before all others in `order`."""
    nothing = np.zeros(len(order) - sum(len(each.treated_rows) for each in amounts))

    def join(columns: Iterable[Amounts]) -> Floats:
        joined: Floats = np.concatenate([nothing, *columns])[order]
        return joined

    return UserLines(
        rows,
        join(each.treated_sum for each in amounts),
        join(each.control_sum for each in amounts),
        join(each.treated_squares for each in amounts),
        join(each.control_squares for each in amounts),
    )


def _leave_residuals(sizes: Sizes, sums: Floats, squares: Floats, arm: AmountSums) -> Residuals:
    """What an arm's mean leaves of every row's amount; `sizes` are users' rows in that arm.

    What rounding took from the mean is what its remainders do not add up to 0 by: it is taken from them (Chan, Golub
    and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37, 1983).
    """
    own, groups = sizes.each, sizes.groups
    left = sums - own * groups.spread(arm.mean)
    left -= own * groups.spread(groups.add(left * sizes.users) / arm.rows)
    shared = 1 / np.maximum(own, 1)
    return Residuals(left, np.maximum(squares - sums * sums * shared, 0.0) + left * left * shared)

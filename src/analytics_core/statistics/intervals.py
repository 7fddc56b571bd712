"""Confidence intervals: the values that a test does not reject, by the same function that gives the p-value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.ends import Excess, Search, find_ends
from analytics_core.statistics.score_test import (
    QUIETLY,
    ObservedRates,
    Score,
    pool_rates,
    score_difference,
    score_ratio,
)
from analytics_core.statistics.stacking import Floats
from analytics_core.statistics.user_counts import Ints

_QUANTILE = 1.9599639845400542
_FARTHEST_LOG_RATIO = 36.0
"""Beyond, a relative uplift is -1 to the last digit, or has no upper bound in earnest."""

_WIDEST_STEP = 1 / 2


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where a search for intervals' ends starts: `center`, whether no effect (0) is outside, and a first `step`."""

    center: Floats
    rejected: NDArray[np.bool_]
    step: Floats


@QUIETLY
def ratio_interval(observed: ObservedRates, null: Score) -> tuple[Floats, Floats]:
    """Low and high end of the relative uplift; low is -1 and high infinite where nothing bounds it.

    Args:
        observed: the arms' rates.
        null: the test of no effect; it rejects exactly where the interval leaves out 0.
    """

    def excess(log_ratios: Floats, places: Ints) -> Floats:
        return score_ratio(observed.take(places), np.exp(log_ratios)).deviate - _QUANTILE

    start = start_search(_log_ratio(observed), null.variance, rejected=null.rejected, unit=pool_rates(observed))
    low, high = find_both_ends(excess, start, _FARTHEST_LOG_RATIO)
    return (
        np.where(low > -_FARTHEST_LOG_RATIO, np.expm1(low), -1.0),
        np.where(high < _FARTHEST_LOG_RATIO, np.expm1(high), np.inf),
    )


@QUIETLY
def difference_interval(observed: ObservedRates, null: Score) -> tuple[Floats, Floats]:
    """Low and high end of the difference, within -1 and 1; arguments as in `ratio_interval`."""

    def excess(differences: Floats, places: Ints) -> Floats:
        return score_difference(observed.take(places), differences).deviate - _QUANTILE

    return find_both_ends(excess, start_search(observed.difference, null.variance, rejected=null.rejected), 1.0)


def start_search(center: Floats, variance: Floats, *, rejected: NDArray[np.bool_], unit: Floats | float = 1.0) -> Start:
    """A start at `center` with a first step of about an interval's half width, in units of `unit`."""
    step = np.minimum(2 * np.sqrt(variance) / unit, _WIDEST_STEP)
    return Start(center, rejected, np.where(step > 0, step, _WIDEST_STEP))


def find_both_ends(excess: Excess, start: Start, limit: float) -> tuple[Floats, Floats]:
    """The intervals' ends from the centers towards `-limit` and `limit`; these where all up to there is inside.

    Where no effect lies on the way, the end lies beyond it exactly where it is not rejected.
    """
    shape, size = np.shape(start.center), np.size(start.center)
    center, rejected, step = (
        np.concatenate([column, column]) for column in map(np.atleast_1d, (start.center, start.rejected, start.step))
    )
    limits = np.repeat([-limit, limit], size)
    passes = center * limits < 0
    inside = np.where(passes & ~rejected, 0.0, center)
    search = Search(inside, limits, step, passes & rejected)
    ends = find_ends(lambda values, which: excess(values, which % size), search)
    # The last index makes numbers of single ones and leaves others as they are.
    return ends[:size].reshape(shape)[()], ends[size:].reshape(shape)[()]


def _log_ratio(observed: ObservedRates) -> Floats:
    """The logarithm of the rates' ratio, as far as it is searched; 0 where neither arm has any."""
    ratio = np.log(np.true_divide(observed.treated, observed.control))
    return np.where(np.isnan(ratio), 0.0, np.minimum(np.maximum(ratio, -_FARTHEST_LOG_RATIO), _FARTHEST_LOG_RATIO))

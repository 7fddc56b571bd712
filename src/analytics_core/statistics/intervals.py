"""Confidence intervals: the values that a test does not reject, by the same function that gives the p-value."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from analytics_core.statistics.ends import Excess, Search, find_ends
from analytics_core.statistics.score_test import (
    ObservedRates,
    Score,
    pool_rates,
    score_difference,
    score_ratio,
)
from analytics_core.statistics.stacking import QUIETLY, Flags, Floats
from analytics_core.statistics.user_counts import Ints

_QUANTILE = 1.9599639845400542
_FARTHEST_LOG_RATIO = 36.0
"""Beyond, a relative uplift is -1 to the last digit, or has no upper bound in earnest."""

_WIDEST_STEP = 1 / 2


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where a search for intervals' ends starts: `center`, whether no effect (0) is outside, and a first `step`."""

    center: Floats
    rejected: Flags
    step: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _LogRatios:
    observed: ObservedRates

    def __call__(self, values: Floats) -> Floats:
        return score_ratio(self.observed, np.exp(values)).deviate - _QUANTILE

    def take(self, places: Ints) -> Self:
        return type(self)(self.observed.take(places))


@dataclass(frozen=True, slots=True, eq=False)
class _Differences:
    observed: ObservedRates

    def __call__(self, values: Floats) -> Floats:
        return score_difference(self.observed, values).deviate - _QUANTILE

    def take(self, places: Ints) -> Self:
        return type(self)(self.observed.take(places))


@QUIETLY
def ratio_interval(observed: ObservedRates, null: Score) -> tuple[Floats, Floats]:
    """Low and high end of the relative uplift; low is -1 and high infinite where nothing bounds it.

    Args:
        observed: the arms' rates.
        null: the test of no effect; it rejects exactly where the interval leaves out 0.
    """
    start = start_search(_log_ratio(observed), null.variance, rejected=null.rejected, unit=pool_rates(observed))
    low, high = find_both_ends(_LogRatios(observed), start, _FARTHEST_LOG_RATIO)
    return (
        np.where(low > -_FARTHEST_LOG_RATIO, np.expm1(low), -1.0),
        np.where(high < _FARTHEST_LOG_RATIO, np.expm1(high), np.inf),
    )


@QUIETLY
def difference_interval(observed: ObservedRates, null: Score) -> tuple[Floats, Floats]:
    """Low and high end of the difference, within -1 and 1; arguments as in `ratio_interval`."""
    start = start_search(observed.difference, null.variance, rejected=null.rejected)
    return find_both_ends(_Differences(observed), start, 1.0)


def start_search(center: Floats, variance: Floats, *, rejected: Flags, unit: Floats | float = 1.0) -> Start:
    """A start at `center` with a first step of about an interval's half width, in units of `unit`."""
    step = np.minimum(2 * np.sqrt(variance) / unit, _WIDEST_STEP)
    return Start(center, rejected, np.where(step > 0, step, _WIDEST_STEP))


def find_both_ends(excess: Excess, start: Start, limit: float) -> tuple[Floats, Floats]:
    """The intervals' ends from the centers towards `-limit` and `limit`; these where all up to there is inside.

    Where no effect lies on the way, the end lies beyond it exactly where it is not rejected.
    """
    shape, size = np.shape(start.center), np.size(start.center)
    both = np.arange(2 * size) % size
    center, rejected = np.atleast_1d(start.center)[both], np.atleast_1d(start.rejected)[both]
    limits = np.repeat([-limit, limit], size)
    passes = center * limits < 0
    inside = np.where(passes & ~rejected, 0.0, center)
    ends = find_ends(excess.take(both), Search(inside, limits, np.atleast_1d(start.step)[both], passes & rejected))
    # The last index makes numbers of single ones and leaves others as they are.
    return ends[:size].reshape(shape)[()], ends[size:].reshape(shape)[()]


def _log_ratio(observed: ObservedRates) -> Floats:
    """The logarithm of the rates' ratio, as far as it is searched; 0 where neither arm has any."""
    ratio = np.log(np.true_divide(observed.treated, observed.control))
    return np.where(np.isnan(ratio), 0.0, np.minimum(np.maximum(ratio, -_FARTHEST_LOG_RATIO), _FARTHEST_LOG_RATIO))

"""Confidence intervals: the values that a test does not reject, by the same function that gives the p-value."""

import math
from dataclasses import dataclass

from analytics_core.statistics.crossings import Excess, bracket_end, find_crossing
from analytics_core.statistics.score_test import ObservedRates, Score, pool_rates, score_difference, score_ratio

LEVEL = 0.05
"""What is below this p-value lies outside of a 95 % interval."""

_QUANTILE = 1.9599639845400542
_FARTHEST_LOG_RATIO = 36.0
"""Beyond, a relative uplift is -1 to the last digit, or has no upper bound in earnest."""

_WIDEST_STEP = 1 / 2


@dataclass(frozen=True, slots=True)
class Start:
    """Where a search for an interval's ends starts: `center`, whether no effect (0) is outside, and a first `step`."""

    center: float
    rejected: bool
    step: float


def ratio_interval(observed: ObservedRates, null: Score) -> tuple[float, float | None]:
    """Low and high end of the relative uplift; low is -1 and high None where nothing bounds it.

    Args:
        observed: the arms' rates.
        null: the test of no effect; it rejects exactly where the interval leaves out 0.
    """

    def excess(log_ratio: float) -> float:
        return score_ratio(observed, math.exp(log_ratio)).deviate - _QUANTILE

    start = start_search(_log_ratio(observed), null.variance, rejected=_rejects(null), unit=pool_rates(observed))
    low = find_end(excess, start, -_FARTHEST_LOG_RATIO)
    high = find_end(excess, start, _FARTHEST_LOG_RATIO) if observed.control else _FARTHEST_LOG_RATIO
    return (
        math.expm1(low) if low > -_FARTHEST_LOG_RATIO else -1.0,
        math.expm1(high) if high < _FARTHEST_LOG_RATIO else None,
    )


def difference_interval(observed: ObservedRates, null: Score) -> tuple[float, float]:
    """Low and high end of the difference, within -1 and 1; arguments as in `ratio_interval`."""

    def excess(difference: float) -> float:
        return score_difference(observed, difference).deviate - _QUANTILE

    start = start_search(observed.difference, null.variance, rejected=_rejects(null))
    return find_end(excess, start, -1.0), find_end(excess, start, 1.0)


def start_search(center: float, variance: float, *, rejected: bool, unit: float = 1.0) -> Start:
    """A start at `center` with a first step of about an interval's half width, in units of `unit`."""
    step = 2 * math.sqrt(variance) / unit if unit else 0.0
    return Start(center, rejected, min(step, _WIDEST_STEP) or _WIDEST_STEP)


def find_end(excess: Excess, start: Start, limit: float) -> float:
    """The interval's end from the center towards `limit`; `limit` where all up to there is inside.

    Where no effect lies on the way, the end lies beyond it exactly where it is not rejected.
    """
    inside, outside = start.center, limit
    if min(inside, limit) < 0 < max(inside, limit):
        inside, outside = (inside, 0.0) if start.rejected else (0.0, limit)
    if outside == limit:
        inside, outside = bracket_end(excess, inside, limit, start.step)
    return limit if inside == outside else find_crossing(excess, inside, outside)


def _rejects(null: Score) -> bool:
    return null.p_value is not None and null.p_value < LEVEL


def _log_ratio(observed: ObservedRates) -> float:
    """The logarithm of the rates' ratio, as far as it is searched; 0 where neither arm has any."""
    if not observed.treated:
        return -_FARTHEST_LOG_RATIO if observed.control else 0.0
    return math.log(observed.treated / observed.control) if observed.control else _FARTHEST_LOG_RATIO

"""Confidence intervals: the values that a test does not reject, by the same function that gives the p-value.

Their ends are where functions of one number cross 0, many at once and found safely: a bracket first, then ever closer.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.score_test import (
    ObservedRates,
    Score,
    pool_rates,
    score_difference,
    score_ratio,
)
from analytics_core.statistics.stacking import QUIETLY, Flags, Floats
from analytics_core.statistics.user_counts import Ints

Points = NDArray[np.float64]
"""Two lines: values, and the excess at each."""

_ROUNDS = 200
_PRECISION = 1e-14
_TINIEST = 1e-17


class Excess(Protocol):
    """How far outside of intervals values lie: one function for each of some ends."""

    def __call__(self, values: Floats) -> Floats:
        """By end, for a value of each: below 0 inside of the interval, above 0 outside."""

    def take(self, places: Ints) -> Self:
        """The functions of some of the ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Where each end is searched: from a value `inside` towards `limit`, by steps that double from `step`, above 0.

    Where `wall` is true, 0 lies between the two and is known to be outside.
    """

    inside: Floats
    limit: Floats
    step: Floats
    wall: Flags


@QUIETLY
def find_ends(excess: Excess, search: Search) -> Floats:
    """Where each excess crosses 0 between a value inside and one outside; the limit where none up to it is outside."""
    near, far = _bracket_ends(excess, search)
    # Where rounding says that a value outside is not, or one inside is, that value is the end.
    ends: Floats = np.where(far[1] > 0, near[0], far[0])
    crossing = np.flatnonzero((far[1] > 0) & (near[1] < 0))
    if len(crossing):
        ends[crossing] = _find_crossings(excess.take(crossing), near[:, crossing], far[:, crossing])
    return ends


def _bracket_ends(excess: Excess, search: Search) -> tuple[Points, Points]:
    """A point inside and one outside of each; the second one at the limit where no value up to it is outside."""
    size = len(search.limit)
    stride = np.copysign(search.step, search.limit - search.inside)
    tried = np.where(search.wall, 0.0, _step(search.inside, stride, search.limit))
    places = np.arange(size)
    found = excess.take(np.concatenate([places, places]))(np.concatenate([search.inside, tried]))
    near, far = np.array([search.inside, found[:size]]), np.array([tried, found[size:]])
    going = np.flatnonzero(_is_open(far, search.limit) & ~search.wall)
    while len(going):
        near[:, going] = far[:, going]
        stride[going] *= 2
        far[0, going] = _step(near[0, going], stride[going], search.limit[going])
        far[1, going] = excess.take(going)(far[0, going])
        going = going[_is_open(far[:, going], search.limit[going])]
    return near, far


def _step(inside: Floats, stride: Floats, limit: Floats) -> Floats:
    return np.where(np.abs(limit - inside) > np.abs(stride), inside + stride, limit)


def _is_open(far: Points, limit: Floats) -> Flags:
    is_open: Flags = ~(far[1] > 0) & (far[0] != limit)
    return is_open


def _find_crossings(excess: Excess, near: Points, far: Points) -> Floats:
    """Where each excess crosses 0 between a point inside and one outside, to some fourteen digits.

    Chandrupatla's method ("A new hybrid quadratic/bisection algorithm", Advances in Engineering Software 28, 1997):
    inverse quadratic interpolation where the three last points allow it, else the middle; at first a straight line.
    """
    crossings, places = np.full(near.shape[1], np.nan), np.arange(near.shape[1])
    newest, other, share = near, far, near[1] / (near[1] - far[1])
    for _ in range(_ROUNDS):
        value = newest[0] + share * (other[0] - newest[0])
        found = np.array([value, excess(value)])
        same = (found[1] > 0) == (newest[1] > 0)
        last, other, newest = np.where(same, newest, other), np.where(same, other, newest), found
        best = np.where(np.abs(other[1]) < np.abs(newest[1]), other, newest)
        least = (_PRECISION * np.abs(best[0]) + _TINIEST) / np.abs(other[0] - newest[0])
        done = (least > 1 / 2) | (best[1] == 0)
        share = np.minimum(np.maximum(_interpolate(newest, other, last), least), 1 - least)
        if done.any():
            crossings[places[done]] = best[0, done]
            going = np.flatnonzero(~done)
            if not len(going):
                break
            places, share, excess = places[going], share[going], excess.take(going)
            newest, other = newest[:, going], other[:, going]
    return crossings


def _interpolate(newest: Points, other: Points, last: Points) -> Floats:
    """How far from `newest` to `other` the crossing lies, as a share; a half where no parabola tells."""
    (a, b, c), (at_a, at_b, at_c) = zip(newest, other, last, strict=True)
    place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
    rest = 1 - height
    told = (height * height < place) & (rest * rest < 1 - place)
    first, second = at_a / (at_b - at_a) * at_c / (at_b - at_c), at_a / (at_c - at_a) * at_b / (at_c - at_b)
    return np.where(told, first + (c - a) / (b - a) * second, 0.5)


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
    ratio = np.log(np.true_divide(observed.treated, observed.control))
    # As far as it is searched; 0 where neither arm has any rate.
    center = np.where(np.isnan(ratio), 0.0, np.minimum(np.maximum(ratio, -_FARTHEST_LOG_RATIO), _FARTHEST_LOG_RATIO))
    start = start_search(center, null.variance, rejected=null.rejected, unit=pool_rates(observed))
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

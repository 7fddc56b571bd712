"""Where functions of one number cross 0, many at once and found safely: a bracket first, then ever closer."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

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

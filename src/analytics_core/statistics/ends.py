"""Where functions of one number cross 0, many at once and found safely: a bracket first, then ever closer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.stacking import Floats
from analytics_core.statistics.user_counts import Ints

Excess = Callable[[Floats, Ints], Floats]
"""How far outside values lie, each of the end with the number beside it: below 0 inside of an interval, else above."""

_ROUNDS = 200
_PRECISION = 1e-14
_TINIEST = 1e-17


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Where each end is searched: from a value `inside` towards `limit`, by steps that double from `step`, above 0.

    Where `wall` is true, 0 lies between the two and is known to be outside.
    """

    inside: Floats
    limit: Floats
    step: Floats
    wall: NDArray[np.bool_]


def find_ends(excess: Excess, search: Search) -> Floats:
    """Where each excess crosses 0 between a value inside and one outside; the limit where none up to it is outside."""
    near, far = _bracket_ends(excess, search)
    ends = np.where(far[1] > 0, near[0], search.limit)
    crossing = np.flatnonzero((far[1] > 0) & (near[1] < 0))
    if len(crossing):
        ends[crossing] = _find_crossings(excess, crossing, near[:, crossing], far[:, crossing])
    return ends


def _bracket_ends(excess: Excess, search: Search) -> tuple[Floats, Floats]:
    """A point inside and one outside of each; a point is a column of a value and its excess.

    Where no value up to the limit is outside, the second point is the limit.
    """
    ends = np.arange(len(search.limit))
    stride = np.copysign(search.step, search.limit - search.inside)
    tried = np.where(search.wall, 0.0, _step(search.inside, stride, search.limit))
    found = excess(np.concatenate([search.inside, tried]), np.concatenate([ends, ends]))
    near, far = np.array([search.inside, found[: len(ends)]]), np.array([tried, found[len(ends) :]])
    far[1, search.wall] = np.maximum(far[1, search.wall], _TINIEST)
    open_ = np.flatnonzero(_is_open(far, search.limit))
    while len(open_):
        near[:, open_] = far[:, open_]
        stride[open_] *= 2
        far[0, open_] = _step(near[0, open_], stride[open_], search.limit[open_])
        far[1, open_] = excess(far[0, open_], open_)
        open_ = open_[_is_open(far[:, open_], search.limit[open_])]
    return near, far


def _step(inside: Floats, stride: Floats, limit: Floats) -> Floats:
    return np.where(np.abs(limit - inside) > np.abs(stride), inside + stride, limit)


def _is_open(far: Floats, limit: Floats) -> NDArray[np.bool_]:
    return ~(far[1] > 0) & (far[0] != limit)


def _find_crossings(excess: Excess, ends: Ints, near: Floats, far: Floats) -> Floats:
    """Where each excess crosses 0 between a point inside and one outside, to some fourteen digits.

    Chandrupatla's method ("A new hybrid quadratic/bisection algorithm", Advances in Engineering Software 28, 1997):
    inverse quadratic interpolation where the three last points allow it, else the middle; at first a straight line.
    """
    crossings, places = near[0].copy(), np.arange(len(ends))
    newest, other, share = near, far, near[1] / (near[1] - far[1])
    for _ in range(_ROUNDS):
        value = newest[0] + share * (other[0] - newest[0])
        found = np.array([value, excess(value, ends[places])])
        same = (found[1] > 0) == (newest[1] > 0)
        last, other, newest = np.where(same, newest, other), np.where(same, other, newest), found
        best = np.where(np.abs(other[1]) < np.abs(newest[1]), other, newest)
        crossings[places] = best[0]
        least = (_PRECISION * np.abs(best[0]) + _TINIEST) / np.abs(other[0] - newest[0])
        going = np.flatnonzero((least <= 1 / 2) & (best[1] != 0))
        if not len(going):
            break
        if len(going) < len(places):
            places, least = places[going], least[going]
            newest, other, last = newest[:, going], other[:, going], last[:, going]
        share = np.minimum(np.maximum(_interpolate(newest, other, last), least), 1 - least)
    return crossings


def _interpolate(newest: Floats, other: Floats, last: Floats) -> Floats:
    """How far from `newest` to `other` the crossing lies, as a share; a half where no parabola tells."""
    (a, at_a), (b, at_b), (c, at_c) = newest, other, last
    place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
    told = (height * height < place) & ((1 - height) * (1 - height) < 1 - place)
    first = at_a / (at_b - at_a) * at_c / (at_b - at_c)
    return np.where(told, first + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b), 0.5)

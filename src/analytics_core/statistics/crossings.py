"""Where a function of one number crosses 0, found safely: a bracket first, then ever closer."""

import math
from collections.abc import Callable

Excess = Callable[[float], float]
"""How far outside a value lies: below 0 inside of an interval, above 0 outside."""

_ROUNDS = 200
_PRECISION = 1e-14
_TINIEST = 1e-17


def bracket_end(excess: Excess, inside: float, limit: float, step: float) -> tuple[float, float]:
    """A value inside and one outside, by steps that double; `limit` twice where none up to there is outside."""
    stride = math.copysign(step, limit - inside)
    while abs(limit - inside) > abs(stride):
        if excess(inside + stride) > 0:
            return inside, inside + stride
        inside, stride = inside + stride, 2 * stride
    return (inside, limit) if excess(limit) > 0 else (limit, limit)


def find_crossing(excess: Excess, inside: float, outside: float) -> float:
    """Where `excess` crosses 0 between a value inside and one outside, to some fourteen digits.

    Chandrupatla's method ("A new hybrid quadratic/bisection algorithm", Advances in Engineering Software 28, 1997):
    inverse quadratic interpolation where the three last values allow it, else the middle.
    """
    newest, other = (inside, excess(inside)), (outside, excess(outside))
    if newest[1] >= 0 or other[1] <= 0:
        return inside if newest[1] >= 0 else outside
    share = 0.5
    for _ in range(_ROUNDS):
        value = newest[0] + share * (other[0] - newest[0])
        found = value, excess(value)
        if (found[1] > 0) == (newest[1] > 0):
            last = newest
        else:
            last, other = other, newest
        newest = found
        best = min(newest, other, key=lambda point: abs(point[1]))
        least = (_PRECISION * abs(best[0]) + _TINIEST) / abs(other[0] - newest[0])
        if least > 1 / 2 or not best[1]:
            return best[0]
        share = min(max(_interpolate(newest, other, last), least), 1 - least)
    return newest[0]


def _interpolate(newest: tuple[float, float], other: tuple[float, float], last: tuple[float, float]) -> float:
    """How far from `newest` to `other` the crossing lies, as a share; a half where no parabola tells."""
    (a, at_a), (b, at_b), (c, at_c) = newest, other, last
    place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
    if not (height * height < place and (1 - height) * (1 - height) < 1 - place):
        return 0.5
    first = at_a / (at_b - at_a) * at_c / (at_b - at_c)
    return first + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)

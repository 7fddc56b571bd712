"""The score test of two rates, for a ratio or a difference of any size, on effective sizes.

Restricted maximum-likelihood rates as in Miettinen and Nurminen, "Comparative analysis of two rates" (Statistics in
Medicine 4, 1985); Student's t with Satterthwaite's degrees of freedom over effective users in place of the normal.
"""

import math
from dataclasses import dataclass

from analytics_core.statistics.effective_sizes import EffectiveSizes

_NOTHING = 1e-12
"""A variance below this share of its parts is what rounding leaves of 0."""

_ROUNDING = 2e-15
"""A rate that is nearer to 0 or 1 is what rounding leaves of them; the root of its variance would not be small."""

_FARTHEST = 37.0
"""The deviate that stands for all beyond: the normal tail leaves the floats there."""

_NEWTON = 1e-6
"""Greater steps come from a double root, where there is nothing to gain."""


@dataclass(frozen=True, slots=True)
class ObservedRates:
    """Two rates within 0 and 1 and the sizes they are of.

    A row's variance is `scale * rate - rate²`: 1 where a row is 0 or 1, more where amounts vary.
    """

    treated: float
    control: float
    sizes: EffectiveSizes
    treated_scale: float = 1.0
    control_scale: float = 1.0

    @property
    def difference(self) -> float:
        """Treated less control."""
        return self.treated - self.control


@dataclass(frozen=True, slots=True)
class Score:
    """How far the rates are from a tested value: `gap`, its `variance` under that value and degrees of `freedom`."""

    gap: float
    variance: float
    freedom: float

    @property
    def p_value(self) -> float | None:
        """Two-sided; 1 without a gap, None where there is one and nothing varies."""
        if not self.gap:
            return 1.0
        return 2 * self._tail() if self.variance else None

    @property
    def deviate(self) -> float:
        """The normal deviate with this p-value, 0 or more: nearly a straight line in the tested value."""
        from scipy.special import ndtri  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

        if not self.gap:
            return 0.0
        return min(-float(ndtri(self._tail())), _FARTHEST) if self.variance else _FARTHEST

    def _tail(self) -> float:
        from scipy.special import stdtr  # noqa: PLC0415 - as above

        return float(stdtr(self.freedom, -abs(self.gap) / math.sqrt(self.variance)))


def score_ratio(observed: ObservedRates, ratio: float) -> Score:
    """The test of `treated = ratio * control`; `ratio` above 0."""
    return score_rates(observed, restrict_to_ratio(observed, ratio), observed.treated - ratio * observed.control, ratio)


def score_difference(observed: ObservedRates, difference: float) -> Score:
    """The test of `treated = control + difference`; `difference` within -1 and 1."""
    rates = restrict_to_difference(observed, difference)
    return score_rates(observed, rates, observed.difference - difference)


def score_no_effect(observed: ObservedRates) -> Score:
    """The test of equal rates: what both of the others are at 1 and at 0."""
    pooled = pool_rates(observed)
    return score_rates(observed, (pooled, pooled), observed.difference)


def is_shared_evenly(observed: ObservedRates, null: Score) -> bool:
    """Whether no gap can arise by chance although rows vary: the arms' users are the same, and alike in both."""
    return not null.variance and 0 < pool_rates(observed) < 1


def pool_rates(observed: ObservedRates) -> float:
    """The rate of both arms together, weighted by effective rows."""
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    return min((n * observed.treated + m * observed.control) / (n + m), 1.0)


def score_rates(observed: ObservedRates, rates: tuple[float, float], gap: float, weight: float = 1.0) -> Score:
    """The score of a gap `treated - weight * control` where the true rates are `rates`."""
    sizes = observed.sizes
    rows = sizes.treated_rows + sizes.control_rows
    spreads = rates[0] * (observed.treated_scale - rates[0]), rates[1] * (observed.control_scale - rates[1])
    treated, control = spreads[0] / sizes.treated_rows, weight * weight * spreads[1] / sizes.control_rows
    apart = treated + control
    together = apart - 2 * weight * sizes.shared * math.sqrt(spreads[0] * spreads[1])
    if together <= _NOTHING * apart:
        return Score(gap, 0.0, 0.0)
    freedom = 1 / (
        treated / apart * (treated / apart) / (sizes.treated_users - 1)
        + control / apart * (control / apart) / (sizes.control_users - 1)
    )
    return Score(gap, together * rows / (rows - 1), freedom)


def restrict_to_ratio(observed: ObservedRates, ratio: float) -> tuple[float, float]:
    """The likeliest rates with `treated = ratio * control`: the smaller root of a quadratic, in its stable form."""
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    x, y = n * observed.treated, m * observed.control
    misses = n * (1 - observed.treated) * m * (1 - observed.control)
    ahead, behind = ratio * (n + y), x + m
    # b² - 4ac, written so that nothing cancels.
    root = math.sqrt((ahead - behind) ** 2 + 4 * ratio * misses)
    control = 2 * (x + y) / (ahead + behind + root)
    return _settle_below_one(ratio * control), _settle_below_one(control)


def restrict_to_difference(observed: ObservedRates, difference: float) -> tuple[float, float]:
    """The likeliest rates with `treated = control + difference`: the middle root of a cubic, within what rates can be.

    The root is found by cosine, which loses half the digits of small rates, and then made exact by Newton steps.
    """
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    share = m / (n + m)
    y, events = share * observed.control, pool_rates(observed)
    square = (1 + share) * difference - 1 - events
    line = (share * difference - 1 - 2 * y) * difference + events
    constant = y * difference * (1 - difference)
    least, most = max(0.0, -difference), min(1.0, 1.0 - difference)
    control = min(max(_middle_root(square, line, constant), least), most)
    for _ in range(2):
        slope = (3 * control + 2 * square) * control + line
        step = (((control + square) * control + line) * control + constant) / slope if slope else 0.0
        if abs(step) < _NEWTON:
            control = min(max(control - step, least), most)
    return _settle(control + difference), _settle(control)


def _settle(rate: float) -> float:
    return _settle_below_one(rate) if rate > _ROUNDING else 0.0


def _settle_below_one(rate: float) -> float:
    return rate if rate < 1 - _ROUNDING else 1.0


def _middle_root(square: float, line: float, constant: float) -> float:
    """Of three real roots of x³ + square x² + line x + constant, the middle one."""
    third = square / 3
    turn = third**3 - line * square / 6 + constant / 2
    radius = math.copysign(math.sqrt(max(third**2 - line / 3, 0.0)), turn)
    if not radius:
        return -third
    cosine = min(max(turn / radius**3, -1.0), 1.0)
    return 2 * radius * math.cos((math.pi + math.acos(cosine)) / 3) - third

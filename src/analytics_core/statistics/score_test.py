"""The score test of two rates, for a ratio or a difference of any size, on effective sizes.

Restricted maximum-likelihood rates as in Miettinen and Nurminen, "Comparative analysis of two rates" (Statistics in
Medicine 4, 1985); Student's t with Satterthwaite's degrees of freedom over effective users in place of the normal.

All is by comparison: arrays of one shape in, arrays out. A single comparison may be given as plain numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from analytics_core.statistics.effective_sizes import EffectiveSizes, Residuals, UserRows, size_arms, take
from analytics_core.statistics.stacking import QUIETLY, ArmColumns, Flags, Floats, Stack
from analytics_core.statistics.user_counts import Ints

LEVEL = 0.05
"""What is below this p-value lies outside of a 95 % interval."""

_NOTHING = 1e-12
"""A variance below this share of its parts is what rounding leaves of 0."""

_ROUNDING = 2e-15
"""A rate that is nearer to 0 or 1 is what rounding leaves of them; the root of its variance would not be small."""

_FARTHEST = 37.0
"""The deviate that stands for all beyond: the normal tail leaves the floats there."""

_NEWTON = 1e-6
"""Greater steps come from a double root, where there is nothing to gain."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservedRates:
    """Two rates within 0 and 1 and the sizes they are of, by comparison.

    A row's variance is `scale * rate - rate²`: 1 where a row is 0 or 1, more where amounts vary.
    """

    treated: Floats
    control: Floats
    sizes: EffectiveSizes
    treated_scale: Floats | float = 1.0
    control_scale: Floats | float = 1.0

    @property
    def difference(self) -> Floats:
        """Treated less control."""
        return self.treated - self.control

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """The comparisons of several parts, which have an array of each."""
        return cls(
            np.concatenate([part.treated for part in parts]),
            np.concatenate([part.control for part in parts]),
            EffectiveSizes.join([part.sizes for part in parts]),
            np.concatenate([part.treated_scale for part in parts]),
            np.concatenate([part.control_scale for part in parts]),
        )

    def take(self, places: Ints) -> Self:
        """Some of the comparisons; what is one number for all stays one."""
        return type(self)(
            take(self.treated, places),
            take(self.control, places),
            self.sizes.take(places),
            take(self.treated_scale, places),
            take(self.control_scale, places),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """How far the rates are from a tested value: `gap`, its `variance` under that value and degrees of `freedom`."""

    gap: Floats
    variance: Floats
    freedom: Floats

    def take(self, places: Ints) -> Self:
        """Some of the comparisons."""
        return type(self)(self.gap[places], self.variance[places], self.freedom[places])

    @property
    def p_value(self) -> Floats:
        """Two-sided; 1 without a gap, nan where there is one and nothing varies."""
        return np.where(self.gap == 0, 1.0, np.where(self.variance > 0, 2 * self._tail(), np.nan))

    @property
    def rejected(self) -> Flags:
        """Whether the tested value lies outside of the 95 % interval; it does not where nothing is known."""
        return self.p_value < LEVEL

    @property
    def deviate(self) -> Floats:
        """The normal deviate with this p-value, 0 or more: nearly a straight line in the tested value."""
        from scipy.special import ndtri  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

        deviate = np.where(self.variance > 0, np.minimum(-ndtri(self._tail()), _FARTHEST), _FARTHEST)
        return np.where(self.gap == 0, 0.0, deviate)

    @QUIETLY
    def _tail(self) -> Floats:
        from scipy.special import stdtr  # noqa: PLC0415 - as above

        tail: Floats = stdtr(self.freedom, -np.abs(self.gap) / np.sqrt(self.variance))
        return tail


@QUIETLY
def score_ratio(observed: ObservedRates, ratio: Floats) -> Score:
    """The test of `treated = ratio * control`; `ratio` above 0."""
    return score_rates(observed, restrict_to_ratio(observed, ratio), observed.treated - ratio * observed.control, ratio)


@QUIETLY
def score_difference(observed: ObservedRates, difference: Floats) -> Score:
    """The test of `treated = control + difference`; `difference` within -1 and 1."""
    rates = restrict_to_difference(observed, difference)
    return score_rates(observed, rates, observed.difference - difference)


@QUIETLY
def score_no_effect(observed: ObservedRates) -> Score:
    """The test of equal rates: what both of the others are at 1 and at 0."""
    pooled = pool_rates(observed)
    return score_rates(observed, (pooled, pooled), observed.difference)


def is_shared_evenly(observed: ObservedRates, null: Score) -> Flags:
    """Whether no gap can arise by chance although rows vary: the arms' users are the same, and alike in both."""
    pooled = pool_rates(observed)
    shared: Flags = (null.variance == 0) & (pooled > 0) & (pooled < 1)
    return shared


def pool_rates(observed: ObservedRates) -> Floats:
    """The rate of both arms together, weighted by effective rows."""
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    return np.minimum((n * observed.treated + m * observed.control) / (n + m), 1.0)


def score_rates(
    observed: ObservedRates, rates: tuple[Floats, Floats], gap: Floats, weight: Floats | float = 1.0
) -> Score:
    """The score of a gap `treated - weight * control` where the true rates are `rates`."""
    parts = _split_variance(observed, rates, weight)
    apart = parts.treated + parts.control
    shares = parts.treated / apart, parts.control / apart
    freedom = 1 / (
        shares[0] * shares[0] / (observed.sizes.treated_users - 1)
        + shares[1] * shares[1] / (observed.sizes.control_users - 1)
    )
    return Score(gap, parts.together, freedom)


def find_variance(observed: ObservedRates, rates: tuple[Floats, Floats]) -> Floats:
    """The variance of the difference where the true rates are `rates`; 0 where only rounding is left of it."""
    return _split_variance(observed, rates, 1.0).together


@dataclass(frozen=True, slots=True, eq=False)
class _Variances:
    """Of the treated rate, of `weight` times the control rate, and of the gap between them."""

    treated: Floats
    control: Floats
    together: Floats


def _split_variance(observed: ObservedRates, rates: tuple[Floats, Floats], weight: Floats | float) -> _Variances:
    sizes = observed.sizes
    rows = sizes.treated_rows + sizes.control_rows
    spreads = rates[0] * (observed.treated_scale - rates[0]), rates[1] * (observed.control_scale - rates[1])
    treated, control = spreads[0] / sizes.treated_rows, weight * weight * spreads[1] / sizes.control_rows
    apart = treated + control
    together = apart - 2 * weight * sizes.shared * np.sqrt(spreads[0] * spreads[1])
    return _Variances(treated, control, np.where(together > _NOTHING * apart, together * rows / (rows - 1), 0.0))


def restrict_to_ratio(observed: ObservedRates, ratio: Floats) -> tuple[Floats, Floats]:
    """The likeliest rates with `treated = ratio * control`: the smaller root of a quadratic, in its stable form."""
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    x, y = n * observed.treated, m * observed.control
    misses = n * (1 - observed.treated) * m * (1 - observed.control)
    ahead, behind = ratio * (n + y), x + m
    # b² - 4ac, written so that nothing cancels.
    apart = ahead - behind
    root = np.sqrt(apart * apart + 4 * ratio * misses)
    control = 2 * (x + y) / (ahead + behind + root)
    return _settle_below_one(ratio * control), _settle_below_one(control)


def restrict_to_difference(observed: ObservedRates, difference: Floats) -> tuple[Floats, Floats]:
    """The likeliest rates with `treated = control + difference`: the middle root of a cubic, within what rates can be.

    The root is found by cosine, which loses half the digits of small rates, and then made exact by Newton steps.
    """
    n, m = observed.sizes.treated_rows, observed.sizes.control_rows
    share = m / (n + m)
    y, events = share * observed.control, pool_rates(observed)
    square = (1 + share) * difference - 1 - events
    line = (share * difference - 1 - 2 * y) * difference + events
    constant = y * difference * (1 - difference)
    least, most = np.maximum(0.0, -difference), np.minimum(1.0, 1.0 - difference)
    control = np.minimum(np.maximum(_middle_root(square, line, constant), least), most)
    for _ in range(2):
        slope = (3 * control + 2 * square) * control + line
        step = (((control + square) * control + line) * control + constant) / slope
        nearer = np.minimum(np.maximum(control - step, least), most)
        control = np.where(np.abs(step) < _NEWTON, nearer, control)
    return _settle(control + difference), _settle(control)


def _settle(rate: Floats) -> Floats:
    return np.where(rate > _ROUNDING, _settle_below_one(rate), 0.0)


def _settle_below_one(rate: Floats) -> Floats:
    return np.where(rate < 1 - _ROUNDING, rate, 1.0)


def _middle_root(square: Floats, line: Floats, constant: Floats) -> Floats:
    """Of three real roots of x³ + square x² + line x + constant, the middle one."""
    third = square / 3
    middle = third * third
    turn = third * middle - line * square / 6 + constant / 2
    radius = np.copysign(np.sqrt(np.maximum(middle - line / 3, 0.0)), turn)
    cosine = np.minimum(np.maximum(turn / np.where(radius == 0, 1.0, radius * radius * radius), -1.0), 1.0)
    return 2 * radius * np.cos((np.pi + np.arccos(cosine)) / 3) - third


def observe_rates(stack: Stack, arms: tuple[ArmColumns, ArmColumns]) -> ObservedRates:
    """The arms' rates and effective sizes by comparison; nan where an arm has no rows."""
    counts, rates = stack.counts, (arms[0].rate, arms[1].rate)
    rows = UserRows.of(counts.treated_rows, counts.control_rows, counts.users, stack.groups)
    sizes = size_arms(
        rows,
        _leave_residuals(counts.treated_rows, counts.treated_converted, stack.groups.spread(rates[0])),
        _leave_residuals(counts.control_rows, counts.control_converted, stack.groups.spread(rates[1])),
    )
    return ObservedRates(rates[0], rates[1], sizes)


def _leave_residuals(rows: Ints, converted: Ints, rate: Floats) -> Residuals:
    """What the mean leaves of rows that are 1 where they converted and 0 where not."""
    left = 1 - rate
    return Residuals(converted - rows * rate, converted * (left * left) + (rows - converted) * (rate * rate))

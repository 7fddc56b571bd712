"""What effect a comparison of this size could see."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from analytics_core.statistics.effective_sizes import EffectiveSizes
from analytics_core.statistics.intervals import Search, find_ends
from analytics_core.statistics.score_test import (
    LEVEL,
    ObservedRates,
    find_variance,
    pool_rates,
    score_no_effect,
)
from analytics_core.statistics.stacking import QUIETLY, Floats
from analytics_core.statistics.user_counts import Ints

_POWER_DEVIATE = 0.8416212335729143
"""The normal deviate of 80 %."""

_FIRST_STEP = 1.2
"""How much farther than an effect that would not change the variances the search first looks."""


@dataclass(frozen=True, slots=True, eq=False)
class _Power:
    """By how much the gap of a ratio exceeds what 80 % power needs."""

    control: Floats
    sizes: EffectiveSizes
    quantile: Floats

    def __call__(self, values: Floats) -> Floats:
        observed = ObservedRates(np.minimum(values * self.control, 1.0), self.control, self.sizes)
        actual = find_variance(observed, (observed.treated, self.control))
        pooled = pool_rates(observed)
        without = find_variance(observed, (pooled, pooled))
        return observed.difference - self.quantile * np.sqrt(without) - _POWER_DEVIATE * np.sqrt(actual)

    def take(self, places: Ints) -> Self:
        return type(self)(self.control[places], self.sizes.take(places), self.quantile[places])


@QUIETLY
def find_smallest_detectable(control: Floats, sizes: EffectiveSizes) -> Floats:
    """The smallest uplift that the test at 5 % sees with 80 % power.

    Its gap is the t quantile times the deviation that the test expects without effect, plus 0.84 times the deviation
    that there is with it.

    Args:
        control: converted rows per row of the control arm, above 0 and of something that varies.
        sizes: of both arms, which are worth more than one user each.

    Returns:
        nan where it is more than every row converting, or nothing varies.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

    null = score_no_effect(ObservedRates(control, control, sizes))
    # How many deviations the test at 5 % rejects; infinite where nothing varies.
    quantile = np.where(null.variance > 0, stdtrit(null.freedom, 1 - LEVEL / 2), np.inf)
    step = _FIRST_STEP * (quantile + _POWER_DEVIATE) * np.sqrt(null.variance) / control
    search = Search(np.ones(len(control)), 1 / control, step, np.zeros(len(control), np.bool_))
    found = find_ends(_Power(control, sizes, quantile), search)
    return np.where(found < search.limit, found - 1, np.nan)

"""What effect a comparison of this size could see."""

import numpy as np

from analytics_core.statistics.effective_sizes import EffectiveSizes
from analytics_core.statistics.ends import Search, find_ends
from analytics_core.statistics.score_test import LEVEL, QUIETLY, ObservedRates, Score, score_no_effect, score_rates
from analytics_core.statistics.stacking import Floats
from analytics_core.statistics.user_counts import Ints

_POWER_DEVIATE = 0.8416212335729143
"""The normal deviate of 80 %."""

_FIRST_STEP = 1.2
"""How much farther than an effect that would not change the variances the search first looks."""


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
    null = score_no_effect(ObservedRates(control, control, sizes))
    quantile = _quantile(null)

    def power_beyond(ratio: Floats, places: Ints) -> Floats:
        rate = control[places]
        observed = ObservedRates(np.minimum(ratio * rate, 1.0), rate, sizes.take(places))
        actual = score_rates(observed, (observed.treated, rate), observed.difference).variance
        without = score_no_effect(observed).variance
        return observed.difference - quantile[places] * np.sqrt(without) - _POWER_DEVIATE * np.sqrt(actual)

    step = _FIRST_STEP * (quantile + _POWER_DEVIATE) * np.sqrt(null.variance) / control
    search = Search(np.ones(len(control)), 1 / control, step, np.zeros(len(control), np.bool_))
    found = find_ends(power_beyond, search)
    return np.where(found < search.limit, found - 1, np.nan)


def _quantile(null: Score) -> Floats:
    """How many deviations the test at 5 % rejects; infinite where nothing varies."""
    from scipy.special import stdtrit  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

    return np.where(null.variance > 0, stdtrit(null.freedom, 1 - LEVEL / 2), np.inf)

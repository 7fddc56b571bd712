"""What effect a comparison of this size could see."""

import math

from analytics_core.statistics.crossings import bracket_end, find_crossing
from analytics_core.statistics.effective_sizes import EffectiveSizes
from analytics_core.statistics.intervals import LEVEL
from analytics_core.statistics.score_test import ObservedRates, Score, score_no_effect, score_rates

_POWER_DEVIATE = 0.8416212335729143
"""The normal deviate of 80 %."""

_FIRST_STEP = 1 / 4


def find_smallest_detectable(control_rate: float, sizes: EffectiveSizes) -> float | None:
    """The smallest uplift that the test at 5 % sees with 80 % power.

    Its gap is the t quantile times the deviation that the test expects without effect, plus 0.84 times the deviation
    that there is with it.

    Args:
        control_rate: converted rows per row of the control arm.
        sizes: of both arms.

    Returns:
        None where the control rate is 0, an arm is worth one user, or it is more than every row converting.
    """
    if not control_rate or not sizes.testable:
        return None
    quantile = _quantile(score_no_effect(ObservedRates(control_rate, control_rate, sizes)))

    def power_beyond(ratio: float) -> float:
        observed = ObservedRates(min(ratio * control_rate, 1.0), control_rate, sizes)
        without = score_no_effect(observed).variance
        actual = score_rates(observed, (observed.treated, control_rate), observed.difference).variance
        return observed.difference - quantile * math.sqrt(without) - _POWER_DEVIATE * math.sqrt(actual)

    inside, outside = bracket_end(power_beyond, 1.0, 1 / control_rate, _FIRST_STEP)
    return None if inside == outside else find_crossing(power_beyond, inside, outside) - 1


def _quantile(null: Score) -> float:
    """How many deviations the test at 5 % rejects; infinite where nothing varies."""
    from scipy.special import stdtrit  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

    return float(stdtrit(null.freedom, 1 - LEVEL / 2)) if null.variance else math.inf

"""The comparison of two arms: uplift, difference, what is incremental, how sure each is, what one may say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics_core.domain.words import Verdict
from analytics_core.statistics.intervals import difference_interval, ratio_interval
from analytics_core.statistics.power import find_smallest_detectable
from analytics_core.statistics.score_test import ObservedRates, is_shared_evenly, observe_rates, score_no_effect
from analytics_core.statistics.stacking import QUIETLY, Floats, stack_counts, sum_arms
from analytics_core.statistics.user_counts import ArmSums, UserCounts


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """What two arms say about an effect: shares 0-1, intervals at 95 %, None where the data cannot say it.

    `interval` is of the relative `uplift`, and its high end None where nothing bounds it. `incremental` is how many of
    the treated arm's conversions would not have happened: its rows times the difference.
    """

    treated: ArmSums
    control: ArmSums
    verdict: Verdict
    uplift: float | None = None
    interval: tuple[float, float | None] | None = None
    p_value: float | None = None
    difference: float | None = None
    difference_interval: tuple[float, float] | None = None
    incremental: float | None = None
    incremental_interval: tuple[float, float] | None = None
    smallest_detectable_uplift: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Confidence:
    """What tests of two rates say, by comparison; nan where they cannot be made, `high` infinite where unbounded."""

    p_value: Floats
    low: Floats
    high: Floats
    difference_low: Floats
    difference_high: Floats
    smallest_detectable: Floats


def compare_arms(counts: UserCounts) -> ArmComparison:
    """Compare one treated arm with its control arm (see `compare_many`)."""
    return compare_many([counts])[0]


@QUIETLY
def compare_many(tables: Sequence[UserCounts]) -> list[ArmComparison]:
    """Compare treated arms with their control arms, the user as the unit; each as if it were alone.

    Returns:
        In the order given. All of it None where an arm has no rows. p-value and intervals are None where an arm is
        worth one user, and where users are shared between the arms so evenly that nothing can vary (with equal rates
        the p-value is 1); the uplift where the control rate is 0.
    """
    if not tables:
        return []
    stack = stack_counts(tables)
    arms = sum_arms(stack)
    observed = observe_rates(stack, arms)
    found = _test_rates(observed)
    columns = (
        found.p_value,
        found.low,
        found.high,
        found.difference_low,
        found.difference_high,
        found.smallest_detectable,
    )
    figures = zip(*(column.tolist() for column in columns), strict=True)
    return list(map(_assemble, arms[0].by_comparison(), arms[1].by_comparison(), figures))


def _test_rates(observed: ObservedRates) -> Confidence:
    """p-values and intervals; without intervals where users are shared so evenly that nothing can vary."""
    found = Confidence(*np.full((6, len(observed.control)), np.nan))
    testable = np.flatnonzero(observed.sizes.testable)
    null = score_no_effect(observed)
    found.p_value[testable] = null.p_value[testable]
    detectable = testable[observed.control[testable] > 0]
    found.smallest_detectable[detectable] = find_smallest_detectable(
        observed.control[detectable], observed.sizes.take(detectable)
    )
    places = np.flatnonzero(observed.sizes.testable & ~is_shared_evenly(observed, null))
    asked, null = observed.take(places), null.take(places)
    found.low[places], found.high[places] = ratio_interval(asked, null)
    found.difference_low[places], found.difference_high[places] = difference_interval(asked, null)
    return found


def _assemble(treated: ArmSums, control: ArmSums, figures: tuple[float, ...]) -> ArmComparison:
    """One comparison; what is nan is None."""
    p_value, low, high, difference_low, difference_high, smallest = figures
    interval = None if math.isnan(low) else (low, None if math.isinf(high) else high)
    ends = None if math.isnan(difference_low) else (difference_low, difference_high)
    # In whole numbers up to the one division, so that half as much again is 0.5.
    gain = treated.converted * control.rows - control.converted * treated.rows
    return ArmComparison(
        treated,
        control,
        judge(treated, control, interval),
        uplift=_divide(gain, control.converted * treated.rows),
        interval=interval,
        p_value=_none_if_nan(p_value),
        difference=_divide(gain, control.rows * treated.rows),
        difference_interval=ends,
        incremental=_divide(gain, control.rows if treated.rows else 0),
        incremental_interval=(treated.rows * ends[0], treated.rows * ends[1]) if ends else None,
        smallest_detectable_uplift=_none_if_nan(smallest),
    )


def _divide(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _none_if_nan(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


_LEAST_PEOPLE = 30
_LEAST_EXPECTED = 5


def judge(treated: ArmSums, control: ArmSums, interval: tuple[float, float | None] | None) -> Verdict:
    """The verdict of an interval of the uplift or of the difference, whichever is shown.

    `too_few` while the smaller arm has under 30 people, or would have under 5 converted ones if both arms converted
    alike: the observed ones would pick lucky control groups.

    Args:
        treated: people and converted people of the treated arm.
        control: of the control arm.
        interval: its high end None where nothing bounds it; None where the data cannot say it.
    """
    everyone, converted = treated.people + control.people, treated.converted_people + control.converted_people
    smaller = min(treated.people, control.people)
    if smaller < _LEAST_PEOPLE or converted * smaller < _LEAST_EXPECTED * everyone:
        return Verdict.TOO_FEW
    if interval is None:
        return Verdict.UNCERTAIN
    low, high = interval
    if low > 0:
        return Verdict.UP
    return Verdict.DOWN if high is not None and high < 0 else Verdict.UNCERTAIN


def adjust_by_holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each p-value adjusted over those that are not None, in their places.

    The smallest of n is multiplied by n, the next by n - 1 and so on; none is below one before it, none above 1.
    """
    known = sorted((p_value, place) for place, p_value in enumerate(p_values) if p_value is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    greatest = 0.0
    for rank, (p_value, place) in enumerate(known):
        greatest = max(greatest, min((len(known) - rank) * p_value, 1.0))
        adjusted[place] = greatest
    return adjusted

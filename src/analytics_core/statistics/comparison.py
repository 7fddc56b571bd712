"""The comparison of two arms: uplift, difference, what is incremental, and how sure each is."""

from dataclasses import dataclass

from analytics_core.domain.words import Verdict
from analytics_core.statistics.intervals import difference_interval, ratio_interval
from analytics_core.statistics.observation import observe_counts
from analytics_core.statistics.power import find_smallest_detectable
from analytics_core.statistics.score_test import ObservedRates, is_shared_evenly, score_no_effect
from analytics_core.statistics.user_counts import ArmSums, UserCounts, merge_counts, sum_arms
from analytics_core.statistics.verdict import judge


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


@dataclass(frozen=True, slots=True)
class Confidence:
    """What the test of two rates says; None where it cannot be made."""

    p_value: float | None = None
    interval: tuple[float, float | None] | None = None
    difference_interval: tuple[float, float] | None = None


def compare_arms(counts: UserCounts) -> ArmComparison:
    """Compare the treated arm with the control arm, the user as the unit.

    Returns:
        All of it None where an arm has no rows. p-value and intervals are None where an arm is worth one user, and
        where users are shared between the arms so evenly that nothing can vary (with equal rates the p-value is 1);
        the uplift where the control rate is 0.
    """
    merged = merge_counts(counts)
    treated, control = sum_arms(merged)
    observed = observe_counts(merged)
    if observed is None:
        return ArmComparison(treated, control, judge(treated, control, None))
    found = _test_rates(observed)
    ends = found.difference_interval
    return ArmComparison(
        treated,
        control,
        judge(treated, control, found.interval),
        uplift=observed.difference / observed.control if observed.control else None,
        interval=found.interval,
        p_value=found.p_value,
        difference=observed.difference,
        difference_interval=ends,
        incremental=treated.rows * observed.difference,
        incremental_interval=(treated.rows * ends[0], treated.rows * ends[1]) if ends else None,
        smallest_detectable_uplift=find_smallest_detectable(observed.control, observed.sizes),
    )


def _test_rates(observed: ObservedRates) -> Confidence:
    """p-value and intervals; without intervals where users are shared so evenly that nothing can vary."""
    if not observed.sizes.testable:
        return Confidence()
    null = score_no_effect(observed)
    if is_shared_evenly(observed, null):
        return Confidence(null.p_value)
    return Confidence(null.p_value, ratio_interval(observed, null), difference_interval(observed, null))

"""An interval that may be looked at again and again: every day, and the campaign stopped by what it says.

An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory
and asymptotic confidence sequences", Annals of Statistics 52, 2024) with the score variance as its clock: it is
narrowest about the size that the campaign had after its first week.
"""

import math

from analytics_core.statistics.intervals import LEVEL, find_end, start_search
from analytics_core.statistics.observation import observe_counts
from analytics_core.statistics.score_test import Score, is_shared_evenly, score_difference, score_no_effect
from analytics_core.statistics.user_counts import UserCounts, merge_counts

_SPAN = -2 * math.log(LEVEL)
_CLOCK = _SPAN + math.log(_SPAN) + 1
"""How many first weeks' information the interval is narrowest at."""


def always_valid_interval(counts: UserCounts, first_week: UserCounts) -> tuple[float, float] | None:
    """The 95 % interval of the difference that holds at all looks together.

    Args:
        counts: all rows that count so far.
        first_week: the rows whose clock lies in the campaign's first seven days, as they stood when that week matured.

    Returns:
        None where either has an arm without rows or worth one user, or where users are shared so evenly that
        nothing can vary.
    """
    now, then = observe_counts(merge_counts(counts)), observe_counts(merge_counts(first_week))
    if now is None or then is None or not (now.sizes.testable and then.sizes.testable):
        return None
    null = score_no_effect(now)
    if is_shared_evenly(now, null):
        return None

    def excess(difference: float) -> float:
        return _excess(score_difference(now, difference), score_difference(then, difference))

    rejected = excess(0.0) > 0
    start = start_search(now.difference, null.variance, rejected=rejected)
    return find_end(excess, start, -1.0), find_end(excess, start, 1.0)


def _excess(now: Score, then: Score) -> float:
    """How many deviations the observed difference is beyond what the sequence allows."""
    if not now.gap:
        return -1.0
    if not now.variance:
        return 1.0
    clock = _CLOCK * then.variance / now.variance
    if not clock:
        return -1.0  # a week in which nothing varies excludes nothing
    return abs(now.gap) / math.sqrt(now.variance) - math.sqrt((clock + 1) / clock * math.log((clock + 1) / LEVEL**2))

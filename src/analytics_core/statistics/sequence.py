"""Intervals that may be looked at again and again: every day, and the campaign stopped by what they say.

An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory
and asymptotic confidence sequences", Annals of Statistics 52, 2024) with the score variance as its clock: it is
narrowest about the size that the campaign had after its first week.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from analytics_core.statistics.intervals import find_both_ends, start_search
from analytics_core.statistics.score_test import (
    LEVEL,
    ObservedRates,
    find_variance,
    is_shared_evenly,
    observe_rates,
    restrict_to_difference,
    score_no_effect,
)
from analytics_core.statistics.stacking import QUIETLY, Floats, stack_counts, sum_arms
from analytics_core.statistics.user_counts import Ints, UserCounts

_SPAN = -2 * math.log(LEVEL)
_CLOCK = _SPAN + math.log(_SPAN) + 1
"""How many first weeks' information the interval is narrowest at."""


def always_valid_interval(counts: UserCounts, first_week: UserCounts) -> tuple[float, float] | None:
    """The 95 % interval of one comparison (see `find_always_valid`)."""
    return find_always_valid([(counts, first_week)])[0]


@QUIETLY
def find_always_valid(pairs: Sequence[tuple[UserCounts, UserCounts]]) -> list[tuple[float, float] | None]:
    """The 95 % intervals of the difference that hold at all looks together.

    The differences that are not left out may lie in two pieces, one about the observed difference and one about 0,
    where hardly a row of the first week converted. The interval then reaches over both.

    Args:
        pairs: of each comparison all rows that count so far, and the rows whose clock lies in the campaign's first
            seven days, as they stood when that week matured.

    Returns:
        In the order given; None where either has an arm without rows, where an arm of the first is worth one user, or
        where users are shared so evenly that nothing can vary.
    """
    found: list[tuple[float, float] | None] = [None] * len(pairs)
    if not pairs:
        return found
    stack = stack_counts([*(counts for counts, _ in pairs), *(first_week for _, first_week in pairs)])
    observed = observe_rates(stack, sum_arms(stack))
    # The first weeks are as many places further on.
    definable = observed.sizes.testable & ~is_shared_evenly(observed, score_no_effect(observed))
    places = np.flatnonzero(definable[: len(pairs)] & ~np.isnan(observed.difference[len(pairs) :]))
    now, then = observed.take(places), observed.take(places + len(pairs))
    excess, variance = _Sequences(now, then), score_no_effect(now).variance
    start = start_search(now.difference, variance, rejected=excess(np.zeros(len(places))) > 0)
    ends = find_both_ends(excess, start, 1.0)
    for place, low, high in zip(places.tolist(), *(end.tolist() for end in ends), strict=True):
        found[place] = low, high
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Sequences:
    """How many deviations the observed differences are beyond what the sequences allow."""

    now: ObservedRates
    then: ObservedRates

    def __call__(self, values: Floats) -> Floats:
        gap, variance = np.abs(self.now.difference - values), _vary(self.now, values)
        clock = _CLOCK * _vary(self.then, values) / variance
        beyond = gap / np.sqrt(variance) - np.sqrt((clock + 1) / clock * np.log((clock + 1) / LEVEL**2))
        # A week in which nothing varies excludes nothing.
        beyond = np.where(clock > 0, beyond, -1.0)
        return np.where(variance > 0, beyond, np.where(gap == 0, -1.0, 1.0))

    def take(self, places: Ints) -> Self:
        return type(self)(self.now.take(places), self.then.take(places))


def _vary(observed: ObservedRates, differences: Floats) -> Floats:
    return find_variance(observed, restrict_to_difference(observed, differences))

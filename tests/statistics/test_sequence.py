"""The always valid interval: its formula by hand, and how it stands to the plain one."""

import math

import numpy as np
import pytest

from analytics_core.statistics.comparison import compare_arms
from analytics_core.statistics.effective_sizes import EffectiveSizes
from analytics_core.statistics.score_test import ObservedRates, score_difference
from analytics_core.statistics.sequence import always_valid_interval
from analytics_core.statistics.user_counts import UserCounts
from user_tables import drawn, of_users, single, written

WEEK, MONTH = single(900, 60, 100, 4), single(3600, 250, 400, 18)


def rates(hits: int, rows: int, other_hits: int, other_rows: int) -> ObservedRates:
    return ObservedRates(hits / rows, other_hits / other_rows, EffectiveSizes(rows, other_rows, rows, other_rows, 0.0))


def test_its_ends_are_where_the_published_boundary_is() -> None:
    ends = always_valid_interval(MONTH, WEEK)
    assert ends is not None
    k = -2 * math.log(0.05) + math.log(-2 * math.log(0.05)) + 1
    for end in ends:
        now = score_difference(rates(250, 3600, 18, 400), end).variance
        then = score_difference(rates(60, 900, 4, 100), end).variance
        r = k * then / now
        bound = math.sqrt(now) * math.sqrt((r + 1) / r * math.log((r + 1) / 0.05**2))
        assert abs(250 / 3600 - 18 / 400 - end) == pytest.approx(bound, rel=1e-9)


def test_it_is_wider_than_the_plain_interval_and_around_it() -> None:
    """But for Student's t, which the plain one has: with some five effective users it is the wider one."""
    for seed in range(200):
        users = drawn(seed)
        found = compare_arms(of_users(users))
        plain = found.difference_interval
        ends = always_valid_interval(of_users(users), of_users(users[: len(users) // 2]))
        few = min(found.treated.people, found.control.people) < 20
        if ends is not None and plain is not None and not few:
            assert -1 <= ends[0] <= plain[0] <= plain[1] <= ends[1] <= 1


def test_it_narrows_as_the_campaign_goes_on() -> None:
    widths = []
    for weeks in (1, 4, 16):
        ends = always_valid_interval(single(900 * weeks, 60 * weeks, 100 * weeks, 4 * weeks), WEEK)
        assert ends is not None
        widths.append(ends[1] - ends[0])
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("nothing", [written(), written((1, 0, 0, 0, 9))])
def test_it_is_undefined_while_an_arm_has_no_rows(nothing: UserCounts) -> None:
    assert always_valid_interval(MONTH, nothing) is None
    assert always_valid_interval(nothing, WEEK) is None


def test_it_is_undefined_while_an_arm_has_one_user() -> None:
    assert always_valid_interval(written((1, 1, 0, 0, 9), (0, 0, 4, 1, 1)), WEEK) is None


def test_a_first_week_of_one_user_an_arm_tells_when_the_clock_starts() -> None:
    counts, week = written((1, 0, 1, 0, 1), (2, 0, 1, 0, 1)), written((0, 0, 1, 0, 1), (2, 0, 1, 0, 1))
    assert always_valid_interval(counts, week) == pytest.approx((-0.852117, 0.795262), abs=1e-6)


def test_users_shared_evenly_leave_nothing_that_varies() -> None:
    shared = written((2, 2, 2, 0, 20), (2, 0, 2, 2, 10))
    assert always_valid_interval(shared, shared) is None


def test_a_first_week_without_a_conversion_excludes_no_effect_nowhere() -> None:
    ends = always_valid_interval(single(3600, 900, 400, 1), single(900, 0, 100, 0))
    assert ends is not None
    assert ends[0] <= 0 <= ends[1]


def test_the_order_of_the_users_does_not_matter() -> None:
    users = drawn(21)
    turned = [users[place] for place in np.random.default_rng(0).permutation(len(users))]
    week = of_users(users[:40])
    assert always_valid_interval(of_users(turned), week) == always_valid_interval(of_users(users), week)

"""The comparison of arms: by hand, against the recipe in plain Python, and laws that hold for any users."""

import math
from collections.abc import Callable
from itertools import permutations, starmap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from analytics_core.domain.words import Verdict
from analytics_core.statistics.comparison import ArmComparison, compare_arms
from analytics_core.statistics.user_counts import ArmSums, UserCounts
from user_tables import User, drawn, of_users, single, written


def test_a_comparison_by_hand() -> None:
    found = compare_arms(single(1000, 120, 500, 40))
    assert found.treated == ArmSums(rows=1000, people=1000, converted=120, converted_people=120)
    assert found.control == ArmSums(rows=500, people=500, converted=40, converted_people=40)
    assert found.uplift == pytest.approx(0.5)
    assert found.difference == pytest.approx(0.04)
    assert found.incremental == pytest.approx(40)
    # 160 of 1500 converted; every user has one row, so the statistic is the two-sample z with N / (N - 1).
    pooled = 160 / 1500
    z = 0.04 / math.sqrt(1500 / 1499 * pooled * (1 - pooled) * (1 / 1000 + 1 / 500))
    freedom = (1 / 1000 + 1 / 500) ** 2 / (1 / 1000**2 / 999 + 1 / 500**2 / 499)
    assert found.p_value == pytest.approx(2 * stats.t.sf(z, freedom), rel=1e-12)
    assert found.verdict is Verdict.UP
    assert found.difference_interval is not None
    assert found.incremental_interval == pytest.approx([1000 * end for end in found.difference_interval])


def test_a_user_whose_rows_are_all_alike_is_one_row() -> None:
    once = compare_arms(single(300, 60, 200, 20))
    alike = compare_arms(written((4, 4, 0, 0, 60), (4, 0, 0, 0, 240), (0, 0, 4, 4, 20), (0, 0, 4, 0, 180)))
    assert alike.p_value == pytest.approx(once.p_value, rel=1e-12)
    assert alike.interval == pytest.approx(once.interval, rel=1e-9)
    assert alike.smallest_detectable_uplift == pytest.approx(once.smallest_detectable_uplift, rel=1e-9)


def test_without_an_event_in_either_arm_nothing_differs() -> None:
    found = compare_arms(single(100, 0, 50, 0))
    assert (found.uplift, found.interval, found.p_value, found.difference) == (None, (-1.0, None), 1.0, 0.0)
    assert found.smallest_detectable_uplift is None
    assert found.difference_interval is not None
    assert found.difference_interval[0] < 0 < found.difference_interval[1]


def test_where_all_convert_nothing_differs() -> None:
    found = compare_arms(single(100, 100, 50, 50))
    assert (found.uplift, found.p_value, found.smallest_detectable_uplift) == (0.0, 1.0, None)
    assert found.interval is not None
    assert found.interval[0] < 0 < (found.interval[1] or 0)


def test_a_control_group_without_a_conversion_bounds_the_uplift_from_below_only() -> None:
    few, many = compare_arms(single(100, 3, 50, 0)), compare_arms(single(100, 40, 50, 0))
    assert few.uplift is many.uplift is None
    assert few.interval is not None
    assert many.interval is not None
    assert few.interval[0] < 0 < many.interval[0]
    assert few.interval[1] is many.interval[1] is None


def test_a_treated_arm_without_a_conversion_may_have_lost_all() -> None:
    found = compare_arms(single(100, 0, 50, 20))
    assert found.uplift == -1
    assert found.interval is not None
    assert found.interval[0] == -1
    assert -1 < (found.interval[1] or 0) < 0


@pytest.mark.parametrize(
    "counts", [written((5, 1, 0, 0, 1), (0, 0, 3, 1, 5)), written((1, 1, 3, 1, 1), (4, 0, 0, 0, 9))]
)
def test_an_arm_of_one_user_says_nothing_of_chance(counts: UserCounts) -> None:
    found = compare_arms(counts)
    assert found.difference is not None
    assert found.uplift is not None
    unsaid = found.p_value, found.interval, found.difference_interval, found.incremental_interval
    assert unsaid == (None, None, None, None)
    assert found.smallest_detectable_uplift is None


@pytest.mark.parametrize("counts", [written(), written((5, 1, 0, 0, 40)), written((0, 0, 1, 1, 60))])
def test_an_arm_without_rows_is_compared_with_nothing(counts: UserCounts) -> None:
    found = compare_arms(counts)
    assert found == ArmComparison(found.treated, found.control, Verdict.TOO_FEW)


def test_users_shared_evenly_leave_nothing_that_varies() -> None:
    found = compare_arms(written((2, 2, 2, 0, 20), (2, 0, 2, 2, 10)))
    assert found.uplift == 1
    assert (found.p_value, found.interval, found.difference_interval) == (None, None, None)
    level = compare_arms(written((2, 2, 2, 2, 10), (2, 0, 2, 0, 20)))
    assert (level.p_value, level.interval, level.difference_interval) == (1.0, None, None)


def test_a_control_group_that_happens_to_hold_no_user_with_many_rows_is_no_proof() -> None:
    """Where those with many convert seldom the control rate is higher without them, and would be lower with one."""
    found = compare_arms(
        written((1, 1, 0, 0, 90), (1, 0, 0, 0, 180), (200, 2, 0, 0, 5), (0, 0, 1, 1, 10), (0, 0, 1, 0, 20))
    )
    assert found.uplift is not None
    assert found.uplift < -0.7
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.verdict is Verdict.UNCERTAIN


# The recipe once more, one user at a time, with the likelihood's greatest value found by a root finder.


class Recipe:
    def __init__(self, users: list[User]) -> None:
        self.users = users
        self.rows = sum(a for a, *_ in users), sum(b for _, _, b, _ in users)
        self.rates = sum(x for _, x, _, _ in users) / self.rows[0], sum(y for *_, y in users) / self.rows[1]
        squares = sum(a * a for a, *_ in users), sum(b * b for _, _, b, _ in users)
        self.people = self.rows[0] ** 2 / squares[0], self.rows[1] ** 2 / squares[1]
        pooled = self.correlation(users)
        own = (
            self.correlation([(a, x, 0, 0) for a, x, _, _ in users]),
            self.correlation([(0, 0, b, y) for _, _, b, y in users]),
        )
        self.rho = max(pooled, own[0]), max(pooled, own[1])
        together, informative = sum(a * b for a, _, b, _ in users), 0.8 * self.informative(users)
        others = sum((a + b) ** 2 for a, _, b, _ in users) / sum(self.rows) - 1
        self.sizes = [
            n / max(1 + rho * (s / n - 1), 1 + informative * (others - together / n))
            for n, rho, s in zip(self.rows, self.rho, squares, strict=True)
        ]
        self.products = sum(a * b for a, _, b, _ in users) / (self.rows[0] * self.rows[1])

    def correlation(self, users: list[User]) -> float:
        p, r = self.rates
        above = spread = 0.0
        for a, x, b, y in users:
            e = x - a * p + y - b * r
            q = x * (1 - p) ** 2 + (a - x) * p**2 + y * (1 - r) ** 2 + (b - y) * r**2
            spread += q
            above += (e * e - q) / (a + b - 1) if a + b >= 2 else 0
        several = sum(a + b for a, _, b, _ in users if a + b >= 2)
        variance = spread / sum(a + b for a, _, b, _ in users)
        return min(max(above / (variance * several), 0), 1) if several and variance else 0

    def informative(self, users: list[User]) -> float:
        p, r = self.rates
        variance = sum(x * (1 - p) ** 2 + (a - x) * p**2 + y * (1 - r) ** 2 + (b - y) * r**2 for a, x, b, y in users)
        variance /= sum(self.rows)
        squares, pairs = (sum((a + b) * (a + b - less) for a, _, b, _ in users) for less in (0, 1))
        middle = squares / sum(self.rows)
        along = [(x - a * p + y - b * r) * (a + b - middle) for a, x, b, y in users]
        products = sum(one * other for one, other in permutations(along, 2))
        return min(max(products / squares / (variance * pairs), 0), 1) if pairs and variance else 0

    def p_of(self, rates: tuple[float, float], gap: float, weight: float) -> float:
        n, m = self.sizes
        f = (n + m) / (n + m - 1)
        one, two = rates[0] * (1 - rates[0]), rates[1] * (1 - rates[1])
        parts = f * one / n, f * weight**2 * two / m
        cross = 2 * f * weight * math.sqrt(self.rho[0] * self.rho[1] * one * two) * self.products
        variance = sum(parts) - cross
        freedom = sum(parts) ** 2 / (parts[0] ** 2 / (self.people[0] - 1) + parts[1] ** 2 / (self.people[1] - 1))
        return float(2 * stats.t.sf(abs(gap) / math.sqrt(variance), freedom))

    def p_of_ratio(self, ratio: float) -> float:
        (p, r), (n, m) = self.rates, self.sizes

        def slope(q: float) -> float:
            return n * p / q - n * (1 - p) * ratio / (1 - ratio * q) + m * r / q - m * (1 - r) / (1 - q)

        q = root(slope, 0, min(1, 1 / ratio))
        return self.p_of((min(ratio * q, 1), q), p - ratio * r, ratio)

    def p_of_difference(self, difference: float) -> float:
        (p, r), (n, m) = self.rates, self.sizes

        def slope(q: float) -> float:
            both = q + difference
            return n * p / both - n * (1 - p) / (1 - both) + m * r / q - m * (1 - r) / (1 - q)

        q = root(slope, max(0, -difference), min(1, 1 - difference))
        return self.p_of((q + difference, q), p - r - difference, 1)


def root(slope: Callable[[float], float], least: float, most: float) -> float:
    nearly = 1e-13 * (most - least) + 4e-16
    if slope(least + nearly) <= 0:
        return least
    return most if slope(most - nearly) >= 0 else brentq(slope, least + nearly, most - nearly, xtol=1e-300, rtol=1e-14)


@pytest.mark.parametrize("seeds", [range(start, start + 64) for start in range(0, 320, 64)], ids=str)
def test_p_values_and_intervals_are_those_of_the_recipe_user_by_user(seeds: range) -> None:
    for seed in seeds:
        users = drawn(seed)
        found = compare_arms(of_users(users))
        if found.p_value is None or found.interval is None or found.difference_interval is None:
            continue
        recipe = Recipe(users)
        if recipe.rates[0] != recipe.rates[1]:
            assert found.p_value == pytest.approx(recipe.p_of_ratio(1.0), rel=1e-7)
        ends = [1 + end for end in found.interval if end is not None and -1 < end < 1e6]
        assert [recipe.p_of_ratio(end) for end in ends] == pytest.approx([0.05] * len(ends), rel=1e-6)
        ends = [end for end in found.difference_interval if abs(end) < 1]
        assert [recipe.p_of_difference(end) for end in ends] == pytest.approx([0.05] * len(ends), rel=1e-6)


def leaves_out(interval: tuple[float, float | None]) -> bool:
    return interval[0] > 0 or (interval[1] is not None and interval[1] < 0)


def assert_coherent(found: ArmComparison) -> None:
    """p < 0.05 exactly where either interval leaves out no effect; an interval holds its estimate."""
    if found.interval is None or found.difference_interval is None:
        assert found.interval is found.difference_interval is None
        assert found.p_value in {None, 1.0}
        return
    assert found.p_value is not None
    assert (found.p_value < 0.05) == leaves_out(found.interval) == leaves_out(found.difference_interval)
    low, high = found.difference_interval
    assert found.difference is not None
    assert -1 <= low <= found.difference <= high <= 1
    assert -1 <= found.interval[0] <= (math.inf if found.uplift is None else found.uplift + 1e-12)
    if found.interval[1] is not None:
        assert found.uplift is not None
        assert found.uplift <= found.interval[1] + 1e-12


@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(0, 600, 100)], ids=str)
def test_p_values_and_intervals_say_the_same(seeds: range) -> None:
    for seed in seeds:
        assert_coherent(compare_arms(of_users(drawn(seed))))


@pytest.mark.parametrize("seed", range(0, 600, 60))
def test_all_values_between_an_interval_s_ends_are_inside_and_none_beyond(seed: int) -> None:
    users = drawn(seed + 5)  # seeds whose arms have a rate between 0 and 1
    recipe, found = Recipe(users), compare_arms(of_users(users))
    assert found.difference_interval is not None
    low, high = found.difference_interval
    for value in np.linspace(-0.999, 0.999, 160):
        assert (recipe.p_of_difference(float(value)) >= 0.05) == (low <= value <= high)


def test_neither_order_nor_partition_of_the_users_matters() -> None:
    for seed in range(40):
        users, chance = drawn(seed), np.random.default_rng(seed)
        whole = compare_arms(of_users(users))
        counted = {user: users.count(user) for user in users}
        assert compare_arms(written(*((*user, count) for user, count in counted.items()))) == whole
        assert compare_arms(of_users([users[place] for place in chance.permutation(len(users))])) == whole


def users_of(a: int, b: int, share: float, other: float) -> User:
    return a + (a + b == 0), round(share * (a + (a + b == 0))), b, round(other * b)


shares = st.floats(0, 1)
tables = st.lists(st.builds(users_of, st.integers(0, 40), st.integers(0, 40), shares, shares), min_size=1, max_size=60)


@settings(deadline=None, max_examples=150)
@given(tables)
def test_any_users_give_a_coherent_comparison(users: list[User]) -> None:
    assert_coherent(compare_arms(of_users(users)))


@settings(deadline=None, max_examples=100)
@given(tables)
def test_exchanged_arms_differ_by_the_opposite(users: list[User]) -> None:
    found = compare_arms(of_users(users))
    turned = compare_arms(of_users(list(starmap(lambda a, x, b, y: (b, y, a, x), users))))
    assert turned.p_value == (found.p_value if found.p_value is None else pytest.approx(found.p_value, rel=1e-9))
    if found.difference_interval is not None:
        low, high = found.difference_interval
        assert turned.difference_interval == pytest.approx((-high, -low), rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(tables, st.integers(2, 50))
def test_more_of_the_same_users_are_surer(users: list[User], times: int) -> None:
    few, many = compare_arms(of_users(users)), compare_arms(written(*((*user, times) for user in users)))
    if few.p_value is not None and few.interval is not None:
        assert many.p_value is not None
        assert many.p_value <= few.p_value + 1e-9
        assert many.uplift == few.uplift

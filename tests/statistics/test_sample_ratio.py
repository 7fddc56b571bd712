import time

import numpy as np
import pytest
from scipy import stats

from analytics_core.statistics.sample_ratio import sample_ratio_p_value


@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(0, 600, 100)], ids=str)
def test_it_is_scipy_s_exact_test(seeds: range) -> None:
    for seed in seeds:
        chance = np.random.default_rng(seed)
        users = int(10 ** chance.uniform(0, 7))
        share = float(chance.choice([0.5, 0.1, 0.05, 0.01, 0.9, chance.random()]))
        away = chance.integers(-4, 5) * np.sqrt(users * share * (1 - share))
        observed = int(np.clip(chance.binomial(users, share) + away, 0, users))
        expected = stats.binomtest(observed, users, share).pvalue
        assert sample_ratio_p_value(observed, users, share) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("users", [1, 2, 3, 10, 17])
def test_it_adds_up_all_outcomes_that_are_no_likelier(users: int) -> None:
    for share in (0.1, 0.5, 0.73):
        chances = stats.binom.pmf(range(users + 1), users, share)
        for observed in range(users + 1):
            expected = sum(chance for chance in chances if chance <= chances[observed] * (1 + 1e-7))
            assert sample_ratio_p_value(observed, users, share) == pytest.approx(expected, rel=1e-9)


def test_what_was_expected_is_no_surprise() -> None:
    assert sample_ratio_p_value(10, 100, 0.1) == pytest.approx(1)


@pytest.mark.parametrize(("observed", "users", "share"), [(0, 0, 0.1), (5, 10, 0.0), (5, 10, 1.0)])
def test_nothing_is_tested_where_nothing_was_drawn(observed: int, users: int, share: float) -> None:
    assert sample_ratio_p_value(observed, users, share) is None


def test_ten_million_users_take_no_time() -> None:
    sample_ratio_p_value(1, 10, 0.1)  # imports
    started = time.process_time()
    for observed in range(999_000, 1_001_000, 100):
        sample_ratio_p_value(observed, 10_000_000, 0.1)
    assert time.process_time() - started < 1

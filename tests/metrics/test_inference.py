"""How sure an uplift is: against a library, by hand, and by simulated campaigns without any effect."""

import warnings
from itertools import product

import numpy as np
import polars as pl
import pytest
import tea_tasting as tt
from numpy.typing import NDArray
from scipy import stats

from analytics_core.metrics.inference import (
    Comparison,
    Inference,
    Moments,
    Overlap,
    infer,
    sample_ratio_p_value,
)

Ints = NDArray[np.int64]
APART = Overlap()


def moments(rows: Ints, converted: Ints) -> Moments:
    """Sums over the users that have rows."""
    present = rows > 0
    n, y = rows[present].astype(object), converted[present].astype(object)
    return Moments(int(present.sum()), sum(n), sum(y), sum(n * n), sum(y * y), sum(n * y))


def _compared(rows: tuple[Ints, Ints], converted: tuple[Ints, Ints]) -> Inference:
    return infer(Comparison(moments(rows[0], converted[0]), moments(rows[1], converted[1]), APART))


def _table(seed: int) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Users of two arms with 1-6 rows each; among the seeds are arms where nobody and where everybody converts."""
    chance = np.random.default_rng(seed)
    rates = tuple(product((0.0, 0.02, 0.5, 1.0), repeat=2))[seed % 16]
    rows = tuple(chance.integers(1, 7, chance.integers(2, 300)) for _ in rates)
    return rows, tuple(chance.binomial(n, rate) for n, rate in zip(rows, rates, strict=True))


@pytest.mark.parametrize("seeds", [range(start, start + 40) for start in range(0, 560, 40)], ids=str)
def test_intervals_and_p_values_equal_a_library_s(seeds: range) -> None:
    for seed in seeds:
        rows, converted = _table(seed)
        found = _compared(rows, converted)
        frame = pl.DataFrame(
            {
                "variant": np.repeat([1, 0], [len(rows[0]), len(rows[1])]),
                "n": np.concatenate(rows),
                "y": np.concatenate(converted),
            }
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library divides by a variance or a rate of 0
            try:
                theirs = tt.Experiment(cvr=tt.RatioOfMeans("y", "n")).analyze(frame)["cvr"]
            except (ZeroDivisionError, ValueError):  # its variance of nothing is 0 or just below
                theirs = None
        _assert_alike(found, theirs, rates=[y.sum() / n.sum() for y, n in zip(converted, rows, strict=True)])


def _assert_alike(found: Inference, theirs: object, *, rates: list[float]) -> None:
    if found.p_value is None:
        assert set(rates) <= {0.0, 1.0}, "without a p-value nothing may vary"
    elif theirs is not None:
        assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-12)
    if found.interval is None:
        assert min(rates) == 0 or set(rates) == {1.0}
    elif theirs is not None:
        expected = (theirs.rel_effect_size_ci_lower, theirs.rel_effect_size_ci_upper)
        assert found.interval == pytest.approx(expected, rel=1e-7)


def test_one_row_a_user_is_welch_s_test_of_shares() -> None:
    converted = np.repeat([1, 0], [30, 170]), np.repeat([1, 0], [12, 138])
    found = _compared((np.ones(200, int), np.ones(150, int)), converted)
    assert found.p_value == pytest.approx(stats.ttest_ind(*converted, equal_var=False).pvalue, rel=1e-10)


def test_an_interval_is_around_the_uplift_and_excludes_none_when_significant() -> None:
    found = _compared(
        (np.ones(2000, int), np.ones(2000, int)), (np.repeat([1, 0], [300, 1700]), np.repeat([1, 0], [200, 1800]))
    )
    assert found.interval is not None
    assert found.p_value is not None
    low, high = found.interval
    assert 0 < low < 0.5 < high
    assert found.p_value < 0.001


def test_a_single_user_says_nothing() -> None:
    assert _compared((np.array([50]), np.array([3, 4])), (np.array([20]), np.array([1, 2]))) == Inference()


def test_where_nobody_varies_nothing_is_claimed() -> None:
    rows = np.full(30, 3), np.full(50, 3)
    assert _compared(rows, (np.ones(30, int), np.full(50, 2))) == Inference()


def test_the_declared_share_of_a_control_group_is_tested_by_chi_square() -> None:
    expected = stats.chisquare([80, 920], [100, 900]).pvalue
    assert sample_ratio_p_value(80, 920, 0.1) == pytest.approx(expected, rel=1e-12)
    assert sample_ratio_p_value(0, 0, 0.1) is None
    assert sample_ratio_p_value(5, 5, 1.0) is None


def _false_positives(campaigns: int, users: int, instances: int, *, seed: int, drawn_anew: bool) -> float:
    """The share of campaigns without any effect that are significant at 5 %."""
    chance = np.random.default_rng(seed)
    significant = 0
    for _ in range(campaigns):
        propensity = chance.beta(1, 3, users)  # users differ, so their instances are alike
        shape = (users, instances) if drawn_anew else (users, 1)
        in_control = np.broadcast_to(chance.random(shape) < 0.3, (users, instances))
        qualifies = chance.random((users, instances)) < 0.7
        converts = chance.random((users, instances)) < propensity[:, None]
        arms = [qualifies & ~in_control, qualifies & in_control]
        n = [arm.sum(1) for arm in arms]
        y = [(arm & converts).sum(1) for arm in arms]
        both = Overlap(int(n[0] @ n[1]), int(n[0] @ y[1]), int(y[0] @ n[1]), int(y[0] @ y[1]))
        found = infer(Comparison(moments(n[0], y[0]), moments(n[1], y[1]), both))
        significant += found.p_value is not None and found.p_value < 0.05
    return significant / campaigns


@pytest.mark.long
@pytest.mark.parametrize(("users", "instances", "drawn_anew"), [(400, 1, False), (300, 8, False), (300, 8, True)])
def test_campaigns_without_an_effect_are_significant_at_five_percent(
    users: int, instances: int, *, drawn_anew: bool
) -> None:
    share = _false_positives(20_000, users, instances, seed=5, drawn_anew=drawn_anew)
    assert 0.045 <= share <= 0.055

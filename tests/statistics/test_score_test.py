"""The test and its intervals without clusters, against published figures, a library's, and the likelihood itself."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from analytics_core.statistics.effective_sizes import EffectiveSizes
from analytics_core.statistics.intervals import difference_interval, ratio_interval
from analytics_core.statistics.score_test import (
    ObservedRates,
    Score,
    restrict_to_difference,
    restrict_to_ratio,
    score_difference,
    score_no_effect,
    score_ratio,
)

NORMAL = 1e15  # of so many users Student's t is the normal distribution, which the published figures use

# Table II of Newcombe on eleven intervals for the difference of proportions (Statistics in Medicine 17, 1998), by the
# method of Miettinen and Nurminen; the ninth is of a paper on such intervals in SAS (Garner, WUSS 2016).
NEWCOMBE = [
    (56, 70, 48, 80, 0.0528, 0.3382),
    (9, 10, 3, 10, 0.1700, 0.8406),
    (6, 7, 2, 7, 0.0342, 0.8534),
    (5, 56, 0, 29, -0.0326, 0.1933),
    (0, 10, 0, 20, -0.1658, 0.2844),
    (0, 10, 0, 10, -0.2879, 0.2879),
    (10, 10, 0, 20, 0.7156, 1.0),
    (10, 10, 0, 10, 0.6636, 1.0),
    (84, 101, 89, 105, -0.1191, 0.0860),
]

# statsmodels 0.15.0, method="score", correction=True, compare="ratio": the statistics at 0.5, 1, 1.5 and 3, and
# confint_proportions_2indep. (Its cubic for differences has a wrong coefficient: statsmodels issue 10269.)
STATSMODELS = [
    (56, 70, 48, 80, 7.9451389, 2.6413233, -1.0479220, -6.3336707, 1.0790471, 1.6721454),
    (9, 10, 3, 10, 4.4231802, 2.6692696, 1.6345871, 0.0000000, 1.3279566, 8.6919149),
    (6, 7, 2, 7, 3.5025414, 2.0816660, 1.2616801, 0.0000000, 1.0636865, 11.1477709),
    (5, 56, 1, 29, 1.7512693, 0.9297099, 0.5167065, -0.1365273, 0.4291366, 16.5837550),
    (84, 101, 89, 105, 7.9003212, -0.3109770, -5.6357486, -12.4117431, 0.8643255, 1.1101970),
    (7, 34, 1, 34, 3.4795727, 2.2416512, 1.6626159, 0.8425674, 1.2085680, 43.0329722),
    (189, 11034, 104, 11037, 11.4043720, 5.0012749, 1.5862611, -4.1699961, 1.4338961, 2.3047252),
    (13, 50, 18, 70, 2.2332165, 0.0351046, -1.2729503, -3.6781248, 0.5443450, 1.8433308),
    (81, 100, 6, 28, 11.1579513, 5.9479504, 3.2928274, 0.6544445, 2.0249210, 7.9964712),
    (12, 950, 2, 50, -0.6143321, -1.6046371, -2.2632224, -3.6201939, 0.0837057, 1.2519856),
    (50, 475, 2, 25, 1.5510057, 0.4029156, -0.1885518, -1.1976916, 0.4070234, 4.8400425),
    (45, 900, 7, 100, 0.9236413, -0.8541382, -1.9040729, -3.8870656, 0.3431574, 1.5318596),
    (19, 9500, 2, 500, 0.0000000, -0.9521424, -1.5543682, -2.7468951, 0.1302368, 1.9307935),
    (400, 9000, 50, 1000, 4.0477205, -0.8039316, -3.5872813, -8.7038398, 0.6692300, 1.1845847),
    (3, 5, 4, 6, 1.0875244, -0.2182179, -1.0422853, -2.3590879, 0.2994365, 2.4374170),
    (1, 20, 9, 11, -2.8193704, -4.3065188, -5.3812879, -7.7476208, 0.0104674, 0.3081044),
    (30, 31, 40, 45, 5.6796412, 1.2445478, -3.3430153, -7.9934014, 0.9297301, 1.2738929),
    (250, 1000, 125, 1000, 15.2911647, 7.1593582, 2.9024606, -4.0495187, 1.6457063, 2.4342568),
    (2, 2000, 3, 200, -2.6032116, -3.9634043, -4.9691309, -7.1899119, 0.0134059, 0.3327472),
    (700, 2000, 60, 150, 6.7413182, -1.2351925, -4.6804148, -10.5170061, 0.7216843, 1.0854499),
    (11, 27, 13, 25, 1.4508495, -0.8058647, -2.1416663, -4.4957431, 0.4259634, 1.4192747),
    (63, 3189, 414, 7172, -2.8645234, -8.5120024, -12.3032768, -20.1760757, 0.2634956, 0.4440740),
]


def observed(hits: int, rows: int, other_hits: int, other_rows: int, users: float = NORMAL) -> ObservedRates:
    return ObservedRates(hits / rows, other_hits / other_rows, EffectiveSizes(rows, other_rows, users, users, 0.0))


def statistic(score: Score) -> float:
    return score.gap / math.sqrt(score.variance)


@pytest.mark.parametrize(("hits", "rows", "other_hits", "other_rows", "low", "high"), NEWCOMBE)
def test_difference_intervals_are_the_published_ones(
    hits: int, rows: int, other_hits: int, other_rows: int, *, low: float, high: float
) -> None:
    rates = observed(hits, rows, other_hits, other_rows)
    assert difference_interval(rates, score_no_effect(rates)) == pytest.approx((low, high), abs=5.1e-5)


def test_a_difference_interval_is_that_of_r_s_propcis() -> None:
    rates = observed(7, 34, 1, 34)
    assert difference_interval(rates, score_no_effect(rates)) == pytest.approx((0.0270416, 0.3452912), abs=1e-7)


@pytest.mark.parametrize("row", STATSMODELS, ids=lambda row: f"{row[0]} of {row[1]}, {row[2]} of {row[3]}")
def test_ratio_statistics_and_intervals_are_a_library_s(row: tuple[float, ...]) -> None:
    rates = observed(*(int(count) for count in row[:4]))
    for ratio, expected in zip((0.5, 1.0, 1.5, 3.0), row[4:8], strict=True):
        assert statistic(score_ratio(rates, ratio)) == pytest.approx(expected, abs=6e-8)
    low, high = ratio_interval(rates, score_no_effect(rates))
    assert high is not None
    assert (1 + low, 1 + high) == pytest.approx(row[8:], rel=1e-6, abs=6e-8)


def likeliest(slope: Callable[[float], float], least: float, most: float) -> float:
    """Where a concave likelihood is greatest: where its slope is 0, or at an end."""
    nearly = 1e-13 * (most - least) + 4e-16
    if slope(least + nearly) <= 0:
        return least
    return most if slope(most - nearly) >= 0 else brentq(slope, least + nearly, most - nearly, xtol=1e-300, rtol=1e-14)


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 300, 50)], ids=str)
def test_restricted_rates_are_where_the_likelihood_is_greatest(seeds: range) -> None:
    for seed in seeds:
        chance = np.random.default_rng(seed)
        n, m = (int(10 ** chance.uniform(0.5, 6)) for _ in range(2))
        x, y = (int(chance.binomial(of, chance.beta(0.3, 1.5))) for of in (n, m))
        rates = observed(x, n, y, m)
        difference, ratio = float(chance.uniform(-0.9, 0.9)), float(np.exp(chance.uniform(-2, 2)))

        def of_difference(q: float, d: float = difference, n: int = n, m: int = m, x: int = x, y: int = y) -> float:
            return x / (q + d) - (n - x) / (1 - q - d) + y / q - (m - y) / (1 - q)

        def of_ratio(q: float, r: float = ratio, n: int = n, m: int = m, x: int = x, y: int = y) -> float:
            return x / q - (n - x) * r / (1 - r * q) + y / q - (m - y) / (1 - q)

        expected = likeliest(of_difference, max(0, -difference), min(1, 1 - difference))
        assert restrict_to_difference(rates, difference)[1] == pytest.approx(expected, rel=1e-9, abs=1e-12)
        expected = likeliest(of_ratio, 0, min(1, 1 / ratio))
        found = restrict_to_ratio(rates, ratio)
        assert found == pytest.approx((min(ratio * expected, 1), expected), rel=1e-9, abs=1e-12)


def test_no_effect_is_ratio_one_and_difference_zero() -> None:
    rates = observed(12, 950, 2, 50, users=40.0)
    p_value = score_no_effect(rates).p_value
    assert score_ratio(rates, 1.0).p_value == pytest.approx(p_value, rel=1e-12)
    assert score_difference(rates, 0.0).p_value == pytest.approx(p_value, rel=1e-12)


def test_degrees_of_freedom_are_satterthwaite_s_over_effective_users() -> None:
    rates = ObservedRates(0.5, 0.5, EffectiveSizes(100.0, 50.0, 11.0, 6.0, 0.0))
    parts = 0.25 / 100, 0.25 / 50
    assert score_no_effect(rates).freedom == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 10 + parts[1] ** 2 / 5))


def test_users_in_both_arms_narrow_the_gap_s_variance() -> None:
    apart = ObservedRates(0.2, 0.1, EffectiveSizes(100.0, 100.0, 50.0, 50.0, 0.0))
    shared = ObservedRates(0.2, 0.1, EffectiveSizes(100.0, 100.0, 50.0, 50.0, 0.004))
    factor, spread = 200 / 199, 0.15 * 0.85
    assert score_no_effect(apart).variance == pytest.approx(factor * spread * 0.02)
    assert score_no_effect(shared).variance == pytest.approx(factor * spread * (0.02 - 2 * 0.004))

import math

import pytest
from scipy import stats

from analytics_core.statistics.comparison import compare_arms
from user_tables import single, written


def test_the_smallest_detectable_uplift_by_hand() -> None:
    size = compare_arms(single(9000, 450, 1000, 50)).smallest_detectable_uplift
    assert size is not None
    treated, control, factor = 0.05 * (1 + size), 0.05, 10_000 / 9999
    pooled = 0.9 * treated + 0.1 * control
    without = factor * pooled * (1 - pooled) * (1 / 9000 + 1 / 1000)
    with_effect = factor * (treated * (1 - treated) / 9000 + control * (1 - control) / 1000)
    freedom = (1 / 9000 + 1 / 1000) ** 2 / (1 / 9000**2 / 8999 + 1 / 1000**2 / 999)
    needed = stats.t.ppf(0.975, freedom) * math.sqrt(without) + stats.norm.ppf(0.8) * math.sqrt(with_effect)
    assert treated - control == pytest.approx(needed, rel=1e-9)


def test_more_users_see_less() -> None:
    sizes = [compare_arms(single(90 * n, 9 * n, 10 * n, n)).smallest_detectable_uplift for n in (10, 100, 1000)]
    assert None not in sizes
    assert sizes == sorted(sizes, reverse=True)


def test_alike_rows_see_less_than_as_many_users() -> None:
    alike = compare_arms(written((4, 4, 0, 0, 20), (4, 0, 0, 0, 380), (0, 0, 4, 4, 5), (0, 0, 4, 0, 95)))
    apart = compare_arms(single(1600, 80, 400, 20))
    assert alike.smallest_detectable_uplift is not None
    assert apart.smallest_detectable_uplift is not None
    assert alike.smallest_detectable_uplift > apart.smallest_detectable_uplift


def test_more_than_every_row_converting_is_not_detectable() -> None:
    assert compare_arms(single(20, 12, 10, 6)).smallest_detectable_uplift is None
    assert compare_arms(single(20, 12, 10, 0)).smallest_detectable_uplift is None
    assert compare_arms(single(20, 12, 10, 10)).smallest_detectable_uplift is None

"""Large sums of users are cut in both arms alike."""

import numpy as np
import pytest

from analytics_core.counting.arm_tables import UserSums
from analytics_core.counting.incremental_revenue import cut_sums


def sums_of(*users: tuple[int, int, float, float], dtype: type = np.int64) -> UserSums:
    """Treated and control sum of each user, and their squares."""
    treated, control = (np.array([user[place] for user in users], dtype) for place in (0, 1))
    squares = (np.array([user[place] for user in users], np.float64) for place in (2, 3))
    rows = np.ones(len(users), np.int64)
    return UserSums(treated, control, *squares, rows, rows)


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_sums_are_cut_at_the_99th_percentile_of_both_arms(dtype: type) -> None:
    users = [(value, 0, value**2, 0) for value in range(1, 151)]
    users += [(0, value, 0, value**2) for value in range(151, 200)]
    users += [(400, 4, 300**2 + 100**2, 16)]
    # Of 201 positive sums the 199th, for 0.99 x 201 = 198.99: 1, 2, 3, 4, 4, 5 … 199, 400 is 198.
    cut = cut_sums(sums_of(*users, dtype=dtype))
    assert cut.treated.dtype == dtype
    assert cut.treated.tolist()[-1] == 198
    assert cut.treated_squares.tolist()[-1] == pytest.approx((300**2 + 100**2) * (198 / 400) ** 2)
    assert cut.control.tolist()[-3:] == [198, 198, 4]
    assert cut.control_squares.tolist()[-3:] == pytest.approx([198**2, 198**2, 16])
    assert cut.treated.tolist()[:3] == [1, 2, 3]


def test_without_a_positive_sum_nothing_is_cut() -> None:
    sums = sums_of((-5, 0, 25.0, 0.0))
    assert cut_sums(sums) is sums

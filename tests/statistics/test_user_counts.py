import numpy as np

from analytics_core.statistics.user_counts import ArmSums, merge_columns, merge_counts, sum_arms, sum_products
from user_tables import written


def test_equal_combinations_become_one_and_stand_in_order() -> None:
    (rows, hits), users = merge_columns((np.array([2, 1, 2]), np.array([0, 1, 0])), np.array([3, 1, 4]))
    assert (rows.tolist(), hits.tolist(), users.tolist()) == ([2, 1], [0, 1], [7, 1])


def test_a_combination_of_no_user_is_left_out() -> None:
    merged = merge_counts(written((1, 0, 0, 0, 3), (5, 1, 0, 0, 0)))
    assert merged.treated_rows.tolist() == [1]
    assert merged.users.tolist() == [3]


def test_nobody_is_nobody() -> None:
    assert sum_arms(merge_counts(written())) == (ArmSums(0, 0, 0, 0), ArmSums(0, 0, 0, 0))
    assert ArmSums(0, 0, 0, 0).rate is None


def test_an_arm_counts_rows_and_the_people_who_have_them() -> None:
    treated, control = sum_arms(written((2, 1, 0, 0, 2), (1, 0, 1, 1, 1)))
    assert treated == ArmSums(rows=5, people=3, converted=2, converted_people=2)
    assert control == ArmSums(rows=1, people=1, converted=1, converted_people=1)
    assert treated.rate == 0.4


def test_a_sum_of_squares_beyond_64_bits_is_exact() -> None:
    rows = np.array([2**33 + 1, 2**33 + 3])
    assert sum_products(rows, rows, np.array([5, 7])) == 5 * (2**33 + 1) ** 2 + 7 * (2**33 + 3) ** 2

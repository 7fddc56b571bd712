import numpy as np
import pytest

from analytics_core.statistics.user_counts import ArmSums, merge_columns, merge_counts
from user_tables import written


@pytest.mark.parametrize("scale", [1, 2**40], ids=["side by side in 63 bits", "ranked"])
def test_equal_combinations_become_one_and_stand_in_order(scale: int) -> None:
    columns = scale * np.array([2, 1, 2]), scale * np.array([0, 1, 0])
    (rows, hits), users = merge_columns(columns, np.array([3, 1, 4]))
    assert (rows.tolist(), hits.tolist(), users.tolist()) == ([2 * scale, scale], [0, scale], [7, 1])


def test_what_is_merged_stays_as_it_is() -> None:
    columns, users = merge_columns((np.array([2, 1]), np.array([0, 1])), np.array([7, 1]))
    assert ([column.tolist() for column in columns], users.tolist()) == ([[2, 1], [0, 1]], [7, 1])


def test_a_combination_of_no_user_is_left_out() -> None:
    merged = merge_counts(written((1, 0, 0, 0, 3), (5, 1, 0, 0, 0), (2, 0, 0, 0, 4), (2, 0, 0, 0, -4)))
    assert merged.treated_rows.tolist() == [1]
    assert merged.users.tolist() == [3]


def test_nobody_is_nobody() -> None:
    assert merge_counts(written()).users.tolist() == []
    assert ArmSums(0, 0, 0, 0).rate is None
    assert ArmSums(5, 3, 2, 2).rate == 0.4

"""The comparison of amounts per row: what it is for amounts that are all the same, and where it says nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_core.statistics.amounts import AmountComparison, UserAmounts, compare_amounts
from analytics_core.statistics.comparison import compare_arms
from user_tables import User, drawn, of_users


def amounts_of(rows: list[tuple[int, int, list[float], list[float]]]) -> UserAmounts:
    """One entry per user: treated rows, control rows, and the amounts of the rows that have one."""
    return UserAmounts(
        np.array([a for a, *_ in rows], np.int64),
        np.array([b for _, b, *_ in rows], np.int64),
        np.array([sum(treated) for _, _, treated, _ in rows], np.float64),
        np.array([sum(control) for *_, control in rows], np.float64),
        np.array([sum(value**2 for value in treated) for _, _, treated, _ in rows], np.float64),
        np.array([sum(value**2 for value in control) for *_, control in rows], np.float64),
    )


def constant(users: list[User], amount: float) -> UserAmounts:
    """Every converted row brings the same amount."""
    return amounts_of([(a, b, [amount] * x, [amount] * y) for a, x, b, y in users if x + y])


@pytest.mark.parametrize("seeds", [range(start, start + 80) for start in range(0, 320, 80)], ids=str)
def test_amounts_that_are_all_the_same_are_conversions(seeds: range) -> None:
    for seed in seeds:
        users = drawn(seed)
        if not any(x + y for _, x, _, y in users):
            continue
        as_rates = compare_arms(of_users(users))
        found = compare_amounts(of_users(users), constant(users, 25.0))
        if as_rates.p_value is None or as_rates.difference_interval is None:
            assert found.interval is None
            continue
        assert found.p_value == pytest.approx(as_rates.p_value, rel=1e-9)
        assert found.interval == pytest.approx([25 * end for end in as_rates.difference_interval], rel=1e-6, abs=1e-9)


USERS = [*[(1, 0, [], [])] * 80, *[(0, 1, [], [])] * 70]
BUYERS = [*[(1, 0, [10.0], [])] * 15, (1, 0, [200.0], []), (2, 0, [30.0, 40.0], []), *[(0, 1, [], [20.0])] * 9]
COUNTS = of_users([(a, 0, b, 0) for a, b, *_ in [*USERS, *BUYERS]])


def test_amounts_that_differ_are_less_sure_than_the_rows_that_have_one() -> None:
    hits = [(a, len(treated), b, len(control)) for a, b, treated, control in [*USERS, *BUYERS]]
    as_rates, found = compare_arms(of_users(hits)), compare_amounts(COUNTS, amounts_of(BUYERS))
    assert found.interval is not None
    assert as_rates.difference_interval is not None
    worth = (15 * 100 + 40_000 + 900 + 1600 + 9 * 400) / (150 + 200 + 70 + 180)
    difference = 420 / 98 - 180 / 79
    assert found.interval[0] < difference < found.interval[1]
    assert found.interval[1] - found.interval[0] > 20 * (
        as_rates.difference_interval[1] - as_rates.difference_interval[0]
    )
    assert max(map(abs, found.interval)) < worth


def test_the_unit_of_the_amounts_does_not_matter() -> None:
    amounts = amounts_of(BUYERS)
    cents = replace(
        amounts,
        treated_sum=(amounts.treated_sum * 100).astype(np.int64),
        control_sum=(amounts.control_sum * 100).astype(np.int64),
        treated_squares=amounts.treated_squares * 1e4,
        control_squares=amounts.control_squares * 1e4,
    )
    found, in_cents = compare_amounts(COUNTS, amounts), compare_amounts(COUNTS, cents)
    assert in_cents.p_value == pytest.approx(found.p_value, rel=1e-9)
    assert found.interval is not None
    assert in_cents.interval == pytest.approx([100 * end for end in found.interval], rel=1e-9)


def test_the_order_of_the_users_does_not_matter() -> None:
    turned = compare_amounts(of_users([(a, 0, b, 0) for a, b, *_ in [*BUYERS, *USERS]]), amounts_of(BUYERS[::-1]))
    assert turned == compare_amounts(COUNTS, amounts_of(BUYERS))


@pytest.mark.parametrize(
    "buyers",
    [
        [],
        [(1, 0, [10.0], []), (1, 0, [-10.0], [])],
        [(1, 0, [-10.0], []), (0, 1, [], [50.0])],
        [(1, 0, [100.0], []), (0, 1, [], [-1.0])],
    ],
)
def test_without_amounts_or_with_an_arm_of_refunds_nothing_is_said(
    buyers: list[tuple[int, int, list[float], list[float]]],
) -> None:
    counts = of_users([(a, 0, b, 0) for a, b, *_ in [*USERS, *buyers]])
    assert compare_amounts(counts, amounts_of(buyers)) == AmountComparison()


def test_an_arm_without_rows_or_of_one_user_says_nothing() -> None:
    buyers = [(1, 0, [5.0], [])] * 5
    counts = of_users([(1, 0, 0, 0)] * 5)
    assert compare_amounts(counts, amounts_of(buyers)) == AmountComparison()
    counts = of_users([*[(1, 0, 0, 0)] * 5, (0, 0, 7, 0)])
    assert compare_amounts(counts, amounts_of(buyers)) == AmountComparison()


def test_users_shared_evenly_leave_nothing_that_varies() -> None:
    buyers = [*[(2, 2, [10.0, 10.0], [])] * 20, *[(2, 2, [], [10.0, 10.0])] * 10]
    counts = of_users([(a, 0, b, 0) for a, b, *_ in buyers])
    assert compare_amounts(counts, amounts_of(buyers)) == AmountComparison()


def test_some_refunds_count() -> None:
    refunded = [*BUYERS, (1, 0, [-10.0], [])]
    counts = of_users([(a, 0, b, 0) for a, b, *_ in [*USERS, *refunded]])
    found = compare_amounts(counts, amounts_of(refunded))
    assert found.interval is not None
    assert found.interval[0] < 410 / 99 - 180 / 79 < found.interval[1]


def test_where_every_row_of_an_arm_brings_more_than_the_others_amounts_the_interval_still_holds_the_difference() -> (
    None
):
    buyers = [*[(1, 0, [100.0], [])] * 40, *[(0, 1, [], [10.0])] * 400]
    found = compare_amounts(of_users([(a, 0, b, 0) for a, b, *_ in buyers]), amounts_of(buyers))
    assert found.interval is not None
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert 0 < found.interval[0] < 90 <= found.interval[1] + 1e-9


buyer = st.tuples(
    st.integers(1, 5),
    st.integers(1, 5),
    st.lists(st.floats(-20, 500), max_size=1),
    st.lists(st.floats(0.5, 50), max_size=1),
)


@settings(deadline=None, max_examples=100)
@given(st.lists(buyer, min_size=1, max_size=30))
def test_p_value_and_interval_say_the_same(buyers: list[tuple[int, int, list[float], list[float]]]) -> None:
    counts = of_users([*[(a, 0, b, 0) for a, b, *_ in buyers], *[(1, 0, 0, 0)] * 20, *[(0, 0, 1, 0)] * 10])
    amounts = amounts_of(buyers)
    found = compare_amounts(counts, amounts)
    if found.p_value is None or found.interval is None:
        return
    low, high = found.interval
    assert (found.p_value < 0.05) == (low > 0 or high < 0)
    rows = sum(a for a, *_ in buyers) + 20, sum(b for _, b, *_ in buyers) + 10
    difference = amounts.treated_sum.sum() / rows[0] - amounts.control_sum.sum() / rows[1]
    assert low - 1e-6 <= difference <= high + 1e-6

"""Many comparisons at once: each is what it is alone, in whatever order it and its users come."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from analytics_core.statistics.amounts import AmountComparison, UserAmounts, compare_amounts, compare_many_amounts
from analytics_core.statistics.comparison import compare_arms, compare_many
from analytics_core.statistics.sequence import always_valid_interval, find_always_valid
from analytics_core.statistics.stacking import QUIETLY, Groups, stack_counts, sum_arms
from analytics_core.statistics.user_counts import ArmSums, UserCounts
from user_tables import drawn, of_users, written

TABLES = [of_users(drawn(seed)) for seed in range(120)] + [written(), written((5, 1, 0, 0, 40))]
WEEKS = [of_users(drawn(seed)[::2]) for seed in range(120)] + [written()] * 2


def amounts_of(counts: UserCounts, seed: int) -> UserAmounts:
    """Of one comparison's converted users, each a single one: prices of few kinds, so that many users are alike."""
    chance, hits = np.random.default_rng(seed), counts.treated_converted + counts.control_converted > 0
    price = chance.choice([9.99, 25.0, 49.5], len(counts.users))
    sums = [(price * hit)[hits] for hit in (counts.treated_converted, counts.control_converted)]
    squares = [(price**2 * hit)[hits] for hit in (counts.treated_converted, counts.control_converted)]
    return UserAmounts(counts.treated_rows[hits], counts.control_rows[hits], *sums, *squares)


VERSIONS = [(amounts_of(counts, seed), amounts_of(counts, seed + 100)) for seed, counts in enumerate(TABLES)]


def compare_versions(counts: UserCounts, versions: tuple[UserAmounts, ...]) -> tuple[AmountComparison, ...]:
    """Each by itself."""
    return tuple(compare_amounts(counts, amounts) for amounts in versions)


@pytest.mark.parametrize(
    ("many", "one", "asked"),
    [
        (compare_many, compare_arms, [(table,) for table in TABLES]),
        (find_always_valid, always_valid_interval, list(zip(TABLES, WEEKS, strict=True))),
        (compare_many_amounts, compare_versions, list(zip(TABLES, VERSIONS, strict=True))),
    ],
)
def test_a_comparison_among_others_is_the_same_as_alone(
    many: Callable[[Sequence[Any]], list[Any]], one: Callable[..., Any], asked: list[tuple[Any, ...]]
) -> None:
    given = [each[0] if len(each) == 1 else each for each in asked]
    found = many(given)
    assert found == [one(*each) for each in asked]
    assert many(given[::-1]) == found[::-1]
    assert many([]) == []


def test_comparisons_without_rows_have_sums_too() -> None:
    treated, control = sum_arms(stack_counts([written(), written((2, 1, 0, 0, 2), (1, 0, 1, 1, 1)), written()]))
    nobody = ArmSums(0, 0, 0, 0)
    assert treated.by_comparison() == [nobody, ArmSums(rows=5, people=3, converted=2, converted_people=2), nobody]
    assert control.by_comparison() == [nobody, ArmSums(rows=1, people=1, converted=1, converted_people=1), nobody]


def test_groups_add_and_spread_by_comparison() -> None:
    groups = Groups.of(np.array([0, 0, 2]), 3)
    assert groups.add(np.array([5, 6, 7])).tolist() == [11, 0, 7]
    assert groups.spread(np.array([1.0, 2.0, 3.0])).tolist() == [1, 1, 3]


def test_sums_of_floats_do_not_depend_on_their_order() -> None:
    chance = np.random.default_rng(5)
    values = np.concatenate([chance.lognormal(3, 2, 500), -chance.lognormal(3, 2, 400), [0.0, 1e12]])
    groups = Groups.of(np.zeros(len(values), np.int64), 1)
    (expected,) = groups.add(values)
    assert expected == pytest.approx(math.fsum(values), rel=1e-12)
    for _ in range(10):
        assert groups.add(chance.permutation(values)).tolist() == [expected]


def test_a_sum_that_holds_nan_is_nan_and_disturbs_no_other() -> None:
    groups = Groups.of(np.array([0, 0, 1, 2]), 4)
    with QUIETLY:
        found = groups.add(np.array([1.0, np.nan, 0.25, 0.0]))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0.25, 0.0, 0.0]

"""The oracle's own statistics: cases one can check by hand, and what must hold for any two arms."""

from random import Random

import pytest
from scipy import stats

from oracle.inference import (
    Arm,
    Comparison,
    always_valid_interval,
    correlation,
    difference_interval,
    holm,
    p_value,
    ratio_interval,
    smallest_detectable_uplift,
)

HARD_TO_SAY = (0.04, 0.3, 0.6, 0.95)


def apart(sent: int, buying: int, held: int, held_buying: int) -> Comparison:
    """Two arms of users who have one row each."""
    return Comparison(
        Arm({f"s{n}": [int(n < buying)] for n in range(sent)}),
        Arm({f"h{n}": [int(n < held_buying)] for n in range(held)}),
    )


def dealt(seed: int) -> Comparison | None:
    """Users with few rows and likings of their own, in one arm or in both."""
    chance = Random(seed)
    often, are_redrawn = chance.choice(HARD_TO_SAY), chance.random() < 0.6
    arms: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    for user in range(chance.choice((2, 3, 5, 20, 60))):
        liking, place = chance.betavariate(2 * often, 2 - 2 * often), chance.random() < 0.4
        for _ in range(chance.choice((1, 1, 2, 6))):
            is_held = chance.random() < 0.4 if are_redrawn else place
            arms[is_held].setdefault(f"u{user}", []).append(int(chance.random() < liking))
    return Comparison(Arm(arms[0]), Arm(arms[1])) if all(arms) else None


def test_users_of_one_row_each_are_independent() -> None:
    told = apart(4, 3, 4, 1)
    assert told.sizes == (4, 4)
    assert p_value(told) == pytest.approx(2 * stats.t.sf(7**0.5 / 2, 6), rel=1e-12)


def test_rows_of_one_user_that_are_all_alike_are_one_row() -> None:
    told = Comparison(Arm({"a": [1, 1], "b": [0, 0]}), Arm({"c": [1, 1], "d": [0, 0]}))
    assert (told.correlations, told.sizes) == ((1, 1), (2, 2))


def test_rows_of_one_user_that_are_less_alike_than_chance_count_in_full() -> None:
    assert correlation(Arm({"a": [1, 0], "b": [0, 1]})) == 0


def test_without_an_event_or_without_a_row_that_did_not_convert_nothing_speaks_against_no_effect() -> None:
    for buying, held_buying in ((0, 0), (50, 20)):
        told = apart(50, buying, 20, held_buying)
        low, high = difference_interval(told) or (1, 1)
        assert (p_value(told), told.difference) == (1, 0)
        assert -1 < low < 0 < high < 1
        assert smallest_detectable_uplift(told) is None
    assert ratio_interval(apart(50, 0, 20, 0)) == (-1, None)


def test_the_ratio_has_no_upper_end_where_control_has_not_converted_and_starts_at_minus_one_without_a_treated_one() -> (
    None
):
    low, high = ratio_interval(apart(190, 10, 10, 0)) or (None, 0)
    assert (-1 < low < 0, high) == (True, None)
    low, high = ratio_interval(apart(190, 0, 10, 4)) or (None, 0)
    assert (low, high < 0) == (-1, True)
    assert ratio_interval(apart(5, 5, 5, 0))[0] > 0


def test_an_arm_whose_mean_is_more_than_the_scale_counts_as_converted_in_full() -> None:
    few = Arm({"a": [10], "b": [10]})
    told = Comparison(few, Arm({f"h{n}": [1] for n in range(1000)}))
    assert (told.scale, told.rates) == (10, (1, 0.1))
    low, high = difference_interval(told)
    assert low < told.difference == 0.9 <= high


def test_an_arm_of_one_user_says_nothing() -> None:
    told = Comparison(Arm({"a": [1, 0, 1]}), Arm({"b": [0], "c": [1]}))
    said = (p_value(told), ratio_interval(told), difference_interval(told), always_valid_interval(told, told))
    assert said == (None, None, None, None)
    assert smallest_detectable_uplift(told) is None


def test_users_who_are_shared_evenly_between_the_arms_and_differ_say_nothing() -> None:
    even = Comparison(
        Arm({"a": [0, 0], "b": [1, 1], "c": [0]}),
        Arm({"a": [0, 0], "b": [1, 1], "c": [1]}),
    )
    assert (even.correlations, even.rates) == ((1, 1), (0.4, 0.6))
    assert (p_value(even), ratio_interval(even), difference_interval(even)) == (None, None, None)
    assert always_valid_interval(even, even) is None


def test_users_who_are_shared_evenly_between_the_arms_and_do_the_same_in_both_show_no_effect() -> None:
    even = Comparison(Arm({"a": [1], "b": [0], "c": [0]}), Arm({"a": [1], "b": [0], "c": [0]}))
    assert (even.correlations, p_value(even)) == ((1, 1), 1)
    assert (ratio_interval(even), difference_interval(even), always_valid_interval(even, even)) == (None, None, None)


@pytest.mark.parametrize("seed", range(60))
def test_p_value_and_both_intervals_are_of_one_test(seed: int) -> None:
    told = dealt(seed)
    if told is None or told.is_silent:
        return
    p = p_value(told)
    (low, high), (less, more) = ratio_interval(told), difference_interval(told)
    assert (p < 0.05) == (not less <= 0 <= more) == (not low <= 0 <= (high if high is not None else 1))
    assert -1 <= less <= told.difference <= more <= 1
    for end in (less, more):
        assert abs(end) == 1 or told.p_of_difference(end) == pytest.approx(0.05, abs=1e-6)
    for end in (low, high):
        assert end in {-1, None} or told.p_of_ratio(end + 1) == pytest.approx(0.05, abs=1e-6)


def test_the_smallest_detectable_uplift_is_smaller_in_larger_arms_and_none_where_every_row_would_have_to_convert() -> (
    None
):
    small, large = (smallest_detectable_uplift(apart(n, n // 10, n, n // 10)) for n in (100, 10_000))
    assert 1 < small < 2
    assert 0.1 < large < 0.14
    assert smallest_detectable_uplift(apart(10, 9, 10, 9)) is None


def test_the_always_valid_interval_is_the_wider_the_less_the_first_week_told_of_all() -> None:
    told = apart(400, 80, 400, 60)
    low, high = always_valid_interval(told, told)
    less, more = difference_interval(told)
    assert low < less < told.difference < more < high
    assert (high - low) / (more - less) == pytest.approx(1.9, abs=0.4)


def test_holm_multiplies_by_how_many_are_left_and_never_falls() -> None:
    assert holm([0.01, None, 0.04, 0.03, 0.9]) == [0.04, None, 0.09, 0.09, 0.9]
    assert holm([0.8, 0.7]) == [1.0, 1.0]
    assert holm([]) == []

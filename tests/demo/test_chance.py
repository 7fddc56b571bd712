"""The demo's randomness: fixed for ever, and shaped as it says."""

from collections import Counter
from statistics import mean, median, stdev

from analytics_core.demo.chance import Chance, Odds


def test_a_stream_of_a_name_always_begins_the_same_way() -> None:
    chance = Chance("a name")
    assert [chance.below(1_000) for _ in range(6)] == [816, 468, 131, 528, 529, 720]


def test_streams_of_different_names_differ() -> None:
    first, second = Chance("one"), Chance("two")
    assert [first.below(1_000) for _ in range(6)] != [second.below(1_000) for _ in range(6)]


def test_a_bell_is_standard_normal() -> None:
    chance = Chance("bell")
    draws = [chance.bell() for _ in range(20_000)]
    assert abs(mean(draws)) < 0.03
    assert abs(stdev(draws) - 1) < 0.03


def test_a_long_tail_has_its_median_and_a_larger_mean() -> None:
    chance = Chance("tail")
    draws = [chance.long_tail(100, 1) for _ in range(20_000)]
    assert 97 < median(draws) < 103
    assert 150 < mean(draws) < 180


def test_odds_are_drawn_by_weight_and_never_at_weight_zero() -> None:
    chance = Chance("odds")
    odds = Odds.of(("often", 3), ("never", 0), ("seldom", 1))
    drawn = Counter(odds.draw(chance) for _ in range(20_000))
    assert set(drawn) == {"often", "seldom"}
    assert 2.8 < drawn["often"] / drawn["seldom"] < 3.2

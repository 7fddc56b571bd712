import math

import pytest

from analytics_core.statistics.crossings import bracket_end, find_crossing


@pytest.mark.parametrize("end", [1e-9, 0.003, 1.0, 17.5, 1e6])
def test_a_crossing_is_found_to_the_last_digits_in_few_steps(end: float) -> None:
    asked: list[float] = []

    def excess(value: float) -> float:
        asked.append(value)
        return math.atan(value / end) - math.pi / 4

    assert find_crossing(excess, *bracket_end(excess, 0.0, 1e9, 0.5)) == pytest.approx(end, rel=1e-12)
    assert len(asked) < 60


def test_a_step_is_found_by_halving() -> None:
    assert find_crossing(lambda value: 1.0 if value > 0.3 else -1.0, 0.0, 1.0) == pytest.approx(0.3, rel=1e-12)


def test_a_limit_that_is_inside_is_the_end() -> None:
    assert bracket_end(lambda _: -1.0, 0.0, -1.0, 0.25) == (-1.0, -1.0)
    assert bracket_end(lambda value: -value - 0.9, 0.0, -1.0, 0.25) == (-0.75, -1.0)


def test_without_a_crossing_it_is_the_end_that_is_wrong() -> None:
    assert find_crossing(lambda _: 1.0, 2.0, 3.0) == 2.0
    assert find_crossing(lambda _: -1.0, 2.0, 3.0) == 3.0

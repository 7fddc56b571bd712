from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics_core.statistics.intervals import Search, find_ends

Floats = NDArray[np.float64]


@dataclass
class Scaled:
    """One function of the value over each end's own scale, and how often values were asked for."""

    function: Callable[[Floats], Floats]
    scale: Floats
    asked: list[int]

    def __call__(self, values: Floats) -> Floats:
        self.asked.append(len(values))
        return self.function(values / self.scale)

    def take(self, places: NDArray[np.int64]) -> Self:
        return type(self)(self.function, self.scale[places], self.asked)


def search(inside: list[float], limit: list[float], step: float, *, wall: bool = False) -> Search:
    size = len(inside)
    return Search(np.array(inside), np.array(limit), np.full(size, step), np.full(size, wall))


def find(
    function: Callable[[Floats], Floats], inside: float, limit: float, step: float, *, wall: bool = False
) -> float:
    excess = Scaled(function, np.ones(1), [])
    return find_ends(excess, search([inside], [limit], step, wall=wall)).item()


def test_crossings_of_all_sizes_are_found_to_the_last_digits_together_in_few_steps() -> None:
    ends = np.array([1e-9, 0.003, 1.0, 17.5, 1e6])
    excess = Scaled(lambda values: np.arctan(values) - np.pi / 4, ends, [])
    found = find_ends(excess, search([0.0] * 5, [1e9] * 5, 0.5))
    assert found == pytest.approx(ends, rel=1e-12)
    assert len(excess.asked) < 60
    assert excess.asked[-1] < 5, "those that are found are not asked for again"


def test_a_step_is_found_by_halving() -> None:
    assert find(lambda values: np.where(values > 0.3, 1.0, -1.0), 0.0, 1.0, 2.0) == pytest.approx(0.3, rel=1e-12)


def test_a_limit_that_is_inside_is_the_end() -> None:
    assert find(lambda values: 0 * values - 1, 0.0, -1.0, 0.25) == -1.0
    assert find(lambda values: -values - 0.9, 0.0, -1.0, 0.25) == pytest.approx(-0.9)


def test_beyond_a_wall_nothing_is_looked_for() -> None:
    assert find(lambda values: values + 0.25, -1.0, 1.0, 0.5, wall=True) == pytest.approx(-0.25)
    assert find(lambda values: values - 0.25, -1.0, 1.0, 0.5, wall=True) == 0.0


def test_where_the_start_is_outside_it_is_the_end() -> None:
    assert find(lambda values: 0 * values + 1, 2.0, 3.0, 0.5) == 2.0

"""Seeded randomness that gives the same draws on every machine and with every Python.

Only `random.Random.random` is used, the one method whose sequence Python promises to keep, and only `+ - * /`, which
IEEE 754 fixes to the last bit; the C library's `exp`, `log` and `cos` are not.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
_SEED = "acme-shop-1"


class Chance:
    """One stream of draws; streams of different names are independent, so that editing one moves no other."""

    def __init__(self, name: str) -> None:
        self._uniform = Random(f"{_SEED}/{name}").random  # noqa: S311 -- a repeatable demo, nothing secret

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1, each equally likely."""
        return int(self._uniform() * limit)

    def happens(self, share: float) -> bool:
        """True in `share` (0-1) of all draws."""
        return self._uniform() < share

    def pick(self, values: Sequence[T]) -> T:
        """One of `values`, each equally likely."""
        return values[self.below(len(values))]

    def bell(self) -> float:
        """A draw that is very nearly standard normal (the sum of twelve uniform ones), within -6 to 6."""
        return sum(self._uniform() for _ in range(12)) - 6

    def long_tail(self, median: float, spread: float) -> float:
        """A log-normal draw: half of all lie below `median`; `spread` is the deviation of the logarithm."""
        # The exponential to within a percent for the powers drawn here, in multiplications only.
        growth = 1 + spread * self.bell() / 1024
        for _ in range(10):
            growth *= growth
        return median * growth


@dataclass(frozen=True, slots=True)
class Odds(Generic[T]):
    """Values with whole-number weights."""

    values: tuple[T, ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, *weighted: tuple[T, int]) -> "Odds[T]":
        """Odds of (value, weight) pairs; a value of weight 3 is drawn three times as often as one of weight 1."""
        values, weights = zip(*weighted, strict=True)
        return cls(values, tuple(accumulate(weights)))

    def draw(self, chance: Chance) -> T:
        """One value."""
        return self.values[bisect_right(self.bounds, chance.below(self.bounds[-1]))]

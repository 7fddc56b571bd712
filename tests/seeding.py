"""Seeds of generated worlds: few at every `make test`, the rest at `make test-long`."""

from typing import Any

import pytest

_WITH_COVERAGE = 4


def seeds(first: int, few: int, long: int) -> list[Any]:
    """`few` seeds from `first` on, and the next ones up to `long` in all, which are marked as long.

    Coverage is measured on the first ones only: it makes a world a third slower, and the others cover the same lines.
    """
    covered = min(few, _WITH_COVERAGE)
    plain = range(first, first + covered)
    uncovered = (pytest.param(n, marks=pytest.mark.no_cover) for n in range(first + covered, first + few))
    marked = (pytest.param(n, marks=pytest.mark.long) for n in range(first + few, first + long))
    return [*plain, *uncovered, *marked]

"""Seeds of generated worlds: few at every `make test`, the rest at `make test-long`."""

from collections.abc import Iterable
from typing import Any

import pytest

_WITH_COVERAGE = 1


def some(first: int, cases: Iterable[Any]) -> list[Any]:
    """The first so many of some cases, and the others, which are marked as long."""
    return [case if place < first else pytest.param(case, marks=pytest.mark.long) for place, case in enumerate(cases)]


def some_rows(first: int, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """As `some`, of cases that are several arguments each."""
    return [pytest.param(*row, marks=[pytest.mark.long] if place >= first else []) for place, row in enumerate(rows)]


def seeds(first: int, few: int, long: int) -> list[Any]:
    """`few` seeds from `first` on, and the next ones up to `long` in all, which are marked as long.

    Coverage is measured on the first one only: it makes a world half as slow again, and others cover the same lines.
    """
    covered = min(few, _WITH_COVERAGE)
    plain = range(first, first + covered)
    uncovered = (pytest.param(n, marks=pytest.mark.no_cover) for n in range(first + covered, first + few))
    marked = (pytest.param(n, marks=pytest.mark.long) for n in range(first + few, first + long))
    return [*plain, *uncovered, *marked]

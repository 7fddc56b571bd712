"""Many comparisons at once: their rows below each other, each with the number of its comparison.

Whatever the users' order and however they were counted, a comparison's rows stand here once each and in one order. So
the same floats are added in the same order and the sums are the same, alone or among others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.user_counts import ArmSums, Ints, UserCounts, merge_columns

_PRIMES = (2, 3, 5, 7, 11, 13)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUIETLY = np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore")
"""What is computed where it is not defined is nan and is not looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which of `size` comparisons each row belongs to: their numbers, ascending; some may have no rows.

    Example:
        Of three comparisons the first has two rows and the last one: `number=[0, 0, 2]`, `size=3`. Then
        `add([5, 6, 7])` is `[11, 0, 7]` and `spread([1, 2, 3])` is `[1, 1, 3]`.
    """

    number: Ints
    size: int
    starts: Ints

    @classmethod
    def of(cls, number: Ints, size: int) -> Self:
        """From the numbers, ascending."""
        differs = np.ones(len(number), np.bool_)
        differs[1:] = number[1:] != number[:-1]
        return cls(number, size, np.flatnonzero(differs))

    def add(self, values: NDArray[Any]) -> NDArray[Any]:
        """By comparison, the sum of its rows' values, in their order; 0 without rows."""
        sums = np.add.reduceat(values, self.starts) if len(self.starts) else values
        if len(sums) == self.size:
            return sums
        scattered = np.zeros(self.size, values.dtype)
        scattered[self.number[self.starts]] = sums
        return scattered

    def spread(self, values: Floats) -> Floats:
        """By row, the value of its comparison."""
        return values[self.number]


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The counts of many comparisons, merged, and which row is of which."""

    counts: UserCounts
    groups: Groups


@dataclass(frozen=True, slots=True, eq=False)
class ArmColumns:
    """One arm by comparison: the columns of `ArmSums`."""

    rows: Ints
    people: Ints
    converted: Ints
    converted_people: Ints

    @property
    def rate(self) -> Floats:
        """Converted rows per row; nan without rows."""
        return self.converted / self.rows

    def by_comparison(self) -> list[ArmSums]:
        """The same, one by one."""
        columns = self.rows, self.people, self.converted, self.converted_people
        return [ArmSums(*sums) for sums in zip(*(column.tolist() for column in columns), strict=True)]


def stack_counts(tables: Sequence[UserCounts]) -> Stack:
    """The counts of one comparison or more below each other, in the order given."""
    columns = (
        np.concatenate([counts.treated_rows for counts in tables]),
        np.concatenate([counts.treated_converted for counts in tables]),
        np.concatenate([counts.control_rows for counts in tables]),
        np.concatenate([counts.control_converted for counts in tables]),
        number_rows([len(counts.users) for counts in tables]),
    )
    merged, users = merge_columns(columns, np.concatenate([counts.users for counts in tables]))
    treated, hits, control, control_hits, number = merged
    return Stack(UserCounts(treated, hits, control, control_hits, users), Groups.of(number, len(tables)))


def number_rows(sizes: Sequence[int]) -> Ints:
    """Of tables of so many rows, the table's number by row: of the sizes 2, 0 and 1 it is 0, 0, 2."""
    return np.repeat(np.arange(len(sizes)), sizes)


def order_numbers(number: Ints) -> Ints:
    """Positions that put numbers in order; equal ones stay as they are."""
    # NumPy sorts 16 bits by radix.
    small = number.astype(np.uint16) if number.max(initial=0) < 1 << 16 else number
    return np.argsort(small, kind="stable")


def order_rows(number: Ints, columns: Sequence[NDArray[Any]]) -> Ints:
    """Positions that put rows in order of `number` and, for one number, in an order that only their values decide.

    That is the order of a mixture of the columns: one column is sorted many times faster than several. Where different
    rows mix alike, all columns decide between them.
    """
    mixture = np.zeros(len(number))
    for prime, column in zip(_PRIMES, columns, strict=False):
        mixture += math.sqrt(prime) * column
    order = np.argsort(mixture)
    order = order[order_numbers(number[order])]
    mixed, numbers = mixture[order], number[order]
    alike = np.flatnonzero((mixed[1:] == mixed[:-1]) & (numbers[1:] == numbers[:-1]))
    before, after = order[alike], order[alike + 1]
    if any((column[before] != column[after]).any() for column in columns):
        return np.lexsort((*columns, mixture, number))
    return order


def sum_arms(stack: Stack) -> tuple[ArmColumns, ArmColumns]:
    """The treated arms' and the control arms' sums."""
    counts = stack.counts
    return (
        _sum_arm(stack, counts.treated_rows, counts.treated_converted),
        _sum_arm(stack, counts.control_rows, counts.control_converted),
    )


def _sum_arm(stack: Stack, rows: Ints, converted: Ints) -> ArmColumns:
    add, users = stack.groups.add, stack.counts.users
    return ArmColumns(add(rows * users), add((rows > 0) * users), add(converted * users), add((converted > 0) * users))

"""Many comparisons at once: their rows below each other, each with the number of its comparison.

Whatever the users' order and however they were counted, the sums of a comparison's rows are the same, alone or among
others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analytics_core.statistics.user_counts import ArmSums, Ints, UserCounts, merge_columns

_ROOM = 62
"""Bits of a whole number that a sum may fill."""
_MOST_SHIFT = 1000
"""Two to this power is a float; only what is below 2 to minus 938 loses by it."""

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
        """By comparison, the sum of its rows' values, whatever their order; 0 without rows."""
        sums = self._add_up(values) if len(self.starts) else values
        if len(sums) == self.size:
            return sums
        scattered = np.zeros(self.size, values.dtype)
        scattered[self.number[self.starts]] = sums
        return scattered

    def _add_up(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums of comparisons that have rows.

        Sums of floats depend on their order. So floats are added as whole numbers, as many bits below a comparison's
        largest value as 64 bits have room for: of a million rows that loses what is 40 bits below it.
        """
        if not np.issubdtype(values.dtype, np.floating):
            return np.add.reduceat(values, self.starts)
        largest = np.maximum.reduceat(np.abs(values), self.starts)
        counts = np.diff(np.append(self.starts, len(values)))
        shift = _ROOM - np.frexp(counts.astype(np.float64))[1] - np.frexp(largest)[1]
        # By powers of two, which is exact, and many times faster than shifting every value.
        shift = np.minimum(shift, _MOST_SHIFT)
        whole = np.rint(values * np.repeat(np.ldexp(1.0, shift), counts)).astype(np.int64)
        sums = np.ldexp(np.add.reduceat(whole, self.starts).astype(np.float64), -shift)
        return np.where(np.isfinite(largest), sums, np.nan)

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

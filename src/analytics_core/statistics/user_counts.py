"""What a comparison of arms is made of: how many users have which rows, and the arms' sums."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_EXACT = 2.0**53


@dataclass(frozen=True, slots=True, eq=False)
class UserCounts:
    """How many users have each combination of rows and converted rows in the two arms: columns of equal length, int64.

    Every user has a row in one arm at least. The same combination may stand twice, and order never matters.

    Example:
        Two users who were sent two messages and converted on one of them, and one who was held out once and then sent
        one message: `treated_rows=[2, 1]`, `treated_converted=[1, 0]`, `control_rows=[0, 1]`,
        `control_converted=[0, 0]`, `users=[2, 1]`.
    """

    treated_rows: Ints
    treated_converted: Ints
    control_rows: Ints
    control_converted: Ints
    users: Ints


@dataclass(frozen=True, slots=True)
class ArmSums:
    """One arm: audience rows, distinct users, and those of both that converted."""

    rows: int
    people: int
    converted: int
    converted_people: int

    @property
    def rate(self) -> float | None:
        """Converted rows per row; None without rows."""
        return self.converted / self.rows if self.rows else None


def merge_counts(counts: UserCounts) -> UserCounts:
    """Every combination once, in one order, so that sums of floats are the same however the users were counted."""
    columns = counts.treated_rows, counts.treated_converted, counts.control_rows, counts.control_converted
    (treated, hits, control, control_hits), users = merge_columns(columns, counts.users)
    return UserCounts(treated, hits, control, control_hits, users)


def merge_columns(columns: tuple[Ints, ...], users: Ints) -> tuple[tuple[Ints, ...], Ints]:
    """Every combination of the columns' values once, in order, with the sum of its users; those of no user left out.

    Example:
        `columns=([2, 1, 2], [0, 1, 0])`, `users=[3, 1, 4]` become `([1, 2], [1, 0])` and `[1, 7]`.
    """
    order = np.lexsort(columns)
    ordered = tuple(column[order] for column in columns)
    starts = np.ones(len(users), np.bool_)
    starts[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in ordered])
    places = np.flatnonzero(starts)
    sums = np.add.reduceat(users[order], places) if len(places) else users
    kept = sums != 0
    return tuple(column[places][kept] for column in ordered), sums[kept]


def sum_arms(counts: UserCounts) -> tuple[ArmSums, ArmSums]:
    """The treated arm's and the control arm's sums."""
    return (
        _sum_arm(counts.treated_rows, counts.treated_converted, counts.users),
        _sum_arm(counts.control_rows, counts.control_converted, counts.users),
    )


def _sum_arm(rows: Ints, converted: Ints, users: Ints) -> ArmSums:
    return ArmSums(
        rows=sum_products(rows, users),
        people=int(users[rows > 0].sum()),
        converted=sum_products(converted, users),
        converted_people=int(users[converted > 0].sum()),
    )


def sum_products(*columns: Ints) -> int:
    """The sum of the columns' products, none of which is negative; exact also where it leaves 64 bits."""
    products = columns[0].astype(np.float64)
    for column in columns[1:]:
        products = products * column
    total = float(products.sum())
    # Below, each float on the way is a whole number and exact.
    return (
        int(total)
        if total < _EXACT
        else sum(map(math.prod, zip(*(column.tolist() for column in columns), strict=True)))
    )

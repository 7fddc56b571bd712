"""What a comparison of arms is made of: how many users have which rows, and the arms' sums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_BITS = 63


@dataclass(frozen=True, slots=True, eq=False)
class UserCounts:
    """How many users have each combination of rows and converted rows in the two arms: columns of equal length, int64.

    Every user has a row in one arm at least. The same combination may stand twice, also with a number below 0 that
    takes users back, and order never matters.

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
    """Every combination of the columns' values once, in order of the last column, then the one before and so on.

    Args:
        columns: of equal length, int64, nothing below 0.
        users: how many have the combination; less than 0 takes some away.

    Returns:
        The combinations, and the sum of the users of each; those of no user are left out.

    Example:
        `columns=([2, 1, 2], [0, 1, 0])`, `users=[3, 1, 4]` become `([2, 1], [0, 1])` and `[7, 1]`.
    """
    key = _number_rows(columns)
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key)
        ordered = key[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        columns, users = tuple(column[order[starts]] for column in columns), np.add.reduceat(users[order], starts)
    kept = users != 0
    return (columns, users) if kept.all() else (tuple(column[kept] for column in columns), users[kept])


def _number_rows(columns: tuple[Ints, ...]) -> Ints:
    """Numbers with the order of the rows, equal for equal rows: the columns side by side where 63 bits hold them.

    In the example above the last column takes one bit and the first one two: binary 0 10, 1 01, 0 10, or 2, 5, 2.
    """
    widths = [int(column.max(initial=0)).bit_length() for column in columns]
    if sum(widths) > _BITS:
        return _rank_rows(columns)
    packed = np.zeros(len(columns[0]), np.int64)
    for column, width in zip(reversed(columns), reversed(widths), strict=True):
        packed = packed << width | column
    return packed


def _rank_rows(columns: tuple[Ints, ...]) -> Ints:
    order = np.lexsort(columns)
    differs = np.logical_or.reduce([column[order[1:]] != column[order[:-1]] for column in columns])
    ranks = np.zeros(len(order), np.int64)
    ranks[order[1:]] = np.cumsum(differs)
    return ranks

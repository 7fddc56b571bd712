"""One campaign's counts of the arms, and what of them two arms of one goal are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.arrays.packing import Flags, Ints
from analytics_core.attribution.comparison import CONTAMINATED, HELD, Cell
from analytics_core.attribution.numeric import whole_numbers
from analytics_core.counting.arms import ALL, CONVERTED, ROWS
from analytics_core.domain.words import ControlGroupType
from analytics_core.statistics.user_counts import UserCounts


@dataclass(frozen=True, slots=True)
class Sides:
    """The cells two arms are made of."""

    treated: tuple[Cell, ...]
    control: tuple[Cell, ...]


NO_SIDES = Sides((), ())
"""Nobody is compared."""


def as_sent(group: ControlGroupType) -> Sides:
    """Those who were sent beside those who were held out; contaminated rows are in neither arm."""
    return Sides((Cell.SENT,), (HELD[group],))


def as_assigned(group: ControlGroupType) -> Sides:
    """Those who were to be sent beside those who were drawn into the control group, whatever became of either."""
    return Sides((Cell.SENT, Cell.NOT_SENT), (HELD[group], CONTAMINATED[group]))


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How many users have each combination of rows, and of converted rows, in the cells.

    Attributes:
        rows: one line per cell, one column per combination.
        converted: the same of converted rows; None where none is looked at.
        users: how many users have the combination.
    """

    rows: Ints
    converted: Ints | None
    users: Ints

    @classmethod
    def by_span(cls, counted: pl.DataFrame) -> dict[int, Self]:
        """The rows of `arm_users` or `arm_converters`, by span."""
        span, users = counted["span"].to_numpy(), counted["users"].to_numpy()
        rows = _matrix(counted, ROWS)
        converted = _matrix(counted, CONVERTED) if CONVERTED[0] in counted.columns else None
        places = {number: np.flatnonzero(span == number) for number in np.unique(span).tolist()}
        return {
            number: cls(rows[:, its], None if converted is None else converted[:, its], users[its])
            for number, its in places.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class UserSums:
    """What users' rows in two arms brought, one entry per user with any amount.

    Attributes:
        treated, control: exact sums in millionths, int64 or, where that is too small, Python's whole numbers.
        treated_squares, control_squares: sums of the squares of what each row brought.
        treated_rows, control_rows: all rows of the user, also those that brought nothing.
    """

    treated: Ints
    control: Ints
    treated_squares: NDArray[np.float64]
    control_squares: NDArray[np.float64]
    treated_rows: Ints
    control_rows: Ints


@dataclass(frozen=True, slots=True, eq=False)
class CellAmounts:
    """One goal's rows of `arm_amounts`.

    Attributes:
        person: numbers of users, ascending from 0.
        cell: which of a user's cells this is.
        millionths: what the cell's rows brought, exact.
        squares: the sum of the squares of what each row brought.
        rows: one line per cell, how many rows the user has in it.
    """

    person: Ints
    cell: Ints
    millionths: Ints
    squares: NDArray[np.float64]
    rows: Ints

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Self:
        """From rows of `arm_amounts`."""
        return cls(
            person=np.cumsum(rows["new"].to_numpy()) - 1,
            cell=rows["cell"].to_numpy(),
            millionths=whole_numbers(rows["millionths"]),
            squares=rows["squares"].to_numpy(),
            rows=_matrix(rows, ROWS),
        )

    def sums(self, sides: Sides) -> UserSums:
        """By user, for the users with any amount in two arms."""
        size = int(self.person[-1]) + 1
        in_arms = [_are_in(cells)[self.cell] for cells in (sides.treated, sides.control)]
        # A user has at most two cells in an arm, so that float sums of them do not depend on their order.
        columns = [
            _add_up(values, self.person, np.flatnonzero(in_arm), size)
            for values in (self.millionths, self.squares)
            for in_arm in in_arms
        ]
        firsts = np.searchsorted(self.person, np.arange(size))
        columns += [_sum_of(self.rows, cells)[firsts] for cells in (sides.treated, sides.control)]
        inside = np.zeros(size, np.bool_)
        inside[self.person[in_arms[0] | in_arms[1]]] = True
        return UserSums(*(column[inside] for column in columns))


def _add_up(values: NDArray[Any], person: Ints, places: Ints, size: int) -> NDArray[Any]:
    sums, whose = np.zeros(size, values.dtype), person[places]
    if (whose[1:] > whose[:-1]).all():
        sums[whose] = values[places]
    else:
        np.add.at(sums, whose, values[places])
    return sums


@lru_cache
def _are_in(cells: tuple[Cell, ...]) -> Flags:
    """By number of the cell."""
    return np.isin(np.arange(len(Cell)), cells)


def _matrix(rows: pl.DataFrame, names: Sequence[str]) -> Ints:
    """One line per column."""
    return np.stack([rows[name].to_numpy() for name in names])


_NONE = np.zeros(0, np.int64)
_NO_SUMS = UserSums(_NONE, _NONE, np.zeros(0), np.zeros(0), _NONE, _NONE)
_NOBODY = Tally(np.zeros((len(ROWS), 0), np.int64), np.zeros((len(ROWS), 0), np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class ArmTables:
    """A campaign's rows of the tables of `arms.count_arms`, of all its users.

    Attributes:
        users: by span, all users.
        converters: by goal id and span, those with converted rows; goals without any have no entry.
        amounts: by goal id, what users' rows brought; goals without any have no entry.
        week: the span that the first matured week is; None where none has matured.
    """

    users: Mapping[int, Tally] = field(default_factory=dict)
    converters: Mapping[str, Mapping[int, Tally]] = field(default_factory=dict)
    amounts: Mapping[str, CellAmounts] = field(default_factory=dict)
    week: int | None = None

    def rows_in(self, cells: tuple[Cell, ...]) -> int:
        """How many rows are in some cells."""
        everyone = self.users.get(ALL, _NOBODY)
        return int((_sum_of(everyone.rows, cells) * everyone.users).sum())

    def counts(self, goal_id: str, sides: Sides, span: int = ALL) -> UserCounts:
        """How many users have which rows and converted rows in two arms."""
        return _counts(self, goal_id, sides, span)

    def sums(self, goal_id: str, sides: Sides) -> UserSums:
        """What users' rows in two arms brought; users without any amount are left out."""
        amounts = self.amounts.get(goal_id)
        return _NO_SUMS if amounts is None else amounts.sums(sides)


@lru_cache(maxsize=16)
def _counts(tables: ArmTables, goal_id: str, sides: Sides, span: int) -> UserCounts:
    """One goal's counts are asked for by several figures, one after the other."""
    everyone = tables.users.get(span, _NOBODY)
    brought = tables.converters.get(goal_id, {}).get(span, _NOBODY)
    treated, control = (_sum_of(everyone.rows, cells) for cells in (sides.treated, sides.control))
    rows, others = (_sum_of(brought.rows, cells) for cells in (sides.treated, sides.control))
    none, nobody = np.zeros(len(treated), np.int64), np.zeros(len(rows), np.int64)
    converted = brought.rows if brought.converted is None else brought.converted
    # Users with converted rows stand among all users as if they had none: they are taken away once there.
    columns: tuple[tuple[Ints, ...], ...] = (
        (treated, rows, rows),
        (none, _sum_of(converted, sides.treated), nobody),
        (control, others, others),
        (none, _sum_of(converted, sides.control), nobody),
        (everyone.users, brought.users, -brought.users),
    )
    joined = [np.concatenate(parts).astype(np.int64) for parts in columns]
    in_arms = joined[0] + joined[2] > 0
    return UserCounts(*(column[in_arms] for column in joined))


def _sum_of(counts: Ints, cells: tuple[Cell, ...]) -> Ints:
    """By combination, the sum of the lines of some cells."""
    sums: Ints = counts[list(cells)].sum(axis=0, dtype=np.int64)
    return sums

"""Counting the arms of comparisons: how many users have which rows in which cell, and what these brought.

Every table is a count of users or a list of them, so tables of disjoint sets of users may simply be added or put
together; nothing here depends on rates, which are known only when all users are counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics_core.arrays.packing import (
    Flags,
    Ints,
    find_run_starts,
    measure_runs,
    number_runs,
    order_values,
    pack,
    sum_runs,
    tally,
)
from analytics_core.attribution.audience import Audience
from analytics_core.attribution.comparison import ARM_CELLS, Cell, Competitors
from analytics_core.attribution.credits import Credits
from analytics_core.attribution.numeric import MONEY_DECIMALS, as_series, in_millionths
from analytics_core.attribution.rules import NO_WEEK, Rules
from analytics_core.counting.delivery import stands

ROWS = tuple(f"rows_{cell.name.lower()}" for cell in ARM_CELLS)
CONVERTED = tuple(f"converted_{cell.name.lower()}" for cell in ARM_CELLS)
ALL, FIRST_WEEK = 0, 1
"""Which rows a count is of (`span`): all that count, or those of the campaign's first week."""

_MOST_BITS = 48
"""Of one number, so that a campaign or goal still has room beside six counts."""
_DRAWN = np.isin(np.arange(len(Cell)), (Cell.HELD_CAMPAIGN, Cell.CONTAMINATED_CAMPAIGN))
_DRAWN_GLOBALLY = np.isin(np.arange(len(Cell)), (Cell.HELD_GLOBAL, Cell.CONTAMINATED_GLOBAL))


@dataclass(frozen=True, slots=True, eq=False)
class CellCounts:
    """How many rows of each run are in each cell, side by side in one number where that has room for six counts.

    The counts take `width` bits each. Three rows of one run, in the cells 0, 2 and 0, are 1, 1 << 4 and 1 with a width
    of 2; added they are (1 << 4) + 2: two rows in cell 0, none in cell 1, one in cell 2, none in the others.

    Attributes:
        columns: the packed counts; where they have no room in one number, one column per cell.
        width: bits of one count.
    """

    columns: tuple[Ints, ...]
    width: int

    def name_columns(self, names: Sequence[str]) -> dict[str, Ints]:
        """The columns, by the first of the names."""
        return dict(zip(names, self.columns, strict=False))

    def unpack(self, columns: Mapping[str, Ints], names: Sequence[str]) -> dict[str, Ints]:
        """`columns` with one column per name in the place of the packed one (see `name_columns`)."""
        if len(self.columns) > 1:
            return dict(columns)
        packed, low = columns[names[0]], (1 << self.width) - 1
        return {**columns, **{name: packed >> self.width * cell & low for cell, name in enumerate(names)}}


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Rows of compared campaigns, and the events that belong to those of them that are looked at.

    Attributes:
        rows: the rows, in order of campaign and user.
        cell: the cell of each row; NO_ARM also of those that are not looked at.
        belonging: the events of rows that are; `row` is a place among `rows`.
        starts: where each person's rows begin.
        person: by row, the number of its person among these.
        cells: how many rows each person has in each cell.
        span: ALL or FIRST_WEEK.
    """

    rows: Competitors
    cell: Ints
    belonging: Credits
    starts: Ints
    person: Ints
    cells: CellCounts
    span: int


def count_arms(rows: Competitors, belonging: Credits, rules: Rules) -> dict[str, pl.DataFrame]:
    """What the comparisons of one part's users are made of.

    Args:
        rows: rows of compared campaigns that count.
        belonging: the events that belong to them; `row` is a place among `rows`.
        rules: which campaign a goal belongs to, and where first weeks end.

    Returns:
        `arm_users`: one row per `campaign`, `span` and combination of ROWS, with how many `users` have it.
        `arm_converters`: of users with converted rows, one row per `campaign`, `goal`, `span` and combination of ROWS
        and CONVERTED, with how many `users` have it.
        `arm_amounts`: one row per campaign, goal, user and cell with any amount (see `_amounts`).
    """
    every = _look_at(rows, rows.cell, belonging)
    spans = [every, *_first_week(every, rules)]
    return {
        "arm_users": pl.concat([_users(arms) for arms in spans]),
        "arm_converters": pl.concat([_converters(arms, rules) for arms in spans]),
        "arm_amounts": _amounts(every, rules),
    }


def _look_at(rows: Competitors, cell: Ints, belonging: Credits) -> Arms:
    starts = find_run_starts(rows.person)
    person = number_runs(starts, len(rows))
    inside = belonging.where(cell[belonging.row] != Cell.NO_ARM)
    return Arms(rows, cell, inside, starts, person, count_cells(cell, starts), ALL)


def _first_week(every: Arms, rules: Rules) -> Iterator[Arms]:
    """The rows of campaigns' first weeks; not of campaigns that have no others."""
    ends = np.where(rules.draws.whole, NO_WEEK, rules.draws.week_ends)
    if (ends == NO_WEEK).all():
        return
    rows = every.rows
    cell = np.where(rows.clock < ends[rows.campaign], every.cell, np.int8(Cell.NO_ARM))
    inside = every.belonging.where(cell[every.belonging.row] != Cell.NO_ARM)
    cells = count_cells(cell, every.starts)
    yield replace(every, cell=cell, belonging=inside, cells=cells, span=FIRST_WEEK)


def count_cells(cell: Ints, starts: Ints) -> CellCounts:
    """How many rows of each run are in each cell of `ARM_CELLS`; the runs begin at `starts`."""
    width = int(measure_runs(starts, len(cell)).max(initial=0)).bit_length()
    if width * len(ARM_CELLS) > _MOST_BITS:
        return CellCounts(tuple(sum_runs(cell == number, starts) for number in ARM_CELLS), width)
    ones = np.array([*(1 << width * number for number in ARM_CELLS), 0], np.int64)
    return CellCounts((sum_runs(ones[cell], starts),), width)


def _users(arms: Arms) -> pl.DataFrame:
    columns = {"campaign": arms.rows.campaign[arms.starts], **arms.cells.name_columns(ROWS)}
    found, users = tally(columns)
    return _table(arms.cells.unpack(found, ROWS), ("campaign", *ROWS), arms.span, users)


def _converters(arms: Arms, rules: Rules) -> pl.DataFrame:
    converted, _ = tally({"goal": arms.belonging.goal, "row": arms.belonging.row})
    goal, row = converted["goal"], converted["row"]
    person = arms.person[row]
    starts = find_run_starts(goal, person)
    having = {name: column[person[starts]] for name, column in arms.cells.name_columns(ROWS).items()}
    bringing = count_cells(arms.cell[row], starts)
    found, users = tally({"goal": goal[starts], **having, **bringing.name_columns(CONVERTED)})
    columns = bringing.unpack(arms.cells.unpack(found, ROWS), CONVERTED)
    columns["campaign"] = rules.goals.campaign[columns["goal"]]
    return _table(columns, ("campaign", "goal", *ROWS, *CONVERTED), arms.span, users)


def _table(columns: Mapping[str, Ints], names: Sequence[str], span: int, users: Ints) -> pl.DataFrame:
    ordered = {name: columns[name] for name in names}
    return pl.DataFrame({**ordered, "span": np.full(len(users), span, np.int8), "users": users})


def _amounts(arms: Arms, rules: Rules) -> pl.DataFrame:
    """What users' rows brought, cell by cell.

    Returns:
        One row per goal, user and cell with any amount, those of one goal and user one after the other: `campaign`,
        `goal`, whether another user begins (`new`), `cell`, the exact amount in `millionths`, the sum of the `squares`
        of what each row brought (in a fixed order, so that it never differs), and ROWS of the user.
    """
    events = arms.belonging
    paid = np.flatnonzero(events.amount.is_not_null().to_numpy())
    goal, row = events.goal[paid], events.row[paid]
    order = order_values(pack(goal, row, len(arms.rows)))
    goal, row, millionths = goal[order], row[order], in_millionths(events.amount.gather(paid[order]))
    rows = find_run_starts(goal, row)
    goal, row, millionths = goal[rows], row[rows], sum_runs(millionths, rows)
    person, cell = arms.person[row], arms.cell[row]
    # A row's number follows from its user's and cell's, so that equal ones keep its order.
    order = order_values(pack(pack(goal, person, len(arms.starts)), cell, len(Cell)))
    goal, person, cell, millionths = goal[order], person[order], cell[order], millionths[order]
    starts = find_run_starts(goal, person, cell)
    another = np.zeros(len(order), np.bool_)
    another[find_run_starts(goal, person)] = True
    packed = {name: column[person[starts]] for name, column in arms.cells.name_columns(ROWS).items()}
    having = arms.cells.unpack(packed, ROWS)
    squares = (millionths.astype(np.float64) / 10**MONEY_DECIMALS) ** 2
    return pl.DataFrame(
        {
            "campaign": rules.goals.campaign[goal[starts]],
            "goal": goal[starts],
            "new": another[starts],
            "cell": cell[starts],
            "millionths": as_series(sum_runs(millionths, starts)),
            "squares": np.add.reduceat(squares, starts) if len(starts) else squares,
            **{name: cells.astype(np.int32) for name, cells in having.items()},
        }
    )


def order_amounts(amounts: pl.DataFrame) -> pl.DataFrame:
    """Rows of `arm_amounts` with those users together whose first rows are alike in goal, cell and ROWS, by amount.

    A user's rows stay together. Of users who brought 5, 3 and 5, the last with another row of 2 behind it, the rows are
    in order 3, 5, 5 and 2.
    """
    user = np.cumsum(amounts["new"].to_numpy()) - 1
    firsts = amounts.filter("new").select(pl.arg_sort_by("goal", "cell", *ROWS, "millionths", maintain_order=True))
    rank = np.empty(len(firsts), np.int64)
    rank[firsts.to_series().to_numpy()] = np.arange(len(firsts))
    return amounts[order_values(rank[user])]


def count_draws(audience: Audience, kept: Flags, rows: Competitors, rules: Rules) -> pl.DataFrame:
    """Who was drawn into the campaign's control group.

    A user counts by the first row that was assigned (attempted or control); those whose first is of the global control
    group are left out, and so are rows that were drawn into it.

    Args:
        audience: audience rows.
        kept: which of them count, by the clock of comparisons.
        rows: those of compared campaigns that count.
        rules: which campaigns are compared.

    Returns:
        One row per campaign: `users`, of them `users_drawn`; `assigned` rows, of them `drawn`.
    """
    arms = np.flatnonzero(rows.cell != Cell.NO_ARM)
    first = arms[find_run_starts(rows.person[arms])]
    plain = np.flatnonzero(kept & stands("attempted", audience.standing) & ~rules.draws.compared[audience.campaign])
    another = plain[find_run_starts(audience.campaign[plain], audience.user[plain])]
    places = len(rules.windows)

    def by_cell(some: Ints) -> Ints:
        cells = pack(rows.campaign[some], rows.cell[some], len(Cell))
        return np.bincount(cells, minlength=places * len(Cell)).reshape(places, len(Cell))

    def by_campaign(some: Ints) -> Ints:
        return np.bincount(audience.campaign[some], minlength=places)

    users, assigned = by_cell(first), by_cell(arms)
    figures = {
        "users": users[:, ~_DRAWN_GLOBALLY].sum(axis=1) + by_campaign(another),
        "users_drawn": users[:, _DRAWN].sum(axis=1),
        "assigned": assigned[:, ~_DRAWN_GLOBALLY].sum(axis=1) + by_campaign(plain),
        "drawn": assigned[:, _DRAWN].sum(axis=1),
    }
    frame = pl.DataFrame({"campaign": np.arange(places, dtype=np.int32), **figures})
    return frame.filter(pl.col("assigned") > 0)

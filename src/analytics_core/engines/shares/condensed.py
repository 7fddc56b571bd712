"""What a share counted, as small as it can be, and adding shares up in any grouping.

Adding is associative, and the order of shares does not matter either: tables are keyed and kept in order of their keys,
but for the amounts that users brought, of which each is needed.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from analytics_core.arrays.packing import split_by_size
from analytics_core.counting.arms import order_amounts
from analytics_core.counting.calendar import make_calendar
from analytics_core.engines.local import Computation
from analytics_core.engines.partials import CONDENSED_KEYS, Partial, condense, count_part, merge_partials, sum_rows
from analytics_core.engines.parts import Partition
from analytics_core.engines.shares.division import Division
from analytics_core.engines.shares.instance_cut import INSTANCE_TABLES, InstanceCut, cut_instances

_AT_ONCE = 500_000
"""Rows that are held before they are added up, or twice as many as that leaves."""
_BY_GOAL = ("delays", "arm_amounts")
"""Tables in order of goals that have as many rows as users convert, or bring money."""
_SHARES_AT_ONCE = 8
"""Of how many shares instances are held before they are cut."""


def count_share(computation: Computation, division: Division, cut: InstanceCut, number: int) -> Partial:
    """Everything that is counted of one share of the users, condensed.

    Args:
        computation: what is known before.
        division: how users are divided.
        cut: which instances may be cut.
        number: of the share, from 0.
    """
    rules, calendar = computation.rules, make_calendar(computation.context.app.timezone, computation.context.as_of)
    first, end = division.bounds[number : number + 2]
    parts = Partition(computation.past).parts_between(first, end, division.rows)
    counted = condense(merge_partials(count_part(part, rules, calendar) for part in parts))
    counted |= {name: counted[name].sort(keys, nulls_last=True) for name, keys in CONDENSED_KEYS.items()}
    counted["arm_amounts"] = order_amounts(counted["arm_amounts"])
    return {**counted, **{name: _narrow(counted[name]) for name in _BY_GOAL}, **cut_instances(counted, cut)}


def add_shares(shares: Sequence[Partial], cut: InstanceCut) -> dict[str, pl.DataFrame]:
    """What several shares counted as one of the same kind.

    One table is added up after the other, so that of shares that are written (see `from_arrow`) no other is in memory.

    Args:
        shares: at least one; of disjoint sets of users.
        cut: which instances may be cut.
    """
    names = [name for name in shares[0] if name not in INSTANCE_TABLES]
    added = {name: _add(name, (share[name] for share in shares)) for name in names}
    return {**added, **_add_instances(shares, cut)}


def _add(name: str, tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """A table of several shares as one: the rows of the same key added, where it has keys."""
    if name in _BY_GOAL:
        return _add_by_goal(name, list(tables))
    held: list[pl.DataFrame] = []
    most = _AT_ONCE
    for rows in tables:
        held.append(rows)
        if name in CONDENSED_KEYS and sum(map(len, held)) > most:
            held = [sum_rows(pl.concat(held), CONDENSED_KEYS[name])]
            most = max(_AT_ONCE, 2 * len(held[0]))
    together = pl.concat(held, how="vertical_relaxed", rechunk=True)
    return sum_rows(together, CONDENSED_KEYS[name]) if name in CONDENSED_KEYS else together


def _add_by_goal(name: str, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """A long table of several shares as one, in order of goals as they are; of some goals at a time, to hold little."""
    goals, counts = np.unique(np.concatenate([rows["goal"].to_numpy() for rows in tables]), return_counts=True)
    added = []
    for some in split_by_size(goals.tolist(), counts, _AT_ONCE):
        places = [np.searchsorted(rows["goal"].to_numpy(), [some[0], some[-1] + 1]).tolist() for rows in tables]
        slices = [rows[low:high] for rows, (low, high) in zip(tables, places, strict=True)]
        together = pl.concat(slices, how="vertical_relaxed", rechunk=True)
        if name in CONDENSED_KEYS:
            added.append(_narrow(sum_rows(together, CONDENSED_KEYS[name])))
        else:
            added.append(together.sort("goal", maintain_order=True))
    return pl.concat(added, how="vertical_relaxed") if added else tables[0]


def _narrow(rows: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers no wider than they have to be."""
    return rows.with_columns(column.shrink_dtype() for column in rows if column.dtype.is_integer() and len(column))


def _add_instances(shares: Sequence[Partial], cut: InstanceCut) -> Partial:
    """The tables of instances of several shares; some shares at a time, so that little is held that is cut then."""
    added: Partial = {}
    for start in range(0, len(shares), _SHARES_AT_ONCE):
        some = [*([added] if added else []), *shares[start : start + _SHARES_AT_ONCE]]
        added = cut_instances({name: pl.concat([each[name] for each in some]) for name in INSTANCE_TABLES}, cut)
    return added

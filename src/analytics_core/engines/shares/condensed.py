"""What a share counted, as small as it can be, and adding shares up in any grouping.

Adding is associative, and the order of shares does not matter either: tables are keyed and kept in order of their keys,
but for the amounts that users brought, of which each is needed.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from analytics_core.counting.calendar import make_calendar
from analytics_core.engines.local import Computation
from analytics_core.engines.partials import CONDENSED_KEYS, Partial, condense, count_part, merge_partials, sum_rows
from analytics_core.engines.parts import Partition
from analytics_core.engines.shares.division import Division
from analytics_core.engines.shares.instance_cut import InstanceCut, cut_instances

_PAIR = 2


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
    return {**{name: _in_order(name, rows) for name, rows in counted.items()}, **cut_instances(counted, cut)}


def add_shares(shares: Sequence[Partial], cut: InstanceCut) -> Partial:
    """What several shares counted as one of the same kind.

    Args:
        shares: at least one; of disjoint sets of users.
        cut: which instances may be cut.
    """
    together = {name: pl.concat([share[name] for share in shares], rechunk=True) for name in shares[0]}
    summed = {
        name: _in_order(name, sum_rows(rows, CONDENSED_KEYS[name])) if name in CONDENSED_KEYS else rows
        for name, rows in together.items()
    }
    return {**summed, **cut_instances(together, cut)}


def add_as_tree(shares: Iterable[Partial], cut: InstanceCut) -> Partial:
    """The same of many, two of about one size at a time: never more than one of each size is held."""
    held: list[tuple[int, Partial]] = []
    for share in shares:
        held.append((0, share))
        while len(held) >= _PAIR and held[-1][0] == held[-2][0]:
            (level, right), (_, left) = held.pop(), held.pop()
            held.append((level + 1, add_shares([left, right], cut)))
    return add_shares([share for _, share in held], cut)


def _in_order(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(CONDENSED_KEYS[name], nulls_last=True) if name in CONDENSED_KEYS else rows

"""Several whole numbers in one: sorting and grouping by one 64-bit number is many times faster than by columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
T = TypeVar("T")
_BITS = 64
_RADIX_BITS = 16
"""NumPy sorts numbers of so many bits by radix, which is faster than by comparing."""


def pack(high: Ints, low: Ints, size: int) -> NDArray[np.int64]:
    """Two numbers in one, in the order of the pairs; `low` is at least 0 and below `size`.

    With size 10 the pairs (0, 7), (2, 0) and (2, 3) become 7, 20 and 23. Always in 64 bits: NumPy keeps what a 32-bit
    column times a Python number makes in 32 bits, and goes on below zero where it does not fit, without a word.
    """
    return high.astype(np.int64) * size + low


def tally(columns: Mapping[str, Ints]) -> tuple[dict[str, Ints], Ints]:
    """The distinct rows of `columns` (whole numbers of at least 0), in order, and how often each occurs."""
    size = len(next(iter(columns.values())))
    if not size:
        return dict(columns), np.zeros(0, np.int64)
    widths = {name: _width(values) for name, values in columns.items()}
    if sum(widths.values()) > _BITS:
        order = np.lexsort(tuple(reversed(list(columns.values()))))
        ordered = {name: values[order] for name, values in columns.items()}
        starts = find_run_starts(*ordered.values())
        return {name: values[starts] for name, values in ordered.items()}, measure_runs(starts, size)
    packed = np.sort(_pack_columns(columns, widths))
    starts = find_run_starts(packed)
    return _unpack_columns(packed[starts], widths, columns), measure_runs(starts, size)


def sum_by_keys(columns: Mapping[str, Ints], keys: Sequence[str]) -> dict[str, Ints]:
    """One row per distinct `keys`, in their order, all other columns added."""
    size = len(columns[keys[0]])
    if not size:
        return dict(columns)
    raised = {name: columns[name] - columns[name].min() for name in keys}
    widths = {name: _width(values) for name, values in raised.items()}
    fits = sum(widths.values()) <= _BITS
    order = (
        order_values(_pack_columns(raised, widths)) if fits else np.lexsort([raised[name] for name in reversed(keys)])
    )
    starts = find_run_starts(*(columns[name][order] for name in keys))
    firsts = order[starts]
    return {
        name: values[firsts] if name in keys else sum_runs(values[order], starts) for name, values in columns.items()
    }


def split_by_size(items: Sequence[T], sizes: Sequence[int] | Ints, most: int) -> Iterator[Sequence[T]]:
    """Items in their order, a few at a time: those whose last ones end between the same multiples of `most`.

    Of items of the sizes 3, 3 and 5 and at most 6 at a time these are the first by itself and the other two, which end
    at 6 and 11.
    """
    ends = np.cumsum(sizes, dtype=np.int64) // most
    starts = np.flatnonzero(np.diff(ends, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(items)], strict=False):
        yield items[start:end]


def find_run_starts(*columns: NDArray[Any]) -> Ints:
    """Where runs of equal rows begin, ascending."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    differs = np.zeros(len(columns[0]), np.bool_)
    differs[0] = True
    for values in columns:
        differs[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(differs)


def measure_runs(starts: Ints, size: int) -> Ints:
    """How long the runs are that begin at `starts`, of `size` rows in all."""
    return np.diff(np.append(starts, size))


def sum_runs(values: NDArray[Any], starts: Ints) -> Ints:
    """The sum of each run's values; all runs have rows. Python's whole numbers (dtype object) stay such."""
    dtype = values.dtype if values.dtype == object else np.dtype(np.int64)
    sums: Ints = np.add.reduceat(values, starts, dtype=dtype) if len(starts) else np.zeros(0, dtype)
    return sums


def number_runs(starts: Ints, size: int) -> Ints:
    """The number of the run each of `size` rows belongs to."""
    marks = np.zeros(size, np.int64)
    marks[starts[1:]] = 1
    return np.cumsum(marks)


def order_by_time(group: Ints, at: Ints) -> Ints | None:
    """Positions that put rows in order of group, then time; None where they are. Ties come in any order."""
    if not len(group) or is_ordered(group, at):
        return None
    low, span = int(at.min()), int(at.max()) - int(at.min())
    room = _BITS - _width(group)
    shift = max(span.bit_length() - room, 0)
    packed = group.astype(np.uint64) << np.uint64(room) if room < _BITS else np.zeros(len(group), np.uint64)
    packed |= (at - low).astype(np.uint64) >> np.uint64(shift)
    order: Ints = np.argsort(packed)
    # Where a time did not fit whole, neighbours may be out of order by less than was cut off.
    return _repair(order, group[order], at[order]) if shift else order


def _repair(order: Ints, group: Ints, at: Ints) -> Ints:
    """`order` with the rows of those groups in order of time that are not; `group` and `at` are in that order."""
    wrong = np.flatnonzero((group[1:] == group[:-1]) & (at[1:] < at[:-1]))
    if len(wrong):
        rows = np.flatnonzero(np.isin(group, group[wrong]))
        order[rows] = order[rows][np.lexsort((at[rows], group[rows]))]
    return order


def order_values(values: Ints) -> Ints:
    """Positions that put whole numbers of at least 0 in order; equal ones stay as they are."""
    width, room = _width(values), len(values).bit_length()
    if width <= _RADIX_BITS:
        return np.argsort(values.astype(np.uint16), kind="stable")
    if width + room > _BITS:
        return np.argsort(values, kind="stable")
    places = np.arange(len(values), dtype=np.uint64)
    # Sorting numbers that carry their position is faster than sorting positions.
    packed = np.sort(values.astype(np.uint64) << np.uint64(room) | places)
    return (packed & np.uint64((1 << room) - 1)).astype(np.int64)


def spread(starts: Ints, counts: Ints) -> Ints:
    """The positions `starts[i]`, `starts[i] + 1`, … (`counts[i]` of them), one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    positions: Ints = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return positions


def find_first_not_before(values: Ints, moments: Ints, low: Ints, high: Ints) -> Ints:
    """For each moment the first place from `low` on whose value is not before it; `high` where there is none.

    `values` ascend between `low` and `high`, which is greater than it. Of the values 3, 5, 5, 9 the moments 4, 5 and 6,
    each looked for from place 0 to 3, find the places 1, 1 and 3.
    """
    found = low + (values[low] < moments)
    open_ = np.flatnonzero((found > low) & (found < high))
    below, above, asked = found[open_], high[open_], moments[open_]
    while len(open_):
        middle = (below + above) >> 1
        is_before = values[middle] < asked
        below, above = np.where(is_before, middle + 1, below), np.where(is_before, above, middle)
        found[open_] = below
        left = np.flatnonzero(below < above)
        open_, below, above, asked = open_[left], below[left], above[left], asked[left]
    return found


def is_ordered(group: Ints, at: Ints) -> bool:
    """Whether rows are in order of group, then time."""
    later = (group[1:] > group[:-1]) | ((group[1:] == group[:-1]) & (at[1:] >= at[:-1]))
    return bool(later.all())


def _width(values: Ints) -> int:
    return int(values.max()).bit_length() if len(values) else 0


def _pack_columns(columns: Mapping[str, Ints], widths: Mapping[str, int]) -> NDArray[np.uint64]:
    packed = np.zeros(len(next(iter(columns.values()))), np.uint64)
    for name, values in columns.items():
        packed <<= np.uint64(widths[name])
        packed |= values.astype(np.uint64)
    return packed


def _unpack_columns(packed: NDArray[np.uint64], widths: Mapping[str, int], like: Mapping[str, Ints]) -> dict[str, Ints]:
    found: dict[str, Ints] = {}
    rest = packed
    for name in reversed(list(like)):
        width = np.uint64(widths[name])
        found[name] = (rest & ((np.uint64(1) << width) - np.uint64(1))).astype(like[name].dtype)
        rest = rest >> width
    return {name: found[name] for name in like}

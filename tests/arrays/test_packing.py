"""Several whole numbers in one: small columns whose order and sums one can see."""

from collections.abc import Sequence

import numpy as np
import pytest

from analytics_core.arrays import packing
from analytics_core.arrays.packing import (
    Ints,
    find_run_starts,
    is_ordered,
    measure_runs,
    number_runs,
    order_by_time,
    order_values,
    split_by_size,
    spread,
    sum_by_keys,
    sum_runs,
    tally,
)

BITS = [64, 2]
"""So many that everything fits, and so few that next to nothing does."""


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


@pytest.mark.parametrize("bits", BITS)
def test_rows_are_tallied_in_order_of_their_columns(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_BITS", bits)
    columns, times = tally({"a": ints(2, 0, 2, 2).astype(np.int16), "b": ints(1, 9, 0, 1)})
    assert {name: values.tolist() for name, values in columns.items()} == {"a": [0, 2, 2], "b": [9, 0, 1]}
    assert times.tolist() == [1, 1, 2]
    assert columns["a"].dtype == np.int16


def test_columns_of_64_bits_in_all_are_packed_to_the_last_bit() -> None:
    columns, times = tally({"a": ints(2**31, 2**32 - 1, 2**31), "b": ints(2**32 - 1, 0, 2**32 - 1)})
    assert columns["a"].tolist() == [2**31, 2**32 - 1]
    assert columns["b"].tolist() == [2**32 - 1, 0]
    assert times.tolist() == [2, 1]


def test_columns_of_more_than_64_bits_are_tallied_too() -> None:
    columns, times = tally({"a": ints(2**40, 1, 2**40), "b": ints(2**40, 2**40, 2**40)})
    assert (columns["a"].tolist(), times.tolist()) == ([1, 2**40], [1, 2])


def test_no_rows_are_tallied_to_none() -> None:
    columns, times = tally({"a": ints()})
    assert (columns["a"].tolist(), times.tolist()) == ([], [])


@pytest.mark.parametrize("bits", BITS)
def test_rows_of_the_same_keys_become_one_and_what_is_no_key_is_added(
    bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_BITS", bits)
    columns = {"day": ints(-1, 7, -1, -1), "campaign": ints(2, 0, 2, 1), "sent": ints(5, 1, 2**40, 3)}
    found = sum_by_keys(columns, ("campaign", "day"))
    assert {name: values.tolist() for name, values in found.items()} == {
        "campaign": [0, 1, 2],
        "day": [7, -1, -1],
        "sent": [1, 3, 2**40 + 5],
    }
    nothing = sum_by_keys({name: ints() for name in columns}, ("campaign", "day"))
    assert [len(values) for values in nothing.values()] == [0, 0, 0]


def test_a_run_ends_where_any_column_changes() -> None:
    assert find_run_starts(ints(1, 1, 1, 2, 2), ints(5, 5, 6, 6, 6)).tolist() == [0, 2, 3]
    assert measure_runs(ints(0, 2, 3), 5).tolist() == [2, 1, 2]
    assert number_runs(ints(0, 2, 3), 5).tolist() == [0, 0, 1, 2, 2]


def test_of_no_rows_there_are_no_runs() -> None:
    assert find_run_starts(ints()).tolist() == []
    assert measure_runs(ints(), 0).tolist() == []
    assert number_runs(ints(), 0).tolist() == []
    assert sum_runs(ints(), ints()).tolist() == []


def test_each_run_is_added_up_and_flags_count_as_ones() -> None:
    assert sum_runs(ints(1, 2, 3, 4), ints(0, 1)).tolist() == [1, 9]
    assert sum_runs(np.array([True, True, False]), ints(0, 2)).tolist() == [2, 0]


def test_small_numbers_do_not_overflow_where_they_are_added() -> None:
    assert sum_runs(np.full(3, 100, np.int8), ints(0)).tolist() == [300]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("values", [(3, 1, 2, 1, 3), (0, 0, 0), (), (2**62, 0, 2**62)])
def test_equal_numbers_stay_as_they_are_where_numbers_are_put_in_order(
    bits: int, values: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_BITS", bits)
    found = order_values(ints(*values)).tolist()
    assert found == sorted(range(len(values)), key=lambda place: values[place])


def test_rows_that_are_in_order_need_no_order() -> None:
    assert is_ordered(ints(1, 1, 2), ints(5, 5, 0))
    assert order_by_time(ints(1, 1, 2), ints(5, 5, 0)) is None
    assert order_by_time(ints(), ints()) is None
    assert not is_ordered(ints(1, 1), ints(5, 4))
    assert not is_ordered(ints(2, 1), ints(4, 5))


@pytest.mark.parametrize("bits", [64, 8, 4, 3])
def test_rows_are_put_in_order_of_group_then_time_however_few_bits_of_the_time_fit(
    bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_BITS", bits)
    group, at = ints(1, 0, 1, 0, 1, 3), ints(1003, 1000, 1001, 1999, 1002, 1000)
    order = order_by_time(group, at)
    assert order is not None
    assert list(zip(group[order].tolist(), at[order].tolist(), strict=True)) == [
        (0, 1000),
        (0, 1999),
        (1, 1001),
        (1, 1002),
        (1, 1003),
        (3, 1000),
    ]


def test_times_from_1970_to_9999_are_told_apart_to_the_microsecond() -> None:
    last = 253_402_300_799_999_999
    # The group takes so many bits that of the times only the upper ones fit.
    group, at = ints(2**20, 2**20, 2**20, 0), ints(last, last - 1, 0, last)
    order = order_by_time(group, at)
    assert order is not None
    assert order.tolist() == [3, 2, 1, 0]


def test_positions_are_spread_one_after_another() -> None:
    assert spread(ints(10, 5, 7), ints(2, 0, 3)).tolist() == [10, 11, 7, 8, 9]
    assert spread(ints(), ints()).tolist() == []


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [((), []), ((9,), ["a"]), ((3, 3, 5), ["a", "bc"]), ((0, 0, 0), ["abc"]), ((7, 1, 1, 9), ["abc", "d"])],
)
def test_items_are_split_where_they_are_many(sizes: tuple[int, ...], parts: list[str]) -> None:
    assert list(split_by_size("abcdef"[: len(sizes)], sizes, 6)) == parts

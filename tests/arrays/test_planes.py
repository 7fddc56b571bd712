"""Numbers as bytes: what one can read with one's eyes, and that every number comes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.arrays.packing import Ints
from analytics_core.arrays.planes import find_unit, read_planes, write_planes

ENDS = np.iinfo(np.int64)
NUMBERS = st.lists(st.integers(ENDS.min, ENDS.max))


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


def test_low_bytes_come_first_and_small_numbers_below_zero_are_small() -> None:
    assert write_planes(ints(5, -1, 300)) == bytes([10, 1, 88, 0, 0, 2])


@pytest.mark.parametrize("size", [0, 3])
def test_nothing_but_zeros_takes_no_byte(size: int) -> None:
    assert write_planes(np.zeros(size, np.int64)) == b""
    assert read_planes(b"", size).tolist() == [0] * size


@given(NUMBERS)
def test_every_number_comes_back(numbers: list[int]) -> None:
    assert read_planes(write_planes(ints(*numbers)), len(numbers)).tolist() == numbers


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [((), 1), ((0, 0), 1), ((6, -9, 0), 3), ((5, 7), 1), ((ENDS.min, 0), 1), ((ENDS.min, 4), 4), ((-4,), 4)],
)
def test_the_unit_divides_all(numbers: tuple[int, ...], unit: int) -> None:
    assert find_unit(ints(*numbers)) == unit


@given(NUMBERS)
def test_units_give_the_numbers_back(numbers: list[int]) -> None:
    unit = find_unit(ints(*numbers))
    assert (ints(*numbers) // unit * unit).tolist() == numbers

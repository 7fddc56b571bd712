"""Whole numbers as bytes, in an order in which compression finds what they have in common."""

import numpy as np

from analytics_core.arrays.packing import Ints

_BITS, _BYTES, _SIGN = 8, 8, 63
_ONE = np.uint64(1)


def find_unit(numbers: Ints) -> int:
    """The largest number that divides all of `numbers` (int64), or 1 where that is not sure."""
    unit = int(np.gcd.reduce(numbers, initial=0))
    return unit if unit > 1 and not (numbers % unit).any() else 1


def write_planes(numbers: Ints) -> bytes:
    """`numbers` (int64) byte by byte, the lowest of every number first; no more bytes than the largest one needs.

    The higher bytes of small numbers are alike, and so stand together. Numbers below zero are small as well: written is
    twice the number, and one less where it is below zero. Of 5, -1 and 300 that is 10, 1 and 600: the low bytes 10, 1
    and 88, then the high ones 0, 0 and 2.
    """
    is_below = (numbers >> _SIGN).astype(np.uint64)  # every bit
    folded = numbers.astype(np.uint64) << _ONE ^ is_below
    width = -(-int(folded.max(initial=0)).bit_length() // _BITS)
    rows = folded.astype("<u8").view(np.uint8).reshape(-1, _BYTES)
    return rows[:, :width].T.tobytes()


def read_planes(written: bytes, size: int) -> Ints:
    """The numbers, `size` of them, that `write_planes` wrote."""
    if not written:
        return np.zeros(size, np.int64)
    planes = np.frombuffer(written, np.uint8).reshape(-1, size)
    width = 1 << (len(planes) - 1).bit_length()  # no wider than it has to be: that is quicker by far
    rows = np.zeros((size, width), np.uint8)
    for place, plane in enumerate(planes):
        rows[:, place] = plane
    folded = rows.view(f"<u{width}").reshape(size)
    below = -(folded & folded.dtype.type(1)).view(f"<i{width}")
    numbers: Ints = (folded >> folded.dtype.type(1)).view(below.dtype) ^ below
    return numbers.astype(np.int64)

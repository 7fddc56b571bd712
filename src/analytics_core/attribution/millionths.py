"""Amounts of money as whole numbers of millionths: arrays that add up exactly."""

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints

_ROOM = 1 << 62


def in_millionths(amounts: pl.Series) -> Ints:
    """Amounts of money (MONEY, none null) in millionths; see `whole_numbers`."""
    return whole_numbers(amounts.to_physical())


def whole_numbers(values: pl.Series) -> Ints:
    """Whole numbers, none null: int64 where all their sums surely fit, else Python's own (dtype object)."""
    if values.abs().cast(pl.Float64).sum() < _ROOM:
        return values.cast(pl.Int64).to_numpy()
    return np.array(values.to_list(), dtype=object)


def as_series(numbers: Ints) -> pl.Series:
    """Whole numbers of either kind in 128 bits, which hold the sums of any amounts of money."""
    if numbers.dtype == object:
        return pl.Series(numbers.tolist(), dtype=pl.Int128)
    return pl.Series(numbers).cast(pl.Int128)

"""Amounts of money add up exactly, also beyond 64 bits."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from analytics_core.arrays.packing import sum_runs
from analytics_core.attribution.numeric import MONEY, as_series, in_millionths, whole_numbers


@pytest.mark.parametrize(
    ("amounts", "dtype"),
    [
        (["0.000001", "-2.5", "1200"], np.int64),
        (["4000000000000", "600000000000", "12000000000"], object),
        (["999999999999999999999.999999", "-999999999999999999999.999999", "0.000001"], object),
        ([], np.int64),
    ],
)
def test_sums_are_exact(amounts: list[str], dtype: type) -> None:
    given = [Decimal(text) for text in amounts]
    numbers = in_millionths(pl.Series(given, dtype=MONEY))
    assert numbers.dtype == dtype
    sums = as_series(sum_runs(numbers, np.zeros(min(len(given), 1), np.int64)))
    assert sums.dtype == pl.Int128
    assert sums.to_list() == [int(sum(given, Decimal(0)).scaleb(6))][: len(given)]
    assert whole_numbers(sums).tolist() == sums.to_list()

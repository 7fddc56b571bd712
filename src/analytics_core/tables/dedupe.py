"""Rows that say the same thing twice count once: the first in file order is kept."""

import polars as pl

from analytics_core.tables.canonical import KEYS


def keep_first(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of `frame` without those that repeat an earlier row's key.

    Args:
        table: name of the canonical table; its key decides what a repetition is.
        frame: rows in file order.

    Returns:
        The kept rows in the same order. A row whose key has a null part repeats nothing and is kept.
    """
    key = list(KEYS[table])
    complete = pl.all_horizontal(pl.col(key).is_not_null())
    return frame.filter(pl.struct(key).is_first_distinct() | ~complete)

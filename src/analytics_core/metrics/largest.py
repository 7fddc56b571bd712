"""Lists that data could make endless, cut to their largest rows."""

from collections.abc import Sequence

import polars as pl


def ranked(rows: pl.LazyFrame, by: str, ties: Sequence[str]) -> pl.LazyFrame:
    """The same rows with `rank`, 0 for the campaign's row with the largest `by`; ties in ascending order of `ties`.

    Args:
        rows: has `campaign_id`, `by` and `ties`, which together tell its rows apart; none of them null.
        by: what the largest have most of.
        ties: columns that decide between rows of equal `by`.
    """
    order = ["campaign_id", by, *ties]
    ordered = rows.sort(order, descending=[name == by for name in order])
    return ordered.with_columns(rank=pl.int_range(pl.len()).over("campaign_id"))

"""Rows behind a number, counted and summed."""

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from analytics_core.metrics.metric import Grain


@dataclass(frozen=True, slots=True)
class RowSums:
    """The rows behind one number, counted and summed; None where rows of that grain have no such column.

    Percentiles of delays are kept in whole hundredths of a microsecond, which is exact also between two delays.
    """

    rows: int
    users: int | None = None
    instance_users: int | None = None
    attempts: int | None = None
    amount: Decimal | None = None
    median_seconds: float | None = None
    unaccounted: int | None = None
    p75_hundredths: int | None = None
    p90_hundredths: int | None = None
    p95_hundredths: int | None = None

    @property
    def p75_seconds(self) -> float | None:
        """The 75th percentile of the delays; None without rows."""
        return _seconds(self.p75_hundredths)

    @property
    def p90_seconds(self) -> float | None:
        """The 90th percentile of the delays; None without rows."""
        return _seconds(self.p90_hundredths)

    @property
    def p95_seconds(self) -> float | None:
        """The 95th percentile of the delays; None without rows."""
        return _seconds(self.p95_hundredths)


_DELAY = pl.col("delay").dt.total_microseconds()


def _percentile_hundredths(percent: int) -> pl.Expr:
    """Linear between the delays around rank (n - 1) `percent` / 100, in integers; null without rows."""
    ordered, rank = _DELAY.sort(), (pl.len().cast(pl.Int64) - 1) * percent
    lower, upper = (ordered.get(place // 100, null_on_oob=True) for place in (rank, rank + 99))
    return lower * (100 - rank % 100) + upper * (rank % 100)


def _seconds(hundredths: int | None) -> float | None:
    # Divided here: Polars multiplies by a rounded inverse.
    return None if hundredths is None else hundredths / 100_000_000


def row_sums(rows: pl.LazyFrame, grain: Grain) -> pl.LazyFrame:
    """One row: the fields of `RowSums` that rows of `grain` have, the median in microseconds."""
    users, pairs = pl.col("user_id").n_unique(), pl.struct("instance_id", "user_id").n_unique()
    match grain:
        case Grain.AUDIENCE_ROW:
            attempts = pl.col("request_attempts").sum()
            return rows.select(rows=pl.len(), users=users, instance_users=pairs, attempts=attempts)
        case Grain.CREDIT:
            return rows.select(
                rows=pl.len(),
                users=users,
                instance_users=pairs,
                amount=pl.col("amount").sum(),
                median_microseconds=_DELAY.median(),
                **{f"p{percent}_hundredths": _percentile_hundredths(percent) for percent in (75, 90, 95)},
            )
        case Grain.COMPARED_EVENT:
            return rows.select(rows=pl.len(), users=users, instance_users=pairs, amount=pl.col("amount").sum())
        case Grain.COMPARED_ROW | Grain.FIRST_ROW:
            return rows.select(rows=pl.len(), users=users, instance_users=pairs)
        case Grain.INSTANCE:
            return rows.select(rows=pl.len(), unaccounted=pl.col("unaccounted").sum())


def kind_counts(rows: pl.LazyFrame, grain: Grain) -> pl.LazyFrame:
    """One row per kind of row, most frequent first: `kind`, `rows`, `users` (null for instances)."""
    users = pl.lit(None, pl.UInt32) if grain is Grain.INSTANCE else pl.col("user_id").n_unique()
    counted = rows.group_by("kind").agg(rows=pl.len(), users=users)
    return counted.sort("rows", "kind", descending=[True, False])

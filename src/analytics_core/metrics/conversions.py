"""Conversion counts and money: credits summed per campaign, goal and arm."""

import polars as pl

_GOAL = ["campaign_id", "goal_id", "arm"]

FLAWS: dict[str, pl.Expr] = {
    "events_without_value": pl.col("without_value"),
    "events_in_other_currency": pl.col("other_currency"),
    "events_with_rounded_value": pl.col("rounded"),
}
"""Which credits are counted as money findings."""


def conversion_counts(credited: pl.LazyFrame) -> pl.LazyFrame:
    """Sum credits.

    Args:
        credited: one row per credit (see `attribution.credits.credits_of`).

    Returns:
        One row per campaign, goal and arm: `conversion_events`, `converted_users` (distinct instance and user),
        `converted_people` (distinct users), `revenue` (exact), `events_without_value`, `events_in_other_currency`,
        `events_with_rounded_value`. Combinations without credits have no row.
    """
    by_user = credited.group_by(*_GOAL, "user_id").agg(
        conversion_events=pl.len(),
        converted_users=pl.col("instance_id").n_unique(),
        revenue=pl.col("amount").sum(),
        **{name: condition.sum() for name, condition in FLAWS.items()},
    )
    return by_user.group_by(_GOAL).agg(pl.exclude("user_id").sum(), converted_people=pl.len())


def delays_to_convert(credited: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign, goal and arm: `median_microseconds` from the clock to the event, over credits."""
    delay = (pl.col("occurred_at") - pl.col("clock")).dt.total_microseconds()
    return credited.group_by(_GOAL).agg(median_microseconds=delay.median())

"""Conversion counts, money and time to convert: credits summed per campaign, goal and arm."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import accumulate
from typing import Any

import polars as pl

from analytics_core.attribution.credits import Arm
from analytics_core.metrics.snapshot import CurvePoint, TimeToConvert

PERCENTILES = (50, 75, 90, 95)
CURVE_STEPS = 20

_GOAL = ["campaign_id", "goal_id", "arm"]
_DELAY = (pl.col("occurred_at") - pl.col("clock")).dt.total_microseconds()
_SECOND = 1_000_000

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
    """Order statistics of the time from the send to the event, over credits of sent deliveries.

    Returns:
        One row per campaign and goal with credits, unordered: `credits`, and for each P of PERCENTILES `lower_P` and
        `upper_P`, the delays in microseconds between which the percentile lies.
    """
    by_goal = _sent(credited).group_by("campaign_id", "goal_id").agg(delays=_DELAY.sort())
    ordered, length = pl.col("delays").list, pl.col("delays").list.len().cast(pl.Int64)
    bounds = {}
    for percentile in PERCENTILES:
        lower = (length - 1) * percentile // 100
        bounds[f"lower_{percentile}"] = ordered.get(lower)
        bounds[f"upper_{percentile}"] = ordered.get(pl.min_horizontal(lower + 1, length - 1))
    return by_goal.select("campaign_id", "goal_id", credits=length, **bounds)


def steps_to_convert(credited: pl.LazyFrame, campaigns: pl.LazyFrame) -> pl.LazyFrame:
    """How many credits of sent deliveries fell into each twentieth of the attribution window.

    Args:
        credited: one row per credit.
        campaigns: `campaign_id`, `window`.

    Returns:
        One row per campaign, goal and `step` (1 to 20) with credits, unordered: `credits` whose delay is at most that
        many twentieths of the window and more than one fewer.
    """
    window = pl.col("window").dt.total_microseconds().clip(lower_bound=1)
    step = ((_DELAY * CURVE_STEPS + window - 1) // window).clip(lower_bound=1)
    timed = _sent(credited).join(campaigns, on="campaign_id", how="inner")
    return timed.group_by("campaign_id", "goal_id", step=step).agg(credits=pl.len())


def time_to_convert_of(
    delays: Mapping[str, Any], steps: Iterable[Mapping[str, Any]], window: timedelta
) -> TimeToConvert:
    """One goal's time to convert out of its row of `delays_to_convert` and its rows of `steps_to_convert`."""
    fallen = {row["step"]: row["credits"] for row in steps}
    reached = accumulate(fallen.get(step, 0) for step in range(1, CURVE_STEPS + 1))
    length = window // timedelta(microseconds=1)
    median, p75, p90, p95 = (_percentile_seconds(delays, percentile) for percentile in PERCENTILES)
    return TimeToConvert(
        median_seconds=median,
        p75_seconds=p75,
        p90_seconds=p90,
        p95_seconds=p95,
        curve=tuple(
            CurvePoint(seconds=length * step / (CURVE_STEPS * _SECOND), share=credits_ / delays["credits"])
            for step, credits_ in enumerate(reached, start=1)
        ),
    )


def _percentile_seconds(delays: Mapping[str, Any], percentile: int) -> float:
    """Linear between the two neighbours of rank (n - 1) P / 100; exact until the one division."""
    beyond = (delays["credits"] - 1) * percentile % 100
    weighed: int = delays[f"lower_{percentile}"] * (100 - beyond) + delays[f"upper_{percentile}"] * beyond
    return weighed / (100 * _SECOND)


def _sent(credited: pl.LazyFrame) -> pl.LazyFrame:
    return credited.filter(pl.col("arm") == Arm.SENT.value)

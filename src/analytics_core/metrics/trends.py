"""What happened when: deliveries and conversions in the hours, days, weeks and months of the app's time zone."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from analytics_core.attribution.credits import Arm
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion
from analytics_core.metrics.calendar import OF_A_DAY, Calendar, Grain
from analytics_core.metrics.delivery import COUNTED
from analytics_core.metrics.snapshot import Counts, TrendBucket, Trends

COHORT_DAY = "cohort_day"

_DELIVERED = ("attempted", "sent", "failed")
_GRAINS = {**{grain.value: grain for grain in Grain}, COHORT_DAY: Grain.DAY}
_BUCKET = ["campaign_id", "trend", "key"]


def trend_counts(audience: pl.LazyFrame, credited: pl.LazyFrame, calendar: Calendar) -> pl.LazyFrame:
    """Count deliveries by their clock, and the primary goal's credits by event and by send.

    Args:
        audience: audience rows that count.
        credited: credits that count, of all goals and arms.
        calendar: the app's.

    Returns:
        One row per campaign, `trend` (a grain, or `cohort_day`) and bucket `key` (see `Calendar`) that holds a delivery
        or a credit, unordered: `attempted`, `sent` and `failed`, each `_unique` (users within the bucket) and `_total`;
        `converted_users`, `converted_people`, `conversion_events`, `revenue` (exact).
    """
    counted = pl.concat([*_deliveries(audience, calendar), *_conversions(credited, calendar)], how="diagonal")
    return counted.group_by(_BUCKET).agg(pl.all().sum())


def trends_of(campaign: Campaign, rows: Iterable[Mapping[str, Any]], calendar: Calendar) -> Trends:
    """One campaign's Trends out of its rows of `trend_counts`."""
    found: dict[str, list[TrendBucket]] = {trend: [] for trend in _GRAINS}
    for row in sorted(rows, key=lambda row: int(row["key"])):
        found[row["trend"]].append(_bucket(campaign, row, calendar, _GRAINS[row["trend"]]))
    return Trends(**{trend: tuple(buckets) for trend, buckets in found.items()})


def _deliveries(audience: pl.LazyFrame, calendar: Calendar) -> list[pl.LazyFrame]:
    """One frame per trend; the users of coarser buckets come out of those of finer ones."""
    conditions = [COUNTED[name].alias(name) for name in _DELIVERED]
    attempted = audience.select("campaign_id", "user_id", "clock", *conditions).filter("attempted")
    sums = pl.col(_DELIVERED).sum()
    hours = (
        attempted.with_columns(calendar.hour_and_day("clock"))
        .group_by("campaign_id", "user_id", Grain.HOUR)
        .agg(sums, pl.col(Grain.DAY).first())
    )
    days = hours.group_by("campaign_id", "user_id", Grain.DAY).agg(sums)
    coarser = [
        _users(days.group_by("campaign_id", "user_id", key.alias("key")).agg(sums), grain)
        for grain, key in OF_A_DAY.items()
    ]
    cohorts = coarser[0].with_columns(trend=pl.lit(COHORT_DAY))
    return [_users(hours.rename({Grain.HOUR: "key"}), Grain.HOUR), *coarser, cohorts]


def _users(by_user: pl.LazyFrame, grain: Grain) -> pl.LazyFrame:
    counted = by_user.group_by("campaign_id", "key").agg(
        *((pl.col(name) > 0).sum().alias(f"{name}_unique") for name in _DELIVERED),
        *(pl.col(name).sum().alias(f"{name}_total") for name in _DELIVERED),
    )
    return counted.with_columns(trend=pl.lit(grain.value))


def _conversions(credited: pl.LazyFrame, calendar: Calendar) -> list[pl.LazyFrame]:
    """One frame per trend."""
    primary = credited.filter(pl.col("is_primary") & (pl.col("arm") == Arm.SENT.value))
    of_event = primary.with_columns(calendar.hour_and_day("occurred_at"))
    of_send = primary.with_columns(calendar.hour_and_day("clock"))
    keys = {Grain.HOUR: pl.col(Grain.HOUR), **OF_A_DAY}
    counts = [_credits(of_event, key, trend=grain.value) for grain, key in keys.items()]
    return [*counts, _credits(of_send, OF_A_DAY[Grain.DAY], trend=COHORT_DAY)]


def _credits(primary: pl.LazyFrame, key: pl.Expr, *, trend: str) -> pl.LazyFrame:
    by_user = primary.group_by("campaign_id", "user_id", key.alias("key")).agg(
        conversion_events=pl.len(), converted_users=pl.col("instance_id").n_unique(), revenue=pl.col("amount").sum()
    )
    counted = by_user.group_by("campaign_id", "key").agg(pl.exclude("user_id").sum(), converted_people=pl.len())
    return counted.with_columns(trend=pl.lit(trend))


def _bucket(campaign: Campaign, row: Mapping[str, Any], calendar: Calendar, grain: Grain) -> TrendBucket:
    legacy = campaign.analytics_version is AnalyticsVersion.LEGACY
    return TrendBucket(
        starts_at=calendar.starts_at(grain, row["key"]),
        label=calendar.label(grain, row["key"]),
        attempted=Counts(row["attempted_unique"], row["attempted_total"]),
        sent=Counts(row["sent_unique"], row["sent_total"]),
        failed=Counts(row["failed_unique"], row["failed_total"]),
        converted_users=row["converted_people" if legacy else "converted_users"],
        converted_people=row["converted_people"],
        conversion_events=row["conversion_events"],
        revenue=row["revenue"] if campaign.primary_goal.revenue else None,
    )

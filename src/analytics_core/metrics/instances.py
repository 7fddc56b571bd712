"""What each instance did: one row per instance, the largest by name and the others summed up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import polars as pl

from analytics_core.attribution.credits import Arm
from analytics_core.domain.campaign import Campaign
from analytics_core.metrics.delivery import COUNTED
from analytics_core.metrics.largest import ranked
from analytics_core.metrics.snapshot import InstanceResult

MAX_INSTANCES = 1000

_KEY = ["campaign_id", "instance_id"]
_DELIVERED = ("attempted", "sent", "failed")
_CREDITED = ("converted_users", "conversion_events", "revenue")
_ADDED = ("users_in_segment", *_DELIVERED, *_CREDITED, "unaccounted")


def instance_deliveries(audience: pl.LazyFrame, instances: pl.LazyFrame) -> pl.LazyFrame:
    """Count audience rows per instance.

    Args:
        audience: audience rows that count.
        instances: canonical instances that count.

    Returns:
        One row per instance that has rows or is declared, unordered: `users_in_segment` (rows logged, or the declared
        size where that is larger), `unaccounted` (their difference), `attempted`, `sent`, `failed`, and, null
        without such rows, `first_clock`, `first_sent_at`, `last_sent_at`.
    """
    sent_at = pl.col("clock").filter(COUNTED["sent"])
    logged = audience.group_by(_KEY).agg(
        pl.len().cast(pl.Int64).alias("logged"),
        *(COUNTED[name].sum().cast(pl.Int64).alias(name) for name in _DELIVERED),
        first_clock=pl.col("clock").min(),
        first_sent_at=sent_at.min(),
        last_sent_at=sent_at.max(),
    )
    declared = instances.select(*_KEY, declared="users_in_segment")
    both = logged.join(declared, on=_KEY, how="full", coalesce=True)
    counted = both.with_columns(pl.col("logged", *_DELIVERED).fill_null(0))
    return counted.with_columns(users_in_segment=pl.max_horizontal("logged", "declared")).select(
        pl.exclude("logged", "declared"), unaccounted=pl.col("users_in_segment") - pl.col("logged")
    )


def unaccounted_counts(deliveries: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign: `unaccounted`, users its instances declared beyond the rows that were logged.

    Args:
        deliveries: one row per instance (see `instance_deliveries`).
    """
    return deliveries.group_by("campaign_id").agg(pl.col("unaccounted").sum())


def instance_counts(deliveries: pl.LazyFrame, credited: pl.LazyFrame) -> pl.LazyFrame:
    """Add the primary goal's conversions, and keep each campaign's largest instances by `sent` (ties: smaller id).

    Args:
        deliveries: one row per instance (see `instance_deliveries`).
        credited: credits that count, of all goals and arms.

    Returns:
        Unordered, at most 1,000 rows a campaign with `instances` 1, and one with `instance_id` null that sums up the
        `instances` not kept: the columns of `deliveries`, `converted_users`, `conversion_events`, `revenue` (exact).
    """
    joined = deliveries.join(_conversions(credited), on=_KEY, how="left")
    order = ranked(joined.with_columns(pl.col(_CREDITED).fill_null(0)), "sent", ["instance_id"])
    kept = pl.col("rank") < MAX_INSTANCES
    rest = (
        order.filter(~kept)
        .group_by("campaign_id")
        .agg(
            pl.col(_ADDED).sum(),
            pl.col("first_clock", "first_sent_at").min(),
            pl.col("last_sent_at").max(),
            instances=pl.len(),
        )
    )
    return pl.concat(
        [order.filter(kept).with_columns(instances=pl.lit(1, pl.UInt32)).drop("rank"), rest], how="diagonal"
    )


@dataclass(frozen=True, slots=True)
class InstanceTable:
    """A campaign's instances: those listed, how many are not, and what these add up to (None where all are listed)."""

    listed: tuple[InstanceResult, ...] = ()
    omitted: int = 0
    remainder: InstanceResult | None = None


def instances_of(campaign: Campaign, rows: Iterable[Mapping[str, Any]]) -> InstanceTable:
    """One campaign's instances out of its rows of `instance_counts`: by first clock (none: last), then id."""
    found = list(rows)
    listed = sorted((row for row in found if row["instance_id"] is not None), key=_order)
    rest = next((row for row in found if row["instance_id"] is None), None)
    return InstanceTable(
        listed=tuple(_instance(campaign, row) for row in listed),
        omitted=rest["instances"] if rest else 0,
        remainder=_instance(campaign, rest) if rest else None,
    )


def _order(row: Mapping[str, Any]) -> tuple[bool, datetime, str]:
    clock = row["first_clock"]
    return clock is None, clock or datetime.max.replace(tzinfo=UTC), row["instance_id"]


def _instance(campaign: Campaign, row: Mapping[str, Any]) -> InstanceResult:
    figures = {field.name: row[field.name] for field in fields(InstanceResult)}
    return InstanceResult(**figures | ({} if campaign.primary_goal.revenue else {"revenue": None}))


def _conversions(credited: pl.LazyFrame) -> pl.LazyFrame:
    """One row per instance with primary credits. A user converts at most once per instance."""
    primary = credited.filter(pl.col("is_primary") & (pl.col("arm") == Arm.SENT.value))
    by_user = primary.group_by(*_KEY, "user_id").agg(conversion_events=pl.len(), revenue=pl.col("amount").sum())
    return by_user.group_by(_KEY).agg(pl.col("conversion_events", "revenue").sum(), converted_users=pl.len())

"""Delivery counts: what became of audience rows, counted as rows (total) and as users (unique).

Every count goes through one row per campaign and user, so that unique and total come out of the same pass and counts
of disjoint sets of users may simply be added.
"""

import polars as pl

from analytics_core.attribution.audience import stands
from analytics_core.domain.words import ControlGroupType, Standing

_SENT = stands(Standing.SENT)
_REQUESTED = _SENT | stands(Standing.FAILED_RESPONSE)
_PERSONALIZATION_FAILED = stands(Standing.PERSONALIZATION_FAILED)

COUNTED: dict[str, pl.Expr] = {
    "users_in_segment": pl.col("standing").is_not_null(),  # every row; a literal would count once a group
    "attempted": _REQUESTED | _PERSONALIZATION_FAILED,
    "after_personalization": _REQUESTED,
    "sent": _SENT,
    "failed": stands(Standing.FAILED_RESPONSE) | _PERSONALIZATION_FAILED,
    "contaminated": pl.col("contaminated"),
    "matured_sent": _SENT & pl.col("matured"),
}
"""What is counted of audience rows, each as unique and total."""

CONTROL = stands(Standing.CONTROL_GROUP)
"""The audience rows that are active targets, one arm per `control_group_type`."""


def delivery_counts(audience: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign: `NAME_unique`, `NAME_total` for each name in COUNTED, and `request_attempts`."""
    by_user = audience.group_by("campaign_id", "user_id").agg(
        *(condition.sum().alias(name) for name, condition in COUNTED.items()), pl.col("request_attempts").sum()
    )
    return by_user.group_by("campaign_id").agg(
        *((pl.col(name) > 0).sum().alias(f"{name}_unique") for name in COUNTED),
        *(pl.col(name).sum().alias(f"{name}_total") for name in COUNTED),
        pl.col("request_attempts").sum(),
    )


def error_counts(audience: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and reason a user was not sent: `unique`, `total`; reasons as in the contract."""
    return counted_by(audience.filter(~_SENT).with_columns(reason=became()), "reason")


def unaccounted_instances(audience: pl.LazyFrame, instances: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and instance that declares its size: `users_in_segment`, `logged`, `unaccounted`.

    An instance that declares less than was logged counts 0; one that declares nothing has no row.
    """
    key = ["campaign_id", "instance_id"]
    logged = audience.group_by(key).agg(logged=pl.len())
    declared = instances.filter(pl.col("users_in_segment").is_not_null()).join(logged, on=key, how="left")
    known = declared.select(*key, "users_in_segment", logged=pl.col("logged").fill_null(0).cast(pl.Int64))
    missing = pl.col("users_in_segment") - pl.col("logged")
    return known.with_columns(unaccounted=missing.clip(lower_bound=0))


def active_targets(audience: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and control arm: `active_targets`, its control rows (instance x user)."""
    control = audience.filter(CONTROL)
    return control.group_by("campaign_id", pl.col("control_group_type").alias("arm")).agg(active_targets=pl.len())


def counted_by(rows: pl.LazyFrame, *labels: str) -> pl.LazyFrame:
    """One row per campaign and combination of `labels`: `unique`, `total` of rows that have `user_id`."""
    by_user = rows.group_by("campaign_id", *labels, "user_id").agg(rows=pl.len())
    return by_user.group_by("campaign_id", *labels).agg(unique=pl.len(), total=pl.col("rows").sum())


def became() -> pl.Expr:
    """What became of an audience row in one word: `sent`, else the reason it was not, as in the contract."""
    is_global = pl.col("control_group_type") == ControlGroupType.GLOBAL.value
    response = pl.when(pl.col("response_code").is_null()).then(pl.lit("no_response"))
    return (
        pl.when(stands(Standing.FAILED_RESPONSE))
        .then(response.otherwise(pl.lit("response_") + pl.col("response_code").cast(pl.String)))
        .when(stands(Standing.CONTROL_GROUP) & is_global)
        .then(pl.lit("global_control_group"))
        .otherwise("standing")
    )

"""From raw delivery rows to audience rows: one user in one instance, and what became of them."""

from collections.abc import Collection

import polars as pl

from analytics_core.domain.words import ControlGroupType, Outcome, PersonalizationCategory, Standing

AUDIENCE_KEY = ["campaign_id", "instance_id", "user_id"]

_REQUESTED = pl.col("outcome") == Outcome.REQUESTED.value
_PERSONALIZATION = pl.col("outcome") == Outcome.PERSONALIZATION_FAILED.value
_CONTROL = pl.col("outcome") == Outcome.CONTROL_GROUP.value
_CAPPED = pl.col("outcome") == Outcome.FREQUENCY_CAPPED.value


def audience_rows(
    deliveries: pl.LazyFrame, campaigns: pl.LazyFrame, *, success_codes: Collection[int], as_of: pl.Expr
) -> pl.LazyFrame:
    """Collapse raw rows to audience rows and apply the success rule.

    Args:
        deliveries: canonical deliveries, duplicates removed, merged users applied, nothing after `as_of`.
        campaigns: `campaign_id`, `window`; rows of other campaigns are left out.
        success_codes: response codes that make a requested row *sent*.
        as_of: the instant a row must have matured by.

    Returns:
        One row per campaign, instance and user, unordered: `standing`, `clock` (when the attribution window
        opens), `response_code` of the last attempt (null without a response), `control_group_type` (null but for
        control rows), `request_attempts`, `contaminated`, `window`, `matured`.
    """
    collapsed = deliveries.group_by(AUDIENCE_KEY).agg(_facts(success_codes))
    return (
        collapsed.with_columns(standing=_standing())
        .with_columns(
            clock=_clock(),
            contaminated=(pl.col("request_attempts") > 0) & pl.col("control_at").is_not_null(),
            control_group_type=pl.when(stands(Standing.CONTROL_GROUP)).then("control_group_type"),
        )
        .drop("sent_at", "last_attempt_at", "personalization_failed_at", "control_at", "capped_at")
        .join(campaigns, on="campaign_id", how="inner")
        .with_columns(matured=pl.col("clock") + pl.col("window") <= as_of)
    )


def personalization_failures(deliveries: pl.LazyFrame, audience: pl.LazyFrame) -> pl.LazyFrame:
    """What could not be filled in, for audience rows that stand as personalization failures.

    Returns:
        One row per audience row, `category` and `attribute` (null where none is named), unordered. Several raw rows of
        one audience row unite; a raw row that names no category counts as `unknown`.
    """
    failed = audience.filter(stands(Standing.PERSONALIZATION_FAILED)).select(AUDIENCE_KEY)
    errors = deliveries.filter(_PERSONALIZATION).select(*AUDIENCE_KEY, pl.col("personalization_errors"))
    error = pl.col("personalization_errors").struct
    named = errors.explode("personalization_errors", empty_as_null=True).select(
        *AUDIENCE_KEY,
        category=error.field("category").fill_null(PersonalizationCategory.UNKNOWN.value),
        attribute=error.field("attribute"),
    )
    return named.unique().join(failed, on=AUDIENCE_KEY, how="semi")


def stands(standing: Standing) -> pl.Expr:
    """Whether an audience row stands as `standing`."""
    return pl.col("standing") == standing.value


def _facts(success_codes: Collection[int]) -> list[pl.Expr]:
    at = pl.col("occurred_at")
    success = _REQUESTED & pl.col("response_code").is_in(sorted(success_codes)).fill_null(value=False)
    kind = pl.col("control_group_type").fill_null(ControlGroupType.CAMPAIGN.value)
    return [
        _REQUESTED.sum().alias("request_attempts"),
        at.filter(success).min().alias("sent_at"),
        at.filter(_REQUESTED).max().alias("last_attempt_at"),
        _last_response_code(),
        at.filter(_PERSONALIZATION).max().alias("personalization_failed_at"),
        at.filter(_CONTROL).min().alias("control_at"),
        kind.filter(_CONTROL).sort_by(at.filter(_CONTROL), kind.filter(_CONTROL)).first().alias("control_group_type"),
        at.filter(_CAPPED).max().alias("capped_at"),
    ]


def _last_response_code() -> pl.Expr:
    # Attempts at the same instant are told apart by request id, then code, so that file order never matters.
    order = [pl.col(name).filter(_REQUESTED) for name in ("occurred_at", "request_id", "response_code")]
    return pl.col("response_code").filter(_REQUESTED).sort_by(order, nulls_last=False).last()


def _standing() -> pl.Expr:
    return (
        pl.when(pl.col("sent_at").is_not_null())
        .then(pl.lit(Standing.SENT.value))
        .when(pl.col("request_attempts") > 0)
        .then(pl.lit(Standing.FAILED_RESPONSE.value))
        .when(pl.col("personalization_failed_at").is_not_null())
        .then(pl.lit(Standing.PERSONALIZATION_FAILED.value))
        .when(pl.col("control_at").is_not_null())
        .then(pl.lit(Standing.CONTROL_GROUP.value))
        .otherwise(pl.lit(Standing.FREQUENCY_CAPPED.value))
    )


def _clock() -> pl.Expr:
    # The first that applies, in the order in which outcomes win over each other.
    return pl.coalesce("sent_at", "last_attempt_at", "personalization_failed_at", "control_at", "capped_at")

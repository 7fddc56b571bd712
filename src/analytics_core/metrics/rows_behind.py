"""Which rows each number is made of, and how those rows make the number.

The conditions are the ones the counts use; a count and its rows cannot drift apart.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import polars as pl

from analytics_core.domain.words import AnalyticsVersion, Counting, Standing
from analytics_core.metrics.breakdowns import is_category
from analytics_core.metrics.conversions import FLAWS
from analytics_core.metrics.delivery import standings
from analytics_core.metrics.groundwork import AUDIENCE_KEY, Groundwork


class Grain(StrEnum):
    """What one row behind a number is."""

    AUDIENCE_ROW = "audience_row"
    CREDIT = "credit"
    INSTANCE = "instance"


class Measure(StrEnum):
    """What of the rows is the number; the names of the sums in `RowSums`."""

    ROWS = "rows"
    USERS = "users"
    INSTANCE_USERS = "instance_users"
    ATTEMPTS = "attempts"
    AMOUNT = "amount"
    MEDIAN = "median_seconds"
    P75 = "p75_seconds"
    P90 = "p90_seconds"
    P95 = "p95_seconds"
    UNACCOUNTED = "unaccounted"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBehind:
    """The rows behind one number.

    Attributes:
        grain: what one row is.
        condition: which rows of the grain count.
        measure: what of them is the number; None for quotients, whose parts have their own rows.
        category: of personalization failures only those of this category.
        matured_or_not: rows count whatever the settings say about matured ones.
    """

    grain: Grain
    condition: pl.Expr
    measure: Measure | None = Measure.ROWS
    category: str | None = None
    matured_or_not: bool = False

    def measure_in(self, counting: Counting, version: AnalyticsVersion) -> Measure | None:
        """What of the rows is the number in `counting`; older campaigns count converted users once."""
        if self.measure is Measure.ROWS and self.grain is Grain.AUDIENCE_ROW and counting is Counting.UNIQUE:
            return Measure.USERS
        if self.measure is Measure.INSTANCE_USERS and version is AnalyticsVersion.LEGACY:
            return Measure.USERS
        return self.measure


def _counts_for(name: str) -> pl.Expr:
    return pl.col("standing").is_in(standings(name))


_ATTEMPTED, _SENT = _counts_for("attempted"), _counts_for("sent")
_REQUESTED, _EVERY = _counts_for("after_personalization"), _counts_for("users_in_segment")
EVERY_AUDIENCE_ROW = RowsBehind(grain=Grain.AUDIENCE_ROW, condition=_EVERY, matured_or_not=True)
_AUDIENCE: dict[str, pl.Expr] = {
    "users_in_segment": _EVERY,
    "attempted": _ATTEMPTED,
    "after_frequency_cap": _ATTEMPTED,
    "after_personalization": _REQUESTED,
    "sent": _SENT,
    "failed": _counts_for("failed"),
    "failed_responses": pl.col("standing") == Standing.FAILED_RESPONSE.value,
}
_AUDIENCE_MEASURED: dict[str, tuple[pl.Expr, Measure | None]] = {
    "request_attempts": (_REQUESTED, Measure.ATTEMPTS),
    "contaminated_users": (pl.col("contaminated"), Measure.USERS),
    "sent_rate": (_ATTEMPTED, None),
    "failure_rate": (_ATTEMPTED, None),
    "attempted_share": (_EVERY, None),
    "matured_share": (_SENT, None),
}
_SENT_CREDITS: dict[str, Measure | None] = {
    "converted_users": Measure.INSTANCE_USERS,
    "conversion_events": Measure.ROWS,
    "conversion_rate": None,
    "converted_people": Measure.USERS,
    "median_seconds_to_convert": Measure.MEDIAN,
    "p75_seconds_to_convert": Measure.P75,
    "p90_seconds_to_convert": Measure.P90,
    "p95_seconds_to_convert": Measure.P95,
    "revenue": Measure.AMOUNT,
    "average_order_value": None,
    "average_revenue_per_user": None,
}
_CONTROL_CREDITS: dict[str, Measure | None] = {
    "control_converted_users": Measure.INSTANCE_USERS,
    "control_conversion_rate": None,
}
ALMOST_COUNTED = frozenset(_SENT_CREDITS) | {"uplift"}
"""The metrics for which events that almost counted are worth a look."""


def rows_behind(name: str, *, control_arm: str | None) -> RowsBehind:
    """Which rows the metric `name` is made of.

    Args:
        name: a metric of the catalog, a reason of the error breakdown, or a personalization category.
        control_arm: the control group the campaign is compared with; None without one.
    """
    sent = control = pl.lit(value=True)
    if name in _SENT_CREDITS:
        return RowsBehind(grain=Grain.CREDIT, condition=sent, measure=_SENT_CREDITS[name])
    if name in FLAWS:
        return RowsBehind(grain=Grain.CREDIT, condition=sent & pl.col(FLAWS[name]))
    if name in _CONTROL_CREDITS:
        return RowsBehind(grain=Grain.CREDIT, condition=control, measure=_CONTROL_CREDITS[name])
    if name == "uplift":
        return RowsBehind(grain=Grain.CREDIT, condition=sent | control, measure=None)
    if name == "unaccounted":
        missing = pl.col("unaccounted") > 0
        return RowsBehind(grain=Grain.INSTANCE, condition=missing, measure=Measure.UNACCOUNTED)
    return _audience(name, control_arm)


def _audience(name: str, control_arm: str | None) -> RowsBehind:
    grain = Grain.AUDIENCE_ROW
    if name in _AUDIENCE_MEASURED:
        condition, measure = _AUDIENCE_MEASURED[name]
        return RowsBehind(grain=grain, condition=condition, measure=measure, matured_or_not=name == "matured_share")
    if name == "active_targets":
        return RowsBehind(grain=grain, condition=pl.col("control_group_type") == (control_arm or ""))
    if is_category(name):
        return RowsBehind(grain=grain, condition=pl.col("became") == "personalization_failed", category=name)
    return RowsBehind(grain=grain, condition=_AUDIENCE[name] if name in _AUDIENCE else pl.col("became") == name)


def rows_of(behind: RowsBehind, ground: Groundwork, goal_id: str) -> pl.LazyFrame:
    """The rows behind a number, unordered, with the columns of their grain and `kind`, what they are in one word.

    Args:
        behind: which rows.
        ground: audience rows and credits of one campaign.
        goal_id: the goal whose credits are meant.
    """
    match behind.grain:
        case Grain.AUDIENCE_ROW:
            return _audience_rows(behind, ground)
        case Grain.CREDIT:
            own = ground.credited.filter(pl.col("goal_id") == goal_id, behind.condition)
            return own.with_columns(amount_note=_amount_note()).select(_CREDIT)
        case Grain.INSTANCE:
            instances = _unaccounted_instances(ground.every, ground.declared).filter(behind.condition)
            return instances.select("instance_id", "users_in_segment", "logged", "unaccounted", kind=pl.lit("instance"))


def _audience_rows(behind: RowsBehind, ground: Groundwork) -> pl.LazyFrame:
    rows = ground.every if behind.matured_or_not else ground.counted
    if behind.category is not None:
        failures = ground.failures.filter(pl.col("category") == behind.category)
        rows = rows.join(failures, on=AUDIENCE_KEY, how="semi")
    return rows.filter(behind.condition).select(_AUDIENCE_ROW)


def _unaccounted_instances(audience: pl.LazyFrame, instances: pl.LazyFrame) -> pl.LazyFrame:
    """One row per instance that declares its size: `instance_id`, `users_in_segment`, `logged`, `unaccounted`."""
    logged = audience.group_by("instance_id").agg(logged=pl.len().cast(pl.Int64))
    declared = instances.filter(pl.col("users_in_segment").is_not_null()).join(logged, on="instance_id", how="left")
    known = declared.select("instance_id", "users_in_segment", pl.col("logged").fill_null(0))
    missing = pl.col("users_in_segment") - pl.col("logged")
    return known.with_columns(unaccounted=missing.clip(lower_bound=0))


_AUDIENCE_ROW = [
    pl.col("clock").alias("clock_at"),
    pl.col("instance_id"),
    pl.col("user_id"),
    pl.col("standing"),
    pl.col("response_code"),
    pl.col("request_attempts"),
    pl.col("control_group_type"),
    pl.col("contaminated"),
    (pl.col("clock") + pl.col("window")).alias("window_ends_at"),
    pl.col("matured"),
    pl.col("became").alias("kind"),
]
_CREDIT = [
    pl.col("occurred_at"),
    pl.col("event_id"),
    pl.col("user_id"),
    pl.col("instance_id"),
    pl.col("clock").alias("clock_at"),
    (pl.col("occurred_at") - pl.col("clock")).alias("delay"),
    pl.col("amount"),
    pl.col("amount_note"),
    pl.col("matured"),
    pl.coalesce("amount_note", pl.lit("credited")).alias("kind"),
]
ORDER: dict[Grain, list[str]] = {
    Grain.AUDIENCE_ROW: ["clock_at", "instance_id", "user_id"],
    Grain.CREDIT: ["occurred_at", "event_id", "instance_id"],
    Grain.INSTANCE: ["instance_id"],
}
"""By time, then by ids that make the order the same every time."""


def _amount_note() -> pl.Expr:
    """Why a credit adds no money, or not the amount as written; null where there is nothing to say."""
    return (
        pl.when(pl.col("without_value") & pl.col("other_currency"))
        .then(pl.lit("without_value_in_other_currency"))
        .when("without_value")
        .then(pl.lit("without_value"))
        .when("other_currency")
        .then(pl.lit("other_currency"))
        .when("rounded")
        .then(pl.lit("rounded"))
    )


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
        case Grain.INSTANCE:
            return rows.select(rows=pl.len(), unaccounted=pl.col("unaccounted").sum())


def kind_counts(rows: pl.LazyFrame, grain: Grain) -> pl.LazyFrame:
    """One row per kind of row, most frequent first: `kind`, `rows`, `users` (null for instances)."""
    users = pl.lit(None, pl.UInt32) if grain is Grain.INSTANCE else pl.col("user_id").n_unique()
    counted = rows.group_by("kind").agg(rows=pl.len(), users=users)
    return counted.sort("rows", "kind", descending=[True, False])

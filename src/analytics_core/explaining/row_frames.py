"""The rows behind numbers as frames, with the columns of their grain and `kind`, what they are in one word."""

from dataclasses import replace

import polars as pl

from analytics_core.attribution.comparison import CONTAMINATED, HELD, Cell
from analytics_core.counting.arm_tables import Sides
from analytics_core.domain.words import Arm, require_every
from analytics_core.explaining.groundwork import AUDIENCE_KEY, ReadableRows
from analytics_core.explaining.rows_behind import RowsBehind
from analytics_core.metrics.metric import Grain


def rows_of(behind: RowsBehind, ground: ReadableRows, goal_id: str) -> pl.LazyFrame:
    """The rows behind a number, unordered.

    Args:
        behind: which rows.
        ground: the rows of one campaign.
        goal_id: the goal whose conversions are meant.
    """
    match behind.grain:
        case Grain.AUDIENCE_ROW:
            return _audience_rows(behind, ground)
        case Grain.CREDIT:
            own = ground.credited.filter(pl.col("goal_id") == goal_id, behind.condition)
            return own.with_columns(amount_note=_amount_note()).select(_CREDIT)
        case Grain.COMPARED_EVENT:
            of_goal = ground.compared_events.filter(pl.col("goal_id") == goal_id)
            return _in_arms(of_goal, behind).with_columns(amount_note=_amount_note()).select(_COMPARED_EVENT)
        case Grain.COMPARED_ROW:
            return _in_arms(ground.compared, behind).select(_COMPARED_ROW)
        case Grain.FIRST_ROW:
            control = pl.col("arm") == Arm.CONTROL.value
            drawn = pl.when(control).then(pl.lit("drawn_into_control")).otherwise(pl.lit("to_be_sent"))
            # Each user's first row that was assigned, to be sent or held out.
            assigned = ground.compared.filter(pl.col("cell") != _word(Cell.NO_ARM))
            ordered = assigned.sort("user_id", "clock", "instance_id")
            first = ordered.unique("user_id", keep="first", maintain_order=True)
            return _in_arms(first, behind).select(*_COMPARED_ROW[:-1], drawn.alias("kind"))
        case Grain.INSTANCE:
            instances = _instances_with_unaccounted(ground.every, ground.declared).filter(behind.condition)
            return instances.select("instance_id", "users_in_segment", "logged", "unaccounted", kind=pl.lit("instance"))


def every_row(ground: ReadableRows) -> pl.LazyFrame:
    """All audience rows, also those that do not count, with `in_period`."""
    return ground.every.select(*_AUDIENCE_ROW, "in_period")


def list_compared_rows(ground: ReadableRows, behind: RowsBehind, goal_id: str) -> pl.LazyFrame:
    """All rows of one user as comparisons see them, in order, with the `events` of a goal that belong to each.

    `counts` says whether a row is among those that the number counts, or those that its events may belong to.
    """
    grain = Grain.COMPARED_ROW if behind.grain is Grain.COMPARED_EVENT else behind.grain
    counted = rows_of(replace(behind, grain=grain), ground, goal_id).select("instance_id", counts=pl.lit(value=True))
    belonging = ground.belonging.filter(pl.col("goal_id") == goal_id)
    events = belonging.group_by("instance_id").agg(events=pl.len().cast(pl.Int64))
    rows = with_arms(ground.competing, behind.sides).select(*_COMPARED_ROW[:-1], "in_period")
    joined = rows.join(counted, on="instance_id", how="left").join(events, on="instance_id", how="left")
    filled = joined.with_columns(pl.col("counts").fill_null(value=False), pl.col("events").fill_null(0))
    return filled.sort(ORDER[Grain.COMPARED_ROW])


def first_of(rows: pl.LazyFrame, order: list[str], number: int | None) -> pl.LazyFrame:
    """The first rows in an order; None: all of them."""
    if number == 0:
        return rows.head(0)
    ordered = rows.sort(order)
    return ordered if number is None else ordered.head(number)


def with_arms(rows: pl.LazyFrame, sides: Sides) -> pl.LazyFrame:
    """Competing rows, or events that belong to them, with the `arm` they are in; null in neither."""
    treated, control = (pl.col("cell").is_in(list(map(_word, cells))) for cells in (sides.treated, sides.control))
    arm = pl.when(treated).then(pl.lit(Arm.TREATED.value)).when(control).then(pl.lit(Arm.CONTROL.value))
    return rows.with_columns(arm=arm)


def _in_arms(rows: pl.LazyFrame, behind: RowsBehind) -> pl.LazyFrame:
    return with_arms(rows, behind.sides).filter(behind.condition)


def _word(cell: Cell) -> str:
    return cell.name.lower()


def _audience_rows(behind: RowsBehind, ground: ReadableRows) -> pl.LazyFrame:
    rows = ground.seen if behind.matured_or_not else ground.counted
    if behind.category is not None:
        failures = ground.failures.filter(pl.col("category") == behind.category)
        rows = rows.join(failures, on=AUDIENCE_KEY, how="semi")
    return rows.filter(behind.condition).select(_AUDIENCE_ROW)


def _instances_with_unaccounted(audience: pl.LazyFrame, instances: pl.LazyFrame) -> pl.LazyFrame:
    """One row per instance that declares its size: `instance_id`, `users_in_segment`, `logged`, `unaccounted`."""
    logged = audience.group_by("instance_id").agg(logged=pl.len().cast(pl.Int64))
    declared = instances.filter(pl.col("users_in_segment").is_not_null()).join(logged, on="instance_id", how="left")
    known = declared.select("instance_id", "users_in_segment", pl.col("logged").fill_null(0))
    missing = pl.col("users_in_segment") - pl.col("logged")
    return known.with_columns(unaccounted=missing.clip(lower_bound=0))


_KINDS_OF_CELLS = {
    _word(cell): "control_contaminated" if cell in CONTAMINATED.values() else "control_held_out"
    for cell in (*HELD.values(), *CONTAMINATED.values())
} | {_word(Cell.SENT): "treated_sent", _word(Cell.NOT_SENT): "treated_not_sent"}
"""What rows of arms are; no cell is in the treated arm of one comparison and in the control arm of another."""
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
_COMPARED_KIND = pl.col("cell").replace_strict(_KINDS_OF_CELLS, return_dtype=pl.String).alias("kind")
_COMPARED_EVENT = [
    pl.col("occurred_at"),
    pl.col("event_id"),
    pl.col("user_id"),
    pl.col("arm"),
    *_CREDIT[3:-1],
    _COMPARED_KIND,
]
_COMPARED_ROW = [
    pl.col("clock").alias("clock_at"),
    pl.col("instance_id"),
    pl.col("user_id"),
    pl.col("arm"),
    pl.col("standing"),
    pl.col("response_code"),
    pl.col("control_group_type"),
    pl.col("contaminated"),
    pl.col("window_ends_at"),
    pl.col("matured"),
    _COMPARED_KIND,
]
ORDER: dict[Grain, list[str]] = require_every(
    Grain,
    {
        Grain.AUDIENCE_ROW: ["clock_at", "instance_id", "user_id"],
        Grain.CREDIT: ["occurred_at", "event_id", "instance_id"],
        Grain.COMPARED_EVENT: ["occurred_at", "event_id", "instance_id"],
        Grain.COMPARED_ROW: ["clock_at", "instance_id", "user_id"],
        Grain.FIRST_ROW: ["clock_at", "instance_id", "user_id"],
        Grain.INSTANCE: ["instance_id"],
    },
)
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

"""What became of each event in a comparison of arms: it belongs to a row of an arm, or what kept it from one.

An event meets one row only: the user's latest at or before it, of whichever outcome, or the first where there is none.
"""

from typing import TYPE_CHECKING

import polars as pl

from analytics_core.domain.words import ArmFate, Standing

if TYPE_CHECKING:
    from polars._typing import AsofJoinStrategy

_STRATEGIES: tuple["AsofJoinStrategy", ...] = ("backward", "forward")
_OF_ROW = ["instance_id", "standing", "response_code", "control_group_type", "arm", "clock", "window_ends_at"]
_ONE_FLAW_IN_ARM = [fate.value for fate in (ArmFate.AFTER_AS_OF, ArmFate.FILTER_NOT_FULFILLED)]
_LEFT_OUT = [fate.value for fate in (ArmFate.NOT_MATURED, ArmFate.OUTSIDE_PERIOD)]


def arm_fates(rows: pl.LazyFrame, named: pl.LazyFrame, *, as_of: pl.Expr) -> pl.LazyFrame:
    """What became of each event of the goal's name.

    Args:
        rows: all rows that compete for events, with `arm` (null in neither), `counts`, and what
            `ReadableRows.competing` has.
        named: the events (see `near_misses.find_named_events`), also those after the as-of instant.
        as_of: the instant the computation looks from.

    Returns:
        One row per event, unordered: `event_id`, `user_id`, `occurred_at`, `verdict` (an `ArmFate`), `unfulfilled`,
        and the row it is about (`instance_id`, `standing`, `response_code`, `control_group_type`, `arm`, `clock`,
        `window_ends_at`; null where none is near).
    """
    met = _meet_rows(rows, named).with_columns(verdict=_fate(as_of))
    verdict, in_arm = pl.col("verdict"), pl.col("arm").is_not_null()
    fulfilled, known = pl.col("unfulfilled").is_null(), pl.col("occurred_at") <= as_of
    # Whether the row it met is worth telling: the event belongs to it, or would but for one thing.
    is_near = (
        pl.when(verdict.is_in(_ONE_FLAW_IN_ARM))
        .then(_within() & in_arm & pl.col("counts") & (fulfilled | known))
        .when(verdict.is_in(_LEFT_OUT))
        .then(in_arm)
        .otherwise(verdict != ArmFate.OUT_OF_REACH.value)
    )
    shown = [pl.when(is_near).then(name).alias(name) for name in _OF_ROW]
    return met.select("event_id", "user_id", "occurred_at", "verdict", "unfulfilled", *shown)


def almost_in_arm(fates: pl.LazyFrame, arms: list[str]) -> pl.LazyFrame:
    """Of all fates those of events that have one thing only against them, about rows of `arms` or of no arm."""
    near = pl.col("instance_id").is_not_null() & (pl.col("verdict") != ArmFate.IN_ARM.value)
    return fates.filter(near, pl.col("arm").is_null() | pl.col("arm").is_in(arms))


def _meet_rows(rows: pl.LazyFrame, named: pl.LazyFrame) -> pl.LazyFrame:
    """Each event with the row it meets; null columns where its user has none."""
    order = ["user_id", "clock", "instance_id"]
    # Of rows at one instant the greater instance id begins last, so the others have no window at all.
    last = rows.sort(order).unique(["user_id", "clock"], keep="last", maintain_order=True).sort("clock")
    events = named.sort("occurred_at")
    backward, forward = (
        events.join_asof(
            last,
            left_on="occurred_at",
            right_on="clock",
            by="user_id",
            strategy=strategy,
            coalesce=False,
            check_sortedness=False,  # it could not be checked within users
        )
        for strategy in _STRATEGIES
    )
    before = pl.col("clock").is_null()
    return pl.concat([backward.filter(~before), forward.join(backward.filter(before), on="event_id", how="semi")])


def _fate(as_of: pl.Expr) -> pl.Expr:
    standing, at, end = pl.col("standing"), pl.col("occurred_at"), pl.col("clock") + pl.col("window")
    counts_in_arm = pl.col("arm").is_not_null() & pl.col("counts")
    return (
        pl.when(at > as_of)
        .then(_say(ArmFate.AFTER_AS_OF))
        .when(pl.col("unfulfilled").is_not_null())
        .then(_say(ArmFate.FILTER_NOT_FULFILLED))
        .when(_within() & counts_in_arm)
        .then(_say(ArmFate.IN_ARM))
        .when(_within() & ~pl.col("counts"))
        .then(pl.when("in_period").then(_say(ArmFate.NOT_MATURED)).otherwise(_say(ArmFate.OUTSIDE_PERIOD)))
        .when(_within() & pl.col("contaminated"))
        .then(_say(ArmFate.CONTAMINATED))
        .when(_within() & (standing == Standing.CONTROL_GROUP.value))
        .then(_say(ArmFate.OTHER_CONTROL_GROUP))
        .when(_within() & (standing == Standing.FREQUENCY_CAPPED.value))
        .then(_say(ArmFate.FREQUENCY_CAPPED))
        .when(_within())
        .then(_say(ArmFate.NOT_SENT))
        .when(counts_in_arm & (end < at) & (at <= end + pl.col("window")))
        .then(_say(ArmFate.AFTER_WINDOW))
        .when(counts_in_arm & (pl.col("clock") - pl.col("window") <= at) & (at < pl.col("clock")))
        .then(_say(ArmFate.BEFORE_FIRST_ROW))
        .otherwise(_say(ArmFate.OUT_OF_REACH))
    )


def _within() -> pl.Expr:
    return pl.col("occurred_at").is_between(pl.col("clock"), pl.col("clock") + pl.col("window"))


def _say(fate: ArmFate) -> pl.Expr:
    return pl.lit(fate.value)

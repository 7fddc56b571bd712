"""Events that almost counted: what kept an event with the goal's name from being credited to a campaign.

An event meets every audience row of its user. What the nearest meeting says is the event's verdict: it fell into a
window and went elsewhere, or it missed a window by less than one more window.
"""

from dataclasses import dataclass

import polars as pl

from analytics_core.attribution.conditions import holds
from analytics_core.domain.campaign import Goal
from analytics_core.domain.words import EventFate, Standing

_RANK = {verdict.value: rank for rank, verdict in enumerate(EventFate)}
_DELIVERY = ["instance_id", "standing", "response_code", "clock", "window_ends_at"]
_ELSEWHERE = ["credited_instance_id", "credited_campaign_id"]


@dataclass(frozen=True, slots=True)
class Crediting:
    """What one campaign and goal were credited with.

    Attributes:
        credited: all credits of the goal's events to sent deliveries of the campaign, matured or not, of any
            day.
        winners: one row per event: `event_id`, `winner`, the campaign that keeps it; None where each campaign
            credits for itself.
        matured_only: whether credits to deliveries that have not matured count.
    """

    credited: pl.LazyFrame
    winners: pl.LazyFrame | None
    matured_only: bool


def find_named_events(events: pl.LazyFrame, goal: Goal) -> pl.LazyFrame:
    """One row per event of the goal's name: ids, `occurred_at`, `unfulfilled`, the attributes of filters that fail.

    `unfulfilled` is null where all filters hold.
    """
    named = events.filter(pl.col("event_name") == goal.event_name)
    failing = [pl.when(~holds(rule)).then(pl.lit(rule.attribute)) for rule in goal.filters]
    listed = pl.concat_list(failing).list.drop_nulls() if failing else pl.lit([], pl.List(pl.String))
    found = named.with_columns(unfulfilled=listed.list.unique(maintain_order=True))
    return found.select(
        "event_id",
        "user_id",
        "occurred_at",
        unfulfilled=pl.when(pl.col("unfulfilled").list.len() > 0).then("unfulfilled"),
    )


def verdicts(audience: pl.LazyFrame, named: pl.LazyFrame, crediting: Crediting, *, as_of: pl.Expr) -> pl.LazyFrame:
    """What became of each event of the goal's name.

    Args:
        audience: all audience rows of the campaign, with `matured` and `in_period`.
        named: the events (see `find_named_events`), also those after the as-of instant.
        crediting: what was credited.
        as_of: the instant the computation looks from.

    Returns:
        One row per event and delivery into whose window it fell, and one per other event, unordered: `event_id`,
        `user_id`, `occurred_at`, `verdict`, `unfulfilled`, the delivery it is about (`instance_id`, `standing`,
        `response_code`, `clock`, `window_ends_at`; null where none is near) and where the credit went
        (`credited_instance_id`, `credited_campaign_id`; null where it went nowhere else).
    """
    met = _meetings(audience, named, as_of)
    eligible = _judge(met.filter(pl.col("verdict") == EventFate.CREDITED.value), crediting)
    others = named.join(eligible, on="event_id", how="anti")
    # One row per event: the meeting nearest to counting, of several the one with the latest delivery.
    rank = pl.col("verdict").replace_strict(_RANK, return_dtype=pl.Int64)
    best = [
        pl.col(name).sort_by(["rank", "clock", "instance_id"], descending=[True, False, False]).last()
        for name in ("verdict", *_DELIVERY)
    ]
    missed = met.filter(pl.col("verdict") != EventFate.CREDITED.value)
    nearest = missed.with_columns(rank=rank).group_by("event_id").agg(best)
    without_meeting = (
        pl.when(pl.col("occurred_at") > as_of)
        .then(_say(EventFate.AFTER_AS_OF))
        .when(pl.col("unfulfilled").is_not_null())
        .then(_say(EventFate.FILTER_NOT_FULFILLED))
        .otherwise(_say(EventFate.OUT_OF_REACH))
    )
    far = others.join(nearest, on="event_id", how="left").with_columns(
        pl.col("verdict").fill_null(without_meeting), *(pl.lit(None, pl.String).alias(n) for n in _ELSEWHERE)
    )
    columns = ["event_id", "user_id", "occurred_at", "verdict", "unfulfilled", *_DELIVERY, *_ELSEWHERE]
    return pl.concat([eligible.select(columns), far.select(columns)])


def near_misses(found: pl.LazyFrame) -> pl.LazyFrame:
    """Of all verdicts those of near misses: neither credited nor out of reach of every delivery."""
    near = pl.col("instance_id").is_not_null()
    return found.filter(near, ~pl.col("verdict").is_in([EventFate.CREDITED.value, EventFate.OUT_OF_REACH.value]))


def _meetings(audience: pl.LazyFrame, named: pl.LazyFrame, as_of: pl.Expr) -> pl.LazyFrame:
    """One row per event and audience row of its user that are near each other, with what the meeting says."""
    rows = audience.select("user_id", "matured", "in_period", "window", *_DELIVERY[:-1])
    at, clock, end, window = pl.col("occurred_at"), pl.col("clock"), pl.col("window_ends_at"), pl.col("window")
    standing, fulfilled = pl.col("standing"), pl.col("unfulfilled").is_null()
    sent = standing == Standing.SENT.value
    firsts = rows.filter(sent).group_by("user_id").agg(first_sent_at=clock.min())
    ends = rows.join(firsts, on="user_id", how="left").with_columns(window_ends_at=clock + window)
    pairs = named.join(ends, on="user_id", how="inner")
    within = (clock <= at) & (at <= end)
    first = clock == pl.col("first_sent_at")
    verdict = (
        pl.when(at > as_of)
        .then(pl.when(sent & within & fulfilled).then(_say(EventFate.AFTER_AS_OF)))
        .when(sent & within)
        .then(pl.when(fulfilled).then(_say(EventFate.CREDITED)).otherwise(_say(EventFate.FILTER_NOT_FULFILLED)))
        .when(~fulfilled)
        .then(None)
        .when((standing == Standing.CONTROL_GROUP.value) & within)
        .then(_say(EventFate.CONTROL_USER))
        .when(within)
        .then(_say(EventFate.NOT_SENT))
        .when(sent & (end < at) & (at <= end + window))
        .then(_say(EventFate.AFTER_WINDOW))
        .when(first & sent & (clock - window <= at) & (at < clock))
        .then(_say(EventFate.BEFORE_FIRST_SEND))
    )
    return pairs.with_columns(verdict=verdict).filter(pl.col("verdict").is_not_null())


def _judge(eligible: pl.LazyFrame, crediting: Crediting) -> pl.LazyFrame:
    """Meetings within a sent delivery's window, told apart by who got the credit."""
    chosen = crediting.credited.select("event_id", "instance_id", chosen=pl.lit(value=True))
    # Where there can be a choice one instance got the credit; where every delivery is credited this is not read.
    elsewhere = crediting.credited.group_by("event_id").agg(credited_instance_id=pl.col("instance_id").max())
    joined = eligible.join(chosen, on=["event_id", "instance_id"], how="left")
    joined = joined.join(elsewhere, on="event_id", how="left")
    winners = crediting.winners
    no_winner = pl.lit(None, pl.String)
    joined = (
        joined.with_columns(winner=no_winner) if winners is None else joined.join(winners, on="event_id", how="left")
    )
    is_final = pl.col("matured") | (not crediting.matured_only)
    lost = pl.col("credited_instance_id").is_null()
    verdict = (
        pl.when(pl.col("chosen") & is_final & pl.col("in_period"))
        .then(_say(EventFate.CREDITED))
        .when(pl.col("chosen") & ~is_final)
        .then(_say(EventFate.NOT_MATURED))
        .when("chosen")
        .then(_say(EventFate.OUTSIDE_PERIOD))
        .when(lost)
        .then(_say(EventFate.OTHER_CAMPAIGN))
        .otherwise(_say(EventFate.OTHER_INSTANCE))
    )
    return joined.with_columns(
        verdict=verdict,
        credited_campaign_id=pl.when(lost).then("winner"),
        credited_instance_id=pl.when(pl.col("chosen").is_null()).then("credited_instance_id"),
    )


def _say(verdict: EventFate) -> pl.Expr:
    return pl.lit(verdict.value)

"""Which delivery gets the credit for which event.

Three arms are credited each by itself: deliveries that were sent, and the control rows of either control group, whose
clock starts when they were held back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from analytics_core.attribution.conditions import satisfying_events
from analytics_core.attribution.json_values import literal_of
from analytics_core.attribution.numeric import amount, needs_rounding
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import AttributionModel, InstanceCredit, Standing


class Arm(StrEnum):
    """Whose conversions these are; the control arms are named like their control group type."""

    SENT = "sent"
    CAMPAIGN = "campaign"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class CreditRules:
    """How one event is shared among the deliveries it is eligible for."""

    model: AttributionModel
    instance_credit: InstanceCredit


HEAVY_PAIRS = 1_000_000
"""A user with more pairs of deliveries and events than this is matched in order of time."""

_DELIVERY = ["campaign_id", "instance_id", "user_id", "arm"]


def credits_of(
    audience: pl.LazyFrame, events: pl.LazyFrame, rules: Rules, *, credit_rules: CreditRules
) -> pl.LazyFrame:
    """Credit events to audience rows.

    Args:
        audience: audience rows of all campaigns of the book.
        events: canonical events, duplicates removed, merged users applied, nothing after the as-of instant.
        rules: the campaigns, goals and conditions.
        credit_rules: attribution model and instance credit.

    Returns:
        One row per event, goal and arm (and instance, where every delivery is credited), unordered: the delivery's
        ids, `arm`, `goal_id`, `is_primary` (of its campaign), `event_id`, `clock`, `occurred_at`, `matured`, `amount`
        (exact, null where the event adds none), `without_value`, `other_currency`, `rounded`.
    """
    # Read several times below; left to itself the optimizer computes them anew for each.
    candidates = _candidates(audience, rules).cache()
    satisfying = satisfying_events(events, rules.conditions).cache()
    if credit_rules.instance_credit is InstanceCredit.EVERY:
        eligible = chosen = _eligible(candidates, satisfying)
    else:
        eligible = chosen = _latest_eligible(candidates, satisfying)
    if credit_rules.model is AttributionModel.LAST_INTERACTION:
        chosen = _of_last_campaign(chosen, eligible)
    credited = chosen.join(rules.goals, on=["campaign_id", "condition"], how="inner").drop("condition")
    return _valued(credited, events, rules)


def _candidates(audience: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """One row per audience row of any arm and condition of its campaign."""
    conditions = rules.goals.select("campaign_id", "condition").unique()
    in_an_arm = audience.with_columns(arm=_arm()).filter(pl.col("arm").is_not_null())
    return in_an_arm.select(*_DELIVERY, "clock", "window", "matured").join(conditions, on="campaign_id", how="inner")


def eligible_pairs(audience: pl.LazyFrame, satisfying: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """One row per event, condition and delivery whose window it falls into, closed at both ends; `clock` its own."""
    return _eligible(_candidates(audience, rules), satisfying)


def _eligible(candidates: pl.LazyFrame, satisfying: pl.LazyFrame) -> pl.LazyFrame:
    """One row per event, condition and delivery whose window it falls into, closed at both ends."""
    pairs = candidates.join(satisfying, on=["user_id", "condition"], how="inner")
    return pairs.filter(pl.col("clock") <= pl.col("occurred_at"), _within_window()).drop("window")


def _within_window() -> pl.Expr:
    return pl.col("occurred_at") <= pl.col("clock") + pl.col("window")


def _latest_eligible(candidates: pl.LazyFrame, satisfying: pl.LazyFrame) -> pl.LazyFrame:
    """Of each event's eligible deliveries within a campaign and arm the latest; ties: the greater instance id.

    Most users have few rows, and pairing them all is the fastest. A user with thousands of deliveries and events (a
    bot, a test account) would make more pairs than fit into memory; theirs are matched in order of time instead.
    """
    rows = candidates.group_by("user_id").agg(rows=pl.len().cast(pl.Int64))
    happenings = satisfying.group_by("user_id").agg(happenings=pl.len().cast(pl.Int64))
    heavy = rows.join(happenings, on="user_id").filter(pl.col("rows") * pl.col("happenings") > HEAVY_PAIRS).cache()
    light = candidates.join(heavy, on="user_id", how="anti")
    matched = _matched_in_time(*(frame.join(heavy, on="user_id", how="semi") for frame in (candidates, satisfying)))
    return pl.concat([_latest(_eligible(light, satisfying)), matched], how="diagonal")


def _matched_in_time(candidates: pl.LazyFrame, satisfying: pl.LazyFrame) -> pl.LazyFrame:
    """The latest eligible delivery of each event, by one pass in order of time."""
    rival = ["user_id", "condition", "campaign_id", "arm"]
    # Deliveries at the same instant have the same window and maturity; the greatest instance id stands for them.
    deliveries = candidates.group_by(*rival, "clock", "window", "matured").agg(pl.col("instance_id").max())
    events = satisfying.join(deliveries.select(rival).unique(), on=["user_id", "condition"], how="inner")
    matched = events.sort("occurred_at").join_asof(
        deliveries.sort("clock"),
        left_on="occurred_at",
        right_on="clock",
        by=rival,
        coalesce=False,
        check_sortedness=False,
    )
    return matched.filter(_within_window()).drop("window")


def _arm() -> pl.Expr:
    standing = pl.col("standing")
    return (
        pl.when(standing == Standing.SENT.value)
        .then(pl.lit(Arm.SENT.value))
        .when(standing == Standing.CONTROL_GROUP.value)
        .then(pl.col("control_group_type"))
    )


def _latest(eligible: pl.LazyFrame) -> pl.LazyFrame:
    """Of each event's eligible deliveries within a campaign and arm the latest; ties: the greater instance id."""
    event = ["event_id", "condition", "campaign_id", "arm", "user_id", "occurred_at"]
    latest = [pl.col(name).sort_by("clock", "instance_id").last() for name in ("instance_id", "clock", "matured")]
    return eligible.group_by(event).agg(latest)


def _of_last_campaign(chosen: pl.LazyFrame, eligible: pl.LazyFrame) -> pl.LazyFrame:
    """Keep an event only for the campaign with its latest eligible delivery; control arms do not compete."""
    joined = chosen.join(winning_campaigns(eligible), on="event_id", how="left")
    keeps = (pl.col("arm") != Arm.SENT.value) | (pl.col("campaign_id") == pl.col("winner"))
    return joined.filter(keeps).drop("winner")


def winning_campaigns(eligible: pl.LazyFrame) -> pl.LazyFrame:
    """One row per event: `winner`, the campaign of its latest eligible sent delivery; ties: the greater campaign id."""
    competing = eligible.filter(pl.col("arm") == Arm.SENT.value)
    return competing.group_by("event_id").agg(winner=pl.col("campaign_id").sort_by("clock", "campaign_id").last())


def _valued(credited: pl.LazyFrame, events: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """Add the money each credit brings, and why it brings none."""
    earns = pl.col("revenue_attribute").is_not_null()
    foreign = earns & _other_currency()
    joined = credited.join(events.select("event_id", "attributes"), on="event_id", how="left")
    literal = joined.with_columns(literal=_revenue_literal(rules.revenue_attributes), other_currency=foreign)
    parsed = literal.with_columns(amount=amount(pl.col("literal")), rounded=needs_rounding(pl.col("literal")))
    return parsed.with_columns(
        without_value=earns & pl.col("amount").is_null(),
        amount=pl.when(~pl.col("other_currency")).then("amount"),
        rounded=pl.col("rounded") & ~pl.col("other_currency"),
    ).drop("attributes", "literal", "revenue_attribute", "currency_literal")


def _revenue_literal(attributes: Sequence[str]) -> pl.Expr:
    chosen = [
        pl.when(pl.col("revenue_attribute") == name).then(literal_of(name)).otherwise(None) for name in attributes
    ]
    return pl.coalesce(chosen) if chosen else pl.lit(None, pl.String)


def _other_currency() -> pl.Expr:
    own = literal_of("currency")
    return (own.is_not_null() & (own != pl.col("currency_literal"))).fill_null(value=False)

"""Audience rows and credits with their ids, for explanations: the rows that counts are made of, made readable."""

import numpy as np
import polars as pl

from analytics_core.attribution.audience import (
    CONTROLS,
    NO_CODE,
    SENT,
    STANDINGS,
    Audience,
)
from analytics_core.attribution.credits import ARMS
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import Standing
from analytics_core.engines.partials import Ground, failures_of
from analytics_core.engines.parts import Part
from analytics_core.metrics.delivery import REASONS, reason_of, reasons
from analytics_core.metrics.groundwork import Groundwork

_INSTANT = pl.Datetime("us", "UTC")


def groundwork_of(part: Part, ground: Ground, rules: Rules, *, matured_only: bool) -> Groundwork:
    """The rows of a part with ids instead of keys."""
    audience = _with_ids(_audience_frame(ground.audience, rules), part)
    return Groundwork(
        every=audience.select(
            "campaign_id", "instance_id", "user_id", *(name for name in audience.columns if not name.endswith("_id"))
        ).lazy(),
        every_credit=_credit_frame(audience, ground, rules).lazy(),
        failures=_failures(part, ground).lazy(),
        instances=part.tables.instances,
        matured_only=matured_only,
    )


def _audience_frame(audience: Audience, rules: Rules) -> pl.DataFrame:
    words = pl.Series([standing.value for standing in STANDINGS])
    groups = pl.Series([group.value if group else None for group in CONTROLS])
    outcomes = pl.Series([reason_of(number) for number in range(REASONS)] + [Standing.SENT.value])
    became = np.where(audience.standing == SENT, REASONS, reasons(audience.standing, audience.code, audience.control))
    return pl.DataFrame(
        {
            "campaign": audience.campaign,
            "instance": audience.instance,
            "user": audience.user,
            "standing": words.gather(audience.standing),
            "became": outcomes.gather(became),
            "clock": pl.Series(audience.clock).cast(_INSTANT),
            "response_code": pl.Series(audience.code).cast(pl.Int32).replace(NO_CODE, None),
            "control_group_type": groups.gather(audience.control),
            "request_attempts": audience.attempts,
            "contaminated": audience.contaminated,
            "window": pl.Series(rules.windows[audience.campaign]).cast(pl.Duration("us")),
            "matured": audience.matured,
        }
    )


def _with_ids(rows: pl.DataFrame, part: Part) -> pl.DataFrame:
    """`rows` with `campaign_id`, `instance_id` and `user_id` instead of `campaign`, `instance` and `user`, in order."""
    instances = part.tables.dictionaries["instance"].rename({"instance_key": "instance"})
    wanted = rows.select("instance").unique()
    named = instances.join(wanted.lazy(), on="instance", how="semi").collect()
    joined = rows.join(named, on="instance", how="left", maintain_order="left")
    return joined.with_columns(user_id=part.user_ids().gather(rows["user"])).drop("campaign", "instance", "user")


def _credit_frame(audience: pl.DataFrame, ground: Ground, rules: Rules) -> pl.DataFrame:
    credited = ground.credited
    delivered = audience.select("campaign_id", "instance_id", "user_id", "clock", "matured")[credited.row]
    goals, arms = pl.Series(rules.goals.ids, dtype=pl.String), pl.Series([arm.value for arm in ARMS])
    return delivered.with_columns(
        goals.gather(credited.goal).alias("goal_id"),
        pl.Series("is_primary", rules.goals.is_primary[credited.goal]),
        arms.gather(credited.arm).alias("arm"),
        ground.events["event_id"].gather(credited.event),
        pl.Series("occurred_at", credited.at).cast(_INSTANT),
        credited.amount.alias("amount"),
        *(pl.Series(name, getattr(credited, name)) for name in ("without_value", "other_currency", "rounded")),
    )


def _failures(part: Part, ground: Ground) -> pl.DataFrame:
    return _with_ids(failures_of(ground.audience, ground.errors), part)

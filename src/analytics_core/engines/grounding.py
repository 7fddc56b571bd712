"""Audience rows and credits with their ids, for explanations: the rows that counts are made of, made readable."""

import numpy as np
import polars as pl

from analytics_core.attribution.audience import CONTROLS, NO_CODE, SENT, STANDINGS, Audience
from analytics_core.attribution.comparison import Cell
from analytics_core.attribution.credits import Credits
from analytics_core.attribution.rules import Rules
from analytics_core.counting.calendar import Calendar
from analytics_core.counting.delivery import REASONS, reason_of, reasons
from analytics_core.counting.keeping import in_period, lies_in_period
from analytics_core.domain.words import Standing
from analytics_core.engines.partials import CreditedRows, failures_of
from analytics_core.engines.parts import Part
from analytics_core.explaining.groundwork import AUDIENCE_KEY, INSTANCE_KEY, ReadableRows

_INSTANT = pl.Datetime("us", "UTC")
_OF_COMPETITORS = ("standing", "response_code", "control_group_type", "contaminated", "window")


def make_readable(part: Part, ground: CreditedRows, rules: Rules, calendar: Calendar) -> ReadableRows:
    """The rows of a part with ids instead of keys."""
    audience = _with_ids(_audience_frame(ground.audience, rules, calendar), part)
    delivered = audience.select(*AUDIENCE_KEY, "clock", "matured", "in_period")
    competing = _competing_frame(audience, ground, rules, calendar)
    return ReadableRows(
        every=audience.select(*AUDIENCE_KEY, pl.exclude(AUDIENCE_KEY)).lazy(),
        every_credit=_event_frame(delivered, ground.credited, ground.events, rules).lazy(),
        competing=competing.lazy(),
        belonging=_event_frame(competing, ground.belonging, ground.events, rules).lazy(),
        failures=_with_ids(failures_of(ground.audience, ground.errors), part).lazy(),
        instances=_instances(part, audience, rules, calendar),
        kept=rules.kept,
    )


def _audience_frame(audience: Audience, rules: Rules, calendar: Calendar) -> pl.DataFrame:
    words = pl.Series([standing.value for standing in STANDINGS])
    groups = pl.Series([group.value if group else None for group in CONTROLS])
    outcomes = pl.Series([reason_of(number) for number in range(REASONS)] + [Standing.SENT.value])
    became = np.where(audience.standing == SENT, REASONS, reasons(audience.standing, audience.code, audience.drawn))
    return pl.DataFrame(
        {
            "campaign": audience.campaign,
            "instance": audience.instance,
            "user": audience.user,
            "standing": words.gather(audience.standing),
            "became": outcomes.gather(became),
            "clock": pl.Series(audience.clock).cast(_INSTANT),
            "response_code": pl.Series(audience.code).cast(pl.Int32).replace(NO_CODE, None),
            "control_group_type": groups.gather(audience.drawn),
            "request_attempts": audience.attempts,
            "contaminated": audience.contaminated,
            "window": pl.Series(rules.windows[audience.campaign]).cast(pl.Duration("us")),
            "matured": audience.matured,
            "in_period": in_period(audience.clock, rules, calendar),
        }
    )


def _with_ids(rows: pl.DataFrame, part: Part) -> pl.DataFrame:
    """`rows` with `campaign_id`, `instance_id` and `user_id` instead of `campaign`, `instance` and `user`, in order."""
    instances = part.tables.dictionaries["instance"].rename({"instance_key": "instance"})
    wanted = rows.select("instance").unique()
    named = instances.join(wanted.lazy(), on="instance", how="semi").collect()
    joined = rows.join(named, on="instance", how="left", maintain_order="left")
    return joined.with_columns(user_id=part.user_ids().gather(rows["user"])).drop("campaign", "instance", "user")


def _competing_frame(audience: pl.DataFrame, ground: CreditedRows, rules: Rules, calendar: Calendar) -> pl.DataFrame:
    """The competitors as rows; a row's window ends where the user's next row begins."""
    rows = ground.competitors
    words = pl.Series([cell.name.lower() for cell in Cell])
    clock = pl.Series(rows.clock).cast(_INSTANT)
    named = audience.select(*AUDIENCE_KEY, *_OF_COMPETITORS)[rows.row].with_columns(
        words.gather(rows.cell).alias("cell"),
        clock=clock,
        matured=pl.Series(rows.clock + rules.windows[rows.campaign] <= rules.as_of),
        in_period=pl.Series(in_period(rows.clock, rules, calendar)),
    )
    has_next = np.zeros(len(rows), np.bool_)
    has_next[:-1] = rows.person[1:] == rows.person[:-1]
    following = pl.when(pl.Series(has_next)).then(clock.shift(-1))
    return named.with_columns(window_ends_at=pl.min_horizontal(pl.col("clock") + pl.col("window"), following))


def _event_frame(rows: pl.DataFrame, found: Credits, events: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """One row per credit of `found`, with the columns of the row it is of."""
    goals = pl.Series(rules.goals.ids, dtype=pl.String)
    return rows[found.row].with_columns(
        goals.gather(found.goal).alias("goal_id"),
        pl.Series("is_primary", rules.goals.is_primary[found.goal]),
        events["event_id"].gather(found.event),
        pl.Series("occurred_at", found.at).cast(_INSTANT),
        found.amount.alias("amount"),
        *(pl.Series(name, getattr(found, name)) for name in ("without_value", "other_currency", "rounded")),
    )


def _instances(part: Part, audience: pl.DataFrame, rules: Rules, calendar: Calendar) -> pl.LazyFrame:
    """Instances with `in_period`: all their rows' clocks and their own times lie inside; one with neither does not."""
    if not rules.kept.has_period:
        return part.tables.instances.with_columns(in_period=pl.lit(value=True))
    declared = part.tables.instances.collect()
    inside = audience.group_by(INSTANCE_KEY).agg(pl.col("in_period").all())
    found = declared.select(INSTANCE_KEY).join(inside, on=INSTANCE_KEY, how="left", maintain_order="left")["in_period"]
    times = declared.select(pl.selectors.ends_with("_at"))
    known = found.is_not_null() | times.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    within = found.fill_null(value=True) & known & lies_in_period(times, rules, calendar)
    return declared.lazy().with_columns(in_period=within)

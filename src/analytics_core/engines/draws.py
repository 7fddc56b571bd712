"""Which campaigns drew control groups, and when their first week ended: known before any part is computed."""

from datetime import timedelta

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints
from analytics_core.attribution.rules import NO_WEEK, Draws, Rules
from analytics_core.counting.calendar import Calendar
from analytics_core.counting.keeping import in_period
from analytics_core.domain.time import MICROSECOND
from analytics_core.domain.words import Outcome
from analytics_core.engines.parts import find_merged_users
from analytics_core.tables.keys import OUTCOMES, KeyedTables

_DRAWN = [number for number, (outcome, _) in enumerate(OUTCOMES) if outcome is Outcome.CONTROL_GROUP]
_PEOPLE = {"user_key": pl.Int32, "person": pl.Int32}
_WEEK = timedelta(days=7) // MICROSECOND


def find_draws(tables: KeyedTables, rules: Rules, calendar: Calendar) -> Draws:
    """Look for control groups among the deliveries of campaigns that take part.

    Args:
        tables: the tables as they stood at the as-of instant.
        rules: windows, the as-of instant, and which rows count.
        calendar: the app's.
    """
    drawn = tables.deliveries.filter(pl.col("outcome_key").is_in(_DRAWN)).select(pl.col("campaign_key").unique())
    compared = np.zeros(len(rules.windows), np.bool_)
    compared[drawn.collect()["campaign_key"].to_numpy()] = True
    compared &= rules.windows >= 0
    if not compared.any():
        return Draws.none(len(compared))
    first, last = _find_clocks(tables, compared, rules, calendar)
    ends = first + _WEEK
    has_week = (first >= 0) & (ends + rules.windows <= rules.as_of)
    return Draws(compared, np.where(has_week, ends, NO_WEEK), has_week & (last < ends))


def _find_clocks(tables: KeyedTables, compared: Flags, rules: Rules, calendar: Calendar) -> tuple[Ints, Ints]:
    """By campaign key, the first and last clock of its rows that count, of any outcome; -1 without.

    The last may be later than it is: it is of raw rows where that is quicker.
    """
    at = pl.col("occurred_at").to_physical().alias("at")
    rows = tables.deliveries.filter(pl.col("campaign_key").is_in(np.flatnonzero(compared).tolist()))
    if rules.kept.has_period:
        # An audience row is in the period if the earliest of its raw rows is. People with several ids get numbers below
        # all user keys.
        merged = find_merged_users(tables)
        people = pl.LazyFrame({"user_key": merged.keys, "person": merged.people}, schema=_PEOPLE)
        user = pl.coalesce(-1 - pl.col("person"), pl.col("user_key")).alias("user")
        whose = rows.select("campaign_key", "instance_key", "user_key", at).join(people, on="user_key", how="left")
        opened = whose.group_by("campaign_key", "instance_key", user).agg(pl.col("at").min()).collect()
        rows = opened.filter(pl.Series(in_period(opened["at"].to_numpy(), rules, calendar))).lazy()
    else:
        rows = rows.select("campaign_key", at)
    found = rows.group_by("campaign_key").agg(first=pl.col("at").min(), last=pl.col("at").max()).collect()
    clocks = np.full((2, len(compared)), -1, np.int64)
    clocks[:, found["campaign_key"].to_numpy()] = found.select("first", "last").to_numpy().T
    return clocks[0], clocks[1]

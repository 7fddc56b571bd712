"""Which audience rows count: those that matured, where only these do, and those of the days asked about."""

from datetime import date

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints
from analytics_core.attribution.audience import Audience
from analytics_core.attribution.comparison import Competitors
from analytics_core.attribution.rules import Rules
from analytics_core.counting.calendar import Calendar
from analytics_core.domain.time import EPOCH
from analytics_core.domain.words import Grain


def in_period(clock: Ints, rules: Rules, calendar: Calendar) -> Flags:
    """Whether instants fall on the days asked about; all do where no period is set."""
    if not rules.kept.has_period:
        return np.ones(len(clock), np.bool_)
    day = calendar.buckets(clock)[Grain.DAY]
    since, until = rules.kept.since, rules.kept.until
    kept: Flags = (day >= _number(since or date.min)) & (day <= _number(until or date.max))
    return kept


def lies_in_period(times: pl.DataFrame, rules: Rules, calendar: Calendar) -> pl.Series:
    """Whether all instants of a row, columns of times, fall on the days asked about; nulls are no instants."""
    inside = pl.Series(np.ones(times.height, np.bool_))
    for column in times:
        here = pl.Series(in_period(column.to_physical().fill_null(0).to_numpy(), rules, calendar))
        inside &= column.is_null() | here
    return inside


def select_rows(audience: Audience, rules: Rules, calendar: Calendar) -> Flags:
    """Which audience rows count, by their clock."""
    kept = in_period(audience.clock, rules, calendar)
    return kept & audience.matured if rules.kept.matured_only else kept


def select_openings(audience: Audience, rules: Rules, calendar: Calendar) -> Flags:
    """Which audience rows count in comparisons, by the clock of these."""
    return _select(audience.opened, audience.campaign, rules, calendar)


def select_competitors(rows: Competitors, rules: Rules, calendar: Calendar) -> Flags:
    """Which rows count in comparisons."""
    return _select(rows.clock, rows.campaign, rules, calendar)


def _select(clock: Ints, campaign: Ints, rules: Rules, calendar: Calendar) -> Flags:
    kept = in_period(clock, rules, calendar)
    if rules.kept.matured_only:
        kept &= clock + rules.windows[campaign] <= rules.as_of
    return kept


def _number(day: date) -> int:
    return (day - EPOCH.date()).days

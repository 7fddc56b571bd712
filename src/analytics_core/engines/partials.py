"""Counting one part, and adding up what the parts counted: partial, merge, final.

A partial is a table by name whose rows are keyed; partials of disjoint sets of users are merged by adding rows of the
same key, so it does not matter how many parts there are or in which order they come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from analytics_core.arrays.packing import number_runs, sum_by_keys
from analytics_core.attribution.audience import PERSONALIZATION, PERSONALIZATION_FAILED, Audience, audience_of
from analytics_core.attribution.comparison import Competitors, competing_rows
from analytics_core.attribution.credits import Credits, attribute_events
from analytics_core.attribution.rules import Rules
from analytics_core.counting.arms import CONVERTED, ROWS, count_arms, count_draws
from analytics_core.counting.calendar import Calendar
from analytics_core.counting.conversions import (
    conversion_counts,
    count_delays,
    delays_to_convert,
    find_converted_rows,
)
from analytics_core.counting.delivery import delivery_counts, error_counts, maturity_counts
from analytics_core.counting.instances import instance_conversions, instance_counts, instances_of_rows
from analytics_core.counting.keeping import in_period, select_competitors, select_openings, select_rows
from analytics_core.counting.personalization import (
    attribute_counts,
    category_counts,
    overlap_counts,
    personalization_failures,
)
from analytics_core.counting.trends import cohort_trend, conversion_trend, delivery_trend, sum_hours
from analytics_core.engines.parts import Part

Partial = Mapping[str, pl.DataFrame]

KEYS: dict[str, tuple[str, ...]] = {
    "delivery": ("campaign",),
    "maturity": ("campaign",),
    "errors": ("campaign", "reason"),
    "categories": ("campaign", "category"),
    "overlap": ("campaign", "combination"),
    "attributes": ("campaign", "attribute", "category"),
    "conversions": ("campaign", "goal"),
    "draws": ("campaign",),
    "arm_users": ("campaign", "span", *ROWS),
    "arm_converters": ("campaign", "goal", "span", *ROWS, *CONVERTED),
    "conversion_trend": ("campaign", "hour", "day"),
    "cohort_trend": ("campaign", "day"),
    "delivery_trend": ("campaign", "second", "marks"),
}
"""The tables whose rows of the same key are added."""
TRENDS = ("delivery_trend", "conversion_trend", "cohort_trend")
LISTS = ("delays", "instances", "single_instances", "instance_conversions", "instances_outside", "arm_amounts")
"""The tables whose rows stay apart."""
CONDENSED_KEYS: dict[str, tuple[str, ...]] = {
    **KEYS,
    "delivery_trend": ("campaign", "second"),
    "delays": ("goal", "delay"),
}
"""The same of condensed tables (see `condense`)."""
ARM_TABLES = ("arm_users", "arm_converters", "arm_amounts")
"""What the comparisons of arms are made of."""
LATEST, EARLIEST = ("closes_at", "last_sent"), ("first_sent",)
"""Columns of which the latest, and the earliest, of the rows of a key holds."""
_HELD = 4
"""Partials that are held before they are merged."""
_ERRORS = "personalization_errors"


@dataclass(frozen=True, slots=True, eq=False)
class CreditedRows:
    """What the numbers of one part are counted from, whatever the settings say about which rows count.

    Attributes:
        audience: audience rows.
        competitors: those of compared campaigns, in the order in which they compete.
        credited: credits; `row` is a place in the audience.
        belonging: events that belong to rows of compared campaigns; `row` is a place among the competitors.
        events: what else was read of the events, by place.
        errors: raw rows that could not be personalized: `user`, `instance`, `personalization_errors`.
    """

    audience: Audience
    competitors: Competitors
    credited: Credits
    belonging: Credits
    events: pl.DataFrame
    errors: pl.DataFrame

    def select(self, rules: Rules, calendar: Calendar) -> Self:
        """The same without the rows that do not count, and without what was credited to them."""
        if not rules.kept.leaves_out:
            return self
        counting = select_rows(self.audience, rules, calendar)
        comparing = select_competitors(self.competitors, rules, calendar)
        return replace(
            self,
            audience=self.audience.at(counting),
            competitors=self.competitors.at(comparing),
            credited=self.credited.of_rows(counting),
            belonging=self.belonging.of_rows(comparing),
        )


def credit_part(part: Part, rules: Rules, *, event_ids: bool = False) -> CreditedRows:
    """Audience rows and credits of one part.

    Args:
        part: whose rows.
        rules: campaigns and settings.
        event_ids: whether `events` shall name them.
    """
    rows, taking_part = part.raw_rows(_ERRORS), rules.windows >= 0
    if not taking_part.all():
        rows = rows.filter(pl.Series(taking_part[rows["campaign"].to_numpy()]))
    errors = rows.filter(pl.col("outcome") == PERSONALIZATION).select("user", "instance", _ERRORS)
    audience = audience_of(rows.drop(_ERRORS), rules, part.lookups)
    del rows
    competitors = competing_rows(audience, rules.draws.compared, part.lookups)
    more = ("attributes", *(("event_id",) if event_ids else ()))
    happenings, said = part.events(_near(audience, rules), *more)
    found = attribute_events(audience, competitors, happenings, rules, said["attributes"].gather)
    return CreditedRows(audience, competitors, found.credited, found.belonging, said.drop("attributes"), errors)


def count_part(part: Part, rules: Rules, calendar: Calendar) -> Partial:
    """Everything that is counted of one part."""
    return count_rows(credit_part(part, rules), rules, calendar)


def count_rows(ground: CreditedRows, rules: Rules, calendar: Calendar) -> Partial:
    """Everything that is counted of audience rows and credits.

    Args:
        ground: the rows.
        rules: campaigns and settings, and which rows count.
        calendar: the app's.
    """
    counting = ground.select(rules, calendar)
    audience, credited = counting.audience, counting.credited
    users = audience.user_starts()
    person = number_runs(users, len(audience))
    primary, converted = credited.primary(rules), find_converted_rows(credited, person)
    failures = failures_of(audience, ground.errors)
    several, single = instance_counts(audience)
    inside = in_period(ground.audience.clock, rules, calendar)
    return {
        "delivery": delivery_counts(audience, users),
        "maturity": maturity_counts(ground.audience.at(inside) if rules.kept.has_period else ground.audience, rules),
        "errors": error_counts(audience),
        "categories": category_counts(failures),
        "overlap": overlap_counts(failures),
        "attributes": attribute_counts(failures),
        "conversions": conversion_counts(credited, converted, rules),
        "delays": delays_to_convert(credited, audience),
        "draws": count_draws(
            ground.audience, select_openings(ground.audience, rules, calendar), counting.competitors, rules
        ),
        **count_arms(counting.competitors, counting.belonging, rules),
        "delivery_trend": delivery_trend(audience, calendar),
        "conversion_trend": conversion_trend(primary, audience, person, calendar),
        "cohort_trend": cohort_trend(primary, audience, person, calendar),
        "instances": several,
        "single_instances": single,
        "instances_outside": instances_of_rows(ground.audience, ~inside),
        "instance_conversions": instance_conversions(primary, audience),
    }


def merge_partials(partials: Iterable[Partial]) -> dict[str, pl.DataFrame]:
    """The tables of several parts as one; only a few partials are held at once."""
    held: list[Partial] = []
    for partial in partials:
        held.append(partial)
        if len(held) > _HELD:
            held = [_merge(held)]
    together = _merge(held)
    held.clear()
    return together


def condense(partial: Partial) -> dict[str, pl.DataFrame]:
    """The same with deliveries summed by hour, and delays counted by value: what numbers are made of, and no more."""
    hours, delays = sum_hours(partial["delivery_trend"]), count_delays(partial["delays"])
    return {**partial, "delivery_trend": hours, "delays": delays}


def _merge(parts: Sequence[Partial]) -> dict[str, pl.DataFrame]:
    if len(parts) == 1:
        return dict(parts[0])
    together = {name: pl.concat([part[name] for part in parts], rechunk=name in KEYS) for name in parts[0]}
    return {name: sum_rows(rows, KEYS[name]) if name in KEYS else rows for name, rows in together.items()}


def sum_rows(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """One row per distinct `keys`, in their order, the other columns added, or the end of them (see LATEST)."""
    latest, earliest = ([name for name in ends if name in rows.columns] for ends in (LATEST, EARLIEST))
    if not latest and all(dtype.is_integer() for dtype in rows.dtypes):
        return pl.DataFrame(sum_by_keys({name: rows[name].to_numpy() for name in rows.columns}, keys))
    added = pl.exclude(*keys, *latest, *earliest).sum()
    summed = rows.group_by(keys).agg(added, pl.col(latest).max(), pl.col(earliest).min())
    return summed.select(rows.columns).sort(keys, nulls_last=True)


def _near(audience: Audience, rules: Rules) -> list[pl.Expr]:
    """Events of names that goals ask for, at times when windows are open."""
    names = np.unique(rules.goals.event)
    if not len(audience) or not len(names):
        return [pl.lit(value=False)]
    if len(names) * 2 > rules.events:
        return []  # picking them out costs more than it spares
    first = int(audience.opened.min())
    last = min(int((audience.clock + rules.windows[audience.campaign]).max()), rules.as_of)
    opened, closed = pl.Series([first, last]).cast(pl.Datetime("us", "UTC"))
    return [pl.col("event_key").is_in(names.tolist()), pl.col("occurred_at").is_between(opened, closed)]


def failures_of(audience: Audience, errors: pl.DataFrame) -> pl.DataFrame:
    """What could not be filled in (see `personalization_failures`), of rows that stand as such failures."""
    failed = audience.columns("campaign", "user", "instance", where=audience.standing == PERSONALIZATION_FAILED)
    return personalization_failures(errors, pl.DataFrame(failed))

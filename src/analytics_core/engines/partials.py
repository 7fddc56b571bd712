"""Counting one part, and adding up what the parts counted: partial, merge, final.

A partial is a table by name whose rows are keyed; partials of disjoint sets of users are merged by adding rows of the
same key, so it does not matter how many parts there are or in which order they come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from analytics_core.attribution.audience import PERSONALIZATION, PERSONALIZATION_FAILED, Audience, audience_of
from analytics_core.attribution.credits import Credits, credits_of
from analytics_core.attribution.packing import added_up, within_runs
from analytics_core.attribution.rules import Rules
from analytics_core.engines.parts import Part
from analytics_core.metrics.arms import arm_conversions, arm_rows, arm_sizes
from analytics_core.metrics.calendar import Calendar
from analytics_core.metrics.conversions import conversion_counts, converted_rows, delays_to_convert
from analytics_core.metrics.delivery import active_targets, delivery_counts, error_counts, maturity_counts
from analytics_core.metrics.instances import instance_conversions, instance_counts
from analytics_core.metrics.personalization import (
    attribute_counts,
    category_counts,
    overlap_counts,
    personalization_failures,
)
from analytics_core.metrics.trends import cohort_trend, conversion_trend, delivery_trend

Partial = Mapping[str, pl.DataFrame]

KEYS: dict[str, tuple[str, ...]] = {
    "delivery": ("campaign",),
    "maturity": ("campaign",),
    "errors": ("campaign", "reason"),
    "targets": ("campaign", "control"),
    "categories": ("campaign", "category"),
    "overlap": ("campaign", "combination"),
    "attributes": ("campaign", "attribute", "category"),
    "conversions": ("campaign", "goal", "arm"),
    "arm_sizes": ("campaign",),
    "arm_conversions": ("campaign", "goal"),
    "conversion_trend": ("campaign", "hour", "day"),
    "cohort_trend": ("campaign", "day"),
    "delivery_trend": ("campaign", "second", "marks"),
}
"""The tables whose rows of the same key are added."""
TRENDS = ("delivery_trend", "conversion_trend", "cohort_trend")
LISTS = ("delays", "instances", "single_instances", "instance_conversions")
"""The tables whose rows stay apart."""
_LATEST = ("closes_at",)
_HELD = 4
"""Partials that are held before they are merged."""
_ERRORS = "personalization_errors"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What the numbers of one part are counted from, whatever the settings say about matured rows.

    Attributes:
        audience: audience rows.
        credited: credits.
        events: what else was read of the events, by place.
        errors: raw rows that could not be personalized: `user`, `instance`, `personalization_errors`.
    """

    audience: Audience
    credited: Credits
    events: pl.DataFrame
    errors: pl.DataFrame


def ground_of(part: Part, rules: Rules, *, event_ids: bool = False) -> Ground:
    """Audience rows and credits of one part.

    Args:
        part: whose rows.
        rules: campaigns and settings.
        event_ids: whether `events` shall name them.
    """
    rows = _taking_part(part.raw_rows(_ERRORS), rules)
    errors = rows.filter(pl.col("outcome") == PERSONALIZATION).select("user", "instance", _ERRORS)
    audience = audience_of(rows.drop(_ERRORS), rules, part.lookups)
    del rows
    more = ("attributes", *(("event_id",) if event_ids else ()))
    happenings, said = part.events(_near(audience, rules), *more)
    attributes = said["attributes"]
    credited = credits_of(audience, happenings, rules, attributes.gather)
    return Ground(audience, credited, said.drop("attributes"), errors)


def partial_of(part: Part, rules: Rules, calendar: Calendar, *, matured_only: bool) -> Partial:
    """Everything that is counted of one part."""
    return counted(ground_of(part, rules), rules, calendar, matured_only=matured_only)


def counted(ground: Ground, rules: Rules, calendar: Calendar, *, matured_only: bool) -> Partial:
    """Everything that is counted of audience rows and credits.

    Args:
        ground: the rows.
        rules: campaigns and settings.
        calendar: the app's.
        matured_only: whether only matured rows count.
    """
    every, credited = ground.audience, ground.credited
    audience = every
    if matured_only:
        audience = every.at(every.matured)
        credited = credited.where(every.matured[credited.row])
        credited = replace(credited, row=(np.cumsum(every.matured) - 1)[credited.row])
    users = audience.user_starts()
    person = within_runs(users, len(audience))
    primary, converted = credited.primary(rules), converted_rows(credited, person)
    rows = arm_rows(audience, users)
    failures = failures_of(audience, ground.errors)
    several, single = instance_counts(audience)
    return {
        "delivery": delivery_counts(audience, users),
        "maturity": maturity_counts(every, rules),
        "errors": error_counts(audience),
        "targets": active_targets(audience),
        "categories": category_counts(failures),
        "overlap": overlap_counts(failures),
        "attributes": attribute_counts(failures),
        "conversions": conversion_counts(credited, converted, rules),
        "delays": delays_to_convert(credited, audience),
        "arm_sizes": arm_sizes(audience.campaign[users], rows),
        "arm_conversions": arm_conversions(converted, rows, rules),
        "delivery_trend": delivery_trend(audience, calendar),
        "conversion_trend": conversion_trend(primary, audience, person, calendar),
        "cohort_trend": cohort_trend(primary, audience, person, calendar),
        "instances": several,
        "single_instances": single,
        "instance_conversions": instance_conversions(primary, audience),
    }


def merged(partials: Iterable[Partial]) -> dict[str, pl.DataFrame]:
    """The tables of several parts as one; only a few partials are held at once."""
    held: list[Partial] = []
    for partial in partials:
        held.append(partial)
        if len(held) > _HELD:
            held = [_merged(held)]
    together = _merged(held)
    held.clear()
    return together


def _merged(parts: Sequence[Partial]) -> dict[str, pl.DataFrame]:
    tables = {name: _added([part[name] for part in parts], keys) for name, keys in KEYS.items()}
    return {**tables, **{name: pl.concat([part[name] for part in parts], rechunk=False) for name in LISTS}}


def _added(frames: list[pl.DataFrame], keys: tuple[str, ...]) -> pl.DataFrame:
    if len(frames) == 1:
        return frames[0]
    together = pl.concat(frames)
    if all(dtype.is_integer() for dtype in together.dtypes) and not set(_LATEST) & set(together.columns):
        return pl.DataFrame(added_up({name: together[name].to_numpy() for name in together.columns}, keys))
    latest = [name for name in _LATEST if name in together.columns]
    return together.group_by(keys).agg(pl.exclude(*keys, *latest).sum(), pl.col(latest).max())


def _taking_part(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    taking = rules.windows >= 0
    return rows if taking.all() else rows.filter(pl.Series(taking[rows["campaign"].to_numpy()]))


def _near(audience: Audience, rules: Rules) -> list[pl.Expr]:
    """Events of names that goals ask for, at times when windows are open."""
    names = np.unique(rules.goals.event)
    if not len(audience) or not len(names):
        return [pl.lit(value=False)]
    if len(names) * 2 > rules.events:
        return []  # picking them out costs more than it spares
    first = int(audience.clock.min())
    last = min(int((audience.clock + rules.windows[audience.campaign]).max()), rules.as_of)
    opened, closed = pl.Series([first, last]).cast(pl.Datetime("us", "UTC"))
    return [pl.col("event_key").is_in(names.tolist()), pl.col("occurred_at").is_between(opened, closed)]


def failures_of(audience: Audience, errors: pl.DataFrame) -> pl.DataFrame:
    """What could not be filled in (see `personalization_failures`), of rows that stand as such failures."""
    failed = audience.columns("campaign", "user", "instance", where=audience.standing == PERSONALIZATION_FAILED)
    return personalization_failures(errors, pl.DataFrame(failed))

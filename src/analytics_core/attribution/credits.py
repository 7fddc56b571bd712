"""Which delivery gets the credit for which event, and which rows of compared campaigns events belong to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import polars as pl

from analytics_core.arrays.packing import (
    Flags,
    Ints,
    find_first_not_before,
    find_run_starts,
    number_runs,
    order_values,
    pack,
    spread,
)
from analytics_core.attribution.audience import SENT, Audience
from analytics_core.attribution.comparison import Competitors
from analytics_core.attribution.conditions import holds
from analytics_core.attribution.json_values import check_literals, literal_of
from analytics_core.attribution.matching import EventColumns, match_events
from analytics_core.attribution.numeric import MONEY, amount, needs_rounding
from analytics_core.attribution.rules import Condition, Rules, Worth
from analytics_core.domain.money import currency_code
from analytics_core.json_text import Number, decode

Attributes = Callable[[Ints], pl.Series]
"""The attributes (JSON texts, null for none) of events, by their places among the events given."""


@dataclass(frozen=True, slots=True, eq=False)
class Credits:
    """Credits as columns: one per event and goal (and instance, where every delivery is credited), unordered.

    Attributes:
        row: the audience row, by place; rows of one user of one campaign follow each other.
        event: the event, by place.
        goal: number of the goal.
        at: when the event happened, microseconds since 1970 UTC.
        amount: what the event adds, exact; null where it adds nothing.
        without_value: the goal earns, but the event says no amount.
        other_currency: the event's currency is not the goal's.
        rounded: the amount had more than six decimals.
    """

    row: Ints
    event: Ints
    goal: Ints
    at: Ints
    amount: pl.Series
    without_value: Flags
    other_currency: Flags
    rounded: Flags

    def where(self, condition: Flags) -> Self:
        """The credits for which `condition` is true."""
        if condition.all():
            return self
        places = np.flatnonzero(condition)
        taken = {name: getattr(self, name)[places] for name in _PLAIN}
        return type(self)(**taken, amount=self.amount.gather(places))

    def of_rows(self, kept: Flags) -> Self:
        """The credits of the rows that are `kept`, by their places among these."""
        inside = self.where(kept[self.row])
        return replace(inside, row=(np.cumsum(kept) - 1)[inside.row])

    def primary(self, rules: Rules) -> Self:
        """The credits for the campaigns' primary goals."""
        return self.where(rules.goals.is_primary[self.goal])


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What events brought.

    Attributes:
        credited: credits of sent deliveries, under the rules of the computation.
        belonging: events of compared campaigns' goals and the rows they belong to, whatever the rules credit; their
            `row` is a place among the competitors.
    """

    credited: Credits
    belonging: Credits


def attribute_events(
    audience: Audience, competitors: Competitors, events: EventColumns, rules: Rules, attributes: Attributes
) -> Attribution:
    """Credit events to sent deliveries, and find the rows they belong to in comparisons of arms.

    Args:
        audience: audience rows of all campaigns that take part.
        competitors: those of compared campaigns.
        events: events of their users, nothing after the as-of instant.
        rules: the campaigns, goals, conditions, attribution model and instance credit.
        attributes: reads what events say about themselves; only of those that are close to a credit.
    """
    pairs = match_events(audience, competitors, events, rules)
    # Each pair with every goal of the campaign that asks for the event's name.
    place = pack(audience.campaign[pairs.row], events.name[pairs.event], rules.events)
    first = np.searchsorted(rules.goals.place, place)
    several = np.searchsorted(rules.goals.place, place, side="right") - first
    pair, goal = np.repeat(np.arange(len(place)), several), spread(first, several)
    event = pairs.event[pair]
    held = _fulfilling(event, goal, rules, attributes)
    credited, belonging = held & pairs.eligible[pair], held & (pairs.rival[pair] >= 0)
    if rules.model.campaigns_compete:
        sent = np.flatnonzero(credited)
        row, its = pairs.row[pair[sent]], event[sent]
        credited[sent] = _of_last_campaign(row, its, events.at[its], audience, rules)
    either = np.flatnonzero(credited | belonging)
    pair, event, goal = pair[either], event[either], goal[either]
    # Most are both, and reading what events say is what takes long.
    valued = Credits(pairs.row[pair], event, goal, events.at[event], **_value_credits(event, goal, rules, attributes))
    rivals = replace(valued, row=pairs.rival[pair])
    return Attribution(valued.where(credited[either]), rivals.where(belonging[either]))


def _fulfilling(event: Ints, goal: Ints, rules: Rules, attributes: Attributes) -> Flags:
    """Where events fulfil the filters of goals."""
    condition = rules.goals.condition[goal]
    kept = np.ones(len(event), np.bool_)
    alike: dict[str, list[Condition]] = {}
    for asked_for in rules.conditions:
        if asked_for.filters:
            alike.setdefault("\n".join(rule.model_dump_json() for rule in asked_for.filters), []).append(asked_for)
    for same in alike.values():
        places = np.flatnonzero(np.isin(condition, [each.number for each in same]))
        asked, which = _distinct(event[places])
        said = pl.DataFrame({"attributes": attributes(asked)})
        held = said.lazy().select(pl.all_horizontal([holds(rule) for rule in same[0].filters]))
        kept[places] = held.collect().to_series().to_numpy()[which]
    return kept


def _distinct(values: Ints) -> tuple[Ints, Ints]:
    """The distinct values, and for each value which of them it is."""
    order = order_values(values)
    starts = find_run_starts(values[order])
    marks = np.zeros(len(values), np.int64)
    marks[starts[1:]] = 1
    which = np.empty(len(values), np.int64)
    which[order] = np.cumsum(marks)
    return values[order[starts]], which


def _of_last_campaign(row: Ints, event: Ints, at: Ints, audience: Audience, rules: Rules) -> Flags:
    """Where the event's latest eligible delivery is the campaign's, given any eligible one.

    Whichever is credited, campaigns compete by their latest: windows of one campaign have one length, so every delivery
    of the user's between an eligible one and the event is eligible too.
    """
    users = audience.user_starts()
    ends = np.append(users[1:], len(audience))[number_runs(users, len(audience))[row]]
    last = find_first_not_before(audience.clock, at + 1, row, ends) - 1
    sent = np.maximum.accumulate(np.where(audience.standing == SENT, np.arange(len(audience)), -1))
    latest = audience.clock[np.maximum(sent[last], row)]
    rank = rules.ranks[audience.campaign[row]]
    order = np.lexsort((rank, latest, event))
    starts = find_run_starts(event[order])
    lasts = np.append(starts[1:], len(order))[: len(starts)] - 1
    winner = np.full(int(event.max(initial=-1)) + 1, -1, np.int64)
    winner[event[order[lasts]]] = rank[order[lasts]]
    kept: Flags = rank == winner[event]
    return kept


def _value_credits(event: Ints, goal: Ints, rules: Rules, attributes: Attributes) -> dict[str, Any]:
    """The money each credit brings, and why it brings none: the columns of Credits from `amount` on."""
    worth = rules.goals.worth[goal]
    amounts = pl.Series([None], dtype=MONEY).new_from_index(0, len(event))
    flaws = {name: np.zeros(len(event), np.bool_) for name in _FLAWS}
    for number, asked in enumerate(rules.worths):
        places = np.flatnonzero(worth == number)
        distinct, which = _distinct(event[places])
        read = _read(attributes(distinct), asked)
        amounts = amounts.scatter(places, read["amount"].gather(which))
        for name, flaw in flaws.items():
            flaw[places] = read[name].to_numpy()[which]
    return {"amount": amounts, **flaws}


_PLAIN = tuple(column.name for column in fields(Credits) if column.name != "amount")
_FLAWS = ("without_value", "other_currency", "rounded")


def _read(attributes: pl.Series, worth: Worth) -> pl.DataFrame:
    """What events are worth: `amount`, and the flaws."""

    def is_other(literal: str) -> bool:
        # Empty text states no currency, and what is no text another.
        own = decode(literal)
        return not isinstance(own, str) or isinstance(own, Number) or currency_code(own) not in {None, worth.currency}

    foreign = check_literals(literal_of("currency"), is_other).fill_null(value=False)
    # Lazily, because parts of these expressions are the same.
    said = pl.LazyFrame({"attributes": attributes})
    read = said.select(literal=literal_of(worth.attribute), other_currency=foreign)
    parsed = read.with_columns(amount=amount(pl.col("literal")), rounded=needs_rounding(pl.col("literal")))
    at_home = ~pl.col("other_currency")
    return parsed.select(
        "other_currency",
        without_value=pl.col("amount").is_null(),
        rounded=pl.col("rounded") & at_home,
        amount=pl.when(at_home).then("amount"),
    ).collect()


def with_revenue(counts: pl.DataFrame, keys: Mapping[str, Ints], amounts: pl.Series) -> pl.DataFrame:
    """`counts` with `revenue`, the exact sum of the amounts that have the row's keys; 0 without any.

    Args:
        counts: one row per combination of the keys, which it has as columns.
        keys: columns that tell the rows apart, one value an amount.
        amounts: amounts of money; null ones add nothing.
    """
    rows = pl.DataFrame(dict(keys)).with_columns(amounts.alias("revenue"))
    sums = rows.filter(pl.col("revenue").is_not_null()).group_by(list(keys)).agg(pl.col("revenue").sum())
    return counts.join(sums, on=list(keys), how="left").with_columns(pl.col("revenue").fill_null(0))

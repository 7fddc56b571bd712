"""Which events pandas credits to which rows, and which belong to which in comparisons."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from benches.rivals.pandas_input import CAPPED_CELL, KEY, SENT, Input

_MATCH = ["event", "campaign", "goal"]


@dataclass(frozen=True, slots=True)
class Matches:
    """One row per event and goal whose filters hold: ids, `at`, `micros`, `is_without_value`, `is_foreign`.

    Attributes:
        credited: to sent rows; with `delay`.
        belonging: to rows of some `cell`, of compared campaigns; without those that belong to capped rows.
    """

    credited: pd.DataFrame
    belonging: pd.DataFrame


def matched(given: Input, audience: pd.DataFrame) -> Matches:
    """Every event with the latest row whose window holds it, by either clock."""
    pairs = _pairs(given, audience)
    latest = [_latest(pairs, "is_creditable", "clock"), _latest(pairs, "is_comparable", "opened")]
    worth = _worths(given, pd.concat(latest)[_MATCH].drop_duplicates())
    credited, belonging = (found.merge(worth, on=_MATCH) for found in latest)
    return Matches(
        credited=credited.assign(delay=credited["at"] - credited["clock"]),
        belonging=belonging[belonging["cell"] != CAPPED_CELL],
    )


def _pairs(given: Input, audience: pd.DataFrame) -> pd.DataFrame:
    """Sent rows are credited; in comparisons rows of every outcome compete for an event."""
    is_sent = audience["standing"] == SENT
    is_compared = audience["campaign"].isin(audience.loc[audience["drawn"] > 0, "campaign"].unique())
    marked = audience.assign(is_sent=is_sent, is_compared=is_compared)[is_sent | is_compared]
    columns = [*KEY, "clock", "opened", "cell", "is_sent", "is_compared"]
    aimed = marked[columns].merge(given.goals, on="campaign")
    pairs = aimed.merge(given.events[["person", "name", "at"]].reset_index(names="event"), on=["person", "name"])
    at, window = pairs["at"], pairs["window"]
    return pairs.assign(
        is_creditable=pairs["is_sent"] & (at >= pairs["clock"]) & (at <= pairs["clock"] + window),
        is_comparable=pairs["is_compared"] & (at >= pairs["opened"]) & (at <= pairs["opened"] + window),
    )


def _latest(pairs: pd.DataFrame, which: str, clock: str) -> pd.DataFrame:
    """Windows of one campaign have one length: an event that came too late for the latest row did for all."""
    return pairs[pairs[which]].sort_values([clock, "instance"]).drop_duplicates(_MATCH, keep="last")


def _worths(given: Input, found: pd.DataFrame) -> pd.DataFrame:
    """Of events and goals, those whose filters hold, with what they are worth."""
    attributes = [_opened(text) for text in given.events["attributes"].loc[found["event"]]]
    facts = [
        _worth(given.definitions[campaign, goal], owned)
        for campaign, goal, owned in zip(found["campaign"], found["goal"], attributes, strict=True)
    ]
    worth = pd.DataFrame(facts, columns=["holds", "micros", "is_without_value", "is_foreign"], index=found.index)
    return found.join(worth)[worth["holds"]].drop(columns="holds")


def _worth(goal: dict[str, Any], attributes: dict[str, Any]) -> tuple[bool, int, bool, bool]:
    holds = all(attributes.get(rule["attribute"]) == rule["value"] for rule in goal.get("filters", ()))
    revenue = goal.get("revenue")
    if not holds or not revenue:
        return holds, 0, False, False
    value, currency = attributes.get(revenue["attribute"]), attributes.get("currency")
    number = _number(value)
    is_foreign = currency is not None and currency != revenue["currency"]
    micros = 0 if number is None or is_foreign else int(number.scaleb(6))
    return True, micros, number is None, is_foreign


def _opened(text: object) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(text, parse_float=Decimal) if isinstance(text, str) else {}
    return opened


def _number(value: object) -> Decimal | None:
    """What an amount says, also one written as text; the workload has plain numbers only."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None

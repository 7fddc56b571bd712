"""A first `campaigns.json` of campaigns that have rows and no definition yet, to be looked through by hand."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from analytics_core.domain.campaign import MAX_GOALS
from analytics_core.domain.words import DeliveryType
from analytics_core.sources.readings import SaidCampaign
from analytics_core.tables.declaration import MAX_ID_LENGTH
from analytics_core.tables.keys import KeyedTables

NO_EVENT = "EVENT NAME"
"""Stands where no events were imported yet: a definition needs a goal."""

_UNSAID = SaidCampaign()
_NO_WORD = re.compile(r"\W+")
_MANY = 0.5
"""Of a campaign's rows: where more instances than that, each is about a user alone, and users' events start them."""

Draft = Mapping[str, object]
"""A definition as `campaigns.json` has it."""


def draft_campaigns(
    tables: KeyedTables, campaign_ids: Collection[str], said: Mapping[str, SaidCampaign]
) -> tuple[Draft, ...]:
    """Definitions of campaigns, in the order of their ids; all can be imported as they are.

    The name is the id, and the type follows from the rows, where the export says neither. The goals are the most
    frequent events of all, the most frequent of them the primary one.

    Args:
        tables: all rows.
        campaign_ids: of campaigns that have rows.
        said: what exports say of campaigns, by id.
    """
    goals = [*_goals(_frequent_events(tables))]
    types = _types(tables, campaign_ids)
    return tuple(
        {
            "campaign_id": campaign_id,
            "name": said.get(campaign_id, _UNSAID).name or campaign_id,
            "delivery_type": (
                said.get(campaign_id, _UNSAID).delivery_type or types.get(campaign_id, DeliveryType.PERIODIC)
            ).value,
            "goals": goals,
        }
        for campaign_id in sorted(campaign_ids)
    )


def _frequent_events(tables: KeyedTables) -> Sequence[str]:
    """Names of events that a goal may have, the most frequent first."""
    counted = dict(tables.events.group_by("event_key").len().collect().iter_rows())
    names = ((name, counted.get(key, 0)) for name, key in tables.events_by_name.items())
    there = [(name, times) for name, times in names if times and 0 < len(name) <= MAX_ID_LENGTH]
    return [name for name, _ in sorted(there, key=lambda each: (-each[1], each[0]))[:MAX_GOALS]]


def _goals(event_names: Sequence[str]) -> Iterator[Draft]:
    met: set[str] = set()
    for number, name in enumerate(event_names or [NO_EVENT], 1):
        word = _NO_WORD.sub("-", name).strip("-").lower()
        goal_id = word if word and word not in met else f"goal-{number}"
        met.add(goal_id)
        yield {"goal_id": goal_id, "name": name, "event_name": name, "is_primary": number == 1}


def _types(tables: KeyedTables, campaign_ids: Collection[str]) -> Mapping[str, DeliveryType]:
    """By campaign, how its instances seem to come about."""
    keys = {tables.campaigns[campaign_id]: campaign_id for campaign_id in campaign_ids}
    of_these = tables.deliveries.filter(pl.col("campaign_key").is_in(list(keys)))
    counted = of_these.group_by("campaign_key").agg(pl.len(), pl.col("instance_key").n_unique().alias("runs"))
    return {keys[key]: _type(rows, runs) for key, rows, runs in counted.collect().iter_rows()}


def _type(rows: int, runs: int) -> DeliveryType:
    if runs == 1:
        return DeliveryType.ONE_TIME
    return DeliveryType.EVENT_TRIGGERED if runs > _MANY * rows else DeliveryType.PERIODIC

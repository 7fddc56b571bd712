"""Campaign definitions and settings as frames, so that a computation can join them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics_core.attribution.json_values import dumped
from analytics_core.domain.campaign import Campaign, Goal, GoalFilter
from analytics_core.domain.settings import Settings

CAMPAIGN_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {"campaign_id": pl.String, "window": pl.Duration("us")}
GOAL_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "campaign_id": pl.String,
    "goal_id": pl.String,
    "is_primary": pl.Boolean,
    "condition": pl.Int64,
    "revenue_attribute": pl.String,
    "currency_literal": pl.String,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What makes an event count for a goal: its name, and filters that all hold. Goals often share one."""

    number: int
    event_name: str
    filters: tuple[GoalFilter, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The campaigns of one computation.

    Attributes:
        campaigns: one row per campaign: `campaign_id`, `window`.
        goals: one row per campaign and goal: ids, `is_primary` (for one goal a campaign), `condition` number,
            `revenue_attribute` and `currency_literal` (its currency as a JSON string), both null without revenue.
        conditions: the distinct conditions of all goals, by number.
        revenue_attributes: the distinct attributes money is read from, sorted.
    """

    campaigns: pl.LazyFrame
    goals: pl.LazyFrame
    conditions: tuple[Condition, ...]
    revenue_attributes: tuple[str, ...]


def rules_of(campaigns: Sequence[Campaign], settings: Settings, *, app_currency: str) -> Rules:
    """The frames a computation joins, from definitions and settings."""
    numbers: dict[str, Condition] = {}
    goals = [_goal_row(campaign, goal, numbers, app_currency) for campaign in campaigns for goal in campaign.goals]
    windows = [(campaign.campaign_id, settings.window_of(campaign)) for campaign in campaigns]
    return Rules(
        campaigns=pl.LazyFrame(windows, schema=CAMPAIGN_SCHEMA, orient="row"),
        goals=pl.LazyFrame(goals, schema=GOAL_SCHEMA, orient="row"),
        conditions=tuple(numbers.values()),
        revenue_attributes=tuple(sorted({attribute for *_, attribute, _ in goals if attribute is not None})),
    )


def _goal_row(
    campaign: Campaign, goal: Goal, numbers: dict[str, Condition], app_currency: str
) -> tuple[str, str, bool, int, str | None, str | None]:
    place = (campaign.campaign_id, goal.goal_id, goal is campaign.primary_goal, _numbered(goal, numbers).number)
    if goal.revenue is None:
        return *place, None, None
    return *place, goal.revenue.attribute, dumped(goal.revenue.currency or app_currency)


def _numbered(goal: Goal, numbers: dict[str, Condition]) -> Condition:
    # Filters may hold unhashable JSON values, so their JSON text is the key.
    key = "\n".join([goal.event_name, *(rule.model_dump_json() for rule in goal.filters)])
    return numbers.setdefault(key, Condition(len(numbers), goal.event_name, goal.filters))

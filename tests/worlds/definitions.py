"""Campaign definitions of generated worlds."""

import json
from random import Random

from worlds import spellings
from worlds.story import Row

OPERATORS = ("is", "is_not", "in", "not_in", "contains", "gt", "gte", "lt", "lte", "exists")
WINDOWS = (None, None, 36, 36, 48, 24, 1.5, 0.1, 7.25)


def campaign_definition(chance: Random, campaign_id: str) -> Row:
    is_legacy = chance.random() < 0.2
    return {
        "campaign_id": campaign_id,
        "name": f"Campaign {campaign_id}",
        "delivery_type": chance.choice(("one_time", "periodic", "event_triggered")),
        "analytics_version": "legacy" if is_legacy else "current",
        "attribution_window_hours": chance.choice(WINDOWS),
        "audience": {"control_group_percent": chance.choice((None, 0, 10, 33.3, 33.3, 50, 50, 100))},
        "goals": [goal_definition(chance, f"goal-{n}") for n in range(chance.choice((1, 1, 2, 3, 5)))],
    }


def goal_definition(chance: Random, goal_id: str) -> Row:
    return {
        "goal_id": goal_id,
        "name": f"Name of {goal_id}",
        "event_name": chance.choice(spellings.EVENT_NAMES[:1] * 9 + spellings.EVENT_NAMES),
        "is_primary": chance.random() < 0.3,
        "filters": [filter_definition(chance) for _ in range(chance.choice((0, 0, 0, 1, 1, 2)))],
        "revenue": chance.choice((None, revenue_definition(chance), revenue_definition(chance))),
    }


def revenue_definition(chance: Random) -> Row:
    attribute = chance.choice(("order_value",) * 6 + ("a.b", "prix €", "it's"))
    return {"attribute": attribute, "currency": chance.choice(spellings.GOAL_CURRENCIES)}


def filter_definition(chance: Random) -> Row:
    operator = chance.choice(OPERATORS)
    named = [name for name in spellings.ATTRIBUTES if name]
    return {"attribute": chance.choice(named), "op": operator, "value": filter_value(chance, operator)}


def filter_value(chance: Random, operator: str) -> object:
    if operator in {"in", "not_in"}:
        return [json.loads(filter_text(chance)) for _ in range(chance.randint(0, 3))]
    if operator == "contains":
        return chance.choice(("shoe", "", "S", "é", 1, None))
    if operator in {"gt", "gte", "lt", "lte"}:
        return chance.choice((1, 0, 0.1, "1", "1e2", 100, 9007199254740992, 9007199254740993, "NaN", True, None, "x"))
    return json.loads(filter_text(chance))


def filter_text(chance: Random) -> str:
    return chance.choice(spellings.LOOKALIKES if chance.random() < 0.6 else spellings.VALUES)

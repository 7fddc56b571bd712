"""From the result tables of a rival to figures, the same way for every rival; not part of what is measured."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benches.figures import DELIVERED, Figures, money

Row = Mapping[str, Any]
Tables = Mapping[str, list[dict[str, Any]]]
"""Rows by table: `delivery`, `quality`, `errors`, `personalization`, `conversions`, `delays`, `days`, `instances`.

`campaign` is the place of the campaign in its file from 0, `goal` that of the goal from 1; absent rows mean zero.
"""

TABLES = ("delivery", "quality", "errors", "personalization", "conversions", "delays", "days", "instances")
LISTED = 366
"""Instances a campaign lists: those with the most sent (ties: the earlier first clock, then the smaller id)."""

ARMS = {1: "campaign", 2: "global"}
_EPOCH = date(1970, 1, 1)
_NO_RESPONSE = 1000
_FAILED_RESPONSE, _CONTROL = 1, 3
_REASONS = {2: "personalization_failed", 4: "frequency_capped"}
_CONTROL_REASONS = ("control_group", "global_control_group")


def figures_from(tables: Tables, campaigns: Path) -> Figures:
    """The compared numbers of all campaigns."""
    found = {name: _by_campaign(tables[name]) for name in TABLES}
    definitions = json.loads(campaigns.read_text(encoding="utf-8"))
    return {
        definition["campaign_id"]: _campaign(definition, {name: rows[place] for name, rows in found.items()})
        for place, definition in enumerate(definitions)
    }


def _by_campaign(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["campaign"]].append(row)
    return grouped


def _campaign(definition: Row, tables: Tables) -> Figures:
    delivery, quality = (next(iter(tables[name]), {}) for name in ("delivery", "quality"))
    errors = {_reason(row): row for row in tables["errors"]}
    held_back = {ARMS[arm]: errors.get(reason) for arm, reason in enumerate(_CONTROL_REASONS, start=1)}
    targets = {name: int(row["total"]) for name, row in held_back.items() if row}
    sent = int(delivery.get("sent_total", 0))
    goals = [_goal(goal, place, tables, targets) for place, goal in enumerate(definition["goals"], start=1)]
    return {
        **_delivered(delivery),
        "request_attempts": int(quality.get("request_attempts", 0)),
        "errors": {reason: _both(row) for reason, row in errors.items()},
        "personalization": {row["category"]: _both(row) for row in tables["personalization"]},
        "contaminated_users": int(quality.get("contaminated_users", 0)),
        "active_targets": targets,
        "matured_share": int(quality["matured"]) / sent if sent else None,
        "goals": {goal["goal_id"]: figures for goal, figures in zip(definition["goals"], goals, strict=True)},
        "days": {_label(row["day"]): _day(row, definition) for row in tables["days"]},
        "instances": {
            row["instance_id"]: _instance(row) for row in tables["instances"] if row["instance_id"] is not None
        },
        "instances_remainder": next(
            (_instance(row) for row in tables["instances"] if row["instance_id"] is None), None
        ),
    }


def _goal(goal: Row, place: int, tables: Tables, targets: Mapping[str, int]) -> Figures:
    arms = {row["arm"]: row for row in tables["conversions"] if row["goal"] == place}
    sent: Row = arms.get(0, {})
    names = (
        "converted_users",
        "converted_people",
        "conversion_events",
        "events_without_value",
        "events_in_other_currency",
    )
    control = {name: int(arms.get(arm, {}).get("converted_users", 0)) for arm, name in ARMS.items() if name in targets}
    delays = next((row["seconds"] for row in tables["delays"] if row["goal"] == place), None)
    return {
        **{name: int(sent.get(name, 0)) for name in names},
        "revenue": _revenue(sent, goal),
        "control_converted_users": control,
        "seconds_to_convert": None if delays is None else [float(seconds) for seconds in delays],
    }


def _day(row: Row, definition: Row) -> Figures:
    return {
        **_delivered(row),
        "conversion_events": int(row["conversion_events"] or 0),
        "revenue": _revenue(row, definition["goals"][0]),
    }


def _delivered(row: Row) -> Figures:
    return {name: [int(row.get(f"{name}_{count}") or 0) for count in ("unique", "total")] for name in DELIVERED}


def _revenue(row: Row, goal: Row) -> str | None:
    return money(row.get("revenue") or Decimal(0)) if goal.get("revenue") else None


def _both(row: Row) -> list[int]:
    return [int(row["unique_users"]), int(row["total"])]


def _reason(row: Row) -> str:
    if row["standing"] == _FAILED_RESPONSE:
        return "no_response" if row["code"] == _NO_RESPONSE else f"response_{row['code']}"
    return _CONTROL_REASONS[row["code"]] if row["standing"] == _CONTROL else _REASONS[row["standing"]]


def _instance(row: Row) -> list[int]:
    return [int(row[name]) for name in (*DELIVERED, "converted_users", "conversion_events")]


def _label(day: int) -> str:
    return (_EPOCH + timedelta(days=int(day))).isoformat()

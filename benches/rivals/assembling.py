"""From the result tables of a rival to figures, the same way for every rival; not part of what is measured."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path
from typing import Any

from benches.figures import ARM, DELIVERED, Figures, money

Row = Mapping[str, Any]
Tables = Mapping[str, list[dict[str, Any]]]
"""Rows by table, one of TABLES.

`campaign` is the place of the campaign in its file from 0, `goal` that of the goal from 1; absent rows mean zero. `arm`
is one of those of BASES.
"""

TABLES = (
    "delivery",
    "quality",
    "errors",
    "personalization",
    "conversions",
    "delays",
    "days",
    "instances",
    "arms",
    "arm_conversions",
    "draws",
)
LISTED = 366
"""Instances a campaign lists: those with the most sent (ties: the earlier first clock, then the smaller id)."""

GROUPS = ("campaign", "global")
BASES = {"sent": ("sent", "held_"), "assigned": ("attempted", "drawn_")}
"""By basis of a comparison, the treated arm, and the control arm without its group."""

_QUANTUM = Decimal("0.000001")
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
    draws: Row = next(iter(tables["draws"]), {})
    sent = int(delivery.get("sent_total", 0))
    goals = [_goal(goal, place, tables) for place, goal in enumerate(definition["goals"], start=1)]
    return {
        **_delivered(delivery),
        "request_attempts": int(quality.get("request_attempts", 0)),
        "errors": {reason: _both(row) for reason, row in errors.items()},
        "personalization": {row["category"]: _both(row) for row in tables["personalization"]},
        "contaminated_users": int(quality.get("contaminated_users", 0)),
        "sample_ratio": {name: int(draws.get(name, 0)) for name in ("observed_users", "users")},
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


def _goal(goal: Row, place: int, tables: Tables) -> Figures:
    credited: Row = next((row for row in tables["conversions"] if row["goal"] == place), {})
    names = (
        "converted_users",
        "converted_people",
        "conversion_events",
        "events_without_value",
        "events_in_other_currency",
    )
    delays = next((row["seconds"] for row in tables["delays"] if row["goal"] == place), None)
    return {
        **{name: int(credited.get(name, 0)) for name in names},
        "revenue": _revenue(credited, goal),
        "comparisons": _comparisons(goal, place, tables),
        "seconds_to_convert": None if delays is None else [float(seconds) for seconds in delays],
    }


def _comparisons(goal: Row, place: int, tables: Tables) -> Figures:
    """By control group; none where no row was drawn into it."""
    arms: dict[str, Figures] = defaultdict(dict)
    converted = [row for row in tables["arm_conversions"] if row["goal"] == place]
    for row in (*tables["arms"], *converted):
        arms[row["arm"]] |= row
    return {group: _comparison(goal, group, arms) for group in GROUPS if arms[f"drawn_{group}"].get("rows")}


def _comparison(goal: Row, group: str, arms: Mapping[str, Row]) -> Figures:
    bases = {basis: _basis(goal, arms[treated], arms[control + group]) for basis, (treated, control) in BASES.items()}
    held_out, drawn = (bases[basis]["control"]["rows"] for basis in BASES)
    return {"contaminated_rows": drawn - held_out, **bases}


def _basis(goal: Row, *arms: Row) -> Figures:
    earns = bool(goal.get("revenue")) and all(arm.get("rows") for arm in arms)
    per_row = [_per_row(arm) if earns else None for arm in arms]
    counts = [{name: int(arm.get(name, 0)) for name in ARM} for arm in arms]
    sides = ("treated", "control")
    return {**dict(zip(sides, counts, strict=True)), **{f"{side}_per_row": per_row[n] for n, side in enumerate(sides)}}


def _per_row(arm: Row) -> str | None:
    with localcontext(prec=64):
        exact = (arm.get("revenue") or Decimal(0)) / int(arm["rows"])
        rounded = exact.quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
    return money(rounded or abs(rounded))


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

"""A workspace small enough to compute in the blink of an eye, with names that try to do harm."""

import json
from pathlib import Path

from analytics_core.domain.settings import App
from analytics_core.workspace import create_workspace

HOSTILE = "<script>alert(1)</script>"
SECRETS = ("hunter2hunter2", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "Bearer")
REQUEST = {
    "url": f"https://me:{SECRETS[0]}@hooks.example/v1?key={SECRETS[0]}",
    "headers": {"Authorization": f"{SECRETS[2]} {SECRETS[1]}", "Content-Type": "application/json"},
    "body": f'{{"token": "{SECRETS[1]}", "text": "{HOSTILE}"}}',
}
PURCHASE = {
    "goal_id": "purchase",
    "name": "Purchase",
    "event_name": "Order",
    "revenue": {"attribute": "value", "currency": "USD"},
}


def _campaign(campaign_id: str, name: str, **more: object) -> dict[str, object]:
    return {"campaign_id": campaign_id, "name": name, "delivery_type": "one_time", "goals": [PURCHASE], **more}


CAMPAIGNS = [
    _campaign("spring", "Spring sale"),
    _campaign("a/b", HOSTILE, goals=[{**PURCHASE, "name": HOSTILE}], team=HOSTILE, request=REQUEST),
    _campaign("old", "Old campaign", analytics_version="legacy"),
    _campaign("silent", "Never sent", delivery_type="periodic"),
]


def _deliveries() -> list[dict[str, object]]:
    return [
        {
            "campaign_id": campaign_id,
            "instance_id": "1",
            "user_id": f"user-{number}",
            "occurred_at": f"2026-04-01T10:0{number}:00+00:00",
            "outcome": "requested",
            "request_id": f"{campaign_id}-{number}",
            "response_code": 500 if number == 3 else 200,
        }
        for campaign_id in ("spring", "a/b", "old")
        for number in range(4)
    ]


def _events() -> list[dict[str, object]]:
    return [
        {
            "event_id": f"e{number}",
            "user_id": f"user-{number}",
            "event_name": "Order",
            "occurred_at": "2026-04-01T12:00:00+00:00",
            "attributes": {"value": "19.90"},
        }
        for number in range(2)
    ]


def _instances() -> list[dict[str, object]]:
    return [
        {"campaign_id": "silent", "instance_id": "a", "users_in_segment": 70, "ready_at": "2026-03-30T08:00:00Z"},
        {"campaign_id": "silent", "instance_id": "b", "users_in_segment": 71, "ready_at": "2026-04-01T12:00:00Z"},
        {"campaign_id": "silent", "instance_id": "c", "users_in_segment": 72},
    ]


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def make_workspace(directory: Path) -> Path:
    """Four campaigns: one with numbers, one with hostile names, an older one, one that was never sent."""
    exports = directory.with_name(f"{directory.name}-exports")
    exports.mkdir(parents=True)
    (exports / "campaigns.json").write_text(json.dumps(CAMPAIGNS))
    _write(exports / "deliveries.jsonl", _deliveries())
    _write(exports / "events.jsonl", _events())
    _write(exports / "instances.jsonl", _instances())
    create_workspace(directory, App(name="Shop", timezone="UTC", currency="USD")).import_canonical(exports)
    return directory

"""Small canonical exports, written by hand."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

CAMPAIGN = {
    "campaign_id": "spring",
    "name": "Spring sale",
    "delivery_type": "one_time",
    "goals": [{"goal_id": "purchase", "name": "Purchase", "event_name": "Order"}],
}


def delivery(user: str, number: int, **more: object) -> dict[str, object]:
    """One request that was answered with 200, `number` minutes after ten o'clock."""
    return {
        "campaign_id": "spring",
        "instance_id": "1",
        "user_id": user,
        "occurred_at": f"2026-04-01T10:{number:02}:00+00:00",
        "outcome": "requested",
        "request_id": f"r{number}",
        "response_code": 200,
        **more,
    }


def event(user: str, number: int, **more: object) -> dict[str, object]:
    """One order, `number` minutes after eleven o'clock."""
    at = f"2026-04-01T11:{number:02}:00+00:00"
    return {"event_id": f"e{number}", "user_id": user, "event_name": "Order", "occurred_at": at, **more}


def write_export(directory: Path, **tables: Iterable[Mapping[str, object]]) -> Path:
    """Write campaigns.json and one jsonl file per table."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    for table, rows in tables.items():
        write_rows(directory / f"{table}.jsonl", rows)
    return directory


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write one jsonl file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path

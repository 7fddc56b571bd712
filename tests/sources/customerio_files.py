"""Small exports of Customer.io, and a campaign whose numbers can be worked out by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from canonical_files import write_rows

from analytics_core.domain.settings import App
from analytics_core.workspace import Workspace, create_workspace

GOAL = {"goal_id": "g", "name": "Buy", "event_name": "Order", "revenue": {"attribute": "v", "currency": "USD"}}
CAMPAIGN = {"campaign_id": "7", "name": "Welcome", "delivery_type": "event_triggered", "goals": [GOAL]}
ORDERS = [
    {"event_id": "e1", "user_id": "ann", "event_name": "Order", "occurred_at": "2026-04-01T11:00:00Z"},
    {"event_id": "e2", "user_id": "dan", "event_name": "Order", "occurred_at": "2026-04-01T13:00:00Z"},
]

Rows = Sequence[Mapping[str, object]]

_INTS = {
    "workspace_id",
    "campaign_id",
    "action_id",
    "newsletter_id",
    "trigger_id",
    "transactional_message_id",
    "seq_num",
}


def at(clock: str) -> datetime:
    """A time of day on the first of April, UTC and without a zone, as Parquet files have it."""
    return datetime.fromisoformat(f"2026-04-01T{clock}").replace(tzinfo=UTC).replace(tzinfo=None)


def delivery(delivery_id: str, person: str | None, subject: str | None, **more: object) -> dict[str, object]:
    return {
        "workspace_id": 1,
        "delivery_id": delivery_id,
        "internal_customer_id": person,
        "subject_id": subject,
        "event_id": None,
        "delivery_type": "webhook",
        "campaign_id": 7,
        "action_id": 3,
        "newsletter_id": None,
        "trigger_id": None,
        "transactional_message_id": None,
        "created_at": at("09:59:00"),
        "seq_num": 1,
        **more,
    }


def metric(event_id: str, delivery_id: str | None, name: str | None, clock: str, **more: object) -> dict[str, object]:
    return {
        "event_id": event_id,
        "workspace_id": 1,
        "delivery_id": delivery_id,
        "metric": name,
        "reason": None,
        "created_at": at(clock),
        "seq_num": 1,
        **more,
    }


def output(output_id: str, subject: str, explanation: str | None, **more: object) -> dict[str, object]:
    return {
        "output_id": output_id,
        "subject_name": subject,
        "output_type": "webhook",
        "action_id": 3,
        "explanation": explanation,
        "delivery_id": None,
        "draft": False,
        "created_at": at("12:00:00"),
        "seq_num": 1,
        **more,
    }


def subject(name: str, person: str, **more: object) -> dict[str, object]:
    return {
        "subject_name": name,
        "internal_customer_id": person,
        "campaign_type": "event",
        "campaign_id": 7,
        "trigger_id": None,
        "seq_num": 1,
        **more,
    }


def person(internal: str | None, own: str | None, **more: object) -> dict[str, object]:
    return {"internal_customer_id": internal, "customer_id": own, "updated_at": at("08:00:00"), **more}


def write_table(directory: Path, table: str, rows: Rows, number: int = 1) -> Path:
    """One file as a sync names it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{table}_v4_1_{number}.parquet"
    overrides = {name: pl.Int64 if name in _INTS else pl.String for name in rows[0] if rows[0][name] is None}
    pl.DataFrame(rows, schema_overrides=overrides, infer_schema_length=None).write_parquet(path)
    return path


def write_campaign(directory: Path) -> Path:
    """Four users: ann is sent twice, bob fails and is then capped, cat cannot be personalized, dan is held back."""
    write_table(
        directory,
        "deliveries",
        [
            delivery("d1", "i-ann", "s1"),
            delivery("d2", "i-bob", "s2"),
            delivery("d3", "i-cat", "s3"),
            delivery("d4", "i-ann", "s4"),
            delivery("d5", "i-dan", "s5"),
            delivery("d6", "i-ann", "s4", delivery_type="email"),
        ],
    )
    write_table(
        directory,
        "metrics",
        [
            metric("m01", "d1", "attempted", "10:00:00"),
            metric("m02", "d1", "sent", "10:00:05"),
            metric("m03", "d1", "delivered", "10:00:06"),
            metric("m04", "d1", "converted", "11:00:00"),
            metric("m05", "d2", "attempted", "10:00:00", reason="will be tried again"),
            metric("m06", "d2", "failed", "10:10:00", reason="webhook returned 503"),
            metric("m07", "d3", "failed", "10:00:00", reason="Liquid error: customer.first_name is missing"),
            metric("m08", "d4", "sent", "12:00:00"),
            metric("m09", "d6", "sent", "12:00:00"),
            metric("m10", "d6", "opened", "12:30:00"),
        ],
    )
    write_table(
        directory,
        "outputs",
        [
            output("o1", "s6", "person reached the message limit"),
            output("o2", "s7", "person is in the holdout"),
            output("o3", "s8", "person left the campaign"),
            output("o4", "s1", "sent", delivery_id="d1"),
        ],
    )
    write_table(directory, "subjects", [subject("s6", "i-bob"), subject("s7", "i-dan"), subject("s8", "i-cat")])
    write_table(directory, "people", [person(f"i-{name}", name) for name in ("ann", "bob", "cat", "dan")])
    return directory


def workspace_with_campaign(directory: Path) -> Workspace:
    """A workspace that knows the campaign and two orders, and no delivery."""
    canonical = directory / "canonical"
    write_rows(canonical / "events.jsonl", [{**order, "attributes": {"v": 20}} for order in ORDERS])
    (canonical / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    workspace = create_workspace(directory / "workspace", App(timezone="UTC"))
    workspace.import_canonical(canonical)
    return workspace

"""Small Braze Currents exports, in the layout of a bucket."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

SEND = "users.messages.webhook.Send"
FAILURE = "users.messages.webhook.Failure"
ABORT = "users.messages.webhook.Abort"
RETRY = "users.messages.webhook.Retry"
CUSTOM_EVENT = "users.behaviors.CustomEvent"
PURCHASE = "users.behaviors.Purchase"
CONVERSION = "users.campaigns.Conversion"
ENROLLED = "users.campaigns.EnrollInControl"
ENTRY = "users.canvas.Entry"
CANVAS_CONVERSION = "users.canvas.Conversion"
ORPHAN = "users.UserOrphan"

_WHO = "id user_id external_user_id time timezone app_group_id"
_CAMPAIGN = "campaign_id campaign_name message_variation_id message_variation_name send_id"
_CANVAS = "canvas_id canvas_name canvas_variation_id canvas_variation_name canvas_step_id canvas_step_name"
_MESSAGE = f"{_WHO} {_CAMPAIGN} {_CANVAS} dispatch_id"
_DEVICE = "app_id platform os_version device_model device_id ad_id ad_id_type ad_tracking_enabled"
_STEP = "canvas_step_message_variation_id"

FIELDS = {
    SEND: f"{_MESSAGE} message_extras",
    FAILURE: f"{_MESSAGE} {_STEP} http_status_code endpoint_url content_length host raw_response retry_count url_path "
    "webhook_duration webhook_failure_source is_terminal",
    ABORT: f"{_MESSAGE} {_STEP} device_id abort_type abort_log",
    RETRY: f"{_MESSAGE} {_STEP} device_id gender country language retry_type retry_log",
    CUSTOM_EVENT: f"{_WHO} {_DEVICE} name properties",
    PURCHASE: f"{_WHO} {_DEVICE} product_id price currency properties",
    CONVERSION: f"{_WHO} app_id {_CAMPAIGN} conversion_behavior_index conversion_behavior",
    ENROLLED: f"{_WHO} app_id {_CAMPAIGN}",
    ENTRY: f"{_WHO} {_CANVAS} in_control_group",
    CANVAS_CONVERSION: f"{_WHO} app_id {_CANVAS} conversion_behavior_index conversion_behavior",
    ORPHAN: "id user_id external_user_id device_id app_group_id app_id time orphaned_by_id",
}
"""The fields of each event type."""

_TYPES: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(("is_terminal", "in_control_group", "ad_tracking_enabled"), pl.Boolean),
    **dict.fromkeys(("http_status_code", "content_length", "retry_count", "webhook_duration"), pl.Int32),
    **dict.fromkeys(("time", "conversion_behavior_index"), pl.Int32),
    "price": pl.Float32,
}

NOON = 1_775_044_800
"""2026-04-01 12:00 UTC."""


def happened(number: int, user: str, **more: object) -> dict[str, object]:
    """What every event has: an id, a user, a time `number` minutes after noon."""
    return {"id": f"id-{number}", "user_id": user, "time": NOON + 60 * number, **more}


def message(number: int, user: str, **more: object) -> dict[str, object]:
    """An event of the first dispatch of the campaign `spring`."""
    return happened(number, user, **{"campaign_id": "spring", "dispatch_id": "d1", **more})


def frame_of(event_type: str, rows: Iterable[Mapping[str, object]], **types: type[pl.DataType]) -> pl.DataFrame:
    """All documented fields of a type, those of `types` as another type."""
    schema = {name: {**_TYPES, **types}.get(name, pl.String) for name in FIELDS[event_type].split()}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def currents(
    root: Path, event_type: str, frame: pl.DataFrame | Iterable[Mapping[str, object]], *, hour: str = "2026-04-01-12"
) -> Path:
    """Write a file of one event type where Braze would put it."""
    rows = frame if isinstance(frame, pl.DataFrame) else frame_of(event_type, frame)
    integration = "dataexport.prod-01.S3.integration.5f3c"
    folder = root / integration / f"event_type={event_type}" / f"date={hour}" / "442" / "prod-01"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{integration}+{len(list(folder.iterdir()))}+0.avro"
    rows.write_avro(path, name=f"dataexport.S3.inner.{event_type}")
    return path


def http_event(event_type: str, fields: Mapping[str, object]) -> dict[str, object]:
    """The same event as the HTTP connector posts it."""
    own = ("id", "time")
    user = ("user_id", "external_user_id", "device_id", "timezone")
    return {
        "event_type": event_type,
        **{name: fields[name] for name in own if name in fields},
        "user": {name: fields[name] for name in user if name in fields},
        "properties": {name: value for name, value in fields.items() if name not in own + user},
    }


def json_lines(path: Path, events: Iterable[object]) -> Path:
    """Write one event a line, compressed where the name says so; a text is a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (event if isinstance(event, str) else json.dumps(event) for event in events)
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path

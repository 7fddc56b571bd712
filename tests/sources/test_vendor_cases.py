"""Exports that were once read wrongly, each with what is right; from the files to the numbers."""

import json
from pathlib import Path

import pytest

from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import Workspace, create_workspace

SEND = "users.messages.webhook.Send"
CUSTOM_EVENT = "users.behaviors.CustomEvent"
NOON = 1_772_463_600


def with_campaign(directory: Path, event_name: str, attribute: str, filters: tuple[object, ...] = ()) -> Workspace:
    revenue = {"attribute": attribute, "currency": "USD"}
    goal = {"goal_id": "g", "name": "G", "event_name": event_name, "filters": filters, "revenue": revenue}
    campaign = {"campaign_id": "c", "name": "C", "delivery_type": "one_time", "goals": [goal]}
    (directory / "book").mkdir()
    (directory / "book" / "campaigns.json").write_text(json.dumps([campaign]))
    made = create_workspace(directory / "workspace")
    made.import_canonical(directory / "book")
    return made


def braze_send(number: str, user: str) -> dict[str, object]:
    properties = {"campaign_id": "c", "dispatch_id": "d"}
    return {"event_type": SEND, "id": number, "time": NOON, "user": {"user_id": user}, "properties": properties}


@pytest.mark.parametrize(
    ("given", "filters", "revenue"),
    [
        ({"order_value": 41.5}, (), "41.50"),
        (
            {"tier": "gold", "order_value": 42.5},
            ({"attribute": "tier", "op": "is", "value": "gold"},),
            "42.50",
        ),
    ],
)
def test_custom_properties_of_the_http_connector_are_attributes(
    given: dict[str, object], filters: tuple[object, ...], revenue: str, tmp_path: Path
) -> None:
    made = with_campaign(tmp_path, "Order Placed", "order_value", filters)
    placed = {
        "event_type": CUSTOM_EVENT,
        "id": "2",
        "time": NOON + 1_800,
        "user": {"user_id": "ada", "external_user_id": "e1"},
        "properties": {"app_id": "a", "platform": "ios", "name": "Order Placed", "custom_properties": given},
    }
    (tmp_path / "http.jsonl").write_text(f"{json.dumps(braze_send('1', 'ada'))}\n{json.dumps(placed)}\n")
    summary = made.import_export("braze", [tmp_path / "http.jsonl"])
    assert summary.unknown_columns == {}
    performance = as_json(made.snapshot("c"))["performance"]
    assert (performance["converted_users"], performance["revenue"]) == (1, revenue)


def test_an_array_of_bodies_has_the_events_of_all(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "workspace")
    bodies = [{"events": [braze_send("1", "a")]}, {"events": [braze_send("2", "b")]}]
    (tmp_path / "bodies.json").write_text(json.dumps(bodies))
    counts = made.import_export("braze", [tmp_path / "bodies.json"]).tables["deliveries"]
    assert (counts.read, counts.accepted) == (2, 2)


def test_pretty_documents_of_moengage_come_one_after_another(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "workspace")
    looked = {"uid": "u1", "event_type": "USER_ACTION_EVENT", "event_code": "VIEW_RADAR", "event_time": NOON}
    mailed = {"uid": "u1", "event_type": "CAMPAIGN_EVENT", "event_name": "Email Sent", "event_time": NOON}
    documents = [{"app_name": "App", "event": {**event, "event_uuid": "x"}} for event in (looked, mailed)]
    (tmp_path / "a.json").write_text("\n".join(json.dumps(each, indent=4) for each in documents))
    summary = made.import_export("moengage", [tmp_path / "a.json"])
    assert (summary.tables["events"].accepted, summary.rejected) == (1, 0)
    assert summary.left_out == {"Email Sent": 1}


@pytest.mark.parametrize("joined", ["\n", "", "\n\n", ",\n", "\r\n\ufeff"])
def test_documents_of_moengage_hold_bodies_lists_and_envelopes(joined: str, tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "workspace")
    event = {"uid": "u1", "event_type": "USER_ACTION_EVENT", "event_name": "Seen", "event_time": NOON}
    one, two, three, four = ({"event": {**event, "event_uuid": str(number)}} for number in range(4))
    documents = [one, {"events": [[two]]}, [[{"events": [three]}], four["event"]]]
    (tmp_path / "a.json").write_text(joined.join(json.dumps(each, indent=1) for each in documents))
    counts = made.import_export("moengage", [tmp_path / "a.json"]).tables["events"]
    assert (counts.read, counts.accepted) == (4, 4)

"""MoEngage's exports: every kind of event, every spelling they come in, and a campaign worked out by hand."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analytics_core.cli.commands import app
from analytics_core.cli.importing import report_rejected
from analytics_core.domain.errors import UnreadableInputError
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import ImportSummary, Workspace, create_workspace

SEND_TIME = 1_772_445_600  # 2026-03-02 10:00:00 UTC
Event = dict[str, Any]


def connector_sent(user: str, number: int = 0, **more: object) -> Event:
    """A successful request, `number` seconds after ten; attributes can be given by name."""
    attributes = {"campaign_id": "spring", "campaign_type": "One-time", "campaign_channel": "Connector", **more}
    return {
        "event_name": "Connector Sent",
        "event_code": "MOE_CONNECTOR_SENT",
        "event_uuid": f"sent-{user}-{number}",
        "event_time": SEND_TIME + number,
        "event_type": "CAMPAIGN_EVENT",
        "event_source": "MOENGAGE",
        "uid": user,
        "event_attributes": attributes,
        "user_attributes": {"moengage_user_id": f"moe-{user}"},
    }


def held_back(user: str, kind: str, **more: object) -> Event:
    event = connector_sent(user, **{"Control Group type": kind}, **more)
    return {
        **event,
        "event_name": "User Added to Control Group",
        "event_code": "MOE_CAMPAIGN_CONTROL_GROUP",
        "event_uuid": f"held-{user}",
    }


def bought(user: str, number: int, **attributes: object) -> Event:
    """A purchase, `number` minutes after ten."""
    return {
        "event_name": "Purchase",
        "event_code": "Purchase",
        "event_uuid": f"bought-{user}-{number}",
        "event_time": SEND_TIME + 60 * number,
        "event_type": "USER_ACTION_EVENT",
        "uid": user,
        "event_attributes": attributes,
    }


def wrapped(event: Event) -> Event:
    """An event as a bucket's export has it."""
    return {"app_name": "Acme", "export_day": "2026-03-02", "export_hour": "10", "db_name": "Acme", "event": event}


def lines(*events: object) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def workspace_with(directory: Path, goal: Mapping[str, object] | None = None) -> Workspace:
    made = create_workspace(directory / "workspace")
    goals = [goal or {"goal_id": "purchase", "name": "Purchase", "event_name": "Purchase"}]
    campaign = {"campaign_id": "spring", "name": "Spring", "delivery_type": "periodic", "goals": goals}
    (directory / "book").mkdir(parents=True)
    (directory / "book" / "campaigns.json").write_text(json.dumps([campaign]))
    made.import_canonical(directory / "book")
    return made


def taken_in(directory: Path, *events: object, name: str = "a.json") -> tuple[Workspace, ImportSummary]:
    made = workspace_with(directory)
    (directory / "export").mkdir()
    (directory / "export" / name).write_text(lines(*events))
    return made, made.import_export("moengage", [directory / "export"])


def only_delivery(directory: Path, event: object) -> dict[str, Any]:
    made, summary = taken_in(directory, event)
    assert (summary.tables["deliveries"].accepted, summary.rejected) == (1, 0), summary
    return made.tables().deliveries.collect().row(0, named=True)


def only_event(directory: Path, event: object) -> dict[str, Any]:
    made, summary = taken_in(directory, event)
    assert (summary.tables["events"].accepted, summary.rejected) == (1, 0), summary
    return made.tables().events.collect().row(0, named=True)


def reasons(made: Workspace) -> list[str]:
    files = sorted((made.directory / "rejected").glob("*.jsonl"))
    return [json.loads(line)["reason"] for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("MOE_CONNECTOR_SENT", "Connector Sent"),
        ("WEBHOOK_SENT", "Connector Sent"),
        ("WEBHOOK_SENT", None),
        (None, "connector sent"),
        (" MOE_CONNECTOR_ SENT", ""),
    ],
)
def test_a_send_is_known_by_its_name_or_either_code(code: str | None, name: str | None, tmp_path: Path) -> None:
    found = only_delivery(tmp_path, {**connector_sent("ann"), "event_code": code, "event_name": name})
    assert (found["outcome"], found["response_code"], found["request_id"]) == ("requested", 200, "sent-ann-0")
    assert (found["campaign_id"], found["instance_id"], found["user_id"]) == ("spring", "spring", "ann")
    assert found["occurred_at"].isoformat() == "2026-03-02T10:00:00+00:00"


def test_a_run_of_a_periodic_campaign_is_an_instance_of_its_parent(tmp_path: Path) -> None:
    found = only_delivery(tmp_path, connector_sent("ann", campaign_id="run-7", parent_campaign_id="spring"))
    assert (found["campaign_id"], found["instance_id"]) == ("spring", "run-7")


@pytest.mark.parametrize("key", ["campaign_type", "moe_delivery_type"])
def test_every_trigger_of_a_triggered_campaign_is_an_instance(key: str, tmp_path: Path) -> None:
    found = only_delivery(tmp_path, connector_sent("ann", **{key: "Event Triggered"}))
    assert (found["campaign_id"], found["instance_id"]) == ("spring", "sent-ann-0")


@pytest.mark.parametrize(("kind", "group"), [("Campaign", "campaign"), ("Global", "global"), ("GLOBAL ", "global")])
def test_a_user_who_was_held_back_is_in_the_control_group_that_is_named(kind: str, group: str, tmp_path: Path) -> None:
    found = only_delivery(tmp_path, held_back("ann", kind))
    assert (found["outcome"], found["control_group_type"], found["response_code"]) == ("control_group", group, None)


@pytest.mark.parametrize("key", ["control_group_type", "Control Group Type", "moe_control_group_type"])
def test_the_control_groups_type_is_found_however_its_key_is_written(key: str, tmp_path: Path) -> None:
    event = held_back("ann", "Campaign")
    del event["event_attributes"]["Control Group type"]
    event["event_attributes"][key] = "Global"
    assert only_delivery(tmp_path, event)["control_group_type"] == "global"


@pytest.mark.parametrize("kind", ["CAMPAIGN_EVENT", "LIFECYCLE", None])
def test_a_removal_counts_nobody_a_second_time(kind: str | None, tmp_path: Path) -> None:
    removed = {
        **connector_sent("ann", campaign_type="Event Trigger"),
        "event_name": "User removed from campaign due to control group",
        "event_code": "MOE_CAMPAIGN_USER_REMOVED_DUE_TO_ CONTROL_GROUP",  # as MoEngage's page spells it
        "event_type": kind,
    }
    made, summary = taken_in(tmp_path, removed, held_back("ann", "Global", campaign_type="Event Trigger"))
    assert dict(summary.left_out) == {"User removed from campaign due to control group": 1}
    uplift = made.snapshot("spring").goals[0].uplift
    assert uplift.campaign is None
    assert uplift.global_ is not None
    assert uplift.global_.active_targets == 1


@pytest.mark.parametrize("key", ["campaign_channel", "moe_campaign_channel"])
@pytest.mark.parametrize(("channel", "named"), [("EMAIL", "email"), ("In-App", "inapp"), ("Push", "push")])
def test_control_groups_of_other_channels_are_counted_by_name(
    key: str, channel: str, named: str, tmp_path: Path
) -> None:
    _, summary = taken_in(tmp_path, held_back("ann", "Campaign", **{key: channel}))
    assert dict(summary.left_out) == {f"User Added to Control Group ({named})": 1}


def test_every_passage_through_a_flow_is_an_instance(tmp_path: Path) -> None:
    found = only_delivery(tmp_path, connector_sent("ann", parent_flow_id="welcome"))
    assert (found["campaign_id"], found["instance_id"]) == ("spring", "sent-ann-0")


def test_joining_the_global_control_group_is_no_delivery(tmp_path: Path) -> None:
    _, summary = taken_in(tmp_path, held_back("ann", "Global", campaign_id=None))
    assert dict(summary.left_out) == {"User Added to Control Group without a campaign": 1}


def test_what_users_did_keeps_its_attributes_digit_by_digit(tmp_path: Path) -> None:
    found = only_event(tmp_path, bought("ann", 5, cartValue=19.90, category="shoes", moe_event_source="s2s"))
    assert (found["event_name"], found["user_id"], found["event_id"]) == ("Purchase", "ann", "bought-ann-5")
    assert found["attributes"] == '{"cartValue":19.9,"category":"shoes","moe_event_source":"s2s"}'


@pytest.mark.parametrize("kind", ["CAMPAIGN_EVENT", "CAMPAIGN_ACTIVITY", "campaign_event"])
def test_other_channels_and_unknown_codes_are_counted_by_name(kind: str, tmp_path: Path) -> None:
    email = {**connector_sent("ann"), "event_name": "Email Sent", "event_code": "MOE_EMAIL_SENT", "event_type": kind}
    unnamed = {**email, "event_name": None, "event_code": "MOE_NEW_THING"}
    _, summary = taken_in(tmp_path, email, email, unnamed, connector_sent("ann"))
    assert dict(summary.left_out) == {"Email Sent": 2, "MOE_NEW_THING": 1}
    assert summary.tables["deliveries"].accepted == 1


@pytest.mark.parametrize(
    "time",
    [SEND_TIME, str(SEND_TIME), SEND_TIME * 1000, str(SEND_TIME * 1000), float(SEND_TIME), "2026-03-02T10:00:00Z",
     "2026-03-02 10:00:00", "2026-03-02T10:00:00.000", "2026-03-02T11:00:00+01:00", "2026-03-02 10:00:00.000 UTC",
     SEND_TIME * 10**6, SEND_TIME * 10**9, f"{SEND_TIME * 1000}.0"],
)  # fmt: skip
def test_times_come_in_many_spellings_and_are_utc(time: object, tmp_path: Path) -> None:
    found = only_event(tmp_path, {**bought("ann", 0), "event_time": time})
    assert found["occurred_at"].isoformat() == "2026-03-02T10:00:00+00:00"


@pytest.mark.parametrize("uid", [None, ""])
def test_a_user_without_a_customer_id_goes_by_moengages_own(uid: str | None, tmp_path: Path) -> None:
    assert only_delivery(tmp_path, {**connector_sent("ann"), "uid": uid})["user_id"] == "moe-ann"


def test_an_id_that_is_a_number_stays_text(tmp_path: Path) -> None:
    assert only_delivery(tmp_path, {**connector_sent("ann"), "uid": 12345678901234567890})["user_id"] == (
        "12345678901234567890"
    )


def test_an_event_without_a_unique_id_still_counts_once(tmp_path: Path) -> None:
    event = connector_sent("ann")
    del event["event_uuid"]
    turned = {key: event[key] for key in reversed(event)}
    _, summary = taken_in(tmp_path, event, wrapped(event), turned, connector_sent("bob"))
    counts = summary.tables["deliveries"]
    assert (counts.read, counts.accepted, counts.duplicates) == (4, 2, 2)


@pytest.mark.parametrize("time", [10**30, "1e9000", -1, True, {}])
def test_a_number_that_is_no_time_of_ours_is_rejected(time: object, tmp_path: Path) -> None:
    _, summary = taken_in(tmp_path, {**bought("ann", 0), "event_time": time})
    assert summary.rejected == 1


@pytest.mark.parametrize("attributes", ['{"campaign_id": "spring"}', None])
def test_rows_of_a_warehouse_are_flat(attributes: str | None, tmp_path: Path) -> None:
    event = connector_sent("ann")
    for key in ("event_attributes", "user_attributes", "uid"):
        del event[key]
    flat = {"event_attributes_campaign_id": "spring", "user_attributes_moengage_user_id": "moe-ann"}
    found = only_delivery(tmp_path, {**event, **flat, "event_attributes": attributes, "event_attributes_url": ""})
    assert (found["campaign_id"], found["user_id"]) == ("spring", "moe-ann")


@pytest.mark.parametrize("tags", [["a", "b"], "a,b", None])
def test_tags_and_other_attributes_may_have_any_type(tags: object, tmp_path: Path) -> None:
    event = connector_sent("ann", moe_campaign_tags=tags, campaign_channel=None, locale_id=3, variation_id=True)
    assert only_delivery(tmp_path, event)["campaign_id"] == "spring"


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson", ".json.gz", ".JSON.GZ"])
def test_a_file_may_hold_events_in_envelopes_bodies_of_streams_or_both(suffix: str, tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    body = {
        "app_name": "Acme",
        "source": "MOENGAGE",
        "moe_request_id": "1",
        "events": [connector_sent("ann"), bought("ann", 1)],
    }
    text = lines(wrapped(connector_sent("bob")), body, [bought("bob", 1)], connector_sent("cat")) + "\n \n"
    folder = tmp_path / "export" / "export_day=2026-03-02"
    folder.mkdir(parents=True)
    content = gzip.compress(text.encode()) if suffix.lower().endswith(".gz") else text.encode()
    (folder / f"event_exports_1{suffix}").write_bytes(content)
    (folder / "_SUCCESS.json").write_text("")
    tables = made.import_export("moengage", [tmp_path / "export"]).tables
    assert (tables["deliveries"].accepted, tables["events"].accepted) == (3, 2)


def test_a_body_over_several_lines_is_one_document(tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "body.json").write_text(json.dumps({"events": [connector_sent("ann"), bought("ann", 1)]}, indent=2))
    tables = made.import_export("moengage", [tmp_path / "body.json"]).tables
    assert (tables["deliveries"].accepted, tables["events"].accepted) == (1, 1)


def test_a_first_line_that_was_cut_off_costs_only_itself(tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "a.json").write_text("{\n" + lines(connector_sent("ann"), bought("ann", 1)))
    summary = made.import_export("moengage", [tmp_path / "a.json"])
    assert summary.rejected == 1
    assert (summary.tables["deliveries"].accepted, summary.tables["events"].accepted) == (1, 1)


@pytest.mark.parametrize("content", ["", "\n \n", "{}", "[]", "[\n]"])
def test_a_file_may_be_empty(content: str, tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "a.json").write_text(content)
    summary = made.import_export("moengage", [tmp_path / "a.json"])
    assert summary.tables["deliveries"].read == 0
    assert summary.tables["events"].read == summary.rejected == int(content == "{}")


def test_a_document_that_is_too_large_to_be_read_at_once_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_core.sources.files.json_documents._LONGEST", 500)
    made = workspace_with(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps([connector_sent("ann")] * 9, indent=1))
    with pytest.raises(UnreadableInputError, match=r"a\.json: is one large JSON document; write one event per line"):
        made.import_export("moengage", [tmp_path / "a.json"])


def test_a_bad_event_is_kept_aside_and_the_others_arrive(tmp_path: Path) -> None:
    good = connector_sent("ann")
    made, summary = taken_in(
        tmp_path,
        good,
        {**connector_sent("bob"), "event_time": "soon"},
        {**connector_sent("cat"), "uid": "c" * 200},
        {**connector_sent("dan"), "event_attributes": [1]},
        {**connector_sent("eve"), "event_attributes": {}},
        {**bought("fay", 1), "event_name": "", "event_code": ""},
        "text",
        {"events": [connector_sent("gus"), 7]},
    )
    assert (summary.tables["deliveries"].read, summary.tables["deliveries"].accepted) == (5, 2)
    assert (summary.tables["events"].read, summary.tables["events"].accepted) == (4, 0)
    for counts in summary.tables.values():
        assert counts.read == counts.accepted + counts.duplicates + counts.rejected
    assert sorted(reasons(made)) == sorted(
        [
            "occurred_at is not a time",
            "user_id is longer than 128 characters",
            "campaign_id is missing",
            "event_attributes is not an object",
            "event_name is missing",
            "not a JSON object",
            "not a JSON object",
        ]
    )


@pytest.mark.parametrize("line", [b"{", b'{"event_name": "Purchase", "uid": "\xff"}', b'{"uid": "\\ud800"}'])
def test_a_broken_line_is_rejected_with_its_number(line: bytes, tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "a.json").write_bytes(
        lines(connector_sent("ann")).encode() + line + b"\n" + lines(bought("ann", 1)).encode()
    )
    summary = made.import_export("moengage", [tmp_path / "a.json"])
    assert (summary.rejected, summary.tables["events"].accepted) == (1, 1)
    (file,) = (made.directory / "rejected").glob("*.jsonl")
    assert json.loads(file.read_text())["row"] == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json.gz", gzip.compress(b"{}" * 999)[:-9], "a.json.gz: the gzip data is damaged or cut short"),
        ("a.json.gpg", b"", "a.json.gpg: is encrypted; decrypt it first"),
        ("a.txt", b"", "holds no event export"),
    ],
    ids=["cut short", "encrypted", "another kind"],
)
def test_what_cannot_be_read_is_an_error_that_names_it(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / name).write_bytes(content)
    with pytest.raises(UnreadableInputError, match=message):
        made.import_export("moengage", [tmp_path / "export"])
    with pytest.raises(UnreadableInputError, match="No such file"):
        made.import_export("moengage", [tmp_path / "nowhere"])


def test_a_campaign_worked_out_by_hand(tmp_path: Path) -> None:
    """Two runs of `spring`: ann is sent both, bob the first; cat and dan are held back for the campaign's group.

    Within 36 hours ann buys for 10 and 20 after each of her two sends, bob buys nothing, cat buys for 5.
    """
    goal = {
        "goal_id": "purchase",
        "name": "Purchase",
        "event_name": "Purchase",
        "revenue": {"attribute": "cartValue", "currency": "USD"},
    }
    made = workspace_with(tmp_path, goal)
    child = {"parent_campaign_id": "spring"}
    export = tmp_path / "export.json"
    export.write_text(
        lines(
            *(wrapped(connector_sent(user, campaign_id="run-1", **child)) for user in ("ann", "bob")),
            wrapped(connector_sent("ann", 3600, campaign_id="run-2", **child)),
            *(wrapped(held_back(user, "Campaign", campaign_id="run-1", **child)) for user in ("cat", "dan")),
            wrapped(bought("ann", 30, cartValue=10)),
            wrapped(bought("ann", 90, cartValue="20")),
            wrapped(bought("cat", 45, cartValue=5)),
            wrapped(bought("ann", 60 * 60, cartValue=99)),
        )
    )
    summary = made.import_export("moengage", [export])
    assert summary.gaps == ("failed_responses", "frequency_cap", "personalization")
    found = as_json(made.snapshot("spring"))
    performance = found["performance"]
    assert performance["sent"] == {"unique": 2, "total": 3}
    assert (performance["converted_users"], performance["conversion_events"]) == (2, 2)
    assert (performance["revenue"], performance["average_order_value"]) == ("30.00", "15.000000")
    assert performance["conversion_rate"] == pytest.approx(2 / 3)
    uplift = found["goals"][0]["uplift"]["campaign"]
    assert (uplift["active_targets"], uplift["converted_users"], uplift["conversion_rate"]) == (2, 1, 0.5)
    assert performance["uplift"] == pytest.approx((2 / 3 - 1 / 2) / (1 / 2))
    assert [row["instance_id"] for row in found["instances"]] == ["run-1", "run-2"]
    again = made.import_export("moengage", [export])
    assert {name: counts.accepted for name, counts in again.tables.items()} == {"deliveries": 0, "events": 0}
    assert as_json(made.snapshot("spring")) == found


def test_the_command_names_campaigns_that_have_no_definition_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = workspace_with(tmp_path)
    sends = [connector_sent("ann", campaign_id=f"c{number}") for number in range(7)]
    (tmp_path / "a.json").write_text(
        lines(connector_sent("bob"), *({**e, "event_uuid": str(n)} for n, e in enumerate(sends)))
    )
    assert report_rejected(made, 0, quiet=False, strict=True) == 0
    assert capsys.readouterr().err == ""
    made.import_export("moengage", [tmp_path / "a.json"])
    assert report_rejected(made, 0, quiet=False, strict=True) == 0
    said = "no numbers yet, because campaigns.json does not define them: c0, c1, c2, c3, c4 and 2 more"
    assert capsys.readouterr().err.strip() == said


def test_the_command_says_what_it_did_and_what_cannot_be_known(tmp_path: Path) -> None:
    made = workspace_with(tmp_path)
    (tmp_path / "a.json").write_text(lines(connector_sent("ann"), {**connector_sent("bob"), "event_time": None}))
    given = ["import", "moengage", str(tmp_path / "a.json"), "-w", str(made.directory)]
    done = CliRunner().invoke(app, given)
    assert "This export does not record failed responses, frequency cap, personalization; " in done.stdout
    document = json.loads(CliRunner().invoke(app, [*given, "--json"]).stdout)
    assert document["tables"]["deliveries"] == {"read": 2, "accepted": 0, "duplicates": 1, "rejected": 1}

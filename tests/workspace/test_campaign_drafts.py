"""`import … --write-campaigns FILE`: a first campaigns.json, from whatever was imported."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from currents_files import CUSTOM_EVENT, ENTRY, SEND, currents, happened, http_event, json_lines, message

from analytics_core.domain.campaign import Campaign
from analytics_core.workspace import Workspace, create_workspace
from commands import Run

EVENTS = [
    http_event(CUSTOM_EVENT, happened(number, f"user-{number % 3}", name=name))
    for number, name in enumerate(["Seen"] * 4 + ["Order Placed"] * 6 + ["order placed!"] * 5 + ["Ça va"], start=100)
]


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "workspace")


def read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    for each in found:
        Campaign.model_validate(each)
    return found


def write(made: Workspace, run: Run, tmp_path: Path, *command: object) -> list[dict[str, Any]]:
    drafts = tmp_path / "campaigns.json"
    code, _, said = run("import", *map(str, command), "-w", str(made.directory), "--write-campaigns", str(drafts))
    assert code == 0, said
    assert f"written to {drafts}: look at names, delivery types and goals" in said
    return read(drafts)


def test_names_are_those_of_the_export_and_goals_the_most_frequent_events(
    made: Workspace, run: Run, tmp_path: Path
) -> None:
    sends = [message(number, "ann", campaign_name=name) for number, name in enumerate([None, "Spring sale", "Other"])]
    entry = happened(9, "bob", canvas_id="welcome", canvas_name="Welcome", campaign_name="No", in_control_group=True)
    events = [*(http_event(SEND, each) for each in sends), http_event(ENTRY, entry), *EVENTS]
    json_lines(tmp_path / "export" / "a.jsonl", events)
    spring, welcome = write(made, run, tmp_path, "braze", tmp_path / "export")
    assert (spring["campaign_id"], spring["name"], spring["delivery_type"]) == ("spring", "Spring sale", "one_time")
    assert (welcome["campaign_id"], welcome["name"]) == ("welcome", "Welcome")
    assert spring["goals"] == welcome["goals"]
    assert [(goal["goal_id"], goal["event_name"], goal["is_primary"]) for goal in spring["goals"]] == [
        ("order-placed", "Order Placed", True),
        ("goal-2", "order placed!", False),
        ("seen", "Seen", False),
        ("ça-va", "Ça va", False),
    ]


def test_what_is_written_can_be_imported_and_has_numbers(made: Workspace, run: Run, tmp_path: Path) -> None:
    json_lines(tmp_path / "a.jsonl", [http_event(SEND, message(1, "user-1")), *EVENTS])
    write(made, run, tmp_path, "braze", tmp_path / "a.jsonl")
    (tmp_path / "book").mkdir()
    (tmp_path / "campaigns.json").rename(tmp_path / "book" / "campaigns.json")
    assert run("import", "canonical", str(tmp_path / "book"), "-w", str(made.directory), "--strict")[0] == 0
    code, said, _ = run("metrics", "spring", "-w", str(made.directory), "--json")
    assert (code, json.loads(said)["performance"]["sent"]["total"]) == (0, 1)


def test_avro_files_name_their_campaigns(made: Workspace, run: Run, tmp_path: Path) -> None:
    currents(tmp_path / "export", SEND, [message(1, "ann", campaign_name="Spring sale")])
    (spring,) = write(made, run, tmp_path, "braze", tmp_path / "export")
    assert spring["name"] == "Spring sale"
    assert [goal["event_name"] for goal in spring["goals"]] == ["EVENT NAME"]


@pytest.mark.parametrize(
    ("attributes", "delivery_type"),
    [
        ({"moe_delivery_type": "One Time"}, "one_time"),
        ({"campaign_type": "Event Trigger"}, "event_triggered"),
        ({"moe_delivery_type": "Periodic"}, "periodic"),
        ({"parent_campaign_id": "spring", "campaign_id": "run-1"}, "periodic"),
        ({}, "one_time"),
    ],
)
def test_moengage_says_the_type(
    attributes: dict[str, str], delivery_type: str, made: Workspace, run: Run, tmp_path: Path
) -> None:
    said = {"campaign_id": "spring", "campaign_name": "Spring sale", **attributes}
    event = {"event_name": "Connector Sent", "uid": "ann", "event_time": 1_772_445_600, "event_attributes": said}
    json_lines(tmp_path / "a.json", [event])
    (spring,) = write(made, run, tmp_path, "moengage", tmp_path / "a.json")
    assert (spring["campaign_id"], spring["name"], spring["delivery_type"]) == ("spring", "Spring sale", delivery_type)


def delivery_log(path: Path, rows: list[tuple[str, str]]) -> Path:
    """Requests of campaign and instance, in `path`/deliveries.csv."""
    path.mkdir()
    frame = pl.DataFrame(rows, schema=["campaign_id", "instance_id"], orient="row")
    made = frame.with_row_index("user_id").with_columns(
        pl.lit("2026-03-02T10:00:00Z").alias("occurred_at"), pl.lit("requested").alias("outcome")
    )
    made.write_csv(path / "deliveries.csv")
    return path


def test_where_nothing_is_said_the_rows_tell_the_type(made: Workspace, run: Run, tmp_path: Path) -> None:
    rows = [("a", "i1")] * 3 + [("b", f"i{n}") for n in range(4)] + [("c", f"i{n // 3}") for n in range(9)]
    found = write(made, run, tmp_path, "canonical", delivery_log(tmp_path / "log", rows))
    assert [(each["name"], each["delivery_type"]) for each in found] == [
        ("a", "one_time"),
        ("b", "event_triggered"),
        ("c", "periodic"),
    ]


def test_a_mapped_table_has_drafts_too(made: Workspace, run: Run, tmp_path: Path) -> None:
    log = delivery_log(tmp_path / "log", [("a", "i1")])
    names = ("campaign_id", "instance_id", "user_id", "occurred_at", "outcome")
    columns = "\n".join(f'{name} = "{name}"' for name in names)
    (tmp_path / "m.toml").write_text(f'table = "deliveries"\n[columns]\n{columns}\n')
    table = ["table", log / "deliveries.csv", "--mapping", tmp_path / "m.toml"]
    drafts = str(tmp_path / "none.json")
    code, _, said = run("import", *map(str, table), "--dry-run", "--write-campaigns", drafts)
    assert (code, said) == (2, "error: --write-campaigns needs rows that were imported; leave --dry-run out\n")
    assert [each["campaign_id"] for each in write(made, run, tmp_path, *table)] == ["a"]


def test_what_is_defined_is_left_out_and_named(made: Workspace, run: Run, tmp_path: Path) -> None:
    log = delivery_log(tmp_path / "log", [("a", "i1"), ("b", "i1")])
    goal = {"goal_id": "g", "name": "G", "event_name": "Seen"}
    defined = {"campaign_id": "a", "name": "A", "delivery_type": "one_time", "goals": [goal]}
    (log / "campaigns.json").write_text(json.dumps([defined]))
    drafts = tmp_path / "drafts.json"
    command = ("import", "canonical", str(log), "-w", str(made.directory), "--write-campaigns", str(drafts))
    code, _, said = run(*command)
    assert (code, [each["campaign_id"] for each in read(drafts)]) == (0, ["b"])
    assert f"left out of {drafts}, because they are defined already: a\n" in said
    drafts.unlink()
    (log / "campaigns.json").write_text(json.dumps([defined, {**defined, "campaign_id": "b"}]))
    code, _, said = run(*command)
    assert (code, drafts.exists()) == (0, False)
    assert f"{drafts} was not written: no campaign has rows and no definition" in said


@pytest.mark.parametrize("there", ["file", "folder", "link", "no folder"])
def test_a_place_that_is_taken_is_refused_before_anything_is_imported(
    there: str, made: Workspace, run: Run, tmp_path: Path
) -> None:
    drafts = tmp_path / "drafts.json"
    if there == "file":
        drafts.write_text("mine")
    elif there == "folder":
        drafts.mkdir()
    elif there == "link":
        drafts.symlink_to(tmp_path / "nowhere.json")
    else:
        drafts = tmp_path / "nowhere" / "drafts.json"
    log = delivery_log(tmp_path / "log", [("a", "i1")])
    command = ("import", "canonical", str(log), "-w", str(made.directory), "--write-campaigns", str(drafts))
    code, shown, said = run(*command)
    assert (code, shown, said.count("\n")) == (2, "", 1)
    assert said.startswith(f"error: --write-campaigns {drafts}: ")
    assert made.imports() == ()
    if there == "file":
        assert drafts.read_text() == "mine"
    assert not (tmp_path / "nowhere.json").exists()

"""Tables that a mapping describes, from the file to the number."""

import json
import zipfile
from pathlib import Path

from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import TableCounts, create_workspace
from analytics_core.workspace.workspace import Workspace

MAPPING = """\
table = "events"
delimiter = ";"
read = {decimal = ","}
attributes = ["v", "b", "m"]
where = [{column = "m", exists = true}]
[columns]
event_id = "id"
user_id = "u"
occurred_at = "t"
[constants]
event_name = "x"
[[also]]
table = "deliveries"
[also.columns]
user_id = "u"
occurred_at = "sent"
request_id = {join = ["id", "u"], with = "/"}
[also.constants]
campaign_id = "c"
instance_id = "1"
outcome = "requested"
response_code = 200
"""
ROWS = "id;u;t;sent;v;b;m\n1;a;2024-01-01T01:00:00Z;2024-01-01T00:00:00Z;15;true;12,50\n2;b;;2024-01-01T00:00:00Z;;;\n"


def _workspace(tmp_path: Path, goals: list[dict[str, object]]) -> Workspace:
    definitions = tmp_path / "canonical"
    definitions.mkdir()
    campaign = {"campaign_id": "c", "name": "C", "delivery_type": "one_time", "goals": goals}
    (definitions / "campaigns.json").write_text(json.dumps([campaign]))
    workspace = create_workspace(tmp_path / "workspace", App(timezone="UTC"))
    workspace.import_canonical(definitions)
    return workspace


def test_one_table_with_a_decimal_comma_becomes_deliveries_and_revenue(tmp_path: Path) -> None:
    goal = {"goal_id": "k", "name": "K", "event_name": "x", "revenue": {"attribute": "m", "currency": "EUR"}}
    workspace = _workspace(tmp_path, [goal])
    (tmp_path / "mapping.toml").write_text(MAPPING)
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("rows.csv", ROWS)
    summary = workspace.import_table(tmp_path / "mapping.toml", [tmp_path / "export.zip"])
    assert summary.tables == {"deliveries": TableCounts(2, 2, 0, 0), "events": TableCounts(1, 1, 0, 0)}
    assert summary.left_out == {"rows of events that do not fulfil where": 1}
    performance = as_json(workspace.snapshot("c"))["performance"]
    assert (performance["sent"]["total"], performance["converted_users"], performance["revenue"]) == (2, 1, "12.50")
    (tmp_path / "rows.csv").write_text(ROWS)
    again = workspace.import_table(tmp_path / "mapping.toml", [tmp_path / "rows.csv"])
    assert {table: (counts.accepted, counts.rejected) for table, counts in again.tables.items()} == {
        "deliveries": (0, 0),
        "events": (0, 0),
    }


def test_attributes_of_csv_files_meet_filters_as_those_of_json_do(tmp_path: Path) -> None:
    filters = [("is", "qty", 2), ("in", "qty", [1, 2]), ("is_not", "qty", 2), ("is", "vip", True)]
    workspace = _workspace(
        tmp_path,
        [
            {
                "goal_id": f"g{place}",
                "name": "G",
                "event_name": "Buy",
                "filters": [{"attribute": name, "op": op, "value": value}],
            }
            for place, (op, name, value) in enumerate(filters)
        ],
    )
    rows = tmp_path / "canonical"
    (rows / "events.csv").write_text(
        "event_id,user_id,event_name,occurred_at,attributes.qty,attributes.vip\ne1,ann,Buy,2026-03-02T10:00:00Z,2,true\n"
    )
    (rows / "deliveries.csv").write_text(
        "campaign_id,instance_id,user_id,occurred_at,outcome,request_id,response_code\n"
        "c,i,ann,2026-03-02T09:00:00Z,requested,r1,200\n"
    )
    workspace.import_canonical(rows)
    assert [goal["conversion_events"] for goal in as_json(workspace.snapshot("c"))["goals"]] == [1, 1, 0, 1]

"""Answers of MoEngage's Stats API: what becomes of every number, and of what is none."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_moengage import reasons, taken_in

from analytics_core.workspace import Workspace
from analytics_core.workspace.summaries import TableCounts

REQUEST = {"start_date": "2026-03-01", "end_date": "2026-03-30", "metric_type": "TOTAL"}
SINGLE = "Stats API: a single platform, locale or variation of a campaign"


def variations(found: object, *, locale: str = "all_locales", platform: str = "CONNECTOR") -> dict[str, Any]:
    return {"platforms": {platform: {"locales": {locale: {"variations": found}}}}}


def answer(
    sections: object, request: Mapping[str, object] | None = REQUEST, campaign: str = "spring"
) -> dict[str, Any]:
    """An answer about one campaign; no request was saved with it where there is None."""
    said = {"response_id": "1", "total_campaigns": 1, "data": {campaign: [variations({"all_variations": sections})]}}
    return said if request is None else {"request": request, **said}


def stats_of(made: Workspace) -> pl.DataFrame:
    stats = made.tables().vendor_stats
    assert stats is not None
    return stats.collect().sort("metric", "value")


def only_number(directory: Path, said: object) -> dict[str, Any]:
    made, summary = taken_in(directory, said)
    assert summary.tables["vendor_stats"] == TableCounts(1, 1, 0, 0), reasons(made)
    return stats_of(made).row(0, named=True)


def test_a_number_is_a_row_that_says_what_it_is_about(tmp_path: Path) -> None:
    row = only_number(tmp_path, answer({"performance_stats": {"sent": 12}}))
    assert (row["vendor"], row["campaign_id"], row["metric"]) == ("moengage", "spring", "performance_stats.sent")
    assert (row["our_metric"], row["counting"], row["value"]) == ("sent", "total", 12)
    assert (str(row["starts_on"]), str(row["ends_on"])) == ("2026-03-01", "2026-03-30")
    assert row["goal"] is row["control_group_type"] is row["occurred_at"] is None


@pytest.mark.parametrize(
    ("section", "name", "value", "ours", "stored"),
    [
        ("performance_stats", "sent_rate", 66.67, "sent_rate", "0.6667"),
        ("performance_stats", "ctr", 200, None, "2"),
        ("performance_stats", "impression", 0, None, "0"),
        ("delivery_funnel", "after_fc", 7, "after_frequency_cap", "7"),
        ("delivery_funnel", "users_after_dup", 7, None, "7"),
        ("failure_breakdown", "request_failed", 3, None, "3"),
        ("something_new", "sent", 3, None, "3"),
    ],
)
def test_what_it_is_compared_with_depends_on_its_section(
    section: str, name: str, value: float, ours: str | None, stored: str, tmp_path: Path
) -> None:
    row = only_number(tmp_path, answer({section: {name: value}}))
    assert (row["metric"], row["our_metric"], row["value"]) == (f"{section}.{name}", ours, Decimal(stored))


@pytest.mark.parametrize(
    ("name", "kind", "ours", "group"),
    [
        ("unique", "TOTAL", "converted_users", None),
        ("total", "UNIQUE", "conversion_events", None),
        ("conversions", "TOTAL", "conversion_events", None),
        ("conversions", "UNIQUE", "converted_users", None),
        ("conversions", "OTHER", None, None),
        ("cvr", "TOTAL", "conversion_rate", None),
        ("uplift", "TOTAL", "uplift", "campaign"),
        ("gcg_uplift", "TOTAL", "uplift", "global"),
        ("average_order_value", "TOTAL", "average_order_value", None),
    ],
)
def test_a_goals_number_names_its_goal(
    name: str, kind: str, ours: str | None, group: str | None, tmp_path: Path
) -> None:
    request = {**REQUEST, "metric_type": kind, "attribution_type": "VIEW_THROUGH"}
    goals = {"goal_1": {"goal_name": "Purchase", name: -1 if "uplift" in name else 1}}
    row = only_number(tmp_path, answer({"conversion_goal_stats": goals}, request))
    assert row["metric"] == f"conversion_goal_stats.{name} (VIEW_THROUGH)"
    assert (row["goal"], row["our_metric"], row["control_group_type"]) == ("Purchase", ours, group)


def test_a_goal_without_a_name_is_called_by_its_key(tmp_path: Path) -> None:
    assert only_number(tmp_path, answer({"conversion_goal_stats": {"Purchase": {"unique": 1}}}))["goal"] == "Purchase"


@pytest.mark.parametrize(("arm", "group"), [("campaign_control_group", "campaign"), ("global_control_group", "global")])
def test_the_numbers_of_a_control_group_are_compared_with_that_group(arm: str, group: str, tmp_path: Path) -> None:
    sections = {"conversion_goal_stats": {"Purchase": {"unique": 1, "revenue": 2}}, "performance_stats": {"sent": 0}}
    said = {"request": REQUEST, "data": {"spring": [variations({arm: sections})]}}
    made, summary = taken_in(tmp_path, said)
    assert summary.tables["vendor_stats"].accepted == 3
    found = {row["metric"].rpartition(".")[2]: row for row in stats_of(made).iter_rows(named=True)}
    assert {row["control_group_type"] for row in found.values()} == {group}
    assert {name: row["our_metric"] for name, row in found.items()} == {
        "unique": "control_converted_users",
        "revenue": None,
        "sent": None,
    }


def test_without_its_request_an_answer_is_of_no_known_period(tmp_path: Path) -> None:
    row = only_number(tmp_path, answer({"performance_stats": {"sent": 12}}, None))
    assert row["counting"] is row["starts_on"] is row["ends_on"] is None


def test_the_request_may_stand_in_the_answer_itself(tmp_path: Path) -> None:
    row = only_number(tmp_path, {**REQUEST, **answer({"performance_stats": {"sent": 12}}, None)})
    assert (row["counting"], str(row["ends_on"])) == ("total", "2026-03-30")


def test_parts_of_a_campaign_are_counted_and_the_whole_is_taken(tmp_path: Path) -> None:
    sections = {"performance_stats": {"sent": 1}}
    both = {"all_locale": {"variations": {"all_variations": sections, "variation_1": sections}}, "en": {}}
    platforms = {"ALL_PLATFORMS": {"locales": both}, "A": {}, "B": {}}
    made, summary = taken_in(tmp_path, {"data": {"spring": {"platforms": platforms}}})
    assert stats_of(made)["value"].to_list() == [1]
    assert summary.left_out == {SINGLE: 4}


def test_of_several_platforms_without_a_sum_none_is_taken(tmp_path: Path) -> None:
    made, summary = taken_in(tmp_path, {"data": {"spring": [{"platforms": {"A": {}, "B": {}}}]}})
    assert made.tables().vendor_stats is None
    assert "vendor_stats" not in summary.tables
    assert summary.left_out == {SINGLE: 2}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("NaN", "value is not a number"),
        ("Infinity", "value is not a number"),
        ('"12"', "value is not a number"),
        ('"n/a"', "value is not a number"),
        ("true", "value is not a number"),
        ("[1]", "value is not a number"),
        ("-1", "value is negative"),
        ("1e999", "value is out of range"),
        ("1e-9999", None),
        ("1e99999", "value is not a number"),
    ],
)
def test_a_broken_number_is_kept_aside_and_the_others_arrive(value: str, reason: str | None, tmp_path: Path) -> None:
    text = json.dumps(answer({"performance_stats": {"sent": "BROKEN", "failed": 2}})).replace('"BROKEN"', value)
    made, summary = taken_in(tmp_path, name="empty.json")
    (tmp_path / "a.json").write_text(text)
    summary = made.import_export("moengage", [tmp_path / "a.json"])
    assert reasons(made) == ([reason] if reason else [])
    assert summary.tables["vendor_stats"] == TableCounts(2, 2 - len(reasons(made)), 0, len(reasons(made)))
    assert summary.tables["events"].rejected == 0


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (answer({"performance_stats": {"sent": 1}}, campaign=""), "campaign_id is missing"),
        (
            answer({"performance_stats": {"sent": 1}}, campaign="x" * 129),
            "campaign_id is longer than 128 characters",
        ),
        (
            answer({"performance_stats": {"sent": 1}}, {"start_date": "1.3.2026"}),
            "starts_on is not a day like 2026-03-31",
        ),
        (answer({"performance_stats": {"sent": 1}}, {"end_date": "2026-02-30"}), "ends_on is not a day"),
        (
            answer({"performance_stats": {"sent": 1}}, {"end_date": "1969-12-31"}),
            "ends_on is outside the years 1970 to 2200",
        ),
        (answer({"performance_stats": {"sent": 1}}, {"end_date": 20260330}), "ends_on is not a day like 2026-03-31"),
        (answer({"performance_stats": 7}), "a section is not an object"),
        (answer({"conversion_goal_stats": {"Purchase": 7}}), "a goal is not an object"),
        (answer(7), "a variation is not an object"),
        ({"data": {"spring": [7]}}, "platforms is not an object"),
        ({"data": {"spring": [{"platforms": {"A": {"locales": None}}}]}}, "locales is not an object"),
        ({"data": {"spring": [variations("none")]}}, "variations is not an object"),
    ],
)
def test_an_answer_of_another_shape_is_kept_aside(said: dict[str, Any], reason: str, tmp_path: Path) -> None:
    made, summary = taken_in(tmp_path, said)
    assert reasons(made) == [reason]
    assert summary.tables["vendor_stats"] == TableCounts(1, 0, 0, 1)


def test_a_number_that_is_null_is_counted(tmp_path: Path) -> None:
    _, summary = taken_in(tmp_path, answer({"performance_stats": {"sent": None}}))
    assert summary.left_out == {"Stats API: a number that is null": 1}


def test_the_same_number_of_the_same_period_counts_once_however_it_is_written(tmp_path: Path) -> None:
    said = answer({"performance_stats": {"sent": 12}})
    again = {"data": said["data"], "request": {**REQUEST}, "response_id": "2"}
    text = json.dumps(again).replace('"sent": 12', '"sent": 12.0')
    made, summary = taken_in(tmp_path, said, json.loads(text))
    assert summary.tables["vendor_stats"] == TableCounts(2, 1, 1, 0)
    assert stats_of(made).height == 1


def test_an_answer_over_several_lines_is_read_as_one(tmp_path: Path) -> None:
    made, _ = taken_in(tmp_path, name="empty.json")
    said = answer({"performance_stats": {"sent": 12}})
    for name, text in {
        "indented.json": json.dumps(said, indent=2),
        "broken_by_hand.json": json.dumps(said).replace(', "response_id"', ',\n"response_id"'),
    }.items():
        (tmp_path / name).write_text(text)
        summary = made.import_export("moengage", [tmp_path / name])
        assert summary.tables["vendor_stats"].read == 1
        assert summary.rejected == 0


def test_events_and_answers_may_stand_in_one_file(tmp_path: Path) -> None:
    _, summary = taken_in(
        tmp_path, answer({"performance_stats": {"sent": 1}}), [answer({"performance_stats": {"sent": 2}})], 7
    )
    assert summary.tables["vendor_stats"].accepted == 2
    assert summary.tables["events"] == TableCounts(1, 0, 0, 1)

"""Years at the ends of the calendar and numbers beyond all use are rejected by their name, or shown."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_core.sources.campaigns import read_campaigns
from analytics_core.views.forms.numbers import count, local_day, local_time
from commands import Run

GOAL = {"goal_id": "g", "name": "G", "event_name": "buy"}


def definition(**changed: object) -> dict[str, object]:
    return {"campaign_id": "c", "name": "n", "delivery_type": "one_time", "goals": [GOAL], **changed}


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31T00:00:00Z"])
@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"created_at": "{}"}, "created_at"),
        ({"updated_at": "{}"}, "updated_at"),
        ({"schedule": {"starts_at": "{}"}}, "schedule.starts_at"),
        ({"schedule": {"ends_at": "{}"}}, "schedule.ends_at"),
        ({"approval": {"decided_at": "{}"}}, "approval.decided_at"),
    ],
)
def test_a_year_that_no_row_can_be_of_is_rejected_by_name(
    tmp_path: Path, year: str, changed: dict[str, object], name: str
) -> None:
    path = tmp_path / "campaigns.json"
    path.write_text(json.dumps([definition(**changed)]).replace("{}", year))
    assert read_campaigns(path).rejected["reason"].to_list() == [f"{name} is outside the years 1970 to 2200"]


@pytest.mark.parametrize(
    ("changed", "start"),
    [
        ({"schedule": {"requests_per_minute": 10**30}}, "schedule.requests_per_minute is not between"),
        ({"schedule": {"requests_per_minute": 1e300}}, "schedule.requests_per_minute: "),
        ({"audience": {"control_group_percent": 10**400}}, "audience.control_group_percent: "),
        ({"attribution_window_hours": 1e300}, "attribution_window_hours: "),
    ],
)
def test_a_number_beyond_all_use_is_rejected_by_name(tmp_path: Path, changed: dict[str, object], start: str) -> None:
    path = tmp_path / "campaigns.json"
    path.write_text(json.dumps([definition(**changed)]))
    (reason,) = read_campaigns(path).rejected["reason"]
    assert reason.startswith(start)


def test_what_earlier_versions_let_in_is_shown() -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert local_time(first, "America/New_York") == "Mon 1 Jan 1, 00:00 UTC"
    assert local_day(last, "Pacific/Kiritimati") == "Fri 31 Dec 9999"
    assert count(10**400) == f"{10**400:,}"


VALUES = (10**400, 1e308, -1e-320, "1e999999999", "9" * 5000, [10**400, "1e99999999"], {"a": 10**400}, [[]], None, True)


def test_no_filter_value_is_unexpected(tmp_path: Path, run: Run) -> None:
    operators = ("is", "is_not", "in", "not_in", "contains", "gt", "lte", "exists")
    goals = [
        {**GOAL, "filters": [{"attribute": "v", "op": op, "value": [value] if op.endswith("in") else value}]}
        for value in VALUES
        for op in operators
    ]
    exported, place = tmp_path / "x", tmp_path / "w"
    exported.mkdir()
    definitions = [definition(campaign_id=f"c{number}", goals=[goal]) for number, goal in enumerate(goals)]
    (exported / "campaigns.json").write_text(json.dumps(definitions))
    run("init", place)
    assert run("import", "canonical", exported, "-w", place)[0] == 0
    for command in (("metrics", "--all"), ("campaigns",), ("explain", "c0", "conversion_events")):
        code, _, error = run(*command, "-w", place)
        assert (code, error) == (0, "")

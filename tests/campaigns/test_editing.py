"""Edits: patches, single fields, what is locked, and every reason why not."""

import json
from typing import Any

import pytest

from analytics_core.campaigns.editing import apply_patch, merge, read_fields, require_unlocked
from analytics_core.campaigns.validation import find_problems
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Status
from defined_campaigns import NOON, define

RFC_7396 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("value", "patch", "merged"), RFC_7396)
def test_the_examples_of_the_standard(value: Any, patch: Any, merged: Any) -> None:  # noqa: ANN401 - any JSON
    assert merge(value, patch) == merged


def test_fields_are_set_one_by_one() -> None:
    patch = read_fields(["name=2026", 'tags=["a"]', "audience.control_group_percent=10", "audience.segment=All"], "UTC")
    assert patch == {"name": "2026", "tags": ["a"], "audience": {"control_group_percent": 10, "segment": "All"}}
    assert apply_patch(define(), patch).audience is not None


def test_null_takes_a_field_away() -> None:
    before = define(team="Growth", schedule={"detail": "daily", "kind": "daily", "starts_at": NOON})
    after = apply_patch(before, read_fields(["team=null", "schedule.starts_at=null"], "UTC"))
    assert after.schedule is not None
    # A text field keeps the word; `--patch` takes it away.
    assert (after.team, after.schedule.starts_at, after.schedule.detail) == ("null", None, "daily")
    assert apply_patch(before, {"team": None}).team is None


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-12-01 09:00", "America/New_York", "2026-12-01T14:00:00+00:00"),
        ("2026-12-01T09:00:30 Europe/Berlin", "America/New_York", "2026-12-01T08:00:30+00:00"),
        ("2026-12-01T09:00:00+05:30", "UTC", "2026-12-01T03:30:00+00:00"),
    ],
)
def test_a_time_is_in_the_zone_that_is_named_else_in_the_apps(text: str, zone: str, utc: str) -> None:
    after = apply_patch(define(), read_fields([f"schedule.starts_at={text}"], zone))
    assert after.schedule is not None
    assert after.schedule.starts_at is not None
    assert after.schedule.starts_at.astimezone(NOON.tzinfo).isoformat() == utc


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("schedule.starts_at=2026-12-01 09:00 Mars/Base", "no time zone 'Mars/Base'"),
        ("schedule.starts_at=2026-03-08 02:30", "the clocks are changed"),
        ("schedule.starts_at=2026-11-01 01:30", "the clocks are changed"),
        ("schedule.starts_at=tomorrow", "schedule.starts_at:"),
        ("schedule.starts_at=2026-13-01 09:00", "schedule.starts_at:"),
        ("name", "write NAME=VALUE"),
        ("=x", "write NAME=VALUE"),
        ("a..b=x", "write NAME=VALUE"),
        ("colour=red", "colour: there is no such field"),
        ("schedule.colour=red", "schedule.colour: there is no such field"),
        ("name.colour=red", "name:"),
        ("delivery_type=weekly", "delivery_type:"),
        ("goals=[]", "goals:"),
        ("attribution_window_hours=0", "attribution_window_hours:"),
        ("request.headers=1", "request.headers:"),
    ],
)
def test_what_cannot_be_says_why_and_where(assignment: str, reason: str) -> None:
    with pytest.raises(AnalyticsError) as refused:
        apply_patch(define(), read_fields([assignment], "America/New_York"))
    assert reason in str(refused.value)


def test_every_problem_is_told_at_once_and_no_secret() -> None:
    patch = {"name": 5, "goals": "x", "request": {"headers": {"Authorization": {"token": "hunter2hunter2"}}}, "x": 1}
    with pytest.raises(AnalyticsError) as refused:
        apply_patch(define(), patch)
    told = str(refused.value)
    assert all(field in told for field in ("name:", "goals:", "request.headers:", "x:"))
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "secret", ["AKIAZGCWYDOLNNQTTRSF", "kQzRtWpLmNbVcXsDfGhJ", "bob@person.example", "a1b2c3d4e5f6"]
)
@pytest.mark.parametrize(
    "place", ["schedule.starts_at=2026-12-01 09:00 {}", "{}=1", "{}", "request.{}=1", "goals.{}=1"]
)
def test_what_is_written_where_a_name_belongs_is_not_repeated(place: str, secret: str) -> None:
    with pytest.raises(AnalyticsError) as refused:
        apply_patch(define(), read_fields([place.format(secret)], "UTC"))
    assert secret not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "field", "warns"),
    [
        ({"name": "Sale"}, "name", False),
        ({"name": "x" * 257}, "name", False),
        ({"name": "  ab   "}, "name", False),
        ({"tags": list("abcdef")}, "tags", False),
        ({"schedule": {"starts_at": NOON, "ends_at": NOON}}, "schedule.ends_at", False),
        ({"schedule": {"starts_at": "2201-01-01T00:00:00Z"}}, "schedule.starts_at", False),
        ({"schedule": {"requests_per_minute": 0}}, "schedule.requests_per_minute", False),
        ({"request": {"url": "ftp://acme.example/x"}}, "request.url", False),
        ({"request": {"url": "https://"}}, "request.url", False),
        ({"request": {"url": "http://[::1"}}, "request.url", False),
        ({"attribution_window_hours": 0.5}, "attribution_window_hours", False),
        ({"attribution_window_hours": 24 * 90 + 1}, "attribution_window_hours", False),
        ({"attribution_window_hours": 37}, "attribution_window_hours", True),
        ({"goals": [{"goal_id": "g", "name": "G", "event_name": "E"}]}, "goals", False),
        (
            {"goals": [{"goal_id": i, "name": "G", "event_name": "E", "is_primary": True} for i in "ab"]},
            "goals",
            False,
        ),
        ({"delivery_type": "event_triggered"}, "trigger", True),
    ],
)
def test_each_rule_names_its_field(said: dict[str, Any], field: str, *, warns: bool) -> None:
    assert [(problem.field, problem.is_warning) for problem in find_problems(define(**said))] == [(field, warns)]


def test_what_may_be_is_no_problem() -> None:
    fine = define(
        name="Sales",
        tags=list("abcde"),
        attribution_window_hours=36,
        request={"url": "https://hooks.acme.example/{{ user.id }}"},
        schedule={"starts_at": NOON, "ends_at": NOON.replace(hour=13)},
    )
    assert find_problems(fine) == ()
    assert find_problems(define(attribution_window_hours=1)) == ()


def test_locked_fields_are_named() -> None:
    before = define(status="active", schedule={"kind": "once"})
    after = apply_patch(before, json.loads('{"name": "Summer sale", "schedule": {"kind": "daily"}, "trigger": "x"}'))
    require_unlocked(before, after, Status.SCHEDULED)
    with pytest.raises(AnalyticsError, match=r"cannot change trigger, schedule.kind of a campaign that is active"):
        require_unlocked(before, after, Status.ACTIVE)
    with pytest.raises(AnalyticsError, match="status"):
        require_unlocked(before, apply_patch(before, {"status": "sent"}), Status.DRAFT)

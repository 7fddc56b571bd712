"""The hash an approval is of."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from analytics_core.campaigns.fingerprint import COVERED, hash_definition
from analytics_core.domain.campaign import Campaign
from defined_campaigns import NOON, approved, define

FULL: dict[str, Any] = {
    "delivery_type": "periodic",
    "trigger": {"event": "Added to Cart", "count": 1},
    "audience": {"segment": "Bought", "control_group_percent": 10},
    "schedule": {"kind": "weekly", "starts_at": NOON, "requests_per_minute": 60},
    "request": {"url": "https://hooks.acme.example/v1", "headers": {"A": "1", "B": "2"}, "sample": {"x": 1}},
    "attribution_window_hours": 36,
}
KNOWN = "c8c28c9fdd8a46cc95a14eb23ab13ccdeaab97e8c7938233fb6f1065650b901c"


def test_the_hash_of_a_definition_never_changes() -> None:
    # Approvals that are kept in books are of this hash: whoever changes it ends them all.
    assert hash_definition(define(**FULL)) == KNOWN


def test_how_it_is_written_down_says_nothing() -> None:
    zone = timezone(timedelta(hours=-4))
    schedule = {**FULL["schedule"], "starts_at": NOON.astimezone(zone), "ignore_frequency_cap": False}
    request = {"sample": {"x": 1.0}, "headers": {"B": "2", "A": "1"}, "url": FULL["request"]["url"], "method": "POST"}
    same = {**FULL, "schedule": schedule, "request": request, "attribution_window_hours": 36.0}
    assert hash_definition(define(**same)) == KNOWN
    assert hash_definition(Campaign.model_validate_json(define(**FULL).model_dump_json())) == KNOWN
    assert hash_definition(define(audience={})) == hash_definition(define(audience=None))


def test_status_approval_dates_tags_and_team_are_not_covered() -> None:
    said = {"status": "sent", "approval": approved(), "created_at": NOON, "created_by": "m", "updated_at": NOON}
    others = {"updated_by": "m", "tags": ["a"], "team": "Growth", "analytics_version": "legacy"}
    assert hash_definition(define(**FULL, **said, **others)) == KNOWN
    assert {*COVERED, *said, *others, "campaign_id"} == {*Campaign.model_fields}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Spring sale!"},
        {"delivery_type": "one_time"},
        {"trigger": {"event": "Added to Cart", "count": 2}},
        {"audience": {"segment": "Bought", "control_group_percent": 10, "global_control_group": True}},
        {"schedule": {**FULL["schedule"], "ignore_frequency_cap": True}},
        {"request": {**FULL["request"], "headers": {"A": "1", "B": "3"}}},
        {"request": {**FULL["request"], "method": "PUT"}},
        {"attribution_window_hours": 36.5},
        {"goals": [{"goal_id": "g", "name": "Purchase", "event_name": "Order"}]},
    ],
)
def test_what_it_is_changes_it(changed: dict[str, Any]) -> None:
    assert hash_definition(define(**{**FULL, **changed})) != KNOWN

"""A definition is edited around its secrets: none is seen, moved, lost or mixed up."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from analytics_core.campaigns.differences import list_changes, list_fields
from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.definition.changes import change_documents
from analytics_core.views.definition.editable import mask_document, unmask_document
from analytics_core.views.definition.masked_fields import mask_field, mask_names
from analytics_core.views.request.secret_shapes import MASK
from defined_campaigns import define

WORD, OTHER = "zuvekomila", "batifolare"
KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"

Document = dict[str, Any]


def goal(goal_id: str, secret: str) -> Document:
    filters = [{"attribute": "password", "op": "is", "value": secret}, {"attribute": "kind", "op": "is", "value": "x"}]
    return {"goal_id": goal_id, "name": f"Goal {goal_id}", "event_name": "Order", "filters": filters}


def document() -> Document:
    campaign = define(
        goals=[goal("a", WORD), goal("b", OTHER)],
        tags=["sale", KEY],
        trigger={
            "user": {"id": WORD, "name": "any"},
            "header": {"name": "Authorization", "value": WORD},
            "all": [{"attribute": "password", "value": WORD}, {"attribute": "pin", "value": OTHER}],
            "any": [{"secret": WORD}, {"secret": OTHER}, 1],
            f"x {KEY}": 1,
            f"x {KEY}2": 2,
        },
        request={
            "url": f"https://ada:{WORD}@hooks.example/v1/orders#top",
            "headers": {"X-Api-Key": WORD, f"X-{KEY}": "1", "Accept": "text/html"},
            "body": json.dumps({"token": WORD, "n": 1}),
            "sample": {"user": {"first_name": "Ada", KEY: 1}},
        },
    )
    dumped: Document = campaign.model_dump(mode="json")
    return dumped


def test_no_secret_is_seen_and_what_is_left_alone_is_as_it_was() -> None:
    raw = document()
    masked = mask_document(raw)
    assert not [secret for secret in (WORD, OTHER, KEY) if secret in json.dumps(masked)]
    assert unmask_document(json.loads(json.dumps(masked)), raw) == raw


def edited(change: Callable[[Document], object]) -> Document:
    raw = document()
    masked = mask_document(raw)
    change(masked)
    return unmask_document(masked, raw)


def test_a_goal_that_is_taken_away_takes_its_secrets_with_it() -> None:
    left = edited(lambda seen: seen["goals"].pop(0))
    assert left["goals"] == [goal("b", OTHER) | {"is_primary": False, "revenue": None}]
    turned = edited(lambda seen: seen["goals"].reverse())
    assert [one["filters"][0]["value"] for one in turned["goals"]] == [OTHER, WORD]


def test_names_that_are_hidden_stay() -> None:
    after = edited(lambda seen: seen["request"]["headers"].update({"Accept": "text/plain"}))
    assert after["request"]["headers"] == {"X-Api-Key": WORD, f"X-{KEY}": "1", "Accept": "text/plain"}
    assert after["trigger"][f"x {KEY}2"] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda seen: seen["trigger"]["header"].update(name="note"), "trigger.header.value"),
        (lambda seen: seen["goals"][0]["filters"][0].update(attribute="kind"), "goals.filters.value"),
        (lambda seen: seen["trigger"]["all"].pop(0), None),
        (lambda seen: seen["trigger"]["any"].pop(0), "trigger.any.secret"),
        (lambda seen: seen["request"]["headers"].update({"Accept": MASK}), "request.headers.Accept"),
        (lambda seen: seen.update(team=MASK), "team"),
        (lambda seen: seen["request"].update(url="https://hooks.example/v1/carts"), "request.url"),
        (lambda seen: seen["trigger"].update({f"y {MASK}": 1}), f"trigger.y {MASK}"),
        (lambda seen: seen["request"].update(body=seen["request"]["body"].replace("1", "2")), "request.body"),
    ],
)
def test_a_mask_stands_for_what_it_hides_in_its_place_only(
    change: Callable[[Document], object], field: str | None
) -> None:
    if field is None:
        assert edited(change)["trigger"]["all"] == [{"attribute": "pin", "value": OTHER}]
        return
    with pytest.raises(AnalyticsError) as refused:
        edited(change)
    assert str(refused.value).startswith(f"{field}: ")
    assert WORD not in str(refused.value)


def test_a_text_is_edited_where_nothing_of_it_is_hidden() -> None:
    raw = document()
    raw["request"]["body"] = json.dumps({"n": 1, "who": "{{ user.first_name }}"})
    masked = mask_document(raw)
    masked["request"]["body"] = masked["request"]["body"].replace("1", "2")
    assert json.loads(unmask_document(masked, raw)["request"]["body"])["n"] == 2


def test_a_field_by_field_view_knows_what_stands_around() -> None:
    before, after = define(), define(trigger=document()["trigger"])
    told = json.dumps(change_documents(list_changes(before, after)))
    assert not [secret for secret in (WORD, OTHER, KEY) if secret in told]
    assert mask_field("goals.card.name", "Purchase") == "Purchase"
    assert mask_field("trigger.security.number", "x") == MASK
    names = mask_names(field for field, _ in list_fields(after))
    assert len(set(names.values())) == len(names)
    assert names[f"trigger.x {KEY}2"] == f"trigger.x {MASK} (2)"

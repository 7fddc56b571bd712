"""Triggers as sentences: what each shape reads like, and that nothing of a trigger is ever lost."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.views.forms.pieces import Fact, FactSheet
from analytics_core.views.info.sheets import info_sheets
from analytics_core.views.info.trigger_sentence import trigger_sentence
from analytics_core.views.page.pieces import facts_html
from analytics_core.views.request.secret_shapes import MASK
from views.pages import assert_inert
from views.snapshots import HOSTILE, campaign, snapshot

AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"
CART, ORDER = "Added to Cart", "Order Placed"
SHOES = {"attribute": "category", "op": "is", "value": "shoes"}
DEAR = {"attribute": "order_value", "op": "gte", "value": 100}


def facts(trigger: object) -> tuple[Fact, ...]:
    sheets = info_sheets(campaign(trigger=trigger, delivery_type="event_triggered"), snapshot())
    return next(one.facts for one in sheets if one.title == "Trigger criteria" and isinstance(one, FactSheet))


def said(trigger: object) -> str:
    """What is said of a trigger in all, in one text."""
    first, *rest = facts(trigger)
    return "\n".join((first.value, *(f"{one.label}: {one.value}" for one in rest)))


@pytest.mark.parametrize(
    ("trigger", "sentence"),
    [
        ({"event": CART}, "When Added to Cart"),
        ({"event_name": CART, "filters": [], "unless": None}, "When Added to Cart"),
        (
            {"event_name": CART, "unless": {"event": ORDER, "within_minutes": 45}},
            "When Added to Cart, unless Order Placed within 45 minutes",
        ),
        (
            {"event": CART, "exclude": {"event_name": ORDER, "within_hours": 1}},
            "When Added to Cart, unless Order Placed within 1 hour",
        ),
        (
            {"event": CART, "unless": {"event": ORDER, "within": "2 Days"}},
            "When Added to Cart, unless Order Placed within 2 days",
        ),
        ({"event": CART, "unless": ORDER}, "When Added to Cart, unless Order Placed"),
        ({"event": CART, "delay_minutes": 1500}, "When Added to Cart; sent 1,500 minutes later"),
        ({"event": CART, "after_hours": 1.5}, "When Added to Cart; sent 1.5 hours later"),
        ({"event": CART, "delay": "1 hour"}, "When Added to Cart; sent 1 hour later"),
        ({"event": CART, "delay_minutes": 0}, "When Added to Cart; sent at once"),
        ({"event": CART, "filters": [SHOES]}, 'When Added to Cart where category is "shoes"'),
        (
            {"event": ORDER, "conditions": [SHOES, DEAR]},
            f'When Order Placed where category is "shoes" and order_value {AT_LEAST} 100',
        ),
        (
            {"event": ORDER, "filters": {"or": [SHOES, {"and": [DEAR, {"attribute": "coupon", "op": "exists"}]}]}},
            f'When Order Placed where category is "shoes" or (order_value {AT_LEAST} 100 and coupon exists)',
        ),
        (
            {"event": ORDER, "filters": [{"attribute": "category", "op": "in", "value": ["shoes", "hats"]}]},
            'When Order Placed where category is one of "shoes", "hats"',
        ),
        ({"or": [CART, {"event": "Wishlist Added"}]}, "When Added to Cart or Wishlist Added"),
        ({"and": [CART, {"or": ["A", "B"]}]}, "When Added to Cart and (A or B)"),
        (
            {"or": [{"event": CART, "filters": [SHOES]}, "B"], "unless": ORDER, "delay_hours": 2},
            'When (Added to Cart where category is "shoes") or B, unless Order Placed; sent 2 hours later',
        ),
        (
            {"event": CART, "unless": {"or": [ORDER, "Order Cancelled"], "within_minutes": 45}},
            "When Added to Cart, unless (Order Placed or Order Cancelled) within 45 minutes",
        ),
        ({"and": [CART]}, "When Added to Cart"),
    ],
)
def test_known_shapes_read_as_a_sentence(trigger: dict[str, Any], sentence: str) -> None:
    assert said(trigger) == sentence


def test_the_triggers_of_the_demo_and_of_the_documentation_are_sentences() -> None:
    cart = {"event_name": CART, "filters": [], "unless": "Order Placed within 45 minutes", "delay_minutes": 45}
    assert said(cart) == "When Added to Cart, unless Order Placed within 45 minutes; sent 45 minutes later"
    assert (
        said({"event_name": "Signed Up", "filters": [], "delay_minutes": 10}) == "When Signed Up; sent 10 minutes later"
    )
    left = {"event": "Cart Left", "after_minutes": 30, "unless": ORDER}
    assert said(left) == "When Cart Left, unless Order Placed; sent 30 minutes later"


def test_the_page_on_the_info_page_says_what_is_shown() -> None:
    page = (Path(__file__).parents[3] / "docs" / "info.md").read_text(encoding="utf-8")
    examples = re.findall(r"^\| `(\{.+\})` \| (.+) \|$", page, re.MULTILINE)
    assert len(examples) == 4
    for trigger, sentence in examples:
        assert said(json.loads(trigger)) == sentence


def test_names_of_events_are_set_off_and_nothing_else() -> None:
    (criteria,) = facts({"event": CART, "filters": [SHOES], "unless": "Order Placed within 45 minutes"})
    assert [part.text for part in criteria.parts if part.is_name] == [CART, ORDER]
    page = assert_inert(str(facts_html(FactSheet("T", (criteria,)))))
    assert [one.text for one in page.find("strong")] == [CART, ORDER]
    assert page.find("dd")[0].text == criteria.value


def test_keys_that_the_sentence_does_not_say_stand_below_it() -> None:
    trigger = {
        "event": CART,
        "priority": 3,
        "filters": [{**SHOES, "case_sensitive": False}],
        "unless": {"event": ORDER, "source": {"app": "web"}},
    }
    assert [(one.label, one.value) for one in facts(trigger)] == [
        ("Criteria", 'When Added to Cart where category is "shoes", unless Order Placed'),
        ("case_sensitive (category)", "false"),
        ("source (unless Order Placed)", '{\n  "app": "web"\n}'),
        ("priority", "3"),
    ]


def test_a_key_of_one_event_among_several_says_of_which() -> None:
    assert said({"or": [{"event": "A", "note": "x"}, "B"]}) == "When A or B\nnote (A): x"
    filtered = {"event": "A", "filters": [SHOES], "note": "x"}
    assert said({"or": [filtered, "B"]}) == 'When (A where category is "shoes") or B\nnote (A): x'


@pytest.mark.parametrize(
    "trigger",
    [
        {"cron": "0 9 * * *"},
        {"event": ""},
        {"event": 7},
        {"event": [CART, ORDER]},
        {"event": CART, "event_name": ORDER},
        {"event": CART, "or": ["B"]},
        {"and": [CART], "or": ["B"]},
        {"and": []},
        {"or": [CART, ["B"]]},
        {"event": CART, "filters": "category is shoes"},
        {"event": CART, "filters": [{"attribute": "category", "op": "like", "value": "s"}]},
        {"event": CART, "filters": [{"op": "is", "value": "s"}]},
        {"event": CART, "filters": [{"attribute": "category", "op": "in", "value": "s"}]},
        {"event": CART, "filters": {"category": "shoes"}},
        {"or": [CART, "B"], "filters": [SHOES]},
        {"event": CART, "unless": [ORDER]},
        {"event": CART, "unless": {"within_minutes": 45}},
        {"event": CART, "unless": {"event": ORDER, "within": 45}},
        {"event": CART, "unless": {"event": ORDER, "within_minutes": 45, "within_hours": 1}},
        {"event": CART, "unless": {"event": ORDER, "delay_minutes": 45}},
        {"event": CART, "unless": {"event": ORDER, "unless": "B"}},
        {"event": CART, "within_minutes": 45},
        {"event": CART, "delay": 45},
        {"event": CART, "delay": "soon"},
        {"event": CART, "delay_minutes": -1},
        {"event": CART, "delay_minutes": True},
        {"event": CART, "delay_minutes": 45, "after_minutes": 30},
        {"event": CART, "unless": ORDER, "exclude": "B"},
        [CART],
        7,
        False,
    ],
)
def test_what_is_not_known_is_shown_whole_as_json_and_never_half(trigger: object) -> None:
    assert said(trigger) == json.dumps(trigger, indent=2)


def test_text_is_shown_as_text() -> None:
    assert said("When a cart is left\nfor 45 minutes") == "When a cart is left\nfor 45 minutes"
    assert said('{"event": "x"}') == '{"event": "x"}'


@pytest.mark.parametrize("trigger", [None, "", {}, []])
def test_without_criteria_there_is_no_sheet(trigger: object) -> None:
    titles = [one.title for one in info_sheets(campaign(trigger=trigger, delivery_type="event_triggered"), snapshot())]
    assert "Trigger criteria" not in titles


def test_secrets_of_a_trigger_are_masked_in_the_sentence_and_below_it() -> None:
    trigger = {
        "event": "Called sk_live_1234567890",
        "api_key": "hunter2",
        "filters": [
            {"attribute": "email", "op": "is", "value": "ada@person.example"},
            {**SHOES, "op": "in", "value": ["AKIAABCDEFGHIJKLMNOP"]},
        ],
    }
    assert said(trigger) == f"When Called {MASK} where email is {MASK} and category is one of {MASK}\napi_key: {MASK}"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_do_nothing(text: str) -> None:
    text = text[:300]
    trigger = {
        "event": text,
        "unless": {"event": text, "within_minutes": 5, text: text},
        "filters": [{**SHOES, "attribute": text}],
    }
    sheet = FactSheet("Trigger criteria", facts(trigger))
    assert sheet.facts[0].value.startswith("When ")
    assert_inert(facts_html(sheet))


_KEYS = "event event_name filters unless and or delay_minutes within op value attribute x"
_NAMES = st.sampled_from(_KEYS.split())
_VALUES = st.recursive(
    st.sampled_from([None, 0, 45, True, "", "A", "is", "2 hours"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_every_key_is_said_or_listed(trigger: dict[str, Any]) -> None:
    """A sentence is there only where all names of events are in it, and every other key beside it."""
    made = trigger_sentence(trigger)
    if made is None:
        return
    events = [value for key in ("event", "event_name") if (value := trigger.get(key)) is not None]
    assert all(event in "".join(part.text for part in made.parts) for event in events)
    assert ("x" in trigger) == ("x" in [name for name, _ in made.rest])

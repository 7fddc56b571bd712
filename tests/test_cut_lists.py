"""Lists that data can lengthen: what is listed, what is summed up, and that nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from oracle import first_difference, snapshot_documents
from worlds import World, rules_of, tiny_campaign
from worlds.product import documents
from worlds.story import instant

NAMES = [f"i{n:04}" for n in range(369)]


def triggered(told: World) -> World:
    """An instance per user and trigger: 369 sends, a minute apart, the last ones first."""
    rows = [
        {
            "campaign_id": "spring",
            "instance_id": name,
            "user_id": f"u{n % 7}",
            "occurred_at": instant("2026-03-02 09:00") - n * timedelta(minutes=1),
            "outcome": "requested",
            "request_id": f"r{n}",
            "response_code": 200,
        }
        for n, name in enumerate(NAMES)
    ]
    return replace(told, deliveries=(*told.deliveries, *rows))


def only(told: World) -> dict[str, Any]:
    """The product's document, after the oracle agreed with it."""
    rules = rules_of(0, told)
    (expected,), (found,) = snapshot_documents(told.rows, told.plain_campaigns, told.app, rules), documents(told, rules)
    assert first_difference(expected, found) is None
    return found


def test_a_year_of_instances_is_listed_and_the_others_add_up_in_one_row() -> None:
    told = triggered(tiny_campaign()).sent("u9", instance="zz").sent("u8", instance="zz")
    told = told.declared("big", 50).bought("u9", at="2026-03-02 10:00", order_value=5)
    found = only(told.bought("u6", at="2026-03-02 10:00", order_value=3))
    names = [row["instance_id"] for row in found["instances"]]
    # "zz" sent two and comes first of all; of the others, one sent each, the earlier are kept; "big" sent none.
    assert names == [*reversed(NAMES[4:]), "zz"]
    assert found["instances_omitted"] == 5
    rest = found["instances_remainder"]
    assert (rest["instance_id"], rest["sent"], rest["users_in_segment"], rest["unaccounted"]) == (None, 4, 54, 50)
    assert sum(row["sent"] for row in found["instances"]) + rest["sent"] == found["performance"]["sent"]["total"]


def test_of_instances_that_sent_as_many_at_the_same_time_the_smaller_ids_are_listed() -> None:
    told = triggered(tiny_campaign())
    at_once = tuple(row | {"occurred_at": instant("2026-03-02 09:00")} for row in told.deliveries)
    assert [row["instance_id"] for row in only(replace(told, deliveries=at_once))["instances"]] == NAMES[:366]


def test_two_weeks_of_hours_are_listed_and_the_earlier_ones_counted() -> None:
    told = tiny_campaign().bought("ann", at="2026-03-02 10:00")
    first = instant("2026-03-02 09:30")
    for n in range(340):
        told = told.sent("ann", instance=f"i{n}", at=first + n * timedelta(hours=1))
    hours = only(told)["trends"]["hour"]
    assert [hours[0]["label"], hours[-1]["label"], len(hours)] == [
        "2026-03-02T13:00+00:00",
        "2026-03-16T12:00+00:00",
        336,
    ]
    assert only(told)["trends"]["hours_omitted"] == 4


def test_an_instance_that_only_declares_a_segment_or_nothing_at_all_is_listed_last() -> None:
    told = tiny_campaign().declared("a", 3).declared("b", None).sent("ann", instance="z").declared("z", 5)
    found = only(told)
    counts = [(row["instance_id"], row["users_in_segment"], row["unaccounted"]) for row in found["instances"]]
    assert counts == [("z", 5, 4), ("a", 3, 3), ("b", 0, 0)]


def test_the_hundred_attributes_to_blame_most_often_are_listed() -> None:
    told = tiny_campaign()
    for n in range(103):
        errors = [{"category": "user_attribute", "attribute": f"a{n:03}"}, {"category": "undefined", "attribute": "z"}]
        told = told.delivery(f"u{n}", "personalization_failed", personalization_errors=errors)
    found = only(told.not_personalized("ann", "user_attribute").not_personalized("ann", "unknown", instance="other"))
    lines = [(line["attribute"], line["category"], line["total"]) for line in found["personalization_attributes"]]
    assert lines[0] == ("z", "undefined", 103)
    assert lines[1:] == [(f"a{n:03}", "user_attribute", 1) for n in range(99)]
    # Cut are four of the numbered names, and `first_name` in two categories.
    assert found["personalization_attributes_omitted"] == 6
    assert found["personalization_overlap"][0] == {
        "categories": ["user_attribute", "undefined"],
        "unique": 103,
        "total": 103,
    }


def test_percentiles_lie_between_neighbours_in_proportion() -> None:
    told = tiny_campaign().sent("ann")
    for hours in (1, 2, 4, 8, 36):
        told = told.bought("ann", at=f"2026-03-0{2 + (9 + hours) // 24} {(9 + hours) % 24:02}:00")
    times = only(told)["goals"][0]["time_to_convert"]
    names = ("median_seconds", "p75_seconds", "p90_seconds", "p95_seconds")
    assert [times[name] / 3600 for name in names] == [4, 8, 24.8, 30.4]
    # A twentieth of 36 hours is 1.8 hours.
    assert [point["share"] for point in times["curve"]] == [0.2, 0.4, 0.6, 0.6, *[0.8] * 15, 1.0]

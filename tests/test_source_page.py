"""The examples of the analytics page this suite is built from, each with numbers one can check in the head."""

from dataclasses import replace
from typing import Any

import pytest

from analytics_core.domain.settings import App, Settings
from worlds import World, tiny_campaign
from worlds.product import documents

DAY_X, DAY_Y = "2026-03-02 09:00", "2026-03-05 09:00"
AFTER_X, AFTER_Y = "2026-03-02 12:00", "2026-03-05 12:00"
RATING = {"goal_id": "rating", "name": "Rating", "event_name": "Rated"}


def page(told: World, settings: Settings | None = None) -> dict[str, Any]:
    """The page of the first campaign."""
    return documents(told, settings)[0]


def stats(told: World, settings: Settings | None = None) -> dict[str, Any]:
    return page(told, settings)["performance"]


def both(count: int) -> dict[str, int]:
    return {"unique": count, "total": count}


def rows_by(lines: list[dict[str, Any]], name: str) -> dict[str, dict[str, int]]:
    return {line[name]: {"unique": line["unique"], "total": line["total"]} for line in lines}


def test_a_user_sent_on_day_x_and_on_day_y_who_converts_once_on_each_is_two_converted_users() -> None:
    told = tiny_campaign().sent("ann", instance="x", at=DAY_X).sent("ann", instance="y", at=DAY_Y)
    cards = stats(told.bought("ann", at=AFTER_X).bought("ann", at=AFTER_Y))
    assert (cards["converted_users"], cards["converted_people"]) == (2, 1)


def test_a_user_sent_once_who_converts_twice_is_one_converted_user() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00").bought("ann", at="2026-03-02 11:00")
    assert stats(told)["converted_users"] == 1


def test_a_user_with_two_instances_on_one_day_who_converts_for_both_is_two_converted_users() -> None:
    told = tiny_campaign().sent("ann", instance="a", at="2026-03-02 09:00").bought("ann", at="2026-03-02 10:00")
    told = told.sent("ann", instance="b", at="2026-03-02 15:00").bought("ann", at="2026-03-02 16:00")
    assert stats(told)["converted_users"] == 2


def test_with_one_recurrence_converted_users_are_the_unique_users_who_did_it_at_least_once() -> None:
    told = tiny_campaign(delivery_type="one_time").sent("ann").sent("bob").sent("cleo")
    told = told.bought("ann", at=AFTER_X).bought("ann", at=AFTER_X).bought("bob", at=AFTER_X)
    assert stats(told)["converted_users"] == stats(told)["converted_people"] == 2


def test_two_purchases_of_one_user_are_two_conversion_events() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00").bought("ann", at="2026-03-02 11:00")
    assert stats(told)["conversion_events"] == 2


def test_only_events_within_the_attribution_window_from_the_time_the_user_received_it_convert() -> None:
    told = tiny_campaign(attribution_window_hours=2).sent("ann", at="2026-03-02 09:00")
    told = told.bought("ann", at="2026-03-02 08:59").bought("ann", at="2026-03-02 11:00")
    told = told.bought("ann", at="2026-03-02 11:01").bought("bob", at="2026-03-02 10:00")
    assert stats(told)["conversion_events"] == 1
    assert stats(told, Settings(window_hours=3))["conversion_events"] == 2


def test_conversion_rate_is_unique_conversions_over_total_sent() -> None:
    told = tiny_campaign().sent("ann").sent("bob").sent("cleo").sent("dan").requested("eve", 500)
    assert stats(told.bought("ann", at=AFTER_X).bought("ann", at=AFTER_X))["conversion_rate"] == 0.25


def test_revenue_is_the_sum_of_order_values_and_both_averages_divide_it() -> None:
    told = tiny_campaign().sent("ann").sent("bob").bought("ann", at=AFTER_X, order_value="12.50")
    told = told.bought("ann", at=AFTER_X, order_value=7.5).bought("bob", at=AFTER_X, order_value=10)
    told = told.bought("cleo", at=AFTER_X, order_value=1000)
    cards = stats(told)
    assert (cards["revenue"], cards["currency"]) == ("30.00", "USD")
    assert cards["average_order_value"] == "10.000000"
    assert cards["average_revenue_per_user"] == "15.000000"


def test_without_a_revenue_attribute_there_is_no_revenue_rather_than_none_earned() -> None:
    told = tiny_campaign(goals=[RATING]).sent("ann").event("ann", "Rated", at=AFTER_X, order_value=5)
    cards = stats(told)
    assert cards["conversion_events"] == 1
    assert cards["revenue"] is cards["average_order_value"] is cards["average_revenue_per_user"] is None


def test_with_a_revenue_attribute_and_no_conversion_the_revenue_is_zero_and_averages_are_undefined() -> None:
    cards = stats(tiny_campaign().sent("ann"))
    assert (cards["revenue"], cards["average_order_value"], cards["average_revenue_per_user"]) == ("0.00", None, None)
    assert (cards["conversion_events"], cards["conversion_rate"]) == (0, 0.0)


@pytest.mark.parametrize(
    ("code", "sent", "reason"),
    [
        (200, 1, None),
        (201, 0, "response_201"),
        (202, 0, "response_202"),
        (204, 0, "response_204"),
        (301, 0, "response_301"),
        (404, 0, "response_404"),
        (429, 0, "response_429"),
        (500, 0, "response_500"),
        (None, 0, "no_response"),
    ],
)
def test_response_200_is_marked_as_sent_and_every_other_as_failed(code: int, sent: int, reason: str | None) -> None:
    found = page(tiny_campaign().requested("ann", code))
    assert found["performance"]["sent"] == both(sent)
    assert found["performance"]["failed"] == both(1 - sent)
    assert [line["reason"] for line in found["errors"]] == ([reason] if reason else [])


def test_attempted_are_the_users_a_request_was_tried_for_after_frequency_capping() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 500).not_personalized("cleo", "user_attribute")
    assert stats(told.capped("dan").held_back("eve"))["attempted"] == both(3)


def test_failed_is_other_responses_plus_missing_personalization_values() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 404).not_personalized("cleo", "event_attribute")
    assert stats(told)["failed"] == both(2)


def test_sent_rate_and_failure_rate_are_shares_of_attempted() -> None:
    told = tiny_campaign().sent("ann").sent("bob").sent("cleo").requested("dan", 404).capped("eve").capped("fay")
    cards = stats(told)
    assert cards["sent_rate"] == {"unique": 0.75, "total": 0.75}
    assert cards["failure_rate"] == {"unique": 0.25, "total": 0.25}


def test_unique_counts_a_user_of_two_instances_once_and_total_twice() -> None:
    told = tiny_campaign().sent("ann", instance="x").sent("ann", instance="y").requested("bob", 500, instance="x")
    cards = stats(told.sent("bob", instance="y"))
    assert cards["sent"] == {"unique": 2, "total": 3}
    assert cards["failed"] == both(1)
    assert cards["attempted"] == {"unique": 2, "total": 4}


def test_the_goals_table_shows_goal_events_as_total_and_users_per_instance_as_unique_conversions() -> None:
    purchase = {"goal_id": "purchase", "name": "Purchase", "event_name": "Order Placed", "is_primary": True}
    told = tiny_campaign(goals=[RATING, purchase]).sent("ann", instance="x", at=DAY_X)
    told = told.sent("ann", instance="y", at=DAY_Y).event("ann", "Rated", at=AFTER_X)
    told = told.bought("ann", at=AFTER_X).bought("ann", at=AFTER_X).bought("ann", at=AFTER_Y)
    table = {goal["goal_id"]: (goal["conversion_events"], goal["converted_users"]) for goal in page(told)["goals"]}
    assert table == {"rating": (1, 1), "purchase": (3, 2)}


def test_the_cards_show_the_primary_goal() -> None:
    told = tiny_campaign(goals=[RATING, RATING | {"goal_id": "seen", "event_name": "Seen", "is_primary": True}])
    told = told.sent("ann").event("ann", "Rated", at=AFTER_X).event("ann", "Seen", at=AFTER_X)
    assert stats(told.event("ann", "Seen", at=AFTER_X))["conversion_events"] == 2


def test_the_funnel_leads_from_the_segment_over_the_cap_and_personalization_to_the_sent() -> None:
    told = tiny_campaign().sent("ann").sent("bob").requested("cleo", 500).not_personalized("dan", "undefined")
    told = told.capped("eve").capped("fay").held_back("gus").held_back("hal").declared("run", 10)
    stages = {stage["stage"]: (stage["unique"], stage["total"], stage["share"]) for stage in page(told)["funnel"]}
    assert stages == {
        "users_in_segment": (8, 10, 1.0),
        "after_frequency_cap": (4, 4, 0.4),
        "after_personalization": (3, 3, 0.3),
        "sent": (2, 2, 0.2),
    }


def test_control_group_and_frequency_cap_stand_in_the_breakdown_but_not_in_failed() -> None:
    told = tiny_campaign().sent("ann").held_back("bob").held_back("cleo", group="global").capped("dan").capped("eve")
    found = page(told)
    assert found["performance"]["failed"] == both(0)
    expected = {"control_group": both(1), "frequency_capped": both(2), "global_control_group": both(1)}
    assert rows_by(found["errors"], "reason") == expected
    assert found["errors"][0]["reason"] == "frequency_capped"


def test_a_user_failing_in_two_categories_counts_once_in_the_headline_and_once_in_each_category() -> None:
    told = tiny_campaign().not_personalized("ann", "user_attribute", "event_attribute")
    found = page(told.not_personalized("bob", "user_attribute").not_personalized("cleo"))
    assert rows_by(found["errors"], "reason") == {"personalization_failed": both(3)}
    assert rows_by(found["personalization_errors"], "category") == {
        "user_attribute": both(2),
        "event_attribute": both(1),
        "campaign_attribute": both(0),
        "undefined": both(0),
        "unknown": both(1),
    }


def test_every_user_of_the_segment_is_somewhere_in_the_reconciliation() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 404).not_personalized("cleo").capped("dan").held_back("eve")
    assert page(told.declared("run", 7))["reconciliation"] == {
        "users_in_segment": 7,
        "sent": 1,
        "failed_responses": 1,
        "personalization_failed": 1,
        "frequency_capped": 1,
        "control_group": 1,
        "unaccounted": 2,
    }


def test_the_uplift_in_the_event_card_compares_the_sent_with_the_control_group() -> None:
    told = tiny_campaign().sent("ann").sent("bob").held_back("cleo").held_back("dan").held_back("eve").held_back("fay")
    told = told.bought("ann", at=AFTER_X).bought("cleo", at=AFTER_X)
    assert stats(told)["uplift"] == 1.0


def test_a_campaign_of_the_older_page_counts_a_user_once_however_often_converted() -> None:
    told = tiny_campaign(analytics_version="legacy").sent("ann", instance="x", at=DAY_X)
    told = told.sent("ann", instance="y", at=DAY_Y).bought("ann", at=AFTER_X).bought("ann", at=AFTER_Y)
    found = page(told.held_back("bob"))
    assert (found["performance"]["converted_users"], found["performance"]["conversion_events"]) == (1, 2)
    assert found["performance"]["conversion_rate"] == 0.5
    assert (found["funnel"], found["performance"]["uplift"]) == ([], None)


def test_the_time_zone_of_the_app_is_named_and_changes_no_number_but_the_trends() -> None:
    told = tiny_campaign().sent("ann", at="2026-03-07 21:00").bought("ann", at="2026-03-09 09:00", order_value=1)
    abroad = page(replace(told, app=App(timezone="America/New_York")))
    assert abroad["timezone"] == "America/New_York"
    assert abroad["performance"]["conversion_events"] == 1
    assert abroad | {"timezone": "UTC", "trends": page(told)["trends"]} == page(told)

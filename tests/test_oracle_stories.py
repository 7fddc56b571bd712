"""The oracle alone, on stories with known answers about cards, filters, money and rows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from analytics_core.domain.settings import App, Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from oracle import first_difference
from worlds import World, tiny_campaign
from worlds.opinion import first_goal, opinion

EVERY = Settings(instance_credit=InstanceCredit.EVERY)
FIRST = Settings(instance_credit=InstanceCredit.FIRST)
LAST_INTERACTION = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
MONDAY_ALONE = Settings(since=date(2026, 3, 2), until=date(2026, 3, 2))
LATER, TUESDAY = "2026-03-02 10:00", "2026-03-03 09:00"


def test_the_oracle_counts_a_sent_row_a_failed_row_and_a_row_without_response() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 404).requested("cleo", None).requested("cleo", None)
    found = opinion(told)[0]
    assert found["performance"]["attempted"] == {"unique": 3, "total": 3}
    assert found["performance"]["sent"] == {"unique": 1, "total": 1}
    assert [line["reason"] for line in found["errors"]] == ["no_response", "response_404"]
    assert found["performance"]["request_attempts"] == 4


def test_the_oracle_starts_the_clock_at_the_first_success_and_names_the_last_failure() -> None:
    retried = (
        tiny_campaign()
        .requested("ann", 500, at="2026-03-02 09:00")
        .requested("ann", 200, at="2026-03-02 10:00")
        .requested("bob", 404, at="2026-03-02 10:00")
        .requested("bob", 500, at="2026-03-02 09:00")
        .bought("ann", at="2026-03-02 09:30")
        .bought("ann", at="2026-03-02 10:00")
    )
    assert first_goal(retried)["conversion_events"] == 1
    assert opinion(retried)[0]["errors"] == [{"reason": "response_404", "unique": 1, "total": 1}]


@pytest.mark.parametrize(
    ("at", "events"),
    [
        ("2026-03-02 08:59:59.999999", 0),
        ("2026-03-02 09:00", 1),
        ("2026-03-03 21:00", 1),
        ("2026-03-03 21:00:00.000001", 0),
    ],
)
def test_the_oracle_closes_the_window_at_both_ends(at: str, events: int) -> None:
    assert first_goal(tiny_campaign().sent("ann").bought("ann", at=at))["conversion_events"] == events


def test_the_oracle_breaks_ties_by_the_greater_instance_and_campaign() -> None:
    tied = (
        tiny_campaign("a")
        .sent("ann", instance="10")
        .sent("ann", instance="9")
        .with_campaign("b")
        .sent("ann", instance="1")
        .bought("ann", at="2026-03-02 10:00", order_value=5)
    )
    each = [found["performance"]["conversion_events"] for found in opinion(tied)]
    last = [found["performance"]["conversion_events"] for found in opinion(tied, LAST_INTERACTION)]
    assert (each, last) == ([1, 1], [0, 1])
    assert [found["performance"]["conversion_events"] for found in opinion(tied, EVERY)] == [2, 1]


def test_the_oracle_credits_the_first_delivery_where_that_is_asked_for_and_of_ties_the_smaller_instance() -> None:
    told = tiny_campaign().sent("ann", instance="b").sent("ann", instance="c").sent("ann", instance="a", at=LATER)
    bought = told.bought("ann", at="2026-03-02 12:00")
    credited = [line["instance_id"] for line in opinion(bought, FIRST)[0]["instances"] if line["conversion_events"]]
    assert credited == ["b"]


def test_the_oracle_lets_campaigns_compete_by_their_latest_delivery_also_where_the_first_is_credited() -> None:
    told = tiny_campaign("a").sent("ann", instance="1").sent("ann", instance="2", at="2026-03-02 11:00")
    other = told.with_campaign("b").sent("ann", at=LATER).bought("ann", at="2026-03-02 12:00")
    rules = replace(FIRST, attribution_model=AttributionModel.LAST_INTERACTION)
    assert [found["performance"]["conversion_events"] for found in opinion(other, rules)] == [1, 0]


def test_the_oracle_adds_money_exactly_and_rounds_quotients_half_to_even() -> None:
    story = tiny_campaign().sent("ann").sent("bob")
    for value in ("12.50", 0.1, "1.0000005", "NaN", True, None, 1e21):
        story = story.bought("ann", at="2026-03-02 10:00", order_value=value)
    goal = first_goal(story.bought("bob", at="2026-03-02 10:00", order_value=-3, currency="EUR"))
    assert goal["revenue"] == "13.60"
    assert goal["average_order_value"] == "1.700000"
    assert goal["average_revenue_per_user"] == "6.800000"
    kinds = ("events_without_value", "events_in_other_currency", "events_with_rounded_value")
    assert [goal[name] for name in kinds] == [4, 1, 1]


@pytest.mark.parametrize(
    ("of_event", "of_goal", "is_other"),
    [
        (" usd\n", "USD", False),
        ("usd", None, False),
        ("", "EUR", False),
        ("  ", "EUR", False),
        (None, "EUR", False),
        ("eur", " Eur ", False),
        ("EUR", "  ", True),
        (5, "USD", True),
        (["USD"], "USD", True),
        ("US D", "USD", True),
    ],
)
def test_the_oracle_reads_currencies_trimmed_and_in_capitals(
    of_event: object, of_goal: str | None, *, is_other: bool
) -> None:
    goal = {"goal_id": "g", "name": "G", "event_name": "Order Placed"}
    revenue = {"attribute": "order_value", "currency": of_goal}
    told = replace(tiny_campaign(goals=[goal | {"revenue": revenue}]), app=App(currency=" usd "))
    found = first_goal(told.sent("ann").bought("ann", at=LATER, order_value=5, currency=of_event))
    assert (found["events_in_other_currency"], found["revenue"]) == ((1, "0.00") if is_other else (0, "5.00"))
    assert found["currency"] == ((of_goal or "").strip().upper() or "USD")


@pytest.mark.parametrize(
    ("op", "wanted", "given", "holds"),
    [
        ("is", 1, 1.0, True),
        ("is", 1, True, False),
        ("is", 1, "1", True),
        ("is", "1", 1, True),
        ("is", "1.0", 1, True),
        ("is", "1e2", 100, True),
        ("is", "-0", 0, True),
        ("is", "1", "1.0", False),
        ("is", 1, " 1", False),
        ("is", 1, "01", False),
        ("is", 1, "+1", False),
        ("is", 1, "1.", False),
        ("is", 0.5, ".5", False),
        ("is", 1, "\u0661", False),
        ("is", True, "true", True),
        ("is", "false", False, True),
        ("is", True, "True", False),
        ("is", True, "1", False),
        ("is", [1], ["1"], False),
        ("is", [1], "[1]", False),
        ("is", {"a": True}, {"a": "true"}, False),
        ("is_not", 1, "1", False),
        ("is_not", "1", "1.0", True),
        ("in", [2, "1"], 1, True),
        ("in", [2, 1], "1", True),
        ("not_in", [True], "true", False),
        ("not_in", ["1"], "1.0", True),
        ("is", [1, {"a": 2}], [1.0, {"a": 2}], True),
        ("is_not", "shoes", "Shoes", True),
        ("is_not", "shoes", None, False),
        ("in", ["a", 2], 2.0, True),
        ("in", [None], None, False),
        ("not_in", [], "x", True),
        ("contains", "oe", "shoes", True),
        ("contains", 1, "1", False),
        ("contains", "a", ["a"], False),
        ("gt", 9007199254740992, 9007199254740993, True),
        ("gte", "1e2", " 100 ", True),
        ("lt", 1, "NaN", False),
        ("lte", 1, True, False),
        ("exists", None, False, True),
        ("exists", True, None, False),
    ],
)
def test_the_oracle_compares_values_of_one_type_and_texts_that_say_a_number_or_a_boolean(
    op: str, wanted: object, given: object, *, holds: bool
) -> None:
    condition = {"attribute": "tried", "op": op, "value": wanted}
    goal = {"goal_id": "g", "name": "G", "event_name": "Tried", "filters": [condition]}
    told = tiny_campaign(goals=[goal]).sent("ann").event("ann", "Tried", at="2026-03-02 10:00", tried=given)
    assert first_goal(told)["conversion_events"] == int(holds)


def test_the_oracle_keeps_the_first_of_two_rows_with_one_key() -> None:
    told = tiny_campaign().requested("ann", 404, request_id="r").requested("ann", 200, request_id="r")
    assert opinion(told)[0]["performance"]["sent"]["total"] == 0


def test_the_oracle_follows_merged_users_and_ignores_circles() -> None:
    told = tiny_campaign().sent("a").sent("c").sent("x").sent("y")
    merged = told.merged("a", "b").merged("b", "c").merged("x", "y").merged("y", "x")
    assert opinion(merged)[0]["performance"]["sent"] == {"unique": 3, "total": 3}


def test_the_oracle_tops_up_the_segment_to_what_an_instance_declares() -> None:
    told = tiny_campaign().sent("ann", instance="mon").declared("mon", 5).declared("tue", 2)
    lines = opinion(told.sent("bob", instance="wed").sent("ann", instance="wed").declared("wed", 1))[0]
    assert lines["reconciliation"]["users_in_segment"] == 9
    assert lines["reconciliation"]["unaccounted"] == 6
    assert lines["funnel"][0] == {"stage": "users_in_segment", "unique": 2, "total": 9, "share": 1.0}


def test_the_oracle_lets_only_rows_count_whose_window_has_closed() -> None:
    told = tiny_campaign().sent("ann").sent("bob", at="2026-03-02 09:00:00.000001").bought("ann", at="2026-03-02 10:00")
    as_of = told.deliveries[0]["occurred_at"] + timedelta(hours=36)
    found = opinion(told, Settings(as_of=as_of, matured_only=True))[0]
    assert found["performance"]["sent"]["total"] == 1
    assert found["data_quality"]["matured_share"] == 0.5
    earlier = opinion(told, Settings(as_of=told.deliveries[0]["occurred_at"]))[0]
    assert (earlier["performance"]["sent"]["total"], earlier["performance"]["conversion_events"]) == (1, 0)


def test_the_oracle_gives_a_legacy_campaign_its_window_its_users_and_no_funnel() -> None:
    told = tiny_campaign(analytics_version="legacy", attribution_window_hours=1).held_back("c")
    sent = told.sent("ann", instance="1").sent("ann", instance="2", at="2026-03-03 09:00")
    found = opinion(sent.bought("ann", at="2026-03-02 20:00").bought("ann", at="2026-03-03 20:00"))[0]
    assert found["settings"]["window_hours"] == 36.0
    assert (found["performance"]["converted_users"], found["performance"]["conversion_events"]) == (1, 2)
    assert (found["funnel"], found["goals"][0]["uplift"]) == ([], {"campaign": None, "global": None})


def test_the_oracle_counts_a_user_as_contaminated_who_was_held_back_and_tried_all_the_same() -> None:
    told = tiny_campaign().held_back("ann").requested("ann", 404).held_back("bob").not_personalized("bob")
    found = opinion(told.held_back("cleo").capped("cleo").held_back("dan").requested("dan", 200, instance="other"))[0]
    assert found["data_quality"]["contaminated_users"] == 2
    assert found["reconciliation"]["control_group"] == 2
    assert found["performance"]["failed"] == {"unique": 2, "total": 2}


def test_the_oracle_lets_the_first_of_several_capped_or_personalization_rows_give_the_clock() -> None:
    told = tiny_campaign().capped("ann", at="2026-03-02 23:00").capped("ann", at="2026-03-03 01:00")
    failed = told.not_personalized("bob", "undefined", at="2026-03-02 23:00").not_personalized("bob", at=TUESDAY)
    found = opinion(failed, Settings(until=date(2026, 3, 2)))[0]
    assert (found["reconciliation"]["frequency_capped"], found["reconciliation"]["personalization_failed"]) == (1, 1)
    assert [day["label"] for day in found["trends"]["day"]] == ["2026-03-02"]
    assert found["personalization_overlap"] == [{"categories": ["undefined", "unknown"], "unique": 1, "total": 1}]


def in_new_york(story: World) -> World:
    return replace(story, app=App(timezone="America/New_York"))


def test_the_oracle_keeps_the_rows_of_a_period_of_days_in_the_app_s_zone_and_what_they_earned() -> None:
    told = in_new_york(tiny_campaign()).sent("ann", at="2026-03-02 04:59:59").sent("bob", at="2026-03-02 05:00")
    more = told.sent("cleo", at="2026-03-03 04:59:59").sent("dan", at="2026-03-03 05:00").bought("cleo", at=TUESDAY)
    day = Settings(since=date(2026, 3, 2), until=date(2026, 3, 2))
    found = opinion(more.bought("bob", at="2026-03-03 16:00").bought("dan", at="2026-03-03 16:00"), day)[0]
    assert found["period"] == {"since": "2026-03-02", "until": "2026-03-02"}
    assert (found["performance"]["sent"]["total"], found["performance"]["conversion_events"]) == (2, 2)
    assert found["data_quality"]["final_at"] == "2026-03-04T16:59:59+00:00"


def test_the_oracle_lets_an_event_find_its_row_before_a_period_leaves_rows_out() -> None:
    told = tiny_campaign().sent("ann", instance="1").sent("ann", instance="2", at=TUESDAY).bought("ann", at=TUESDAY)
    monday = Settings(since=date(2026, 3, 2), until=date(2026, 3, 2))
    assert first_goal(told, monday)["conversion_events"] == 0
    assert first_goal(told, replace(monday, instance_credit=InstanceCredit.FIRST))["conversion_events"] == 1
    assert first_goal(told, Settings(since=date(2026, 3, 3)))["conversion_events"] == 1


def test_the_oracle_counts_declared_sizes_in_a_period_only_of_instances_that_lie_inside_it() -> None:
    told = tiny_campaign().sent("ann", instance="inside").sent("ann", instance="across")
    rows = told.sent("bob", instance="across", at=TUESDAY).declared("inside", 4).declared("across", 8)
    early = "2026-03-01 23:59:59"
    more = rows.declared("times alone", 16, ready_at=LATER).declared("nothing", 32)
    found = opinion(more.declared("early", 64, ready_at=LATER, first_sent_at=early), MONDAY_ALONE)[0]
    assert found["reconciliation"]["users_in_segment"] == 4 + 1 + 16
    assert [line["instance_id"] for line in found["instances"]] == ["across", "inside", "times alone"]


def test_the_oracle_says_no_period_where_none_was_asked_for() -> None:
    assert opinion(tiny_campaign())[0]["period"] is None
    only_until = opinion(tiny_campaign(), Settings(until=date(2026, 3, 2)))[0]["period"]
    assert only_until == {"since": None, "until": "2026-03-02"}


def test_a_difference_is_found_wherever_one_number_is_off() -> None:
    mine = opinion(tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00", order_value=5))
    assert first_difference(mine, opinion(tiny_campaign().sent("ann"))) is not None
    other = [mine[0] | {"performance": mine[0]["performance"] | {"revenue": "5.0"}}]
    assert first_difference(mine, other) == "$[0].performance.revenue: '5.0' is not written as money"
    same_money = [mine[0] | {"performance": mine[0]["performance"] | {"revenue": "5.000"}}]
    assert first_difference(mine, same_money) is None


def test_a_difference_of_an_estimate_s_last_digits_is_none_and_an_end_that_is_open_is_one() -> None:
    mine = {"interval": [0.5, None], "p_value": 0.04, "incremental_interval": ["1.000000", "2.000000"]}
    near = {"interval": [0.5000000001, None], "p_value": 0.0400000001, "incremental_interval": ["1.000001", "2.000000"]}
    assert first_difference(mine, near) is None
    assert first_difference(mine, near | {"p_value": 0.041}) == "$.p_value: 0.04 expected, 0.041 found"
    assert first_difference(mine, near | {"interval": [0.5, 9.0]}) == "$.interval[1]: None expected, 9.0 found"
    assert first_difference(mine, near | {"interval": None}) is not None
    assert first_difference(mine, near | {"incremental_interval": ["1.0", "2.0"]}) is not None


def test_of_where_a_document_comes_from_only_the_keys_are_compared() -> None:
    mine, other = {"provenance": {"import": None}}, {"provenance": {"import": 12}}
    assert first_difference(mine, other) is None
    assert first_difference(mine, {"provenance": {}}) is not None

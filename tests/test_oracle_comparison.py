"""The oracle alone, on comparisons of sent with held back whose answers can be checked in the head."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from worlds import World, tiny_campaign
from worlds.opinion import against_campaign_control, first_goal, opinion
from worlds.story import MONDAY, ORDER_VALUE, PURCHASE, instant

TEN, SIX_HOURS_LATER, TUESDAY = "2026-03-02 10:00", "2026-03-02 15:00", "2026-03-03 09:00"
NOBODY = {"rows": 0, "people": 0, "converted_users": 0, "converted_people": 0, "conversion_rate": None}


def counts(arm: dict[str, Any]) -> tuple[int, int, int, int]:
    """Converted and all rows of the treated arm, then of the control arm."""
    treated = arm["treated"]
    return treated["converted_users"], treated["rows"], arm["converted_users"], arm["active_targets"]


def counts_by_assignment(arm: dict[str, Any]) -> tuple[int, int, int, int]:
    treated, control = arm["assigned"]["treated"], arm["assigned"]["control"]
    return treated["converted_users"], treated["rows"], control["converted_users"], control["rows"]


def crowd(sent: int, held: int, *, buying: int = 0, held_buying: int = 0) -> World:
    """Users with a row each, the first of whom buy."""
    told = tiny_campaign()
    for n in range(sent):
        told = told.sent(f"s{n}")
    for n in range(held):
        told = told.held_back(f"h{n}")
    for user in [f"s{n}" for n in range(buying)] + [f"h{n}" for n in range(held_buying)]:
        told = told.bought(user, at=TEN, order_value=5)
    return told


def test_an_event_belongs_to_the_latest_row_of_either_arm() -> None:
    redrawn = tiny_campaign().sent("ann", instance="1").held_back("ann", instance="2", at=TUESDAY)
    assert counts(against_campaign_control(redrawn.bought("ann", at=TEN))) == (1, 1, 0, 1)
    assert counts(against_campaign_control(redrawn.bought("ann", at=TUESDAY))) == (0, 1, 1, 1)
    assert first_goal(redrawn.bought("ann", at=TUESDAY))["conversion_events"] == 1


def test_an_event_beyond_the_window_of_the_latest_row_belongs_to_none() -> None:
    told = tiny_campaign(attribution_window_hours=1).sent("ann").held_back("bob")
    at_the_end = told.bought("ann", at=TEN).bought("bob", at="2026-03-02 10:00:00.000001")
    assert counts(against_campaign_control(at_the_end.bought("bob", at="2026-03-02 08:59"))) == (1, 1, 0, 1)


def test_of_rows_at_one_instant_the_greater_instance_has_the_event() -> None:
    told = tiny_campaign().sent("ann", instance="9").held_back("ann", instance="10").bought("ann", at=TEN)
    assert counts(against_campaign_control(told)) == (1, 1, 0, 1)


def test_a_capped_row_ends_the_window_before_it_and_what_belongs_to_it_counts_in_neither_arm() -> None:
    told = tiny_campaign().sent("ann", instance="1").capped("ann", instance="2", at=TEN).held_back("bob")
    assert counts(against_campaign_control(told.bought("ann", at="2026-03-02 09:59"))) == (1, 1, 0, 1)
    assert counts(against_campaign_control(told.bought("ann", at=TEN))) == (0, 1, 0, 1)


def test_a_retry_hours_later_does_not_move_the_clock_of_the_comparison() -> None:
    told = tiny_campaign().requested("ann", 500).sent("ann", at=SIX_HOURS_LATER).held_back("bob")
    bought = told.bought("ann", at=TEN)
    assert first_goal(bought)["conversion_events"] == 0
    assert counts(against_campaign_control(bought)) == (1, 1, 0, 1)
    beyond = told.bought("ann", at="2026-03-03 21:01")
    assert first_goal(beyond)["conversion_events"] == 1
    assert counts(against_campaign_control(beyond)) == (0, 1, 0, 1)


def test_the_comparison_is_the_same_whatever_delivery_and_campaign_are_credited() -> None:
    told = tiny_campaign("a").sent("ann", instance="1").sent("ann", instance="2", at=TEN).held_back("bob")
    other = told.bought("ann", at="2026-03-02 12:00").with_campaign("b").sent("ann", at="2026-03-02 11:00")
    usual = against_campaign_control(other)
    assert counts(usual) == (1, 2, 0, 1)
    for credit in InstanceCredit:
        rules = Settings(instance_credit=credit, attribution_model=AttributionModel.LAST_INTERACTION)
        assert against_campaign_control(other, rules) == usual
        assert first_goal(other, rules)["conversion_events"] == 0


def test_ids_are_merged_before_rows_meet() -> None:
    told = tiny_campaign().sent("ann", instance="1").held_back("anna", instance="2", at=TEN)
    arm = against_campaign_control(told.merged("anna", "ann").bought("anna", at="2026-03-02 11:00"))
    assert (counts(arm), arm["people"], arm["treated"]["people"]) == ((0, 1, 1, 1), 1, 1)


def test_failed_rows_are_treated_by_assignment_alone_and_convert_there() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 404).not_personalized("cleo").held_back("dan")
    arm = against_campaign_control(told.bought("bob", at=TEN).bought("cleo", at=TEN))
    assert (counts(arm), counts_by_assignment(arm)) == ((0, 1, 0, 1), (2, 3, 0, 1))


def test_contaminated_rows_are_in_the_control_arm_by_assignment_and_in_neither_arm_by_sent() -> None:
    told = tiny_campaign().sent("ann").held_back("bob").held_back("cleo").sent("cleo", at=TEN)
    arm = against_campaign_control(told.held_back("dan").not_personalized("dan").bought("cleo", at=MONDAY))
    assert (counts(arm), counts_by_assignment(arm)) == ((0, 1, 0, 1), (0, 1, 1, 3))
    assert (arm["contaminated_rows"], arm["people"], arm["assigned"]["control"]["people"]) == (2, 1, 3)


def test_a_control_group_of_contaminated_rows_alone_is_there_and_has_no_active_targets() -> None:
    arms = first_goal(tiny_campaign().sent("ann").held_back("bob").sent("bob"))["uplift"]
    assert arms["global"] is None
    assert (arms["campaign"]["active_targets"], arms["campaign"]["conversion_rate"]) == (0, None)
    assert (arms["campaign"]["uplift"], arms["campaign"]["interval"], arms["campaign"]["revenue"]) == (None, None, None)
    assert (arms["campaign"]["contaminated_rows"], arms["campaign"]["verdict"]) == (1, "too_few")
    assert (arms["campaign"]["assigned"]["uplift"], arms["campaign"]["assigned"]["difference"]) == (None, 0.0)


def test_a_control_group_without_anyone_to_compare_with_says_nothing() -> None:
    arm = against_campaign_control(tiny_campaign().held_back("bob").bought("bob", at=TEN))
    assert (arm["treated"], arm["assigned"]["treated"]) == (NOBODY, NOBODY)
    assert (arm["conversion_rate"], arm["difference"], arm["p_value"], arm["verdict"]) == (1.0, None, None, "too_few")


def test_the_control_groups_are_compared_apart_and_neither_holds_the_other_s_rows() -> None:
    told = tiny_campaign().sent("s1").sent("s2").bought("s1", at=TEN).bought("s2", at=TEN)
    held = told.held_back("c1").held_back("c2", group=None).held_back("g1", group="global")
    found = opinion(held.held_back("g2", group="global").sent("g2").bought("c1", at=TEN).bought("g1", at=TUESDAY))[0]
    arms = found["goals"][0]["uplift"]
    assert (counts(arms["campaign"]), arms["campaign"]["uplift"]) == ((2, 2, 1, 2), 1.0)
    assert (counts(arms["global"]), arms["global"]["uplift"]) == ((2, 2, 1, 1), 0.0)
    assert (counts_by_assignment(arms["campaign"]), counts_by_assignment(arms["global"])) == (
        (2, 2, 1, 2),
        (2, 2, 1, 2),
    )
    assert (arms["campaign"]["contaminated_rows"], arms["global"]["contaminated_rows"]) == (0, 1)
    assert found["performance"]["uplift"] == 1.0


def test_the_first_control_row_in_time_says_which_control_group_a_row_was_drawn_into() -> None:
    told = tiny_campaign().held_back("a", group="global").held_back("a", at=TEN)
    tied = told.held_back("b", group="global").held_back("b").sent("ann")
    arms = first_goal(tied)["uplift"]
    assert (arms["global"]["active_targets"], arms["campaign"]["active_targets"]) == (1, 1)


def test_the_cards_show_the_global_uplift_where_no_row_was_drawn_into_the_campaign_s_control_group() -> None:
    told = tiny_campaign().sent("ann").held_back("bob", group="global").bought("bob", at=TEN)
    assert opinion(told)[0]["performance"]["uplift"] == -1.0
    both = told.held_back("cleo")
    assert opinion(both)[0]["performance"]["uplift"] is None


def test_uplift_difference_and_incremental_conversions() -> None:
    arm = against_campaign_control(crowd(8, 4, buying=4, held_buying=1))
    assert (arm["treated"]["conversion_rate"], arm["conversion_rate"]) == (0.5, 0.25)
    assert (arm["uplift"], arm["difference"], arm["incremental_conversions"]) == (1.0, 0.25, 2.0)
    assert arm["incremental_conversions_interval"] == [8 * end for end in arm["difference_interval"]]


def test_of_a_period_and_of_matured_rows_the_comparison_keeps_those_by_its_own_clock() -> None:
    told = tiny_campaign().requested("ann", 500).sent("ann", at=TUESDAY).held_back("bob").bought("ann", at=TUESDAY)
    monday = Settings(since=date(2026, 3, 2), until=date(2026, 3, 2))
    assert counts(against_campaign_control(told, monday)) == (1, 1, 0, 1)
    assert opinion(told, monday)[0]["performance"]["sent"]["total"] == 0
    assert first_goal(told, Settings(since=date(2026, 3, 3)))["uplift"] == {"campaign": None, "global": None}
    matured = Settings(matured_only=True, as_of=instant(MONDAY) + timedelta(hours=36))
    assert counts(against_campaign_control(told, matured)) == (1, 1, 0, 1)
    assert opinion(told, matured)[0]["performance"]["sent"]["total"] == 0


def test_rows_that_are_left_out_keep_the_events_they_found() -> None:
    told = tiny_campaign().sent("ann").capped("ann", instance="two", at="2026-03-03 08:00").held_back("bob")
    bought = told.bought("ann", at=TUESDAY)
    monday = Settings(until=date(2026, 3, 2))
    matured = Settings(matured_only=True, as_of=instant("2026-03-03 21:00"))
    assert [counts(against_campaign_control(bought, rules)) for rules in (monday, matured)] == [(0, 1, 0, 1)] * 2


def test_revenue_per_row_of_both_arms() -> None:
    told = tiny_campaign().sent("ann").sent("bob").sent("cleo").held_back("dan").held_back("eve")
    money = told.bought("ann", at=TEN, order_value="20.50").bought("ann", at=TEN, order_value=-0.5)
    more = money.bought("bob", at=TEN, order_value=9, currency="EUR").bought("dan", at=TEN, order_value=4)
    found = against_campaign_control(more.bought("eve", at=TEN, order_value="none"))["revenue"]
    assert (found["treated_per_row"], found["control_per_row"]) == ("6.666667", "2.000000")
    assert (found["difference"], found["incremental"]) == ("4.666667", "14.000000")
    assert found["cut"] == {key: value for key, value in found.items() if key != "cut"}


def test_revenue_is_null_without_an_attribute_and_has_no_interval_where_nothing_was_earned() -> None:
    told = tiny_campaign(goals=[PURCHASE]).sent("ann").held_back("bob").bought("ann", at=TEN, order_value=5)
    assert against_campaign_control(told)["revenue"] is None
    refunds = crowd(3, 3).bought("s1", at=TEN, order_value=-5).bought("h1", at=TEN, order_value=9)
    for unsure in (crowd(3, 3), refunds):
        found = against_campaign_control(unsure)["revenue"]
        assert (found["interval"], found["p_value"], found["incremental_interval"]) == (None, None, None)
    assert against_campaign_control(refunds)["revenue"]["difference"] == "-4.666667"


def test_orders_of_one_value_are_as_likely_as_conversions() -> None:
    arm = against_campaign_control(crowd(60, 30, buying=30, held_buying=5))
    assert arm["revenue"]["p_value"] == pytest.approx(arm["p_value"], rel=1e-12)
    scaled = [f"{5 * end:.6f}" for end in arm["difference_interval"]]
    assert arm["revenue"]["interval"] == scaled
    assert arm["revenue"]["incremental_interval"] == [f"{300 * end:.6f}" for end in arm["difference_interval"]]


def test_a_user_s_sum_is_cut_at_the_99th_percentile_of_the_positive_sums_and_their_rows_in_proportion() -> None:
    told = tiny_campaign().sent("big", instance="1").sent("big", instance="2", at=TUESDAY).sent("idle")
    for n in range(99):
        told = told.held_back(f"h{n}").bought(f"h{n}", at=TEN, order_value=2)
    spent = told.bought("big", at=TEN, order_value=300).bought("big", at=TUESDAY, order_value=100)
    arm = against_campaign_control(spent)
    assert (arm["revenue"]["treated_per_row"], arm["revenue"]["control_per_row"]) == ("133.333333", "2.000000")
    assert (arm["revenue"]["cut"]["treated_per_row"], arm["revenue"]["cut"]["incremental"]) == ("0.666667", "-4.000000")
    one_less = replace(spent, deliveries=spent.deliveries[:-1], events=spent.events[1:])
    fewer = against_campaign_control(one_less)["revenue"]
    assert fewer["cut"]["treated_per_row"] == fewer["treated_per_row"] == "133.333333"


@pytest.mark.parametrize(
    ("sent", "held", "buying", "held_buying", "verdict"),
    [
        (30, 29, 30, 0, "too_few"),
        (30, 30, 9, 0, "too_few"),
        (30, 30, 10, 0, "up"),
        (30, 30, 0, 10, "down"),
        (30, 30, 5, 5, "uncertain"),
        (300, 30, 48, 6, "too_few"),
        (300, 30, 49, 6, "uncertain"),
    ],
)
def test_a_verdict_needs_thirty_people_and_five_converted_in_the_smaller_arm(
    sent: int, held: int, buying: int, held_buying: int, verdict: str
) -> None:
    arm = against_campaign_control(crowd(sent, held, buying=buying, held_buying=held_buying))
    assert (arm["verdict"], arm["assigned"]["verdict"]) == (verdict, verdict)


def test_p_values_are_adjusted_over_the_goals_of_one_control_group() -> None:
    goals = [PURCHASE | ORDER_VALUE, PURCHASE | {"goal_id": "seen", "event_name": "Seen"}]
    told = replace(crowd(40, 40, buying=12, held_buying=2), campaigns=tiny_campaign(goals=goals).campaigns)
    for n in range(7):
        told = told.event(f"s{n}", "Seen", at=TEN)
    arms = [goal["uplift"]["campaign"] for goal in opinion(told.held_back("g", group="global"))[0]["goals"]]
    lower, higher = arms[0]["p_value"], arms[1]["p_value"]
    assert lower < higher < 2 * lower
    assert [arm["p_value_adjusted"] for arm in arms] == [2 * lower, 2 * lower]
    alone = against_campaign_control(crowd(40, 40, buying=12, held_buying=2))
    assert alone["p_value_adjusted"] == alone["p_value"] == lower


def test_the_always_valid_interval_waits_for_the_first_week_to_mature() -> None:
    told = crowd(40, 40, buying=12, held_buying=8).capped("early", at="2026-03-01 09:00")
    ready = instant("2026-03-08 09:00") + timedelta(hours=36)
    before = against_campaign_control(told, Settings(as_of=ready - timedelta(microseconds=1)))
    assert (before["always_valid_interval"], before["assigned"]["always_valid_interval"]) == (None, None)
    after = against_campaign_control(told, Settings(as_of=ready))
    (low, high), (plain_low, plain_high) = after["always_valid_interval"], after["difference_interval"]
    assert low < plain_low < after["difference"] < plain_high < high
    of_later_rows = Settings(as_of=ready, since=date(2026, 3, 2))
    assert against_campaign_control(told, of_later_rows)["always_valid_interval"] is None


def test_an_always_valid_interval_needs_both_arms_in_the_first_week() -> None:
    told = tiny_campaign().sent("s1").sent("s2").held_back("h1", at="2026-03-10 09:00")
    late = told.held_back("h2", at="2026-03-10 09:00").bought("s1", at=TEN)
    assert against_campaign_control(late, Settings(as_of=instant("2026-04-01 09:00")))["always_valid_interval"] is None


def test_a_legacy_campaign_compares_nothing_and_tests_no_draw() -> None:
    told = tiny_campaign(analytics_version="legacy", audience={"control_group_percent": 50}).sent("ann").held_back("b")
    found = opinion(told)[0]
    assert found["goals"][0]["uplift"] == {"campaign": None, "global": None}
    counted = {"declared": 0.5, "observed_users": 1, "users": 2, "observed_rows": 0.5, "p_value": None}
    assert found["sample_ratio"] == counted


def drawn(percent: float | None) -> World:
    return tiny_campaign(audience={"control_group_percent": percent})


def test_the_draw_is_tested_by_each_user_s_first_assigned_row() -> None:
    told = drawn(50).held_back("ann", instance="1").sent("ann", instance="2", at=TEN)
    capped = told.capped("bob", instance="1").held_back("bob", instance="2", at=TEN)
    tied = capped.sent("cleo", instance="b").held_back("cleo", instance="a")
    found = opinion(tied.requested("dan", None).held_back("dan", instance="2", at=TEN))[0]["sample_ratio"]
    assert found == {
        "declared": 0.5,
        "observed_users": 3,
        "users": 4,
        "observed_rows": 4 / 7,
        "p_value": 10 / 16,
    }


def test_contaminated_rows_were_drawn_and_users_first_drawn_globally_are_left_out_of_the_test_of_the_draw() -> None:
    told = drawn(25).held_back("ann").sent("ann").held_back("bob").not_personalized("bob").sent("cleo")
    more = told.held_back("dan", group="global").sent("dan").sent("dan", instance="2", at=TEN)
    found = opinion(more)[0]["sample_ratio"]
    assert (found["observed_users"], found["users"], found["observed_rows"]) == (2, 3, 0.5)
    assert found["p_value"] == 10 / 64


@pytest.mark.parametrize(("percent", "declared"), [(None, None), (0, 0.0), (100, 1.0)])
def test_a_draw_that_was_not_declared_or_leaves_no_choice_is_counted_and_not_tested(
    percent: float | None, declared: float | None
) -> None:
    found = opinion(drawn(percent).sent("ann").held_back("bob"))[0]["sample_ratio"]
    counted = {"observed_users": 1, "users": 2, "observed_rows": 0.5, "p_value": None}
    assert found == counted | {"declared": declared}


def test_a_campaign_without_assigned_rows_tests_no_draw() -> None:
    found = opinion(drawn(10).capped("ann").held_back("bob", group="global"))[0]["sample_ratio"]
    assert found == {"declared": 0.1, "observed_users": 0, "users": 0, "observed_rows": None, "p_value": None}


def test_the_first_row_of_a_period_is_the_first_draw_of_the_period() -> None:
    told = drawn(50).held_back("ann", instance="1").sent("ann", instance="2", at=TUESDAY)
    assert opinion(told)[0]["sample_ratio"]["observed_users"] == 1
    found = opinion(told, Settings(since=date(2026, 3, 3)))[0]["sample_ratio"]
    assert (found["observed_users"], found["users"], found["observed_rows"]) == (0, 1, 0.0)
    matured = Settings(matured_only=True, as_of=instant("2026-03-03 21:00"))
    assert opinion(told, matured)[0]["sample_ratio"]["observed_rows"] == 1.0

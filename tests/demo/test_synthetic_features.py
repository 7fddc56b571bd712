"""What the synthetic demo has to show: one test per feature family."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import mean, median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from analytics_core.domain.words import AnalyticsVersion, DeliveryType, FilterOperator, PersonalizationCategory, Status

if TYPE_CHECKING:
    from conftest import Row, Written

NEW_YORK = ZoneInfo("America/New_York")
NEVER_HAPPEN = {"App Upgraded", "App Rated", "Survey Answered"}


def _at(row: "Row") -> datetime:
    return datetime.fromisoformat(row["occurred_at"]).astimezone(NEW_YORK)


def _attribute(row: "Row", name: str) -> Any:  # noqa: ANN401 -- a JSON value
    return (row["attributes"] or {}).get(name)


def _orders(written: "Written") -> list["Row"]:
    return [row for row in written.events if row["event_name"] == "Order Placed"]


def _attempts(written: "Written") -> dict[tuple[str, str, str], list[int | None]]:
    """Response codes of each audience row's requests, in order of time, duplicates removed."""
    once = {row["request_id"]: row for row in written.deliveries if row["outcome"] == "requested"}
    codes = defaultdict(list)
    for row in once.values():
        codes[row["campaign_id"], row["instance_id"], row["user_id"]].append(row["response_code"])
    return codes


def test_every_status_and_every_delivery_type_occurs(synthetic: "Written") -> None:
    assert {campaign.status for campaign in synthetic.campaigns.values()} == set(Status) - {Status.DRAFT}
    assert {campaign.delivery_type for campaign in synthetic.campaigns.values()} == set(DeliveryType)


def test_periodic_campaigns_have_weekly_and_daily_instances(synthetic: "Written") -> None:
    days = {row["instance_id"] for row in synthetic.deliveries_of("daily-digest")}
    weeks = sorted(datetime.fromisoformat(row["instance_id"]) for row in synthetic.deliveries_of("spring-sale"))
    assert len(days) == 10
    assert set(weeks) == {weeks[0] + timedelta(weeks=number) for number in range(8)}


def test_campaigns_that_were_not_sent_have_no_rows(synthetic: "Written") -> None:
    with_rows = {row["campaign_id"] for row in synthetic.deliveries}
    statuses = {synthetic.campaigns[name].status for name in synthetic.campaigns.keys() - with_rows}
    assert statuses == {Status.NOT_SENT, Status.SCHEDULED, Status.UNDER_REVIEW, Status.REJECTED}


def test_both_control_groups_are_about_as_large_as_declared(synthetic: "Written") -> None:
    rows = synthetic.deliveries_of("cart-reminder")
    groups = Counter(row.get("control_group_type") for row in rows)
    assert groups["campaign"] / len(rows) == pytest.approx(0.10, abs=0.03)
    assert groups["global"] / len(rows) == pytest.approx(0.05, abs=0.02)


def test_the_control_group_is_the_same_people_in_every_instance(synthetic: "Written") -> None:
    rows = [row for row in synthetic.deliveries_of("daily-digest") if row["outcome"] == "control_group"]
    sent = {row["user_id"] for row in synthetic.deliveries_of("daily-digest") if row["outcome"] == "requested"}
    assert {row["user_id"] for row in rows} & sent == set()


@pytest.mark.parametrize(("campaign_id", "hours"), [("spring-sale", 72), ("cart-reminder", 24)])
def test_being_sent_brings_more_orders_than_being_held_back(synthetic: "Written", campaign_id: str, hours: int) -> None:
    """A plain count of who ordered in the window; no merges, no retries: good enough to see the uplift."""
    orders = defaultdict(list)
    for row in _orders(synthetic):
        orders[row["user_id"]].append(_at(row))
    arms: dict[str, list[bool]] = {"control_group": [], "requested": []}
    for row in synthetic.deliveries_of(campaign_id):
        if row["outcome"] in arms and row.get("response_code", 200) == 200:
            start = _at(row)
            ordered = any(start <= at <= start + timedelta(hours=hours) for at in orders[row["user_id"]])
            arms[row["outcome"]].append(ordered)
    held_back, sent = mean(arms["control_group"]), mean(arms["requested"])
    assert held_back > 0.02
    assert 0.2 < sent / held_back - 1 < 3


def test_some_users_are_frequency_capped(synthetic: "Written") -> None:
    capped = {row["campaign_id"] for row in synthetic.deliveries if row["outcome"] == "frequency_capped"}
    assert capped == {"spring-sale", "daily-digest", "flash-friday", "cart-reminder"}


def test_every_personalization_category_occurs_also_several_in_one_row_and_none_named(synthetic: "Written") -> None:
    failed = [row for row in synthetic.deliveries if row["outcome"] == "personalization_failed"]
    named = [{error["category"] for error in row["personalization_errors"]} for row in failed]
    assert set().union(*named) == set(PersonalizationCategory)
    assert {len(categories) for categories in named} == {0, 1, 2, 3}


def test_every_kind_of_response_occurs(synthetic: "Written") -> None:
    codes = {row["response_code"] for row in synthetic.deliveries if row["outcome"] == "requested"}
    assert codes == {200, 201, 204, 301, 400, 401, 404, 429, 500, 503, None}


def test_failed_requests_are_retried_and_some_succeed_in_the_end(synthetic: "Written") -> None:
    attempts = _attempts(synthetic).values()
    assert {len(codes) for codes in attempts} == {1, 2, 3, 4}
    assert sum(len(codes) > 1 and codes[-1] == 200 for codes in attempts) > 100
    assert not any(200 in codes[:-1] for codes in attempts)


def test_only_requests_have_an_answer_and_every_request_has_its_own_id(synthetic: "Written") -> None:
    for row in synthetic.deliveries:
        requested = row["outcome"] == "requested"
        assert [name in row for name in ("request_id", "response_code", "duration_ms", "endpoint")] == [requested] * 4


def test_a_few_rows_are_logged_twice(synthetic: "Written") -> None:
    for rows, key in ((synthetic.deliveries, "request_id"), (synthetic.events, "event_id")):
        ids = [row[key] for row in rows if key in row]
        assert 20 < len(ids) - len(set(ids)) < 100


def test_a_few_people_of_the_control_group_were_sent_nevertheless(synthetic: "Written") -> None:
    held_back = {
        (row["campaign_id"], row["instance_id"], row["user_id"])
        for row in synthetic.deliveries
        if row["outcome"] == "control_group"
    }
    assert len(held_back & _attempts(synthetic).keys()) == 6


def test_segments_declare_more_users_than_logged_or_fewer_or_nothing(synthetic: "Written") -> None:
    logged = defaultdict(set)
    for row in synthetic.deliveries:
        logged[row["campaign_id"], row["instance_id"]].add(row["user_id"])
    beyond = [
        row["users_in_segment"] - len(logged[row["campaign_id"], row["instance_id"]])
        for row in synthetic.instances
        if "users_in_segment" in row
    ]
    assert len(beyond) == len(synthetic.instances) - 1
    assert min(beyond) == -5
    assert 0 in beyond
    assert max(beyond) > 500


def test_instances_have_all_their_times_in_order(synthetic: "Written") -> None:
    names = [f"{name}_at" for name in ("segmentation_started", "segmentation_completed", "ready", "first_batch_sent")]
    for row in synthetic.instances:
        times = [row[name] for name in (*names, "first_sent_at", "last_sent_at") if name in row]
        assert times == sorted(times)
        assert len(times) == (5 if row["campaign_id"] == "vip-early-access" else 6)


def test_goals_are_many_and_filtered_in_many_ways(synthetic: "Written") -> None:
    assert max(len(campaign.goals) for campaign in synthetic.campaigns.values()) == 5
    goals = [goal for campaign in synthetic.campaigns.values() for goal in campaign.goals]
    operators = {condition.op for goal in goals for condition in goal.filters}
    assert operators == set(FilterOperator) - {FilterOperator.LT, FilterOperator.LTE}


def test_the_goals_of_one_campaign_never_happen(synthetic: "Written") -> None:
    happened = {row["event_name"] for row in synthetic.events}
    sent = {row["campaign_id"] for row in synthetic.deliveries}
    goals = {goal.event_name: name for name, campaign in synthetic.campaigns.items() for goal in campaign.goals}
    assert goals.keys() - happened == NEVER_HAPPEN
    assert {goals[name] for name in NEVER_HAPPEN} & sent == {"app-upgrade"}


def test_orders_are_refunded_paid_in_euros_and_badly_written(synthetic: "Written") -> None:
    refunds = [_attribute(row, "order_value") for row in synthetic.events if row["event_name"] == "Order Refunded"]
    values = [_attribute(row, "order_value") for row in _orders(synthetic)]
    assert max(refunds) < 0
    assert {_attribute(row, "currency") for row in _orders(synthetic)} == {"USD", "EUR"}
    assert any("order_value" not in row["attributes"] for row in _orders(synthetic))
    assert any(row["attributes"].get("order_value", 0) is None for row in _orders(synthetic))
    texts = [value for value in values if isinstance(value, str)]
    assert "n/a" in texts
    assert {len(text.partition(".")[2]) for text in texts} == {0, 2, 7}


def test_order_values_have_cents_and_a_long_tail(synthetic: "Written") -> None:
    values = [value for row in _orders(synthetic) if isinstance(value := _attribute(row, "order_value"), float)]
    assert all(round(value, 2) == value for value in values)
    assert 40 < median(values) < 60
    assert mean(values) > 1.15 * median(values)


def test_what_a_campaign_brings_about_takes_hours_with_a_long_tail(synthetic: "Written") -> None:
    joined = {row["user_id"]: _at(row) for row in synthetic.deliveries_of("welcome")}
    completed = [row for row in synthetic.events if row["event_name"] == "Profile Completed"]
    hours = [(_at(row) - joined[row["user_id"]]).total_seconds() / 3600 for row in completed]
    assert 1.5 < median(hours) < 6
    assert max(hours) > 20


def test_events_follow_the_rhythm_of_the_week_and_of_the_day(synthetic: "Written") -> None:
    times = [_at(row) for row in synthetic.events]
    weekdays, hours = Counter(at.weekday() for at in times), Counter(at.hour for at in times)
    assert weekdays[5] > 1.2 * weekdays[0]
    assert hours[20] > 5 * hours[4]


def test_one_campaign_sends_across_the_change_to_daylight_saving_time(synthetic: "Written") -> None:
    hours = Counter(_at(row).hour for row in synthetic.deliveries_of("win-back"))
    assert set(hours) == {1, 3}


def test_one_campaign_is_of_the_older_kind(synthetic: "Written") -> None:
    legacy = [c.campaign_id for c in synthetic.campaigns.values() if c.analytics_version is AnalyticsVersion.LEGACY]
    assert legacy == ["newsletter-legacy"]
    assert len({row["instance_id"] for row in synthetic.deliveries_of("newsletter-legacy")}) == 6


def test_names_are_hostile_emoji_and_right_to_left(synthetic: "Written") -> None:
    names = [campaign.name for campaign in synthetic.campaigns.values()]
    assert '<script>alert(1)</script> & "quotes"' in names
    assert any("💜" in name for name in names)
    assert any("\u0621" <= letter <= "\u064a" for name in names for letter in name)
    assert str(synthetic.campaigns["app-upgrade"].team).startswith("=")


def test_one_request_is_full_of_invented_secrets(synthetic: "Written") -> None:
    request = synthetic.campaigns["win-back"].request
    assert request is not None
    assert request.headers["Authorization"].startswith("Bearer sk_live_")
    assert "not-a-password@" in request.url
    assert "api_key=" in request.url
    assert {"password", "client_secret", "token"} <= json.loads(request.body or "").keys()


def test_approval_is_given_pending_and_refused(synthetic: "Written") -> None:
    decisions = {
        name: (campaign.approval.approved_by, campaign.approval.rejected_by)
        for name, campaign in synthetic.campaigns.items()
        if campaign.approval is not None and campaign.approval.required
    }
    assert decisions == {
        "spring-sale": ("lee@acme.example", None),
        "eid-offer": ("sam@acme.example", None),
        "loyalty-survey": (None, None),
        "price-drop": (None, "sam@acme.example"),
    }


def test_every_campaign_says_whose_it_is_and_when_it_changed(synthetic: "Written") -> None:
    for campaign in synthetic.campaigns.values():
        assert campaign.team
        assert campaign.tags
        assert campaign.created_by
        assert campaign.created_at is not None
        assert campaign.updated_at is not None
        assert campaign.created_at <= campaign.updated_at


def test_some_ids_were_merged_some_of_them_twice_and_both_ids_have_rows(synthetic: "Written") -> None:
    merged = {row["user_id"]: row["merged_into"] for row in synthetic.identities}
    assert len(merged) == 100
    assert sum(target in merged for target in merged.values()) == 10
    assert not any(merged.get(merged.get(target, "")) for target in merged.values())
    seen = {row["user_id"] for row in synthetic.events}
    assert len(seen & merged.keys()) > 60
    assert len(seen & set(merged.values())) > 60

"""What a vendor says beside ours: the right number of ours, over the same days, or none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, ControlGroupType, Counting, Vendor
from analytics_core.engines.local import compute_snapshots
from analytics_core.metrics.vendor_reported import MAX_REPORTED, VendorNumber, with_reported
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot, Unknown, VendorReported
from worlds import World, tiny_campaign


def snapshot_of(told: World) -> Snapshot:
    (found,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    return found


MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
GOALS = [
    {"goal_id": "purchase", "name": "Purchase", "event_name": "Order Placed", "revenue": {"attribute": "order_value"}},
    {"goal_id": "visit", "name": "Site  Visit", "event_name": "Visit"},
]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Sends on 2 and 3 March, 4 users each instance; two purchases of 12.50 and 3, one user visits."""
    told = tiny_campaign(goals=GOALS, audience={"control_group_percent": 20})
    told = told.sent("ann", at="2026-03-02 10:00").sent("bob", at="2026-03-02 10:00")
    told = told.sent("cat", at="2026-03-03 10:00").requested("dan", 404, at="2026-03-03 10:00")
    told = told.held_back("eve", at="2026-03-03 10:00").held_back("fay", at="2026-03-03 10:00")
    told = told.bought("ann", at="2026-03-02 11:00", order_value="12.5")
    told = told.bought("cat", at="2026-03-03 11:00", order_value=3).bought("eve", at="2026-03-03 11:00", order_value=1)
    return snapshot_of(told)


def stated(metric: str, value: object = 5, **more: Any) -> VendorNumber:  # noqa: ANN401 - any field
    given = {
        "counting": None,
        "goal": None,
        "control_group_type": None,
        "starts_on": None,
        "ends_on": None,
        "answers": 1,
        **more,
    }
    return VendorNumber(
        vendor=Vendor.MOENGAGE, metric=f"theirs.{metric}", our_metric=metric, value=Decimal(str(value)), **given
    )


def beside(snapshot: Snapshot, one: VendorNumber) -> VendorReported:
    (found,) = with_reported(snapshot, [one]).vendor_reported
    return found


def test_a_count_stands_beside_ours_with_both_differences(snapshot: Snapshot) -> None:
    found = beside(snapshot, stated("sent", 4))
    assert (found.value, found.ours, found.difference) == (4, 3, 1)
    assert found.relative_difference == pytest.approx(1 / 3)
    assert isinstance(found.value, int)


def test_no_other_number_changes(snapshot: Snapshot) -> None:
    found = with_reported(snapshot, [stated("sent", 4)])
    assert replace(found, vendor_reported=()) == snapshot


@pytest.mark.parametrize(("counting", "ours"), [(Counting.UNIQUE, 4), (Counting.TOTAL, 4), (None, 4)])
def test_users_are_counted_as_the_vendor_counts_them(snapshot: Snapshot, counting: Counting | None, ours: int) -> None:
    assert beside(snapshot, stated("attempted", counting=counting)).ours == ours


def test_unique_and_total_are_told_apart() -> None:
    told = tiny_campaign().sent("ann", instance="a").sent("ann", instance="b")
    found = snapshot_of(told)
    by_counting = {counting: beside(found, stated("sent", counting=counting)).ours for counting in Counting}
    assert by_counting == {Counting.UNIQUE: 1, Counting.TOTAL: 2}
    assert beside(found, stated("sent")).ours == 2


def test_money_stays_exact(snapshot: Snapshot) -> None:
    found = beside(snapshot, stated("revenue", "20.10", goal="purchase"))
    assert (found.value, found.ours, found.difference) == (Decimal("20.10"), Decimal("15.5"), Decimal("4.6"))
    document = as_json(with_reported(snapshot, [stated("revenue", "20.10")]))["vendor_reported"][0]
    assert (document["value"], document["ours"], document["difference"]) == ("20.10", "15.50", "4.60")


def test_a_rate_is_a_share(snapshot: Snapshot) -> None:
    found = beside(snapshot, stated("sent_rate", "0.5"))
    assert (found.value, found.ours, found.difference) == (0.5, 0.75, -0.25)


@pytest.mark.parametrize(
    ("goal", "goal_id", "ours"),
    [
        (None, "purchase", 2),
        ("PURCHASE", "purchase", 2),
        (" site visit", "visit", 0),
        ("visit", "visit", 0),
        ("B", None, None),
    ],
)
def test_a_goal_is_found_by_name_or_id_and_never_guessed(
    snapshot: Snapshot, goal: str | None, goal_id: str | None, ours: int | None
) -> None:
    found = beside(snapshot, stated("converted_users", goal=goal))
    assert (found.goal_id, found.ours) == (goal_id, ours)


def test_a_name_that_two_goals_have_is_none_of_them() -> None:
    told = tiny_campaign(goals=[{**GOALS[0], "name": "Same"}, {**GOALS[1], "name": "same"}]).sent("ann")
    found = snapshot_of(told)
    assert beside(found, stated("converted_users", goal="Same")).ours is None


@pytest.mark.parametrize(
    ("metric", "group", "ours"),
    [
        ("uplift", ControlGroupType.CAMPAIGN, (2 / 3 - 1 / 2) / (1 / 2)),
        ("uplift", ControlGroupType.GLOBAL, None),
        ("control_converted_users", ControlGroupType.CAMPAIGN, 1),
        ("control_conversion_rate", ControlGroupType.CAMPAIGN, 0.5),
    ],
)
def test_a_control_groups_number_is_compared_with_that_group(
    snapshot: Snapshot, metric: str, group: ControlGroupType, ours: float | None
) -> None:
    found = beside(snapshot, stated(metric, "0.5", goal="Purchase", control_group_type=group))
    assert found.ours == (None if ours is None else pytest.approx(ours))


@pytest.mark.parametrize("metric", ["theirs_alone", None])
def test_what_is_none_of_our_metrics_has_no_number_of_ours(snapshot: Snapshot, metric: str | None) -> None:
    found = beside(snapshot, replace(stated("sent", "1.5"), our_metric=metric))
    assert (found.value, found.ours, found.difference, found.relative_difference) == (1.5, None, None, None)


@pytest.mark.parametrize(
    ("metric", "ours"),
    [
        ("sent", 2),
        ("attempted", 2),
        ("failed", 0),
        ("conversion_events", 1),
        ("revenue", Decimal("12.5")),
        ("sent_rate", None),
        ("converted_users", None),
        ("users_in_segment", None),
    ],
)
def test_a_number_of_some_days_is_compared_with_what_adds_up_over_them(
    snapshot: Snapshot, metric: str, ours: object
) -> None:
    assert beside(snapshot, stated(metric, starts_on=MARCH, ends_on=date(2026, 3, 2))).ours == ours
    assert beside(snapshot, stated(metric, ends_on=date(2026, 3, 2))).ours == ours


def test_over_some_days_unique_users_and_further_goals_are_not_told(snapshot: Snapshot) -> None:
    days = {"starts_on": date(2026, 3, 3), "ends_on": APRIL}
    assert beside(snapshot, stated("sent", **days)).ours == 1
    assert beside(snapshot, stated("sent", counting=Counting.UNIQUE, **days)).ours is None
    assert beside(snapshot, stated("conversion_events", goal="visit", **days)).ours is None


def test_over_some_days_what_no_export_tells_is_not_told(snapshot: Snapshot) -> None:
    unknown = tuple(replace(day, attempted=Unknown()) for day in snapshot.trends.day)
    gapped = replace(snapshot, trends=replace(snapshot.trends, day=unknown))
    days = {"starts_on": MARCH, "ends_on": date(2026, 3, 2)}
    assert beside(gapped, stated("attempted", **days)).ours is None
    assert beside(gapped, stated("sent", **days)).ours == 2


def test_before_and_after_all_days_there_is_nothing(snapshot: Snapshot) -> None:
    assert beside(snapshot, stated("sent", starts_on=APRIL, ends_on=APRIL)).ours == 0


def test_a_period_that_covers_all_days_is_compared_with_the_campaign(snapshot: Snapshot) -> None:
    days = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 3)}
    assert beside(snapshot, stated("sent_rate", **days)).ours == 0.75
    assert beside(snapshot, stated("sent", counting=Counting.UNIQUE, **days)).ours == 3


def test_over_ours_that_is_zero_there_is_no_relative_difference(snapshot: Snapshot) -> None:
    found = beside(snapshot, stated("converted_users", 2, goal="visit"))
    assert (found.ours, found.difference, found.relative_difference) == (0, 2, None)


def test_an_older_campaign_is_compared_by_its_own_counting() -> None:
    told = tiny_campaign(analytics_version="legacy").sent("ann", instance="a", at="2026-03-02 10:00")
    told = told.sent("ann", instance="b", at="2026-03-12 10:00")
    told = told.bought("ann", at="2026-03-02 11:00").bought("ann", at="2026-03-12 11:00")
    found = snapshot_of(told)
    assert found.analytics_version is AnalyticsVersion.LEGACY
    assert beside(found, stated("converted_users")).ours == 1


def test_the_order_is_the_catalogs_whatever_the_order_of_what_is_said(snapshot: Snapshot) -> None:
    said = [
        stated("failed"),
        replace(stated("x"), our_metric=None),
        stated("revenue"),
        stated("sent"),
        stated("sent", goal="b"),
    ]
    orders = [with_reported(snapshot, order).vendor_reported for order in (said, said[::-1])]
    assert orders[0] == orders[1]
    assert [one.our_metric for one in orders[0]] == ["revenue", "sent", "sent", "failed", None]


def test_a_long_list_is_cut_and_says_so(snapshot: Snapshot) -> None:
    said = [replace(stated("x"), our_metric=None, metric=f"reason {number:03}") for number in range(MAX_REPORTED + 3)]
    found = with_reported(snapshot, [*said, stated("sent")])
    assert (len(found.vendor_reported), found.vendor_reported_omitted) == (MAX_REPORTED, 4)
    assert found.vendor_reported[0].our_metric == "sent"

"""Ways of computing that only large or far-off data take, forced upon small worlds: the numbers are the oracle's."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics_core.counting import arms
from analytics_core.domain.settings import Settings
from oracle import first_difference, snapshot_documents
from worlds import World, rules_of, tiny_campaign, world
from worlds.dealing import START
from worlds.moving import moved
from worlds.product import documents

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""Imports take no instant before or after these."""


def assert_agreement(told: World, rules: Settings, what: str) -> None:
    expected = snapshot_documents(told.rows, told.plain_campaigns, told.app, rules)
    difference = first_difference(expected, documents(told, rules))
    assert difference is None, f"{what} under {rules}: {difference}"


@pytest.mark.parametrize("bits", [10, 24, 44])
@pytest.mark.parametrize("seed", range(6100, 6115))
def test_rows_are_sorted_and_grouped_where_columns_do_not_fit_into_one_number(
    seed: int, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_core.arrays.packing._BITS", bits)
    assert_agreement(world(seed), rules_of(seed, world(seed)), f"world({seed})")


@pytest.mark.parametrize("seed", range(6140, 6150))
def test_a_users_rows_are_added_up_where_they_are_too_many_for_one_number(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arms, "_MOST_BITS", 1)
    assert_agreement(world(seed), rules_of(seed, world(seed)), f"world({seed})")


@pytest.mark.parametrize("seed", range(6150, 6160))
def test_days_are_looked_up_one_by_one_where_they_lie_far_apart(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics_core.counting.calendar._MANY_DAYS", 0)
    assert_agreement(world(seed), rules_of(seed, world(seed)), f"world({seed})")


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
@pytest.mark.parametrize("seed", range(6160, 6164))
def test_a_world_at_either_end_of_the_years_that_imports_take(seed: int, zone: str) -> None:
    told = world(seed)
    moments = [row["occurred_at"] for row in told.deliveries + told.events]
    if not moments:
        pytest.skip("nothing happens in this world")
    for by in (FIRST - min(moments), LAST - max(moments)):
        there = moved(told, by, zone)
        assert_agreement(there, rules_of(seed, there), f"world({seed}) moved by {by}")


def test_two_centuries_and_many_users_between_two_events_blur_no_window() -> None:
    told = tiny_campaign().sent("ann", at="1970-01-01 00:00").bought("ann", at="2200-12-31 23:59:59.999999")
    for number in range(300):
        told = told.sent(f"u{number}").bought(f"u{number}", at=f"2026-03-03 21:00:00.00000{number % 3 - 1 and 1}")
    # u0 and u2, u3 and u5, … buy a microsecond after the window has closed; the others as it closes.
    assert_agreement(told, Settings(), "two centuries")
    (found,) = documents(told)
    assert found["performance"]["converted_users"] == 100


def test_an_instant_to_look_from_may_lie_after_everything() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00")
    rules = Settings(as_of=datetime(9999, 12, 31, 23, 59, tzinfo=UTC), matured_only=True)
    (found,) = documents(told, rules)
    assert found["as_of"] == "9999-12-31T23:59:00+00:00"
    assert found["performance"]["converted_users"] == 1
    assert_agreement(told, rules, "the last day there is")


def test_an_instant_to_look_from_may_lie_before_everything() -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00")
    assert_agreement(told, Settings(as_of=START - timedelta(days=365 * 50)), "half a century before")

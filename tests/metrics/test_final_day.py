"""The day on which a campaign's numbers are final."""

from typing import Any

import pytest

from analytics_core.domain.settings import App, Settings
from oracle import first_difference, snapshot_documents
from worlds import World, tiny_campaign
from worlds.product import documents
from worlds.story import instant


def final(told: World, rules: Settings | None = None) -> tuple[str | None, str | None]:
    """`final_at` and `final_on` of a world's one campaign, after the oracle agreed with it."""
    used = rules or Settings()
    (expected,) = snapshot_documents(told.rows, told.plain_campaigns, told.app, used)
    (found,) = documents(told, used)
    assert first_difference(expected, found) is None
    return found["data_quality"]["final_at"], found["data_quality"]["final_on"]


def in_zone(told: World, timezone: str) -> World:
    return World(told.campaigns, told.deliveries, told.events, app=App(timezone=timezone))


def test_a_campaign_is_final_when_the_window_of_its_last_send_closes() -> None:
    told = tiny_campaign().sent("ann", at="2026-03-02 09:00").sent("bob", at="2026-03-05 18:30:00.000001")
    assert final(told) == ("2026-03-07T06:30:00.000001+00:00", "2026-03-07")


def test_only_sent_rows_keep_a_campaign_open_and_a_retry_does_not() -> None:
    told = tiny_campaign().sent("ann").sent("ann", at="2026-03-09 09:00").requested("bob", 500, at="2026-03-10 09:00")
    told = told.held_back("cat", at="2026-03-11 09:00").capped("dan", at="2026-03-12 09:00")
    assert final(told) == ("2026-03-03T21:00:00+00:00", "2026-03-03")


def test_rows_that_have_not_matured_count_also_where_only_matured_ones_do() -> None:
    told = tiny_campaign().sent("ann").sent("bob", at="2026-03-05 09:00")
    as_of = instant("2026-03-05 09:00")
    assert final(told, Settings(as_of=as_of, matured_only=True)) == ("2026-03-06T21:00:00+00:00", "2026-03-06")
    assert final(told, Settings(as_of=instant("2026-03-04 09:00"))) == ("2026-03-03T21:00:00+00:00", "2026-03-03")


@pytest.mark.parametrize(
    ("definition", "hours", "day"),
    [
        ({}, None, "2026-03-03"),
        ({"attribution_window_hours": 96}, None, "2026-03-06"),
        ({"attribution_window_hours": 96}, 15.0, "2026-03-03"),
        ({"attribution_window_hours": 96, "analytics_version": "legacy"}, 15.0, "2026-03-03"),
    ],
)
def test_the_window_is_the_one_that_is_applied(definition: dict[str, Any], hours: float | None, day: str) -> None:
    assert final(tiny_campaign(**definition).sent("ann"), Settings(window_hours=hours))[1] == day


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("UTC", "2026-03-03"),
        ("Asia/Kathmandu", "2026-03-04"),
        ("Pacific/Apia", "2026-03-04"),
        ("US/Samoa", "2026-03-03"),
    ],
)
def test_the_day_is_the_apps(timezone: str, day: str) -> None:
    assert final(in_zone(tiny_campaign().sent("ann"), timezone)) == ("2026-03-03T21:00:00+00:00", day)


def test_where_nothing_was_sent_nothing_is_final() -> None:
    assert final(tiny_campaign()) == (None, None)
    assert final(tiny_campaign().requested("bob", 500).held_back("cat")) == (None, None)

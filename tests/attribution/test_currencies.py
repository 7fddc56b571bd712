"""An event's currency: trimmed and in capitals; empty is none, what is no text is another."""

import pytest

from analytics_core.domain.settings import App
from worlds import World, tiny_campaign
from worlds.product import documents
from worlds.story import PURCHASE, Row


def _goal(told: World) -> Row:
    (document,) = documents(told)
    goal: Row = document["goals"][0]
    assert document["performance"]["currency"] == goal["currency"]
    return goal


def _revenue(event_currency: object, goal_currency: str | None = "USD", app: str = "EUR") -> Row:
    revenue = {"attribute": "v", "currency": goal_currency}
    told = World(app=App(currency=app)).with_campaign("spring", goals=[{**PURCHASE, "revenue": revenue}])
    return _goal(told.sent("ann").bought("ann", at="2026-03-02 10:00", v=10, currency=event_currency))


@pytest.mark.parametrize("own", ["USD", "usd", "Usd ", "\tusd\n", "\u00a0USD\u3000", "", "  ", "\u2003", None])
def test_a_currency_counts_however_it_is_spelled(own: str | None) -> None:
    goal = _revenue(own)
    assert (goal["revenue"], goal["events_in_other_currency"]) == ("10.00", 0)


@pytest.mark.parametrize("own", ["EUR", "US D", "US", 5, 0, True, False, ["USD"], [], {"code": "USD"}, {}])
def test_another_currency_adds_nothing(own: object) -> None:
    goal = _revenue(own)
    assert (goal["revenue"], goal["events_in_other_currency"]) == ("0.00", 1)


@pytest.mark.parametrize("written", ["usd", " USD ", "\u00a0uSd"])
def test_the_currency_of_a_goal_and_of_the_app_is_spelled_in_any_way_too(written: str) -> None:
    for goal in (_revenue("USD", written), _revenue("USD", None, app=written), _revenue("USD", " ", app=written)):
        assert (goal["currency"], goal["revenue"], goal["events_in_other_currency"]) == ("USD", "10.00", 0)


def test_euro_s_sign_is_a_currency_as_good_as_any() -> None:
    assert _revenue(" €", "€")["revenue"] == "10.00"


def test_the_case_of_two_spellings_in_one_export() -> None:
    told = tiny_campaign().sent("ann")
    for own in ("USD", "usd"):
        told = told.bought("ann", at="2026-03-02 10:00", order_value=10, currency=own)
    assert (_goal(told)["revenue"], _goal(told)["events_in_other_currency"]) == ("20.00", 0)


def test_a_goal_keeps_its_currency_trimmed_and_in_capitals() -> None:
    (campaign,) = tiny_campaign(goals=[{**PURCHASE, "revenue": {"attribute": "v", "currency": " eur "}}]).book
    assert campaign.primary_goal.revenue is not None
    assert campaign.primary_goal.revenue.currency == "EUR"

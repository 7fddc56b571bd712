import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType, Status
from analytics_core.widgets.picking import select_campaigns
from analytics_core.widgets.state import State

GOAL = {"goal_id": "g", "name": "Purchase", "event_name": "Order"}


def campaign(campaign_id: str, name: str, **more: object) -> Campaign:
    return Campaign.model_validate(
        {"campaign_id": campaign_id, "name": name, "delivery_type": "one_time", "goals": [GOAL]} | more
    )


BOOK = (
    campaign("w-1", "Winter sale", status="sent", team="Growth", tags=["sale", "shoes"]),
    campaign("s-1", "spring sale", status="active", delivery_type="periodic", team="Growth"),
    campaign("t-1", "Thank you", status="active", delivery_type="event_triggered", team="Care", tags=["Loyalty"]),
)


def ids(state: State) -> list[str]:
    return [found.campaign_id for found in select_campaigns(BOOK, state)]


def test_without_a_search_all_campaigns_are_offered_by_name_whatever_its_case() -> None:
    assert ids(State()) == ["s-1", "t-1", "w-1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("SALE", ["s-1", "w-1"]), ("t-1", ["t-1"]), ("care", ["t-1"]), ("loyal", ["t-1"]), ("nothing", [])],
    ids=["name", "id", "team", "tag", "no campaign"],
)
def test_a_word_is_searched_in_name_id_team_and_tags(query: str, found: list[str]) -> None:
    assert ids(State(query=query)) == found


def test_all_words_must_be_found_but_not_in_one_place() -> None:
    assert ids(State(query="growth winter")) == ["w-1"]


def test_blanks_alone_search_for_nothing() -> None:
    assert len(ids(State(query="   "))) == 3


def test_a_word_never_matches_across_two_fields() -> None:
    assert ids(State(query="salew-1")) == []


def test_filters_and_search_narrow_together() -> None:
    assert ids(State(status=Status.ACTIVE)) == ["s-1", "t-1"]
    assert ids(State(status=Status.ACTIVE, delivery_type=DeliveryType.PERIODIC)) == ["s-1"]
    assert ids(State(status=Status.SENT, query="spring")) == []


def test_campaigns_of_one_name_stand_in_the_order_of_their_ids() -> None:
    twins = (campaign("b", "Twin"), campaign("a", "Twin"))
    assert [twin.campaign_id for twin in select_campaigns(twins, State())] == ["a", "b"]

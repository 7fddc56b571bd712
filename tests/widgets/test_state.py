import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import Counting, DeliveryType, Grain, ShownAs, Status
from analytics_core.views.breakdown.buckets import TrendFigure
from analytics_core.views.campaign.cards import Pins, TooManyPinsError
from analytics_core.widgets.state import Rules, State, select_campaigns

FIVE = Pins(("sent", "failed", "attempted", "revenue", "conversion_rate"))
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


def test_the_first_screen_counts_totals_as_numbers() -> None:
    state = State()
    assert (state.counting, state.shown_as) == (Counting.TOTAL, ShownAs.NUMBER)


def test_picking_another_campaign_keeps_every_other_choice() -> None:
    before = State("a", Counting.TOTAL, ShownAs.PERCENTAGE, FIVE, query="sale")
    after = before.picking("b")
    assert after.campaign_id == "b"
    assert after.picking("a") == before


def test_a_verb_leaves_the_state_it_was_asked_of_alone() -> None:
    state = State("a")
    state.counting_as(Counting.UNIQUE).showing_as(ShownAs.PERCENTAGE).toggling_pin("sent")
    assert state == State("a")


def test_both_switches_turn_back_and_forth() -> None:
    turned = State().counting_as(Counting.UNIQUE).showing_as(ShownAs.PERCENTAGE)
    assert (turned.counting, turned.shown_as) == (Counting.UNIQUE, ShownAs.PERCENTAGE)
    assert turned.counting_as(Counting.TOTAL).showing_as(ShownAs.NUMBER) == State()


def test_pins_stand_in_the_order_they_were_pinned() -> None:
    assert State().toggling_pin("sent").toggling_pin("failed").pins == Pins(("sent", "failed"))


def test_toggling_a_pin_twice_changes_nothing() -> None:
    assert State().toggling_pin("sent").toggling_pin("sent") == State()


def test_the_sixth_pin_is_refused_and_the_five_stay() -> None:
    state = State(pins=FIVE)
    with pytest.raises(TooManyPinsError, match="five"):
        state.toggling_pin("converted_users")
    assert state.pins == FIVE


def test_a_place_becomes_free_when_a_metric_is_unpinned() -> None:
    state = State(pins=FIVE).toggling_pin("sent").toggling_pin("converted_users")
    assert state.pins == Pins((*FIVE.names[1:], "converted_users"))


def test_unpinned_metrics_hide_and_come_back() -> None:
    hidden = State(pins=FIVE).hiding_unpinned()
    assert hidden.unpinned_hidden
    assert not hidden.showing_all().unpinned_hidden


def test_nothing_is_hidden_while_nothing_is_pinned() -> None:
    assert not State().hiding_unpinned().unpinned_hidden


def test_unpinning_the_last_metric_shows_all_of_them_again() -> None:
    assert not State(pins=Pins(("sent",))).hiding_unpinned().toggling_pin("sent").unpinned_hidden


def test_unpinning_one_of_two_keeps_the_others_hidden() -> None:
    assert State(pins=Pins(("sent", "failed"))).hiding_unpinned().toggling_pin("sent").unpinned_hidden


def test_searching_and_filtering_never_change_the_campaign_shown() -> None:
    state = State("a").searching("x").filtering_status(Status.SENT).filtering_delivery_type(DeliveryType.PERIODIC)
    assert state.campaign_id == "a"
    assert (state.query, state.status, state.delivery_type) == ("x", Status.SENT, DeliveryType.PERIODIC)


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


def test_the_trend_is_sliced_and_turned_and_back() -> None:
    turned = State().slicing(Grain.WEEK).following(TrendFigure.REVENUE)
    assert (turned.grain, turned.figure) == (Grain.WEEK, TrendFigure.REVENUE)
    assert turned.following(TrendFigure.DELIVERY).grain is Grain.WEEK


def test_other_rules_keep_every_other_choice() -> None:
    rules = Rules(Settings(window_hours=1.0))
    asked = State("a", pins=FIVE).asking(rules)
    assert (asked.rules, asked.campaign_id, asked.pins) == (rules, "a", FIVE)
    assert asked.asking(Rules()) == State("a", pins=FIVE)


def test_offering_all_takes_search_and_filters_away() -> None:
    narrowed = State("a").searching("x").filtering_status(Status.SENT).filtering_delivery_type(DeliveryType.ONE_TIME)
    assert narrowed.offering_all() == State("a")

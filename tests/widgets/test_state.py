import pytest

from analytics_core.domain.words import Counting, DeliveryType, ShownAs, Status
from analytics_core.views.campaign.cards import Pins, TooManyPinsError
from analytics_core.widgets.state import State

FIVE = Pins(("sent", "failed", "attempted", "revenue", "conversion_rate"))


def test_the_first_screen_counts_unique_users_as_numbers() -> None:
    state = State()
    assert (state.counting, state.shown_as) == (Counting.UNIQUE, ShownAs.NUMBER)


def test_picking_another_campaign_keeps_every_other_choice() -> None:
    before = State("a", Counting.TOTAL, ShownAs.PERCENTAGE, FIVE, query="sale")
    after = before.picking("b")
    assert after.campaign_id == "b"
    assert after.picking("a") == before


def test_a_verb_leaves_the_state_it_was_asked_of_alone() -> None:
    state = State("a")
    state.counting_as(Counting.TOTAL).showing_as(ShownAs.PERCENTAGE).toggling_pin("sent")
    assert state == State("a")


def test_both_switches_turn_back_and_forth() -> None:
    turned = State().counting_as(Counting.TOTAL).showing_as(ShownAs.PERCENTAGE)
    assert (turned.counting, turned.shown_as) == (Counting.TOTAL, ShownAs.PERCENTAGE)
    assert turned.counting_as(Counting.UNIQUE).showing_as(ShownAs.NUMBER) == State()


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

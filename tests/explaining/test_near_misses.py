"""Events that almost counted: one story per class, each with one event and one reason, and the sentence people read."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, EventFate, InstanceCredit
from analytics_core.engines.explaining import explain_number, explain_user
from analytics_core.engines.scene import WorkspaceData, view_campaign
from analytics_core.explaining.explanation import NearMisses, question_of
from analytics_core.metrics.metric import Grain
from analytics_core.views.explaining.arm_fates import fate_text
from analytics_core.views.explaining.why import VERDICTS, duplicates_text, omission_text
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world
from worlds.story import PURCHASE, instant

MONDAY_NINE = "2026-03-02 09:00"
WINDOW_CLOSES = "2026-03-03 21:00"
SHOES = {**PURCHASE, "filters": [{"attribute": "category", "op": "is", "value": "shoes"}]}
LAST = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
FIRST = Settings(instance_credit=InstanceCredit.FIRST)
EVERY = Settings(instance_credit=InstanceCredit.EVERY)


def near(told: World, settings: Settings | None = None, *, campaign: int = 0, duplicates: int = 0) -> NearMisses:
    """The near misses of a campaign's primary goal, all rows brought along."""
    held = WorkspaceData(told.tables(), told.book, told.app, duplicates)
    scene = view_campaign(held, told.book[campaign], settings or Settings())
    misses = explain_number(scene, question_of(told.book[campaign], "converted_users", None), rows=None).near_misses
    assert misses is not None
    return misses


def texts(misses: NearMisses) -> list[str]:
    return [fate_text(row, Grain.CREDIT) for row in misses.rows.iter_rows(named=True)]


def told_by(told: World, settings: Settings | None = None, *, campaign: int = 0) -> tuple[dict[str, int], list[str]]:
    """Events by verdict, and the words for each row."""
    misses = near(told, settings, campaign=campaign)
    return {verdict.value: events for verdict, events in misses.events.items()}, texts(misses)


SENT = tiny_campaign().sent("ann", at=MONDAY_NINE)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (WINDOW_CLOSES, []),
        ("2026-03-03 21:00:00.000001", ["<1 s after the window"]),
        ("2026-03-03 21:03", ["3 min after the window"]),
        ("2026-03-05 09:00", ["1 d 12 h after the window"]),
        ("2026-03-05 09:00:00.000001", []),
    ],
)
def test_an_event_within_one_more_window_after_the_window(at: str, expected: list[str]) -> None:
    assert texts(near(SENT.bought("ann", at=at))) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (MONDAY_NINE, []),
        ("2026-03-02 08:00", ["1 h before the first send"]),
        ("2026-02-28 21:00", ["1 d 12 h before the first send"]),
        ("2026-02-28 20:59:59.999999", []),
    ],
)
def test_an_event_before_the_first_send(at: str, expected: list[str]) -> None:
    assert texts(near(SENT.bought("ann", at=at))) == expected


def test_only_the_first_send_has_a_before() -> None:
    told = SENT.sent("ann", at="2026-03-09 09:00", instance="later").bought("ann", at="2026-03-08 12:00")
    assert told_by(told) == ({}, [])


def test_an_event_credited_to_another_instance() -> None:
    told = SENT.sent("ann", at="2026-03-02 12:00", instance="noon").bought("ann", at="2026-03-02 13:00")
    assert told_by(told) == ({"other_instance": 1}, ["credited to instance noon"])
    assert near(told).rows["instance_id"].to_list() == ["run"]
    assert told_by(told, EVERY) == ({}, [])


def test_where_the_first_delivery_is_credited_the_later_ones_only_almost_count() -> None:
    told = SENT.sent("ann", at="2026-03-02 12:00", instance="noon").bought("ann", at="2026-03-02 13:00")
    assert told_by(told, FIRST) == ({"other_instance": 1}, ["credited to instance run"])
    assert near(told, FIRST).rows["instance_id"].to_list() == ["noon"]


def test_an_event_credited_to_another_campaign() -> None:
    told = SENT.with_campaign("summer").sent("ann", at="2026-03-02 12:00").bought("ann", at="2026-03-02 13:00")
    assert told_by(told, LAST) == ({"other_campaign": 1}, ["credited to campaign summer"])
    assert told_by(told, LAST, campaign=1) == ({}, [])
    assert told_by(told) == ({}, [])


def test_an_event_of_a_control_user() -> None:
    told = tiny_campaign().held_back("cat", at=MONDAY_NINE).bought("cat", at="2026-03-02 10:00")
    assert told_by(told) == ({"control_user": 1}, ["control user"])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (tiny_campaign().requested("bob", 404), "not sent (response 404)"),
        (tiny_campaign().requested("bob", None), "not sent (no response)"),
        (tiny_campaign().not_personalized("bob", "user_attribute"), "not sent (personalization failed)"),
        (tiny_campaign().capped("bob"), "not sent (frequency capped)"),
    ],
)
def test_an_event_of_a_user_who_was_not_sent(told: World, words: str) -> None:
    assert told_by(told.bought("bob", at="2026-03-02 10:00")) == ({"not_sent": 1}, [words])
    assert told_by(told.bought("bob", at="2026-03-02 08:59")) == ({}, [])


def test_an_event_that_does_not_fulfil_a_filter() -> None:
    told = tiny_campaign(goals=[SHOES]).sent("ann").bought("ann", at="2026-03-02 10:00", category="hats")
    assert told_by(told) == ({"filter_not_fulfilled": 1}, ["filter not fulfilled (category)"])
    late = tiny_campaign(goals=[SHOES]).sent("ann").bought("ann", at="2026-03-03 21:03", category="hats")
    assert told_by(late) == ({}, [])


def test_every_filter_that_fails_is_named_once() -> None:
    filters = [{"attribute": name, "op": "exists"} for name in ("size", "category", "size")]
    told = tiny_campaign(goals=[{**PURCHASE, "filters": filters}]).sent("ann").bought("ann", at="2026-03-02 10:00")
    assert told_by(told)[1] == ["filter not fulfilled (size, category)"]


def test_an_event_after_the_as_of_time() -> None:
    told = SENT.bought("ann", at="2026-03-02 10:00")
    seen_at_half_past_nine = Settings(as_of=instant("2026-03-02 09:30"))
    assert told_by(told, seen_at_half_past_nine) == ({"after_as_of": 1}, ["after the as-of time"])
    assert told_by(told, Settings(as_of=instant("2026-03-02 10:00"))) == ({}, [])
    assert told_by(told, Settings(as_of=instant("2026-03-02 08:00"))) == ({}, [])


def test_an_event_of_a_delivery_that_has_not_matured() -> None:
    told = SENT.bought("ann", at="2026-03-02 10:00")
    rules = Settings(matured_only=True)
    assert told_by(told, rules) == ({"not_matured": 1}, ["credited to instance run, whose window is still open"])
    assert told_by(told.bought("bob", at=WINDOW_CLOSES), rules) == ({}, [])


def test_an_event_of_a_delivery_outside_the_period() -> None:
    told = SENT.sent("ann", at="2026-03-09 09:00", instance="later").bought("ann", at="2026-03-02 10:00")
    told = told.bought("ann", at="2026-03-09 10:00")
    since = Settings(since=date(2026, 3, 3))
    assert told_by(told, since) == ({"outside_period": 1}, ["credited to instance run, which is outside the period"])
    until = Settings(until=date(2026, 3, 8))
    assert told_by(told, until) == ({"outside_period": 1}, ["credited to instance later, which is outside the period"])
    assert told_by(told, Settings(since=date(2026, 3, 2), until=date(2026, 3, 9))) == ({}, [])
    both = Settings(since=date(2026, 3, 3), matured_only=True)
    assert told_by(told, both)[0] == {"outside_period": 1, "not_matured": 1}


def test_an_event_that_counts_or_is_of_another_name_or_user_is_no_near_miss() -> None:
    told = SENT.bought("ann", at="2026-03-02 10:00").event("ann", "Seen", at="2026-03-03 21:03")
    assert told_by(told.bought("eve", at="2026-03-02 10:00")) == ({}, [])


def test_an_event_has_one_reason_the_nearest_to_counting() -> None:
    told = SENT.held_back("ann", instance="b", at="2026-03-03 20:00").bought("ann", at="2026-03-03 21:03")
    assert told_by(told) == ({"control_user": 1}, ["control user"])


def test_a_merged_user_is_one_person() -> None:
    told = SENT.bought("old", at="2026-03-03 21:03").merged("old", "ann")
    misses = near(told)
    assert misses.rows["user_id"].to_list() == ["ann"]
    assert misses.events == {EventFate.AFTER_WINDOW: 1}


def test_of_repeated_events_only_their_number_is_known() -> None:
    assert near(SENT, duplicates=3).duplicate_events == 3
    assert duplicates_text(0) == "No event row in the workspace repeated an event id."
    assert duplicates_text(1).startswith("1 event row in the workspace repeated an event id")
    assert "imports record only how many" in duplicates_text(1234)
    assert duplicates_text(1234).startswith("1,234 event rows")


def test_every_verdict_has_its_sentence() -> None:
    assert {verdict.value: VERDICTS[verdict] for verdict in EventFate} == {
        "credited": "The event is credited to the delivery.",
        "not_matured": (
            "The event is credited to a delivery whose window is still open, and only matured deliveries are counted."
        ),
        "outside_period": (
            "The event is credited to a delivery outside the period, and only deliveries of its days are counted."
        ),
        "other_campaign": "The event is credited to another campaign, which had the later delivery.",
        "other_instance": (
            "The event is credited to another instance of the campaign: of several deliveries one gets the credit."
        ),
        "after_as_of": "The event happened after the as-of time.",
        "filter_not_fulfilled": "The event does not fulfil the goal's filters.",
        "control_user": "The event belongs to a user held out in a control group.",
        "not_sent": "The event belongs to a user who was not sent the request; only sent deliveries convert.",
        "after_window": "The event happened after the attribution window had closed, less than one window late.",
        "before_first_send": "The event happened before the user's first send, less than one window early.",
        "out_of_reach": (
            "The event happened in no delivery's window, and not within one window after one or before the first send."
        ),
    }


def credits_and_misses(told: World, settings: Settings, place: int) -> tuple[set[Any], pl.DataFrame]:
    held = WorkspaceData(told.tables(), told.book, told.app)
    campaign = told.book[place]
    scene = view_campaign(held, campaign, settings)
    found = explain_number(scene, question_of(campaign, "conversion_events", None), rows=None)
    assert found.near_misses is not None
    return set(zip(found.rows["event_id"], found.rows["instance_id"], strict=True)), found.near_misses.rows


def within(event: dict[str, Any], at: datetime) -> bool:
    return event["clock"] <= at <= event["window_ends_at"]


@pytest.mark.parametrize("seed", seeds(0, few=6, long=192))
def test_near_misses_of_generated_worlds_are_what_their_times_say(seed: int) -> None:
    told, settings = world(seed), rules_of(seed, world(seed))
    for place in range(len(told.book)):
        counted, misses = credits_and_misses(told, settings, place)
        uncredited = misses.filter(pl.col("verdict") != EventFate.OTHER_INSTANCE.value)
        shared = {event for event, _ in counted} & set(uncredited["event_id"])
        # Where every delivery is credited, one of an event's deliveries may have matured and another not.
        assert not shared or (settings.matured_only and settings.instance_credit is InstanceCredit.EVERY)
        for row in misses.iter_rows(named=True):
            at, length = row["occurred_at"], row["window_ends_at"] - row["clock"]
            assert (row["event_id"], row["instance_id"]) not in counted
            match EventFate(row["verdict"]):
                case EventFate.AFTER_WINDOW:
                    assert row["window_ends_at"] < at <= row["window_ends_at"] + length
                case EventFate.BEFORE_FIRST_SEND:
                    assert row["clock"] - length <= at < row["clock"]
                case EventFate.NOT_SENT:
                    assert within(row, at)
                    assert row["standing"] not in {"sent", "control_group"}
                case EventFate.CONTROL_USER:
                    assert within(row, at)
                    assert row["standing"] == "control_group"
                case EventFate.FILTER_NOT_FULFILLED:
                    assert within(row, at)
                    assert row["unfulfilled"]
                case _:
                    assert within(row, at)
                    assert row["standing"] == "sent"


def test_a_user_with_too_many_rows_to_compare_is_left_out_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics_core.engines.event_fates._MOST_PAIRS", 3)
    told = SENT.sent("ann", instance="noon").sent("bob", at=MONDAY_NINE)
    told = (
        told.bought("ann", at="2026-03-09 09:00")
        .bought("ann", at="2026-03-01 09:00")
        .bought("bob", at="2026-03-04 09:00")
    )
    misses = near(told)
    assert (misses.users_left_out, misses.rows["user_id"].to_list()) == (1, ["bob"])
    scene = view_campaign(WorkspaceData(told.tables(), told.book, told.app), told.book[0], Settings())
    question = question_of(told.book[0], "converted_users", None)
    ann, bob = (explain_user(scene, question, user) for user in ("ann", "bob"))
    assert (ann.events_left_out, ann.events.height, bob.events_left_out, bob.events.height) == (True, 0, False, 1)
    assert omission_text(1) == (
        "1 user has too many deliveries and events to compare one by one (a bot, say); their events are left out here."
    )
    assert omission_text(2).startswith("2 users have too many")

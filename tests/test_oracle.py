"""The oracle on stories with known answers, and the product against the oracle on generated worlds."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.tables.keys import keyed_tables
from oracle import first_difference, snapshot_documents
from oracle.known import known_rows
from worlds import World, rules_of, tiny_campaign, world
from worlds.gathering import gathered, mark_of, marked
from worlds.product import documents, documents_by_import, documents_from
from worlds.rulebook import rules_for_all_credits

TOGETHER = 20
FILE_FORMATS = ("jsonl", "csv", "parquet")
EVERY = Settings(instance_credit=InstanceCredit.EVERY)
LAST_INTERACTION = Settings(attribution_model=AttributionModel.LAST_INTERACTION)


def opinion(told: World, settings: Settings | None = None) -> list[dict[str, Any]]:
    return snapshot_documents(told.rows, told.plain_campaigns, told.app, settings or Settings())


def first_goal(told: World, settings: Settings | None = None) -> dict[str, Any]:
    return opinion(told, settings)[0]["goals"][0]


def assert_agreement(seed: int, settings: Settings, actual: list[dict[str, Any]]) -> None:
    difference = first_difference(opinion(world(seed), settings), actual)
    assert difference is None, f"world({seed}) under {settings}: {difference}"


@pytest.mark.parametrize("seed", range(480))
def test_product_and_oracle_agree_on_every_number_of_a_generated_world(seed: int) -> None:
    settings = rules_of(seed, world(seed))
    assert_agreement(seed, settings, documents(world(seed), settings))


@pytest.mark.parametrize("first", [480, *(pytest.param(n, marks=pytest.mark.long) for n in range(500, 3500, TOGETHER))])
def test_worlds_side_by_side_have_their_own_numbers_under_every_model_and_credit(first: int) -> None:
    """Worlds are computed together because that takes a tenth of the time; the oracle looks at each by itself."""
    worlds = {seed: marked(world(seed), seed) for seed in range(first, first + TOGETHER)}
    turn = first // TOGETHER
    together = gathered(worlds.values(), world(turn).app)
    tables = keyed_tables(together.tables())
    latest = known_rows(together.rows, None).as_of
    wrong = []
    for rules in rules_for_all_credits(turn, together):
        found = documents_from(tables, together, rules)
        seen = rules.looking_from(rules.as_of or latest)
        for seed, told in worlds.items():
            expected = snapshot_documents(told.rows, told.plain_campaigns, together.app, seen)
            own = [document for document in found if document["campaign_id"].startswith(mark_of(seed))]
            if difference := first_difference(expected, own):
                wrong.append(f"world({seed}) beside others under {seen}: {difference}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("fmt", FILE_FORMATS)
@pytest.mark.parametrize("seed", range(5000, 5020))
def test_a_world_that_went_through_files_and_an_import_has_the_same_numbers(
    seed: int, fmt: str, tmp_path: Path
) -> None:
    settings = rules_of(seed * 5, world(seed))
    assert_agreement(seed, settings, documents_by_import(world(seed), tmp_path, fmt=fmt, settings=settings))


def test_the_oracle_counts_a_sent_row_a_failed_row_and_a_row_without_response() -> None:
    told = tiny_campaign().sent("ann").requested("bob", 404).requested("cleo", None).requested("cleo", None)
    found = opinion(told)[0]
    assert found["performance"]["attempted"] == {"unique": 3, "total": 3}
    assert found["performance"]["sent"] == {"unique": 1, "total": 1}
    assert [line["reason"] for line in found["errors"]] == ["no_response", "response_404"]
    assert found["performance"]["request_attempts"] == 4


def test_the_oracle_starts_the_clock_at_the_first_success_and_names_the_last_failure() -> None:
    retried = (
        tiny_campaign()
        .requested("ann", 500, at="2026-03-02 09:00")
        .requested("ann", 200, at="2026-03-02 10:00")
        .requested("bob", 404, at="2026-03-02 10:00")
        .requested("bob", 500, at="2026-03-02 09:00")
        .bought("ann", at="2026-03-02 09:30")
        .bought("ann", at="2026-03-02 10:00")
    )
    assert first_goal(retried)["conversion_events"] == 1
    assert opinion(retried)[0]["errors"] == [{"reason": "response_404", "unique": 1, "total": 1}]


@pytest.mark.parametrize(
    ("at", "events"),
    [
        ("2026-03-02 08:59:59.999999", 0),
        ("2026-03-02 09:00", 1),
        ("2026-03-03 21:00", 1),
        ("2026-03-03 21:00:00.000001", 0),
    ],
)
def test_the_oracle_closes_the_window_at_both_ends(at: str, events: int) -> None:
    assert first_goal(tiny_campaign().sent("ann").bought("ann", at=at))["conversion_events"] == events


def test_the_oracle_breaks_ties_by_the_greater_instance_and_campaign() -> None:
    tied = (
        tiny_campaign("a")
        .sent("ann", instance="10")
        .sent("ann", instance="9")
        .with_campaign("b")
        .sent("ann", instance="1")
        .bought("ann", at="2026-03-02 10:00", order_value=5)
    )
    each = [found["performance"]["conversion_events"] for found in opinion(tied)]
    last = [found["performance"]["conversion_events"] for found in opinion(tied, LAST_INTERACTION)]
    assert (each, last) == ([1, 1], [0, 1])
    assert [found["performance"]["conversion_events"] for found in opinion(tied, EVERY)] == [2, 1]


def test_the_oracle_adds_money_exactly_and_rounds_quotients_half_to_even() -> None:
    story = tiny_campaign().sent("ann").sent("bob")
    for value in ("12.50", 0.1, "1.0000005", "NaN", True, None, 1e21):
        story = story.bought("ann", at="2026-03-02 10:00", order_value=value)
    goal = first_goal(story.bought("bob", at="2026-03-02 10:00", order_value=-3, currency="EUR"))
    assert goal["revenue"] == "13.60"
    assert goal["average_order_value"] == "1.700000"
    assert goal["average_revenue_per_user"] == "6.800000"
    kinds = ("events_without_value", "events_in_other_currency", "events_with_rounded_value")
    assert [goal[name] for name in kinds] == [4, 1, 1]


@pytest.mark.parametrize(
    ("op", "wanted", "given", "holds"),
    [
        ("is", 1, 1.0, True),
        ("is", 1, True, False),
        ("is", 1, "1", False),
        ("is", [1, {"a": 2}], [1.0, {"a": 2}], True),
        ("is_not", "shoes", "Shoes", True),
        ("is_not", "shoes", None, False),
        ("in", ["a", 2], 2.0, True),
        ("in", [None], None, False),
        ("not_in", [], "x", True),
        ("contains", "oe", "shoes", True),
        ("contains", 1, "1", False),
        ("contains", "a", ["a"], False),
        ("gt", 9007199254740992, 9007199254740993, True),
        ("gte", "1e2", " 100 ", True),
        ("lt", 1, "NaN", False),
        ("lte", 1, True, False),
        ("exists", None, False, True),
        ("exists", True, None, False),
    ],
)
def test_the_oracle_compares_values_of_one_type_only(op: str, wanted: object, given: object, *, holds: bool) -> None:
    condition = {"attribute": "tried", "op": op, "value": wanted}
    goal = {"goal_id": "g", "name": "G", "event_name": "Tried", "filters": [condition]}
    told = tiny_campaign(goals=[goal]).sent("ann").event("ann", "Tried", at="2026-03-02 10:00", tried=given)
    assert first_goal(told)["conversion_events"] == int(holds)


def test_the_oracle_keeps_the_first_of_two_rows_with_one_key() -> None:
    told = tiny_campaign().requested("ann", 404, request_id="r").requested("ann", 200, request_id="r")
    assert opinion(told)[0]["performance"]["sent"]["total"] == 0


def test_the_oracle_follows_merged_users_and_ignores_circles() -> None:
    told = tiny_campaign().sent("a").sent("c").sent("x").sent("y")
    merged = told.merged("a", "b").merged("b", "c").merged("x", "y").merged("y", "x")
    assert opinion(merged)[0]["performance"]["sent"] == {"unique": 3, "total": 3}


def test_the_oracle_tops_up_the_segment_to_what_an_instance_declares() -> None:
    told = tiny_campaign().sent("ann", instance="mon").declared("mon", 5).declared("tue", 2)
    lines = opinion(told.sent("bob", instance="wed").sent("ann", instance="wed").declared("wed", 1))[0]
    assert lines["reconciliation"]["users_in_segment"] == 9
    assert lines["reconciliation"]["unaccounted"] == 6
    assert lines["funnel"][0] == {"stage": "users_in_segment", "unique": 2, "total": 9, "share": 1.0}


def test_the_oracle_compares_the_sent_with_each_control_group_apart() -> None:
    told = tiny_campaign().sent("s1").sent("s2").bought("s1", at="2026-03-02 10:00").bought("s2", at="2026-03-02 10:00")
    held = told.held_back("c1").held_back("c2", group=None).held_back("g1", group="global")
    goal = first_goal(held.bought("c1", at="2026-03-02 10:00").bought("g1", at="2026-03-09 10:00"))
    arms = goal["uplift"]
    assert (arms["campaign"]["active_targets"], arms["campaign"]["uplift"]) == (2, 1.0)
    assert (arms["global"]["conversion_rate"], arms["global"]["uplift"]) == (0.0, None)


def test_the_oracle_lets_only_rows_count_whose_window_has_closed() -> None:
    told = tiny_campaign().sent("ann").sent("bob", at="2026-03-02 09:00:00.000001").bought("ann", at="2026-03-02 10:00")
    as_of = told.deliveries[0]["occurred_at"] + timedelta(hours=36)
    found = opinion(told, Settings(as_of=as_of, matured_only=True))[0]
    assert found["performance"]["sent"]["total"] == 1
    assert found["data_quality"]["matured_share"] == 0.5
    earlier = opinion(told, Settings(as_of=told.deliveries[0]["occurred_at"]))[0]
    assert (earlier["performance"]["sent"]["total"], earlier["performance"]["conversion_events"]) == (1, 0)


def test_the_oracle_gives_a_legacy_campaign_its_window_its_users_and_no_funnel() -> None:
    told = tiny_campaign(analytics_version="legacy", attribution_window_hours=1).held_back("c")
    sent = told.sent("ann", instance="1").sent("ann", instance="2", at="2026-03-03 09:00")
    found = opinion(sent.bought("ann", at="2026-03-02 20:00").bought("ann", at="2026-03-03 20:00"))[0]
    assert found["settings"]["window_hours"] == 36.0
    assert (found["performance"]["converted_users"], found["performance"]["conversion_events"]) == (1, 2)
    assert (found["funnel"], found["goals"][0]["uplift"]) == ([], {"campaign": None, "global": None})


def test_a_difference_is_found_wherever_one_number_is_off() -> None:
    mine = opinion(tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00", order_value=5))
    assert first_difference(mine, opinion(tiny_campaign().sent("ann"))) is not None
    other = [mine[0] | {"performance": mine[0]["performance"] | {"revenue": "5.0"}}]
    assert first_difference(mine, other) == "$[0].performance.revenue: '5.0' is not written as money"
    same_money = [mine[0] | {"performance": mine[0]["performance"] | {"revenue": "5.000"}}]
    assert first_difference(mine, same_money) is None


def test_worlds_are_dealt_the_same_from_the_same_seed_and_differ_between_seeds() -> None:
    world.cache_clear()
    first = world(7)
    world.cache_clear()
    assert world(7) == first
    assert replace(first, app=world(8).app) != world(8)

"""Instances: which are listed where there are more than a page holds, and what the others add up to."""

import numpy as np
import polars as pl
import pytest

from analytics_core.counting import instances
from analytics_core.tables.keys import add_keys
from oracle import first_difference, snapshot_documents
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world
from worlds.product import documents

MORNING, NOON = "2026-03-02 09:00", "2026-03-02 12:00"


@pytest.fixture(autouse=True)
def _two_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MAX_INSTANCES", 2)
    monkeypatch.setattr("oracle.instances.LISTED", 2)


def listed(told: World) -> list[str]:
    """Ids of the listed instances, after the oracle agreed."""
    rules = rules_of(0, told)
    (found,) = documents(told, rules)
    assert first_difference(snapshot_documents(told.rows, told.plain_campaigns, told.app, rules), [found]) is None
    return [row["instance_id"] for row in found["instances"]]


def test_the_instances_with_the_most_sent_are_listed() -> None:
    told = tiny_campaign().sent("ann", instance="a").sent("ann", instance="b").sent("bob", instance="b")
    told = told.sent("ann", instance="c").sent("bob", instance="c").requested("cat", 500, instance="a")
    assert listed(told.requested("dan", 500, instance="a")) == ["b", "c"]


def test_of_instances_that_sent_as_many_the_earlier_are_listed() -> None:
    told = tiny_campaign().sent("ann", instance="a", at=NOON).sent("bob", instance="b", at=MORNING)
    assert listed(told.sent("cat", instance="c", at="2026-03-02 10:00")) == ["b", "c"]


def test_of_instances_that_sent_as_many_at_one_time_the_smaller_ids_are_listed() -> None:
    told = tiny_campaign().sent("ann", instance="9").sent("bob", instance="10").sent("cat", instance="2")
    assert listed(told) == ["10", "2"]


def test_the_earlier_instance_comes_before_those_that_tie_for_the_last_place() -> None:
    told = tiny_campaign().sent("ann", instance="z", at="2026-03-02 08:00")
    for name in ("c", "b", "d"):
        told = told.sent("ann", instance=name, at=MORNING)
    assert listed(told) == ["z", "b"]


def test_instances_without_rows_fill_the_page_up_by_their_ids() -> None:
    told = tiny_campaign().sent("ann", instance="z").declared("c", 3).declared("a", None).declared("b", 7)
    assert listed(told) == ["z", "a"]


def test_an_instance_of_many_rows_and_one_of_a_single_row_tie_by_what_they_sent() -> None:
    told = tiny_campaign().sent("ann", instance="many", at=NOON).requested("bob", 500, instance="many", at=MORNING)
    assert listed(told.sent("cat", instance="one", at="2026-03-02 10:00").sent("dan", instance="late", at=NOON)) == [
        "many",
        "one",
    ]


@pytest.mark.parametrize("seed", seeds(6200, few=10, long=60))
def test_generated_worlds_with_more_instances_than_are_listed_agree_with_the_oracle(seed: int) -> None:
    told = world(seed)
    rules = rules_of(seed, told)
    expected = snapshot_documents(told.rows, told.plain_campaigns, told.app, rules)
    assert first_difference(expected, documents(told, rules)) is None


def test_an_instance_whose_users_are_in_two_parts_is_one_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("engines.parts", "tables.keys"):
        monkeypatch.setattr(f"analytics_core.{module}.BLOCK", 1)
    monkeypatch.setattr("analytics_core.engines.parts.ROWS", 1)
    told = tiny_campaign().sent("ann", instance="x", at=NOON).sent("bob", instance="x", at=MORNING)
    told = told.sent("ann", instance="y", at=NOON).sent("ann", instance="w").bought("bob", at=NOON, order_value=1)
    assert add_keys(told.tables()).users == 2
    assert listed(told) == ["w", "x"]


def test_names_are_read_only_where_ids_decide() -> None:
    def names(keys: object) -> list[str]:
        raise AssertionError(f"read {keys}")

    single = pl.DataFrame(
        {
            "campaign": np.zeros(3, np.int32),
            "instance": np.array([4, 5, 6], np.int32),
            "standing": np.zeros(3, np.int8),
            "clock": np.array([30, 10, 20]),
        }
    )
    several = pl.DataFrame(
        instances.sum_instances(instances.figures_of_rows(*(column.to_numpy() for column in single.head(0))))
    )
    declared = pl.DataFrame(schema={"instance_key": pl.Int32, "instance_id": pl.String, "users_in_segment": pl.Int64})
    choice = instances.choice_of(several, single, declared, names)
    assert choice.listed["instance"].tolist() == [5, 6]
    assert (choice.omitted, choice.rest["sent"]) == (1, 1)

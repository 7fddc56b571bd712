"""Computing in parts: however users and rows are divided, the numbers are the oracle's."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from analytics_core.counting.calendar import make_calendar
from analytics_core.domain.settings import Settings
from analytics_core.engines.local import (
    build_context,
    build_rules,
    compute_snapshots,
    make_snapshots,
    restrict_to_as_of,
)
from analytics_core.engines.partials import count_part
from analytics_core.engines.parts import MergedUsers, Part, Partition
from analytics_core.snapshot.documents import as_json
from analytics_core.tables.identities import roots
from analytics_core.tables.keys import KeyedTables, add_keys
from oracle import first_difference, snapshot_documents
from seeding import seeds
from worlds import World, rules_of, tiny_campaign, world
from worlds.product import documents
from worlds.schema import read_back

DIVISIONS = ((1, 1), (1, 4), (30, 2), (200, 1))
"""About how many rows and exactly how many user keys make a part, a block."""

FAMILIES = (
    tiny_campaign()
    .sent("ann")
    .sent("anna", instance="next")
    .requested("bob", 404)
    .sent("bobby")
    .held_back("cleo")
    .held_back("clea", instance="next")
    .sent("dan")
    .bought("anna", at="2026-03-02 10:00", order_value=5)
    .bought("bob", at="2026-03-02 11:00", order_value=7)
    .bought("clea", at="2026-03-02 12:00")
    .bought("dan", at="2026-03-02 13:00", order_value=1)
    .merged("anna", "ann")
    .merged("bobby", "bob")
    .merged("clea", "cleo")
)
"""Three people of two ids each, and one of one."""


def opinion(told: World, rules: Settings) -> list[dict[str, Any]]:
    return snapshot_documents(told.rows, told.plain_campaigns, told.app, rules)


def divide(monkeypatch: pytest.MonkeyPatch, rows: int, block: int) -> None:
    """Make parts of about so many rows out of blocks of so many users; of people with several ids, one a part."""
    monkeypatch.setattr("analytics_core.engines.parts.ROWS", rows)
    for module in ("engines.parts", "tables.keys"):
        monkeypatch.setattr(f"analytics_core.{module}.BLOCK", block)
    monkeypatch.setattr("analytics_core.engines.parts.MERGED_USERS", 1)


@pytest.mark.parametrize("seed", seeds(6000, few=4, long=80))
def test_a_world_computed_in_many_parts_has_the_oracles_numbers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = world(seed)
    rules = rules_of(seed, told)
    divide(monkeypatch, *DIVISIONS[seed % len(DIVISIONS)])
    assert first_difference(opinion(told, rules), documents(told, rules)) is None


@pytest.mark.parametrize(("rows", "block"), DIVISIONS)
def test_people_with_several_ids_are_counted_once_whatever_part_they_are_in(
    rows: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Settings()
    divide(monkeypatch, rows, block)
    (found,) = documents(FAMILIES, rules)
    assert found["performance"]["attempted"] == {"unique": 3, "total": 4}
    assert (found["performance"]["converted_people"], found["performance"]["revenue"]) == (3, "13.00")
    assert first_difference(opinion(FAMILIES, rules), [found]) is None


def test_every_row_is_in_one_part_and_every_person_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = add_keys(FAMILIES.tables())
    assert [part.raw_rows().height for part in Partition(tables)] == [1, 6]
    divide(monkeypatch, 1, 1)
    found = [(part, part.raw_rows()) for part in Partition(tables)]
    # Seven ids have a part of their own; only dan's has rows, because the other six ids are those of three people.
    assert sorted(rows.height for _, rows in found) == [0] * 6 + [1, 2, 2, 2]
    people = [part.user_ids().gather(rows["user"].unique()).to_list() for part, rows in found if rows.height]
    assert sorted(people) == [["ann"], ["bob"], ["cleo"], ["dan"]]


def test_the_fewer_the_rows_the_more_users_are_in_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    told = tiny_campaign()
    for number in range(8):
        told = told.sent(f"u{number}").bought(f"u{number}", at="2026-03-02 10:00")
    tables = add_keys(told.tables())
    sizes = {}
    # Two rows a user, blocks of four users: eight rows a block.
    for rows in (2, 4, 8, 16):
        divide(monkeypatch, rows, 4)
        sizes[rows] = [part.raw_rows().height for part in Partition(tables)]
    assert sizes == {2: [1] * 8, 4: [2] * 4, 8: [4] * 2, 16: [8]}


def test_where_few_events_are_read_the_deliveries_say_how_many_users_are_in_a_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = tiny_campaign().sent("u0").sent("u1").sent("u2").sent("u3")
    for _ in range(20):
        told = told.bought("u0", at="2026-03-02 10:00")
    tables = add_keys(told.tables())
    divide(monkeypatch, 2, 1)
    assert len(list(Partition(tables))) == 4
    assert len(list(Partition(tables, few_events=True))) == 2


def test_without_any_row_there_is_one_empty_part() -> None:
    assert [part.raw_rows().height for part in Partition(add_keys(World().tables()))] == [0]


def split(tables: KeyedTables, deal: Sequence[int]) -> list[Part]:
    """Parts of people who are dealt to them in turn."""
    merges = roots(dict(tables.identities.collect().iter_rows()))
    users = tables.dictionaries["user"].collect()
    persons = [merges.get(user, user) for user in users["user_id"]]
    dealt = {person: deal[place % len(deal)] for place, person in enumerate(sorted(set(persons)))}
    parts = []
    for number in sorted(set(deal)):
        own = [(key, person) for key, person in zip(users["user_key"], persons, strict=True) if dealt[person] == number]
        names = sorted({person for _, person in own})
        keys = np.array([key for key, _ in sorted(own)], np.int32)
        people = np.array([names.index(person) for _, person in sorted(own)], np.int32)
        merged = MergedUsers(keys, people, pl.Series(names, dtype=pl.String))
        parts.append(Part(tables, pl.col("user_key").is_in(keys.tolist()), merged, -1))
    return parts


@law(max_examples=16, derandomize=True, deadline=None)
@given(st.integers(0, 500), st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_any_split_of_people_into_parts_gives_the_same_numbers(seed: int, deal: list[int]) -> None:
    told = world(seed)
    rules = rules_of(seed, told)
    tables = add_keys(told.tables())
    context = build_context(tables, told.app, rules)
    past = restrict_to_as_of(tables, context)
    looked_up, calendar = build_rules(past, told.book, context), make_calendar(told.app.timezone, context.as_of)
    partials = [count_part(part, looked_up, calendar) for part in split(past, deal)]
    book = sorted(told.book, key=lambda campaign: campaign.campaign_id)
    found = read_back(map(as_json, make_snapshots(partials, book, past, looked_up, context)))
    assert first_difference(opinion(told, rules), found) is None


@law(max_examples=16, derandomize=True, deadline=None)
@given(st.integers(0, 500), st.integers(0, 2**32))
def test_any_order_of_stored_rows_gives_the_same_numbers(seed: int, chance: int) -> None:
    told = world(seed)
    rules = rules_of(seed, told)
    tables = add_keys(told.tables())
    mixed = {name: shuffled(getattr(tables, name), chance) for name in ("deliveries", "events", "instances")}
    found = compute_snapshots(replace(tables, **mixed), told.book, told.app, rules)
    assert first_difference(opinion(told, rules), read_back(map(as_json, found))) is None


def shuffled(rows: pl.LazyFrame, chance: int) -> pl.LazyFrame:
    context = rows.collect()
    places = list(range(context.height))
    Random(chance).shuffle(places)
    return context[places].lazy()

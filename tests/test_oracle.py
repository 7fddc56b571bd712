"""The product against the oracle on generated worlds; `test_oracle_stories.py` asks the oracle alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics_core.domain.settings import Settings
from analytics_core.tables.keys import add_keys
from oracle import first_difference, snapshot_documents
from oracle.known import known_rows
from seeding import seeds
from worlds import rules_of, world
from worlds.gathering import gathered, mark_of, marked
from worlds.opinion import opinion
from worlds.product import documents, documents_by_import, documents_from
from worlds.rulebook import rules_for_all_credits

TOGETHER = 20
FILE_FORMATS = ("jsonl", "csv", "parquet")


def assert_agreement(seed: int, settings: Settings, actual: list[dict[str, Any]]) -> None:
    difference = first_difference(opinion(world(seed), settings), actual)
    assert difference is None, f"world({seed}) under {settings}: {difference}"


@pytest.mark.parametrize("seed", seeds(0, few=48, long=480))
def test_product_and_oracle_agree_on_every_number_of_a_generated_world(seed: int) -> None:
    settings = rules_of(seed, world(seed))
    assert_agreement(seed, settings, documents(world(seed), settings))


@pytest.mark.long
@pytest.mark.parametrize("first", range(480, 3500, TOGETHER))
def test_worlds_side_by_side_have_their_own_numbers_under_every_model_and_credit(first: int) -> None:
    """Worlds are computed together because that takes a tenth of the time; the oracle looks at each by itself."""
    worlds = {seed: marked(world(seed), seed) for seed in range(first, first + TOGETHER)}
    turn = first // TOGETHER
    together = gathered(worlds.values(), world(turn).app)
    tables = add_keys(together.tables())
    latest = known_rows(together.rows, None).as_of
    wrong: dict[int, str] = {}
    for rules in rules_for_all_credits(turn, together):
        found = documents_from(tables, together, rules)
        seen = rules.looking_from(rules.as_of or latest)
        for seed, told in worlds.items():
            expected = snapshot_documents(told.rows, told.plain_campaigns, together.app, seen)
            own = [document for document in found if document["campaign_id"].startswith(mark_of(seed))]
            if difference := first_difference(expected, own):
                wrong[seed] = f"world({seed}) beside others under {seen}: {difference}"
    assert not wrong, "\n".join(wrong.values())


@pytest.mark.parametrize("fmt", FILE_FORMATS)
@pytest.mark.parametrize("seed", seeds(5000, few=1, long=40))
def test_a_world_that_went_through_files_and_an_import_has_the_same_numbers(
    seed: int, fmt: str, tmp_path: Path
) -> None:
    settings = rules_of(seed * 5, world(seed))
    assert_agreement(seed, settings, documents_by_import(world(seed), tmp_path, fmt=fmt, settings=settings))


def test_worlds_are_dealt_the_same_from_the_same_seed_and_differ_between_seeds() -> None:
    world.cache_clear()
    first = world(7)
    world.cache_clear()
    assert world(7) == first
    assert replace(first, app=world(8).app) != world(8)

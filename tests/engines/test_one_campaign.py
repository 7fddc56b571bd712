"""One campaign computed by itself: the same numbers, and no more read than they need."""

from dataclasses import replace

import polars as pl
import pytest

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel
from analytics_core.engines.local import compute_snapshots
from analytics_core.tables.keys import KeyedTables, add_keys
from seeding import seeds
from worlds import rules_of, tiny_campaign, world

SEEDS = seeds(7000, few=4, long=130)

TWO = (
    tiny_campaign("mine")
    .sent("ann")
    .with_campaign("other")
    .sent("ann", at="2026-03-02 10:00")
    .sent("bob")
    .bought("ann", at="2026-03-02 11:00")
)


@pytest.mark.parametrize("model", AttributionModel)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_campaign_asked_for_alone_has_the_numbers_it_has_in_the_whole_book(
    seed: int, model: AttributionModel
) -> None:
    told = world(seed)
    rules = replace(rules_of(seed, told), attribution_model=model)
    tables = add_keys(told.tables())
    for snapshot in compute_snapshots(tables, told.book, told.app, rules):
        alone = compute_snapshots(tables, told.book, told.app, rules, only=[snapshot.campaign_id])
        assert alone == (snapshot,), f"world({seed}) under {rules}: {snapshot.campaign_id}"


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("seed", seeds(7200, few=1, long=12))
def test_so_it_has_where_users_are_too_many_for_one_part(seed: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = world(seed)
    rules = replace(rules_of(seed, told), attribution_model=AttributionModel.ALL_INTERACTIONS)
    tables = add_keys(told.tables())
    whole = compute_snapshots(tables, told.book, told.app, rules)
    monkeypatch.setattr("analytics_core.engines.local._USERS_AT_ONCE", 0)
    for module in ("engines.parts.ROWS", "engines.parts.BLOCK"):
        monkeypatch.setattr(f"analytics_core.{module}", rows)
    for snapshot in whole:
        assert compute_snapshots(tables, told.book, told.app, rules, only=[snapshot.campaign_id]) == (snapshot,)


def poisoned(tables: KeyedTables, but: str) -> KeyedTables:
    """Tables in which the deliveries of all campaigns but one have an outcome that there is not."""
    others = pl.col("campaign_id") != but
    wrong = pl.when(others).then(pl.lit(100, pl.Int8)).otherwise("outcome_key").alias("outcome_key")
    return replace(tables, deliveries=tables.deliveries.with_columns(wrong))


def test_where_each_campaign_credits_for_itself_no_row_of_another_is_looked_at() -> None:
    tables = poisoned(add_keys(TWO.tables()), "mine")
    (mine,) = compute_snapshots(tables, TWO.book, TWO.app, Settings(), only=["mine"])
    assert (mine.performance.sent.total, mine.performance.converted_users) == (1, 1)
    with pytest.raises(IndexError):
        compute_snapshots(tables, TWO.book, TWO.app, Settings())


def test_where_campaigns_compete_the_others_take_part_though_only_one_is_wanted() -> None:
    last = Settings(attribution_model=AttributionModel.LAST_INTERACTION)
    (mine,) = compute_snapshots(TWO.tables(), TWO.book, TWO.app, last, only=["mine"])
    assert (mine.performance.sent.total, mine.performance.converted_users) == (1, 0)


def test_campaigns_come_in_order_and_ids_that_are_no_campaigns_bring_nothing() -> None:
    found = compute_snapshots(TWO.tables(), TWO.book, TWO.app, Settings(), only=["other", "ghost", "mine"])
    assert [snapshot.campaign_id for snapshot in found] == ["mine", "other"]

"""The rivals of the benchmark compute what the product computes, on a small workload with every kind of row in it."""

import random
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from benches.figures import Figures, figures_of, first_difference
from benches.inputs import TIMEZONE, Inputs
from benches.preparing import inputs_of
from benches.rivals import duckdb_sql, pandas_frames, scan
from benches.workload import Workload, write_workload

from analytics_core.domain.settings import App
from analytics_core.tables.canonical import schema_of
from analytics_core.workspace import create_workspace, open_workspace

CODES = (200, 404, 500, None)
ATTRIBUTES = (
    '{"order_value":12.5,"category":"shoes","currency":"EUR"}',
    '{"order_value":-3,"category":"shoes","currency":"USD"}',
    '{"order_value":"7.25"}',
    '{"order_value":true,"category":"shoes"}',
    '{"category":"shoes"}',
    None,
)
NAMED = (
    [{"category": "undefined", "attribute": None}, {"category": "user_attribute", "attribute": "city"}],
    [],
    None,
)


def again(row: dict[str, Any], chance: random.Random, number: int) -> dict[str, Any]:
    """One more row of the same audience row, often at the same instant."""
    outcome = chance.choice(["requested", "requested", "control_group", "personalization_failed"])
    return row | {
        "outcome": outcome,
        "occurred_at": row["occurred_at"] + timedelta(seconds=chance.choice([-60, 0, 0, 60])),
        "request_id": f"again-{chance.randrange(10**6):06d}-{number}" if outcome == "requested" else None,
        "response_code": chance.choice(CODES) if outcome == "requested" else None,
        "control_group_type": chance.choice(["campaign", "global", None]) if outcome == "control_group" else None,
        "personalization_errors": chance.choice(NAMED) if outcome == "personalization_failed" else None,
    }


def spice(directory: Path) -> None:
    """Add to a workload what it does not have: ties, contamination, other currencies, rows that name nothing."""
    chance = random.Random(7)
    deliveries = pl.read_parquet(directory / "deliveries" / "000.parquet")
    picked = [row for row in deliveries.iter_rows(named=True) if chance.random() < 0.3]
    more = [again(row, chance, number) for number, row in enumerate(picked * 2)]
    schema = schema_of("deliveries")
    spiced = pl.concat([deliveries, pl.DataFrame(more, schema=schema, orient="row")])
    spiced.write_parquet(directory / "deliveries" / "000.parquet")
    events = pl.read_parquet(directory / "events" / "000.parquet")
    told = [chance.choice(ATTRIBUTES) if chance.random() < 0.3 else text for text in events["attributes"]]
    events.with_columns(attributes=pl.Series(told, dtype=pl.String)).write_parquet(directory / "events" / "000.parquet")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    home = tmp_path_factory.mktemp("benches")
    canonical, workspace = home / "canonical", home / "workspace"
    write_workload(Workload(2_000, 4_000), canonical)
    spice(canonical)
    create_workspace(workspace, App(timezone=TIMEZONE)).import_canonical(canonical)
    return inputs_of(workspace, canonical / "campaigns.json")


def by_duckdb(inputs: Inputs) -> Figures:
    with tempfile.TemporaryDirectory() as spill, duckdb_sql.computed(inputs, Path(spill)) as connection:
        return duckdb_sql.figures(connection, Path(inputs.campaigns))


def by_pandas(inputs: Inputs) -> Figures:
    return pandas_frames.figures(pandas_frames.computed(inputs), Path(inputs.campaigns))


@pytest.fixture(scope="module")
def ours(inputs: Inputs) -> Figures:
    return figures_of(open_workspace(inputs.workspace).snapshots())


def test_duckdb_and_the_product_agree_on_every_number(inputs: Inputs, ours: Figures) -> None:
    assert first_difference(ours, by_duckdb(inputs), ("ours", "duckdb")) is None


def test_pandas_and_the_product_agree_on_every_number(inputs: Inputs, ours: Figures) -> None:
    assert first_difference(ours, by_pandas(inputs), ("ours", "pandas")) is None


def test_the_workload_of_the_comparison_has_every_kind_of_row(ours: Figures) -> None:
    found = list(ours.values())
    goals = [goal for one in found for goal in one["goals"].values()]
    assert {reason for one in found for reason in one["errors"]} >= {
        "control_group",
        "global_control_group",
        "frequency_capped",
        "no_response",
        "personalization_failed",
        "response_404",
    }
    assert sum(one["contaminated_users"] for one in found) > 0
    for name in ("events_without_value", "events_in_other_currency", "conversion_events"):
        assert sum(goal[name] for goal in goals) > 0
    assert any(sum(goal["control_converted_users"].values()) for goal in goals)


def test_integer_user_keys_give_the_same_numbers(inputs: Inputs, ours: Figures, tmp_path: Path) -> None:
    tables = {name: pl.concat(map(pl.read_parquet, getattr(inputs, name))) for name in ("deliveries", "events")}
    users = pl.concat([rows["user_id"] for rows in tables.values()]).unique().sort()
    for name, rows in tables.items():
        key = rows["user_id"].replace_strict(users, pl.int_range(users.len(), eager=True), return_dtype=pl.Int64)
        rows.with_columns(user_key=key).drop("user_id").write_parquet(tmp_path / f"{name}.parquet")
    files = {name: (str(tmp_path / f"{name}.parquet"),) for name in tables}
    keyed = replace(inputs, **files, user_column="user_key")
    for computed in (by_duckdb(keyed), by_pandas(keyed)):
        assert first_difference(ours, computed, ("ours", "by key")) is None


def test_the_scan_reads_every_value(inputs: Inputs) -> None:
    read = scan.touched(inputs.events, ["user_id", "attributes", "occurred_at"])
    events = pl.concat(map(pl.read_parquet, inputs.events))
    assert read["user_id"].item() == events["user_id"].str.len_bytes().sum()
    assert read["attributes_count"].item() == events["attributes"].count()
    assert read["occurred_at"].item() == events["occurred_at"].min()


def test_a_difference_names_the_place_both_sides_and_both_values() -> None:
    mine = {"spring": {"goals": {"buy": {"revenue": "12.500000"}}, "sent": [1, 2]}}
    theirs = {"spring": {"goals": {"buy": {"revenue": "12.400000"}}, "sent": [1, 2]}}
    found = first_difference(mine, theirs, ("ours", "duckdb"))
    assert found == 'spring / goals / buy / revenue: ours has "12.500000", duckdb has "12.400000"'
    assert first_difference(mine, {}, ("ours", "duckdb")) == (
        'spring: ours has {"goals": {"buy": {"revenue": "12.500000"}}, "sent": [1, 2]}, duckdb has nothing'
    )
    assert first_difference({"share": 1}, {"share": 1.0}) == "share: expected has 1, actual has 1.0"
    assert first_difference(mine, mine) is None

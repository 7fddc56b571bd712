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
from benches.workload import Workload, campaigns_of, write_workload

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


OUTCOMES = ("requested", "requested", "personalization_failed", "frequency_capped", "control_group")
SECONDS = (-3600, -60, 0, 0, 60, 3600)
WAITS = (0, 0, 1, 5)
"""Hours until the same user's next instance."""
WINDOWS = (0, 6, 24, 36, 72)

Rows = list[dict[str, Any]]


def again(row: dict[str, Any], chance: random.Random, number: int, *, control: bool) -> dict[str, Any]:
    """One more row of the same audience row, often at the same instant."""
    outcome = chance.choice(OUTCOMES[: None if control else -1])
    return row | {
        "outcome": outcome,
        "occurred_at": row["occurred_at"] + timedelta(seconds=chance.choice(SECONDS)),
        "request_id": f"again-{chance.randrange(10**6):06d}-{number}" if outcome == "requested" else None,
        "response_code": chance.choice(CODES) if outcome == "requested" else None,
        "control_group_type": chance.choice(["campaign", "global", None]) if outcome == "control_group" else None,
        "personalization_errors": chance.choice(NAMED) if outcome == "personalization_failed" else None,
    }


def soon(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A row of the same user in another instance, whose id is smaller or greater."""
    instance = chance.choice(["0{}", "{}9"]).format(row["instance_id"])
    return row | {"instance_id": instance, "occurred_at": row["occurred_at"] + timedelta(hours=chance.choice(WAITS))}


def spice_deliveries(path: Path, chance: random.Random, *, control: bool) -> Rows:
    """Add what a workload has little of: busy users, ties, contamination, rows that name nothing."""
    rows = list(with_few_users(pl.read_parquet(path)).iter_rows(named=True))
    picked = [row for row in rows if chance.random() < 0.3]
    others = [soon(row, chance) for row in picked]
    more = [again(row, chance, number, control=control) for number, row in enumerate([*picked * 2, *others])]
    pl.DataFrame([*rows, *more], schema=schema_of("deliveries"), orient="row").write_parquet(path)
    return rows


def spice_events(path: Path, deliveries: Rows, names: dict[str, list[str]], chance: random.Random) -> None:
    """Add odd amounts, other currencies, and events at the very instants at which windows open and close."""
    rows = list(with_few_users(pl.read_parquet(path)).iter_rows(named=True))
    for row in rows:
        if chance.random() < 0.3:
            row["attributes"] = chance.choice(ATTRIBUTES)
        if chance.random() < 0.3:
            sent = chance.choice(deliveries)
            row["user_id"], row["event_name"] = sent["user_id"], chance.choice(names[sent["campaign_id"]])
            row["occurred_at"] = sent["occurred_at"] + timedelta(hours=chance.choice(WINDOWS))
    by_id = {row["event_id"]: row for row in rows}
    pl.DataFrame(list(by_id.values()), schema=schema_of("events"), orient="row").write_parquet(path)


def with_few_users(rows: pl.DataFrame) -> pl.DataFrame:
    """A hundred users at most."""
    return rows.with_columns(user_id=pl.col("user_id").str.tail(2))


def made(home: Path, *, control: bool) -> Inputs:
    canonical, workspace = home / "canonical", home / "workspace"
    workload, chance = Workload(2_000, 4_000, control=control), random.Random(7)
    write_workload(workload, canonical)
    names = {row["campaign_id"]: [goal["event_name"] for goal in row["goals"]] for row in campaigns_of(workload)}
    deliveries = spice_deliveries(canonical / "deliveries" / "000.parquet", chance, control=control)
    spice_events(canonical / "events" / "000.parquet", deliveries, names, chance)
    create_workspace(workspace, App(timezone=TIMEZONE)).import_canonical(canonical)
    return inputs_of(workspace, canonical / "campaigns.json")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return made(tmp_path_factory.mktemp("benches"), control=True)


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


def test_the_workload_of_the_comparison_has_every_kind_of_arm(ours: Figures) -> None:
    goals = [goal for one in ours.values() for goal in one["goals"].values()]
    for group in ("campaign", "global"):
        found = [goal["comparisons"][group] for goal in goals if group in goal["comparisons"]]
        assert sum(one["contaminated_rows"] for one in found) > 0
        for basis in ("sent", "assigned"):
            assert sum(one[basis]["control"]["converted_users"] for one in found) > 0
            assert any(float(one[basis]["control_per_row"] or 0) > 0 for one in found)
        for arm in ("treated", "control"):
            both = [(one["sent"][arm]["converted_people"], one["assigned"][arm]["converted_people"]) for one in found]
            assert any(sent < assigned for sent, assigned in both)
    assert any(set(goal["comparisons"]) == {"campaign", "global"} for goal in goals)
    ratios = [one["sample_ratio"] for one in ours.values()]
    assert any(0 < ratio["observed_users"] < ratio["users"] for ratio in ratios)
    assert any(ratio["users"] < one["attempted"][0] for ratio, one in zip(ratios, ours.values(), strict=True))


def test_without_a_control_group_all_agree_that_there_is_no_comparison(tmp_path: Path) -> None:
    inputs = made(tmp_path, control=False)
    ours = figures_of(open_workspace(inputs.workspace).snapshots())
    for name, computed in (("duckdb", by_duckdb(inputs)), ("pandas", by_pandas(inputs))):
        assert first_difference(ours, computed, ("ours", name)) is None
    assert not any(goal["comparisons"] for one in ours.values() for goal in one["goals"].values())
    assert not any(one["sample_ratio"]["observed_users"] for one in ours.values())
    assert sum(one["sample_ratio"]["users"] for one in ours.values()) > 0


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


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("sent", "control", "people"), "comparisons / global / sent / control / people: ours has 4, duckdb has 5"),
        (("assigned", "treated_per_row"), 'assigned / treated_per_row: ours has "4.000000", duckdb has "5.000000"'),
        (("contaminated_rows",), "comparisons / global / contaminated_rows: ours has 4, duckdb has 5"),
    ],
)
def test_a_difference_between_comparisons_names_the_control_group_the_basis_and_the_arm(
    path: tuple[str, ...], told: str
) -> None:
    def figures(value: int) -> Figures:
        found: object = f"{value}.000000" if path[-1].endswith("per_row") else value
        for key in reversed(("spring", "goals", "buy", "comparisons", "global", *path)):
            found = {key: found}
        assert isinstance(found, dict)
        return found

    found = first_difference(figures(4), figures(5), ("ours", "duckdb"))
    assert found is not None
    assert found.startswith("spring / goals / buy / comparisons / global / ")
    assert found.endswith(told)

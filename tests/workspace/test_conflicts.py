"""Ids that come again: the same row once more, one that differs a little, or another thing; and which file is known."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from canonical_files import CAMPAIGN, delivery, event, write_export, write_rows

import kept
from analytics_core.store import repeats
from analytics_core.workspace import Workspace, create_workspace, intake
from analytics_core.workspace.summaries import TableCounts
from commands import Run

pytestmark = pytest.mark.usefixtures("kept_anywhere")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "workspace")


def rejected(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    files = sorted((workspace.directory / "rejected").glob(f"{table}-*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({"user_id": "bob"}, "user_id"),
        ({"event_name": "Refund"}, "event_name"),
        ({"occurred_at": "2026-04-02T10:00:00Z"}, "occurred_at"),
        ({"user_id": "bob", "event_name": "Refund"}, "user_id, event_name"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_event_with_the_id_of_another_is_a_conflict(
    workspace: Workspace, tmp_path: Path, changed: dict[str, object], columns: str, *, at_once: bool
) -> None:
    first, second = event("ann", 1), {**event("ann", 1), **changed}
    if at_once:
        found = workspace.import_canonical(write_export(tmp_path / "in", events=[first, second]))
        assert found.tables["events"] == TableCounts(2, 1, 0, 1)
    else:
        workspace.import_canonical(write_export(tmp_path / "1", events=[first]))
        found = workspace.import_canonical(write_export(tmp_path / "2", events=[second]))
        assert found.tables["events"] == TableCounts(1, 0, 0, 1)
    (row,) = rejected(workspace, "events")
    assert row["reason"] == f"conflict: the event_id is that of an earlier row with another {columns}"
    assert (row["file"], row["row"]) == ("events.jsonl", 2 if at_once else 1)
    assert json.loads(row["raw"])["user_id"] == second["user_id"]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"campaign_id": "fall"}, "campaign_id"),
        ({"instance_id": "other"}, "instance_id"),
        ({"user_id": "bob"}, "user_id"),
        ({"outcome": "personalization_failed", "response_code": None}, "outcome"),
    ],
)
def test_a_delivery_with_the_id_of_another_is_a_conflict(
    workspace: Workspace, tmp_path: Path, changed: dict[str, object], column: str
) -> None:
    rows = [delivery("ann", 1), {**delivery("ann", 1), **changed}]
    found = workspace.import_canonical(write_export(tmp_path / "in", deliveries=rows))
    assert found.tables["deliveries"] == TableCounts(2, 1, 0, 1)
    assert [row["reason"] for row in rejected(workspace, "deliveries")] == [
        f"conflict: the request_id is that of an earlier row with another {column}"
    ]


def test_a_repeat_that_differs_in_attributes_is_a_duplicate_that_is_counted_apart(
    workspace: Workspace, tmp_path: Path, run: Run
) -> None:
    first = event("ann", 1, attributes={"price": 5})
    rows = [first, first, {**first, "attributes": {"price": 6}}, {**first, "attributes": None}]
    sends = [delivery("ann", 1), delivery("ann", 1, response_code=500), delivery("bob", 2), delivery("bob", 2)]
    path = write_export(tmp_path / "in", events=rows, deliveries=sends)
    code, out, _ = run("import", "canonical", path, "-w", workspace.directory)
    assert code == 0
    assert "events: 2 of the duplicates say something else than the row that is kept" in out
    assert "deliveries: 1 of the duplicates say" in out
    code, out, _ = run("import", "canonical", path, "-w", workspace.directory, "--json")
    found = json.loads(out)
    assert found["tables"]["events"] == {"read": 4, "accepted": 0, "duplicates": 4, "rejected": 0}
    assert found["differing"] == {"events": 2, "deliveries": 1}


def test_rows_without_an_id_are_never_a_conflict(workspace: Workspace, tmp_path: Path) -> None:
    rows = [delivery(user, 1, outcome="control_group", request_id=None, response_code=None) for user in ("ann", "bob")]
    assert workspace.import_canonical(write_export(tmp_path / "in", deliveries=rows)).tables["deliveries"] == (
        TableCounts(2, 2, 0, 0)
    )


def test_what_was_taken_back_is_no_conflict(workspace: Workspace, tmp_path: Path) -> None:
    workspace.import_canonical(write_export(tmp_path / "1", events=[event("ann", 1)]))
    workspace.undo_import(1)
    other = write_export(tmp_path / "2", events=[{**event("ann", 1), "user_id": "bob"}])
    assert workspace.import_canonical(other).tables["events"] == TableCounts(1, 1, 0, 0)


def expected_counts(batches: Iterable[Iterable[dict[str, object]]]) -> tuple[list[TableCounts], set[object]]:
    """In plain Python, from the law: the first of an id stays, another thing is a conflict, the rest are duplicates."""
    first: dict[object, dict[str, object]] = {}
    counts = []
    for rows in batches:
        read = accepted = duplicates = conflicts = differing = 0
        for row in rows:
            read += 1
            if row["event_id"] not in first:
                first[row["event_id"]] = row
                accepted += 1
                continue
            kept = first[row["event_id"]]
            if any(row[name] != kept[name] for name in ("user_id", "event_name", "occurred_at")):
                conflicts += 1
            else:
                duplicates += 1
                differing += row["attributes"] != kept["attributes"]
        counts.append(TableCounts(read, accepted, duplicates, conflicts, differing))
    return counts, set(first)


@pytest.mark.parametrize(
    "seeds", [range(12), *(pytest.param(range(n, n + 100), marks=pytest.mark.long) for n in range(100, 2_100, 100))]
)
def test_generated_imports_with_conflicts_are_counted_as_plain_python_does(
    seeds: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in seeds:
        chance = Random(seed)
        monkeypatch.setattr(repeats, "_MOST_HELD", chance.choice([1, 3, 1_000]))
        batches = [
            [
                event(
                    chance.choice(["ann", "bob"]),
                    chance.choice([1, 1, 2]),
                    event_id=f"e{chance.randrange(8)}",
                    event_name=chance.choice(["Order", "Order", "Order", "Refund"]),
                    attributes=chance.choice([{}, {"price": 1}]),
                )
                for _ in range(chance.randrange(1, 12))
            ]
            for _ in range(chance.randrange(1, 4))
        ]
        workspace = create_workspace(tmp_path / str(seed) / "workspace")
        exports = [write_export(tmp_path / str(seed) / str(n), events=rows) for n, rows in enumerate(batches)]
        counts, ids = expected_counts(batches)
        assert [workspace.import_canonical(export).tables["events"] for export in exports] == counts, seed
        assert set(workspace.tables().events.select("event_id").collect()["event_id"]) == ids, seed
        assert len(rejected(workspace, "events")) == sum(found.rejected for found in counts), seed
        again = [workspace.import_canonical(export).tables["events"] for export in exports]
        assert [found.accepted for found in again] == [0] * len(exports), seed


def test_a_file_under_the_name_of_another_table_is_another_file(workspace: Workspace, tmp_path: Path) -> None:
    wrong = tmp_path / "in"
    wrong.mkdir()
    write_rows(wrong / "events.jsonl", [delivery("ann", 1)])
    assert workspace.import_canonical(wrong).tables["events"] == TableCounts(1, 0, 0, 1)
    (wrong / "events.jsonl").rename(wrong / "deliveries.jsonl")
    assert workspace.import_canonical(wrong).tables["deliveries"] == TableCounts(1, 1, 0, 0)


def test_a_file_of_which_nothing_was_accepted_is_read_again_and_is_no_further_import(
    workspace: Workspace, tmp_path: Path
) -> None:
    bad = write_export(tmp_path / "in", events=[event("ann", 1, occurred_at="yesterday")])
    for _ in range(3):
        assert workspace.import_canonical(bad).tables["events"] == TableCounts(1, 0, 0, 1)
    assert len(workspace.imports()) == 1
    assert len(rejected(workspace, "events")) == 1


def test_a_file_whose_rows_were_all_there_brings_them_once_they_are_taken_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    first = write_export(tmp_path / "1", events=[event("ann", 1), event("bob", 2)])
    second = write_export(tmp_path / "2", events=[event("bob", 2)])
    workspace.import_canonical(first)
    assert workspace.import_canonical(second).tables["events"] == TableCounts(1, 0, 1, 0)
    workspace.undo_import(1)
    assert workspace.import_canonical(second).tables["events"] == TableCounts(1, 1, 0, 0)


SEND = json.dumps(
    {
        "event_type": "users.messages.webhook.Send",
        "id": "1",
        "time": 1772463600,
        "user": {"user_id": "ada"},
        "properties": {"campaign_id": "spring", "dispatch_id": "d1"},
    }
)

MAPPING = """
table = "events"
attributes = ["{attribute}"]
[columns]
event_id = "id"
user_id = "user"
event_name = "name"
occurred_at = "at"
"""


def test_importing_again_by_another_mapping_replaces_what_the_file_had_brought(
    workspace: Workspace, tmp_path: Path
) -> None:
    table, mapping = tmp_path / "table.csv", tmp_path / "mapping.toml"
    table.write_text("id,user,name,at,price,cost\n1,ann,Order,2026-04-01T10:00:00Z,5,6\n")
    mapping.write_text(MAPPING.format(attribute="price"))
    workspace.import_table(mapping, [table])
    mapping.write_text(MAPPING.format(attribute="cost"))
    assert workspace.import_table(mapping, [table]).tables["events"] == TableCounts(1, 0, 1, 0, 1)
    assert workspace.import_table(mapping, [table], again=True).tables["events"] == TableCounts(1, 1, 0, 0)
    (found,) = workspace.tables().events.select("attributes").collect()["attributes"]
    assert json.loads(found) == {"cost": "6"}


def test_the_history_says_who_read_a_file(workspace: Workspace, tmp_path: Path) -> None:
    export = write_export(tmp_path / "in", events=[event("ann", 1)])
    (export / "campaigns.json").write_text(json.dumps([CAMPAIGN]))
    workspace.import_canonical(export)
    (file,) = workspace._store.commit().live
    assert (file.importer, bool(file.version), len(file.content)) == ("canonical", True, 64)


def test_a_file_of_which_every_row_is_rejected_is_named_and_the_exit_code_says_so(
    workspace: Workspace, tmp_path: Path, run: Run
) -> None:
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 1)], events=[{"user_id": "ann"}])
    for _ in range(2):
        code, out, err = run("import", "canonical", export, "-w", workspace.directory, "--json")
        assert (code, json.loads(out)["refused"]) == (1, {"events.jsonl": None})
        assert "events.jsonl: every row was rejected" in err
    good = write_export(tmp_path / "good", deliveries=[delivery("bob", 2), {"user_id": "ann"}])
    assert run("import", "canonical", good, "-w", workspace.directory)[0] == 0


@pytest.mark.parametrize("held", [1, 1_000])
def test_a_dry_run_counts_repeats_and_conflicts_within_files_and_against_the_workspace(
    workspace: Workspace, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(repeats, "_MOST_HELD", held)
    table, mapping = tmp_path / "table.csv", tmp_path / "mapping.toml"
    line = "{},{},Order,2026-04-01T10:00:00Z,{},0"
    head = "id,user,name,at,price,cost"
    table.write_text("\n".join([head, *(line.format(*row) for row in [(1, "ann", 5), (2, "bob", 5), (3, "eve", 5)])]))
    mapping.write_text(MAPPING.format(attribute="price"))
    workspace.import_table(mapping, [table])
    rows = [(1, "ann", 5), (1, "ann", 6), (2, "cat", 5), (4, "dan", 5), (4, "dan", 5), (4, "fay", 5)]
    table.write_text("\n".join([head, *(line.format(*row) for row in rows)]))
    before = kept.store(workspace).commit(), kept.names(workspace)
    command = ("import", "table", table, "--mapping", mapping, "--dry-run", "-w", workspace.directory)
    code, out, _ = run(*command)
    assert (code, out.splitlines()[-1]) == (
        0,
        "read 6, good 1, duplicates 3 (1 of them with other values), rejected 2; nothing was written",
    )
    found = json.loads(run(*command, "--json")[1])
    reason = "conflict: the event_id is that of an earlier row with another user_id"
    assert (found["duplicates"], found["differing"], found["reasons"]) == (3, 1, {reason: 2})
    assert [(row["file"], row["row"]) for row in found["first_rejected"]] == [("table.csv", 4), ("table.csv", 7)]
    assert (found["files_read"], found["not_read"]) == (1, [])
    assert (kept.store(workspace).commit(), kept.names(workspace)) == before
    assert [row["user_id"] for row in found["first_rows"]] == ["dan"]
    summary = workspace.import_table(mapping, [table])
    assert summary.tables["events"] == TableCounts(6, 1, 3, 2, 1)
    alone = json.loads(run(*command[:-2], "--json")[1])
    assert (alone["duplicates"], sum(alone["reasons"].values())) == (2, 1)


def test_a_file_given_to_the_wrong_importer_does_no_harm_and_names_the_right_one(
    workspace: Workspace, tmp_path: Path, run: Run
) -> None:
    wrong = tmp_path / "in"
    wrong.mkdir()
    write_rows(wrong / "events.jsonl", [delivery("ann", 1), delivery("bob", 2)])
    code, _, err = run("import", "canonical", wrong, "-w", workspace.directory)
    assert code == 1
    assert "events.jsonl: every row was rejected; they look like rows of deliveries, and would be read by that" in err
    found = json.loads(run("import", "canonical", wrong, "-w", workspace.directory, "--json")[1])
    assert (found["refused"], found["misnamed"]) == ({"events.jsonl": None}, {"events.jsonl": "deliveries"})


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "csv.gz"])
@pytest.mark.parametrize("place", ["events.{}", "Events/day=1/a.{}"])
def test_a_table_under_the_name_of_another_is_refused_by_its_own(
    workspace: Workspace, tmp_path: Path, run: Run, form: str, place: str
) -> None:
    path = tmp_path / "in" / place.format(form)
    path.parent.mkdir(parents=True)
    rows = pl.DataFrame([delivery("ann", 1), delivery("bob", 2)])
    if form == "parquet":
        rows.write_parquet(path)
    else:
        content = rows.write_csv(separator="\t" if form == "tsv" else ",").encode()
        path.write_bytes(gzip.compress(content) if form.endswith(".gz") else content)
    code, out, err = run("import", "canonical", tmp_path / "in", "-w", workspace.directory)
    assert (code, out) == (2, "")
    assert "no column event_id, event_name; it looks like rows of deliveries, and would be read by that name\n" in err


def test_a_file_that_the_wrong_importer_refused_can_be_imported_by_the_right_one(
    workspace: Workspace, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "send.jsonl"
    path.write_text(SEND)
    code, _, err = run("import", "moengage", path, "-w", workspace.directory)
    assert code == 1
    assert "send.jsonl: every row was rejected; they look like rows of `import braze`" in err
    code, out, _ = run("import", "braze", path, "-w", workspace.directory, "--json")
    assert (code, json.loads(out)["tables"]["deliveries"]["accepted"]) == (0, 1)


def test_a_dry_run_names_the_files_that_would_not_be_read(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "table.csv").write_text("id,user,name,at,price\n1,ann,Order,2026-04-01T10:00:00Z,5\n")
    (folder / "notes.txt").write_text("by hand")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.format(attribute="price"))
    command = ("import", "table", folder, "--mapping", mapping, "--dry-run")
    assert "not read: 1 of 2 files\n  notes.txt" in run(*command)[1]
    assert [file["name"] for file in json.loads(run(*command, "--json")[1])["not_read"]] == ["notes.txt"]


def test_reasons_are_counted_in_the_summary(workspace: Workspace, tmp_path: Path, run: Run) -> None:
    times = ("1900-01-01T00:00:00Z", "9999-01-01T00:00:00Z")
    outside = [delivery("ann", number, occurred_at=at) for number, at in enumerate(times)]
    other = [delivery("bob", number, outcome=f"o{number}") for number in range(5)]
    conflict = [event("ann", 1), event("bob", 1), {**event("cat", 2), "event_name": None}]
    export = write_export(tmp_path / "in", deliveries=[*outside, *other, delivery("eve", 9)], events=conflict)
    (export / "campaigns.json").write_text(json.dumps([CAMPAIGN, {"campaign_id": "x"}]))
    code, out, _ = run("import", "canonical", export, "-w", workspace.directory)
    assert code == 0
    said = [line for line in out.splitlines() if " rejected: " in line]
    assert said[0] == "campaigns: 1 rejected: name: Field required (and 2 more)"
    assert said[1].startswith("deliveries: 5 rejected: outcome must be one of frequency_capped, ")
    assert said[2] == "deliveries: 2 rejected: occurred_at is outside the years 1970 to 2200"
    assert sorted(said[3:]) == [
        "events: 1 rejected: conflict: the event_id is that of an earlier row with another user_id",
        "events: 1 rejected: event_name is missing",
    ]
    found = json.loads(run("import", "canonical", export, "-w", workspace.directory, "--again", "--json")[1])
    assert {table: sum(reasons.values()) for table, reasons in found["reasons"].items()} == {
        table: counts["rejected"] for table, counts in found["tables"].items() if counts["rejected"]
    }


def test_many_reasons_are_not_all_shown(
    workspace: Workspace, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_MOST_REASONS", 10)
    rows = [delivery("ann", 1, personalization_errors=[{"category": f"c{number}"}]) for number in range(20)]
    export = write_export(tmp_path / "in", deliveries=rows)
    code, out, _ = run("import", "canonical", export, "-w", workspace.directory)
    assert (code, out.count(" rejected: ")) == (1, 5)
    assert "deliveries: rejected for 6 more reasons; --json has them" in out
    document = json.loads(run("import", "canonical", export, "-w", workspace.directory, "--json")[1])
    found = document["reasons"]["deliveries"]
    assert (len(found), sum(found.values()), found["other reasons"]) == (11, 20, 10)


def test_definitions_of_which_every_one_is_rejected_are_named_too(
    workspace: Workspace, tmp_path: Path, run: Run
) -> None:
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 1)])
    (export / "campaigns.json").write_text('[{"campaign_id": "x"}, 7]')
    code, out, err = run("import", "canonical", export, "-w", workspace.directory)
    assert (code, "campaigns: 1 rejected: not a JSON object" in out) == (1, True)
    assert "campaigns.json: every row was rejected\n" in err
    (export / "campaigns.json").write_text("[]")
    assert run("import", "canonical", export, "-w", workspace.directory)[0] == 0

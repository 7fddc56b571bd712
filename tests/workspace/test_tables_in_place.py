"""Tables that lie outside and are used in place: followed, never written, with the numbers that importing them has."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from canonical_files import delivery, event, write_export
from gapped_exports import SENT_ONLY, take_in
from typer.testing import CliRunner

import kept
from analytics_core.cli.commands import app
from analytics_core.domain.errors import AnalyticsError, WorkspaceError
from analytics_core.domain.settings import App, Settings
from analytics_core.snapshot.documents import as_json
from analytics_core.sources.external_tables import ExternalTable
from analytics_core.store.commits import Commit
from analytics_core.store.settings import SETTINGS_FILE
from analytics_core.workspace import Workspace, create_workspace, external_tables
from commands import Run
from object_store import BUCKET
from seeding import some
from worlds import World, world
from worlds.frames import canonical_frame

Rows = Iterable[Mapping[str, Any]]
ORDERS = [event("ann", 0), event("bob", 1)]


def made(directory: Path, app: App | None = None, **places: str) -> Workspace:
    """A workspace that uses tables in place."""
    settings = create_workspace(directory, app).directory / SETTINGS_FILE
    lines = "".join(f"{table} = {json.dumps(place)}\n" for table, place in places.items())
    settings.write_text(settings.read_text() + lines)
    return Workspace(directory)


def events_of(rows: Rows) -> pl.DataFrame:
    attributes = pl.lit(None, pl.String).alias("attributes")
    times = pl.col("occurred_at").str.to_datetime(time_unit="us", time_zone="UTC")
    return pl.DataFrame(list(rows)).with_columns(times, attributes)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where others keep their tables."""
    directory = tmp_path / "outside"
    directory.mkdir()
    return directory


@pytest.fixture
def workspace(tmp_path: Path, outside: Path) -> Workspace:
    """Two sends, imported, and the events of a Delta table in place: an order of each user."""
    events_of(ORDERS).write_delta(str(outside / "events"))
    workspace = made(tmp_path / "workspace", events="../outside/events")
    sends = [delivery("ann", 0), delivery("bob", 1)]
    workspace.import_canonical(write_export(tmp_path / "sends", deliveries=sends))
    return workspace


def converted(workspace: Workspace) -> int:
    """Conversions, as whoever opens the workspace now sees them."""
    return Workspace(workspace.directory).snapshot("spring").performance.converted_users


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def as_delta(rows: pl.DataFrame, place: Path) -> str:
    rows.write_delta(str(place))
    return str(place)


def as_file(rows: pl.DataFrame, place: Path) -> str:
    rows.write_parquet(place.with_suffix(".parquet"))
    return str(place.with_suffix(".parquet"))


def as_folder(rows: pl.DataFrame, place: Path) -> str:
    (place / "deeper").mkdir(parents=True)
    half = rows.height // 2
    rows[:half].write_parquet(place / "0.parquet")
    rows[half:].write_parquet(place / "deeper" / "1.parquet")
    (place / "_unfinished.parquet").write_bytes(b"not yet")
    return str(place)


def as_glob(rows: pl.DataFrame, place: Path) -> str:
    as_folder(rows, place)
    return str(place / "**" / "[0-9].parquet")


@pytest.mark.parametrize("write", [as_delta, as_file, as_folder, as_glob])
@pytest.mark.parametrize("seed", some(1, range(3)))
def test_the_numbers_are_those_of_importing_the_same_rows(
    write: Callable[[pl.DataFrame, Path], str], seed: int, tmp_path: Path, outside: Path
) -> None:
    told = world(seed)
    places = {table: write(canonical_frame(table, rows), outside / table) for table, rows in told.rows.items() if rows}
    before = contents(outside)
    imported = create_workspace(tmp_path / "imported", told.app)
    imported.import_canonical(told.write(tmp_path / "export", fmt="parquet"))
    used = made(tmp_path / "used", told.app, **places)
    campaigns = World(campaigns=told.campaigns)
    used.import_canonical(campaigns.write(tmp_path / "campaigns", fmt="jsonl"))
    expected = [as_json(snapshot) for snapshot in imported.snapshots()]
    found = [as_json(snapshot) for snapshot in used.snapshots()]
    for document in (*expected, *found):
        # Definitions are an import of their own where the rows lie outside.
        del document["provenance"]["import"], document["provenance"]["history"]
    assert found == expected
    assert contents(outside) == before


def test_a_delta_table_is_followed(workspace: Workspace, outside: Path) -> None:
    assert workspace.snapshot("spring").performance.conversion_events == 2
    events_of([event("ann", 3), event("cat", 4)]).write_delta(str(outside / "events"), mode="append")
    assert workspace.snapshot("spring").performance.conversion_events == 2
    workspace.refresh()
    assert workspace.snapshot("spring").performance.conversion_events == 3
    events_of([event("bob", 5)]).write_delta(str(outside / "events"), mode="overwrite")
    assert converted(workspace) == 1
    assert Workspace(workspace.directory).tables().events.collect()["event_id"].to_list() == ["e5"]
    assert str(Workspace(workspace.directory).tables().latest_at) == "2026-04-01 11:05:00+00:00"


@pytest.mark.usefixtures("in_object_store")
def test_a_delta_table_in_an_object_store_is_followed(tmp_path: Path) -> None:
    url = f"s3://{BUCKET}/outside-{uuid4()}/events"
    events_of(ORDERS).write_delta(url)
    used = made(tmp_path / "used", events=url)
    used.import_canonical(write_export(tmp_path / "sends", deliveries=[delivery("ann", 0), delivery("cat", 2)]))
    assert converted(used) == 1
    events_of([event("cat", 2)]).write_delta(url, mode="append")
    assert converted(used) == 2


def test_the_latest_instant_goes_back_with_the_rows(workspace: Workspace, outside: Path) -> None:
    assert str(workspace.tables().latest_at) == "2026-04-01 11:01:00+00:00"
    events_of(ORDERS).clear().write_delta(str(outside / "events"), mode="overwrite")
    assert str(Workspace(workspace.directory).tables().latest_at) == "2026-04-01 10:01:00+00:00"
    assert converted(workspace) == 0


def test_a_partitioned_delta_table_is_read(tmp_path: Path, outside: Path) -> None:
    rows = events_of([*ORDERS, event("ann", 2, event_name="Visit")])
    rows.write_delta(str(outside / "events"), delta_write_options={"partition_by": ["event_name"]})
    used = made(tmp_path / "workspace", events=str(outside / "events"))
    found = used.tables().events.collect().sort("event_id")
    assert found.select("event_id", "event_name").rows() == [("e0", "Order"), ("e1", "Order"), ("e2", "Visit")]


def test_parquet_files_are_followed(tmp_path: Path, outside: Path) -> None:
    used = made(tmp_path / "workspace", events="../outside/*.parquet")

    def ids() -> list[str]:
        return sorted(Workspace(used.directory).tables().events.collect()["event_id"])

    events_of(ORDERS).write_parquet(outside / "a.parquet")
    assert ids() == ["e0", "e1"]
    events_of([event("cat", 2), event("ann", 0)]).write_parquet(outside / "b.parquet")
    assert ids() == ["e0", "e1", "e2"]
    events_of([event("dan", 7)]).write_parquet(outside / "a.parquet")
    assert ids() == ["e0", "e2", "e7"]
    (outside / "b.parquet").unlink()
    assert ids() == ["e7"]


def test_what_has_not_changed_is_not_taken_in_again(workspace: Workspace) -> None:
    numbers = as_json(Workspace(workspace.directory).snapshot("spring"))
    before = Workspace(workspace.directory).imports()
    Workspace(workspace.directory).optimize()
    assert Workspace(workspace.directory).imports() == before
    assert as_json(Workspace(workspace.directory).snapshot("spring")) == numbers
    assert [landed.rows for landed in before] == [{"deliveries": 2}, {"events": 2}]


def test_bad_rows_are_kept_aside_and_counted_as_long_as_they_are_there(workspace: Workspace, outside: Path) -> None:
    bad = events_of([event("cat", 2, event_id="x" * 200), event("ann", 6)])
    bad.write_delta(str(outside / "events"), mode="append")
    assert converted(workspace) == 2
    landed = Workspace(workspace.directory).imports()[-1]
    assert (landed.rows, landed.rejected) == ({"events": 3}, 1)
    (kept,) = (workspace.directory / "rejected").glob("events-*.jsonl")
    assert json.loads(kept.read_text())["file"] == "events (Delta table)"
    assert "event_id" in json.loads(kept.read_text())["reason"]
    events_of(ORDERS).write_delta(str(outside / "events"), mode="overwrite")
    assert converted(workspace) == 2
    assert list((workspace.directory / "rejected").glob("events-*.jsonl")) == []


def test_whoever_asks_is_told_of_bad_rows_in_place(workspace: Workspace, outside: Path, run: Run) -> None:
    commands = (["campaigns"], ["metrics", "spring"], ["explain", "spring", "sent"])
    assert [run(*command, "-w", workspace.directory)[2] for command in commands] == [""] * 3
    events_of([event("cat", 2, event_id="x" * 200)]).write_delta(str(outside / "events"), mode="append")
    kept = workspace.directory / "rejected"
    said = f"1 row of tables used in place not counted; the reasons are in {kept}\n"
    for command in commands:
        for _ in range(2):
            code, _, err = run(*command, "-w", workspace.directory)
            assert (code, err) == (0, said)


def test_no_file_is_imported_into_a_table_that_is_used_in_place(workspace: Workspace, tmp_path: Path) -> None:
    more = write_export(tmp_path / "more", deliveries=[delivery("cat", 5)], events=[event("cat", 5)])
    done = CliRunner().invoke(app, ["import", "canonical", str(more), "--workspace", str(workspace.directory)])
    assert isinstance(done.exception, AnalyticsError)
    assert str(done.exception) == (
        "events is used in place, as [storage] events says; no rows of it are imported into this workspace"
    )
    assert Workspace(workspace.directory).snapshot("spring").performance.sent.total == 2


def test_an_export_that_could_have_such_rows_and_has_none_is_imported(workspace: Workspace) -> None:
    export = replace(SENT_ONLY, rows=(delivery("cat", 5),), tables=("deliveries", "events"))
    take_in(workspace, export, in_place=frozenset({"events"}))
    assert Workspace(workspace.directory).snapshot("spring").performance.sent.total == 3
    with pytest.raises(WorkspaceError, match="deliveries is used in place"):
        take_in(workspace, replace(export, name="other"), in_place=frozenset({"deliveries"}))


def test_what_a_replaced_table_held_is_not_known_any_more(workspace: Workspace, outside: Path) -> None:
    workspace.snapshot("spring")
    events_of([event("ann", 8)]).write_delta(str(outside / "events"), mode="append")
    sends, first, second = Workspace(workspace.directory).imports()

    def known(at: Any) -> tuple[int, int]:  # noqa: ANN401 - an instant
        performance = Workspace(workspace.directory, at).snapshot("spring").performance
        return performance.sent.total, performance.conversion_events

    assert (first.rows, second.rows) == ({}, {"events": 3})
    assert known(sends.at) == (2, 0)
    assert known(second.at) == (2, 3)
    with pytest.raises(WorkspaceError) as refused:
        known(second.at - timedelta(microseconds=1))
    assert str(refused.value).startswith(
        "events is used in place and has been read anew since; what was known before 20"
    )
    assert str(refused.value).endswith(" is not kept")


def test_a_table_that_is_not_used_any_more_is_gone(workspace: Workspace, tmp_path: Path) -> None:
    assert converted(workspace) == 2
    settings = workspace.directory / SETTINGS_FILE
    settings.write_text(settings.read_text().replace("events = ", "# events = "))
    assert converted(workspace) == 0
    own = write_export(tmp_path / "own", events=[event("ann", 0)])
    Workspace(workspace.directory).import_canonical(own)
    assert converted(workspace) == 1
    settings.write_text(settings.read_text().replace("# events = ", "events = "))
    with pytest.raises(WorkspaceError, match=r"^\[storage\] events: rows of events were imported .* new workspace"):
        converted(workspace)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("missing", "no Delta or Iceberg table and no Parquet file at missing"),
        ("../outside", "no Delta or Iceberg table and no Parquet file at ../outside"),
        ("../outside/*.parquet", r"no Delta or Iceberg table and no Parquet file at ../outside/\*.parquet"),
        ("../outside/damaged", "damaged.parquet: is damaged or not a readable Parquet file"),
        ("../outside/narrow", "narrow.parquet: has no column occurred_at"),
        ("../outside/short", r"events \(Delta table\): has no column event_name"),
        ("../outside/broken", "is not a readable Delta table"),
        ("nowhere://user:secret@host/table", "is not a readable Delta table"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line_that_names_the_setting(
    tmp_path: Path, outside: Path, place: str, problem: str
) -> None:
    name = place.rpartition("/")[2]
    if name in {"damaged", "narrow"}:
        (outside / name).mkdir()
        events_of(ORDERS).drop("occurred_at").write_parquet(outside / name / f"{name}.parquet")
    if name == "damaged":
        (outside / name / f"{name}.parquet").write_bytes(b"PAR1 and no more")
    if name == "short":
        events_of(ORDERS).drop("event_name").write_delta(str(outside / name))
    if name == "broken":
        (outside / name / "_delta_log").mkdir(parents=True)
    used = made(tmp_path / "workspace", events=place)
    with pytest.raises(WorkspaceError, match=rf"^\[storage\] events: {problem}") as refused:
        used.tables()
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert kept.store(used).commit() == Commit()


def test_a_table_that_cannot_be_read_says_nothing_of_files_that_lie_elsewhere(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events_of([event("ann", 0)]).drop("event_name").write_delta(str(outside / "short"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "sends.json").write_text('{"event_type": "users.messages.webhook.Send"}')
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(WorkspaceError, match=r"events \(Delta table\): has no column event_name$"):
        made(tmp_path / "workspace", events="../outside/short").tables()


def test_a_delta_table_with_column_mapping_is_named_as_such(tmp_path: Path, outside: Path) -> None:
    events_of(ORDERS).write_delta(str(outside / "events"))
    log = outside / "events" / "_delta_log" / f"{0:020}.json"
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    for entry in entries:
        if "protocol" in entry:
            entry["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
        if "metaData" in entry:
            entry["metaData"]["configuration"] = {"delta.columnMapping.mode": "name"}
            schema = json.loads(entry["metaData"]["schemaString"])
            for number, column in enumerate(schema["fields"]):
                name = {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": column["name"]}
                column["metadata"] = name
            entry["metaData"]["schemaString"] = json.dumps(schema)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    used = made(tmp_path / "workspace", events="../outside/events")
    with pytest.raises(
        WorkspaceError,
        match=r"^\[storage\] events: is a Delta table with an unsupported feature, such as column mapping$",
    ):
        used.tables()


def test_files_that_change_while_they_are_read_are_not_taken_for_one_state(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events_of(ORDERS).write_parquet(outside / "a.parquet")
    used, take = made(tmp_path / "workspace", events="../outside"), external_tables._take_in

    def disturbed(*given: Any) -> None:  # noqa: ANN401 - passed on
        take(*given)
        events_of([event("zoe", 9)]).write_parquet(outside / "b.parquet")

    with monkeypatch.context() as patched:
        patched.setattr(external_tables, "_take_in", disturbed)
        with pytest.raises(WorkspaceError, match=r"^\[storage\] events: changed while it was being read; try again$"):
            used.tables()
    assert Workspace(used.directory).tables().events.collect().height == 3


def test_two_that_open_at_once_are_both_right(workspace: Workspace) -> None:
    command = [sys.executable, "-m", "analytics_core", "metrics", "spring", "--json", "-w", str(workspace.directory)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    answers = [json.loads(process.communicate()[0])["performance"]["converted_users"] for process in running]
    assert answers == [2, 2]
    assert len(Workspace(workspace.directory).imports()) == 2


def test_who_waited_for_another_finds_nothing_left_to_do(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, turns = ExternalTable.look, []

    def slow(table: ExternalTable) -> Any:  # noqa: ANN401 - passed on
        turns.append(table)
        if len(turns) == 1:
            Workspace(workspace.directory).tables()
        return looked(table)

    monkeypatch.setattr(ExternalTable, "look", slow)
    assert workspace.tables().events.collect().height == 2
    assert len(workspace.imports()) == 2


def test_reports_are_told_apart_when_the_outside_has_changed(workspace: Workspace, outside: Path) -> None:
    before = Workspace(workspace.directory).fingerprint
    assert Workspace(workspace.directory).fingerprint == before
    events_of([event("ann", 8)]).write_delta(str(outside / "events"), mode="append")
    assert Workspace(workspace.directory).fingerprint != before


def test_events_alone_are_explained_too(workspace: Workspace) -> None:
    explained = workspace.explain("spring", "conversion_events", settings=Settings(), rows=None)
    assert sorted(explained.rows["event_id"]) == ["e0", "e1"]

"""Tables on disk: keys that last, states that can be read again, and workspaces of another time."""

import gc
import json
import weakref
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from canonical_files import delivery, event, write_export
from deltalake import DeltaTable
from typer.testing import CliRunner

import kept
from analytics_core.cli.commands import app
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places.places import Directory
from analytics_core.store.commits import Commit, ImportedFile
from analytics_core.store.imports import Import
from analytics_core.store.tables import TableStore
from analytics_core.tables.canonical import schema_of
from analytics_core.tables.keys import DICTIONARIES, schema_with_keys
from analytics_core.workspace import Workspace, create_workspace

pytestmark = pytest.mark.usefixtures("kept_anywhere")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace after one import: two users, one of whom bought."""
    made = create_workspace(tmp_path / "workspace")
    rows = [delivery("zoe", 0), delivery("ann", 1)]
    made.import_canonical(write_export(tmp_path / "first", deliveries=rows, events=[event("ann", 0)]))
    return made


def keys_of(workspace: Workspace, kind: str) -> dict[str, int]:
    dictionary = workspace.tables().dictionaries[kind].collect()
    return dict(dictionary.select(DICTIONARIES[kind][-1], f"{kind}_key").iter_rows())


def second_import(workspace: Workspace, directory: Path) -> None:
    rows = [delivery("bob", 2, instance_id="0"), delivery("zoe", 3, campaign_id="autumn")]
    workspace.import_canonical(write_export(directory / "second", deliveries=rows, events=[event("mia", 1)]))


def test_a_second_import_keeps_the_keys_of_the_first(workspace: Workspace, tmp_path: Path) -> None:
    assert keys_of(workspace, "user") == {"ann": 0, "zoe": 1}
    assert keys_of(workspace, "instance") == {"1": 0}
    second_import(workspace, tmp_path)
    # Deliveries get their keys before events do.
    assert keys_of(workspace, "user") == {"ann": 0, "zoe": 1, "bob": 2, "mia": 3}
    assert keys_of(workspace, "campaign") == {"spring": 0, "autumn": 1}
    assert keys_of(workspace, "event") == {"Order": 0}
    tables = workspace.tables()
    assert (tables.users, tables.campaigns) == (4, {"spring": 0, "autumn": 1})
    rows = tables.deliveries.collect()
    assert sorted(rows.select("user_id", "user_key").rows()) == [("ann", 0), ("bob", 2), ("zoe", 1), ("zoe", 1)]


def test_the_same_instance_of_two_campaigns_has_two_keys(workspace: Workspace, tmp_path: Path) -> None:
    second_import(workspace, tmp_path)
    found = workspace.tables().dictionaries["instance"].collect().sort("instance_key")
    assert found.select("campaign_id", "instance_id").rows()[0] == ("spring", "1")
    assert set(found.select("campaign_id", "instance_id").rows()) == {
        ("spring", "1"),
        ("spring", "0"),
        ("autumn", "1"),
    }


def test_an_earlier_state_can_be_read_again(workspace: Workspace, tmp_path: Path) -> None:
    store, before = kept.store(workspace), kept.store(workspace).commit()
    second_import(workspace, tmp_path)
    old, new = store.read(before), store.read()
    assert [tables.deliveries.collect().height for tables in (old, new)] == [2, 4]
    assert [tables.users for tables in (old, new)] == [2, 4]
    assert [tables.campaigns for tables in (old, new)] == [{"spring": 0}, {"spring": 0, "autumn": 1}]
    assert old.dictionaries["user"].collect().height == 2
    assert [str(tables.latest_at) for tables in (old, new)] == [
        "2026-04-01 11:00:00+00:00",
        "2026-04-01 11:01:00+00:00",
    ]


def test_importing_only_older_rows_leaves_the_latest_instant(workspace: Workspace, tmp_path: Path) -> None:
    early = delivery("bob", 2, occurred_at="2026-01-01T00:00:00Z")
    workspace.import_canonical(write_export(tmp_path / "early", deliveries=[early]))
    assert str(workspace.tables().latest_at) == "2026-04-01 11:00:00+00:00"


def test_before_the_first_import_there_is_nothing_under_the_right_columns(tmp_path: Path) -> None:
    store = TableStore(Directory(tmp_path / "tables"))
    tables = store.read()
    assert store.commit() == Commit()
    assert tables.deliveries.collect_schema() == schema_with_keys("deliveries")
    assert (tables.users, tables.campaigns, tables.latest_at) == (0, {}, None)


def test_an_interrupted_import_leaves_no_keys_behind(workspace: Workspace, tmp_path: Path) -> None:
    before = kept.state(workspace)
    second_import(workspace, tmp_path)
    kept.restore(workspace, before)  # as if it had been killed before the last step
    assert keys_of(workspace, "user") == {"ann": 0, "zoe": 1}
    rows = [delivery("eve", 2)]
    workspace.import_canonical(write_export(tmp_path / "third", deliveries=rows))
    assert keys_of(workspace, "user") == {"ann": 0, "zoe": 1, "eve": 2}
    assert workspace.tables().deliveries.collect().height == 3


def test_what_an_import_remembers_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve bytes for each row of the workspace, which the collector of cycles would hardly ever come for."""
    begun: list[weakref.ref[Import]] = []

    class Watched(Import):
        def __init__(self, *given: Any) -> None:  # noqa: ANN401 - passed on
            super().__init__(*given)
            begun.append(weakref.ref(self))

    monkeypatch.setattr("analytics_core.store.tables.Import", Watched)
    workspace = create_workspace(tmp_path / "workspace")
    export = write_export(tmp_path / "first", deliveries=[delivery("zoe", 0), delivery("zoe", 0)])
    gc.collect()
    gc.disable()
    try:
        workspace.import_canonical(export)
        assert [import_() for import_ in begun] == [None]
    finally:
        gc.enable()


def test_what_fails_after_it_has_landed_is_kept(workspace: Workspace) -> None:
    store, rows = kept.store(workspace), workspace.tables().deliveries.collect()
    later = rows.with_columns(pl.lit("late") + pl.col("request_id")).select(schema_of("deliveries").names())

    def landed_then_failed() -> None:
        with store.importing() as running:
            running.add("deliveries", later.with_columns(import_key=pl.lit(running.commit.last_file + 1, pl.Int32)))
            running.files.append(ImportedFile(running.commit.last_file + 1, "late"))
            land = store._land

            def failing(*given: Any) -> None:  # noqa: ANN401 - passed on
                land(*given)
                raise OSError("the disk does not answer")

            store._land = failing  # type: ignore[method-assign]

    with pytest.raises(WorkspaceError, match="the disk does not answer"):
        landed_then_failed()
    assert Workspace(workspace.directory).tables().deliveries.collect().height == 2 * rows.height


def test_a_workspace_of_an_older_version_says_what_to_do_in_one_line(workspace: Workspace) -> None:
    document = json.loads(kept.read(workspace))
    del document["layout"]
    kept.write(workspace, json.dumps(document).encode())
    with pytest.raises(WorkspaceError, match="was written by an older version; import the files into a new one"):
        kept.store(workspace).commit()
    done = CliRunner().invoke(app, ["metrics", "spring", "--workspace", str(workspace.directory)])
    assert isinstance(done.exception, WorkspaceError)
    assert "\n" not in str(done.exception)


def test_a_commit_that_is_no_json_is_named(workspace: Workspace) -> None:
    kept.write(workspace, b"{")
    with pytest.raises(WorkspaceError, match=r"commit\.json is damaged; restore it from a backup"):
        kept.store(workspace).read()


def test_other_programs_read_the_tables_as_they_are(workspace: Workspace, kept_anywhere: str) -> None:
    events = kept.place(workspace).address("events")
    ours = workspace.tables().events.select("event_id", "user_id", "event_name", "occurred_at").collect()
    assert pl.read_delta(events).select(ours.columns).sort("event_id").equals(ours.sort("event_id"))
    if kept_anywhere == "directory":  # DuckDB would have to fetch its extension for object stores
        files = DeltaTable(events).file_uris()
        query = "SELECT event_id, user_id, event_name, occurred_at FROM read_parquet($1)"
        read = duckdb.execute(query, [files]).fetchall()
        assert sorted(row[:3] for row in read) == sorted(ours.select(ours.columns[:3]).iter_rows())
        assert {row[3].timestamp() for row in read} == {moment.timestamp() for moment in ours["occurred_at"]}


def test_an_earlier_state_can_be_read_until_the_tables_are_optimized(workspace: Workspace, tmp_path: Path) -> None:
    store = kept.store(workspace)
    before = store.commit()
    rows = store.read(before).events.collect()
    more = write_export(tmp_path / "more", events=[event("zoe", 59, event_id="another")])
    workspace.import_canonical(more)
    assert store.read().events.collect().height == rows.height + 1
    assert store.read(before).events.collect().equals(rows)

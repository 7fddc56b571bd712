"""Putting tables into the order in which they are read: no row and no number changes, whatever happens on the way."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from canonical_files import delivery, event, write_export
from typer.testing import CliRunner

import kept
from analytics_core.cli.commands import app
from analytics_core.domain.errors import WorkspaceError
from analytics_core.engines import local
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.store.tables import TableStore
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace import Workspace, create_workspace

PEOPLE = ("ann", "bob", "cat", "dan", "eve")

pytestmark = pytest.mark.usefixtures("kept_anywhere")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace after three imports, each with a send and an event of every user, later days first."""
    made = create_workspace(tmp_path / "workspace")
    for day in (2, 1, 0):
        sent, bought = (f"2026-03-0{2 + day}T{hour}:00:00Z" for hour in ("09", "10"))
        numbered = list(enumerate(PEOPLE, start=10 * day))
        sends = [delivery(user, number, instance_id=f"{day}", occurred_at=sent) for number, user in numbered]
        happened = [event(user, number, occurred_at=bought) for number, user in numbered]
        made.import_canonical(write_export(tmp_path / f"day-{day}", deliveries=sends, events=happened))
    return made


def rows_of(workspace: Workspace, table: str) -> pl.DataFrame:
    frame: pl.DataFrame = getattr(workspace.tables(), table).collect()
    return frame


def test_the_rows_are_the_same_in_the_order_in_which_they_are_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tables.keys", "store.tables"):
        monkeypatch.setattr(f"analytics_core.{module}.BLOCK", 2)
    before, rows = as_json(workspace.snapshot("spring")), rows_of(workspace, "deliveries")
    workspace.optimize()
    after = rows_of(workspace, "deliveries")
    assert after.sort("request_id").equals(rows.sort("request_id"))
    ordered = after.with_columns(block=pl.col("user_key") // 2)
    assert ordered.partition_by("block")[0].equals(
        ordered.partition_by("block")[0].sort("campaign_key", "user_key", "occurred_at")
    )
    assert as_json(workspace.snapshot("spring")) == before
    assert before["performance"]["conversion_events"] == len(PEOPLE) * 3


def test_what_is_interrupted_has_not_happened(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rows = as_json(workspace.snapshot("spring")), rows_of(workspace, "events")

    def failing(*_given: object) -> int:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(TableStore, "_rewrite", failing)
        with pytest.raises(WorkspaceError, match="no space left"):
            workspace.optimize()
    with monkeypatch.context() as broken:
        written = TableStore._rewrite
        broken.setattr(TableStore, "_rewrite", lambda *given: failing() if given[1] == "events" else written(*given))
        with pytest.raises(WorkspaceError, match="no space left"):
            workspace.optimize()
    workspace.refresh()
    assert (as_json(workspace.snapshot("spring")), rows_of(workspace, "events").equals(rows)) == (before, True)
    workspace.optimize()
    assert as_json(workspace.snapshot("spring")) == before


def test_imports_go_on_afterwards(workspace: Workspace, tmp_path: Path) -> None:
    workspace.optimize()
    more = write_export(tmp_path / "more", deliveries=[delivery("ann", 0), delivery("fay", 59)])
    assert workspace.import_canonical(more).tables["deliveries"].accepted == 1
    assert rows_of(workspace, "deliveries")["user_key"].n_unique() == len(PEOPLE) + 1


def test_the_command_says_what_it_did(workspace: Workspace) -> None:
    done = CliRunner().invoke(app, ["optimize", "--workspace", str(workspace.directory)])
    assert (done.exit_code, done.stdout.strip()) == (0, f"optimized: {workspace.directory}")


def test_an_empty_workspace_is_in_order_already(tmp_path: Path) -> None:
    create_workspace(tmp_path / "empty").optimize()
    assert Workspace(tmp_path / "empty").snapshots() == ()


def test_who_reads_while_another_optimizes_reads_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before, reader = as_json(workspace.snapshot("spring")), Workspace(workspace.directory)
    computed, turns = local.compute_snapshots, []

    def disturbed(tables: KeyedTables, *given: Any, **more: Any) -> tuple[Snapshot, ...]:  # noqa: ANN401 - passed on
        turns.append(tables)
        if len(turns) == 1:
            workspace.optimize()
        return computed(tables, *given, **more)

    monkeypatch.setattr(local, "compute_snapshots", disturbed)
    assert as_json(reader.snapshot("spring")) == before
    assert len(turns) == 2


def test_files_that_are_gone_for_good_are_an_error(workspace: Workspace) -> None:
    kept.delete(workspace, *kept.data_files(workspace, "events"))
    with pytest.raises(WorkspaceError, match=r"events/part-.*\.parquet is missing; restore it from a backup"):
        Workspace(workspace.directory).snapshot("spring")


def test_only_what_is_needed_is_left_on_disk(workspace: Workspace) -> None:
    kept.write(workspace, b"PAR1", "events/part-of-an-import-that-was-killed.parquet")
    assert len(kept.data_files(workspace, "events")) == 4
    workspace.optimize()
    assert len(kept.data_files(workspace, "events")) == 1

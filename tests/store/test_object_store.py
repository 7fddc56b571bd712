"""Tables in an object store: who may write, what is said when it cannot be reached, and what is never said."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import obstore
import polars as pl
import pytest
from canonical_files import delivery, write_export
from obstore.store import MemoryStore

import kept
from analytics_core.domain.errors import WorkspaceError
from analytics_core.places import lease
from analytics_core.places.bucket import Bucket
from analytics_core.places.lease import Lease
from analytics_core.places.objects import Objects
from analytics_core.places.opening import open_place
from analytics_core.places.places import Directory
from analytics_core.store.commits import ImportedFile
from analytics_core.tables.canonical import schema_of
from analytics_core.workspace import Workspace, create_workspace
from commands import Run
from object_store import BUCKET

LOCK = "lock.json"
CANONICAL = schema_of("deliveries").names()

pytestmark = pytest.mark.usefixtures("in_object_store")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with one delivery, its tables in an object store."""
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "first", deliveries=[delivery("ann", 0)]))
    return made


def users(workspace: Workspace) -> list[str]:
    return sorted(workspace.tables().deliveries.collect()["user_id"])


def holder(machine: str, process: int) -> bytes:
    return json.dumps({"machine": machine, "process": process, "mark": "1"}).encode()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_nothing_but_tables_and_the_commit_is_left_in_the_bucket(workspace: Workspace) -> None:
    assert {name for name in kept.names(workspace) if "/" not in name} == {"commit.json"}
    assert not (workspace.directory / "tables").exists()


def test_the_right_of_a_process_that_has_ended_is_taken_at_once(workspace: Workspace, tmp_path: Path) -> None:
    kept.write(workspace, holder(platform.node(), ended_process()), LOCK)
    workspace.import_canonical(write_export(tmp_path / "next", deliveries=[delivery("bob", 1)]))
    assert users(workspace) == ["ann", "bob"]
    assert LOCK not in kept.names(workspace)


@pytest.mark.parametrize(
    "told",
    [holder("another machine", 1), holder(platform.node(), os.getpid()), b"?", b"[]"],
    ids=["another machine", "a process that goes on", "no JSON", "a list"],
)
def test_who_has_been_silent_for_too_long_is_taken_for_dead(
    told: bytes, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_SILENCE", 0.3)
    monkeypatch.setattr(lease, "_PAUSE", 0.1)
    kept.write(workspace, told, LOCK)
    workspace.import_canonical(write_export(tmp_path / "next", deliveries=[delivery("bob", 1)]))
    assert users(workspace) == ["ann", "bob"]


def test_who_says_that_he_lives_is_waited_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_SILENCE", 0.6)
    monkeypatch.setattr(lease, "_PAUSE", 0.05)
    monkeypatch.setattr(lease, "_BEAT", 0.05)
    monkeypatch.setattr(lease, "LOCK_SECONDS", 2)
    objects = Objects(str(kept.place(workspace)))
    with Lease(objects, LOCK).hold(), pytest.raises(WorkspaceError, match="another import has been running"):
        workspace.optimize()
    workspace.optimize()
    assert users(workspace) == ["ann"]


def sleep_through(workspace: Workspace, next_import: Path, late: pl.DataFrame) -> None:
    """An import that is taken for dead while it goes on."""
    with kept.store(workspace).importing() as sleeping:
        key = sleeping.commit.last_file + 1
        sleeping.add("deliveries", late.with_columns(import_key=pl.lit(key, pl.Int32)))
        sleeping.files.append(ImportedFile(key, "late"))
        kept.delete(workspace, LOCK)
        workspace.import_canonical(next_import)


@pytest.mark.parametrize("rows", [0, 1])
def test_who_wakes_up_after_another_took_over_changes_nothing(rows: int, workspace: Workspace, tmp_path: Path) -> None:
    stored = workspace.tables().deliveries.collect().head(rows)
    late = stored.with_columns(user_id=pl.lit("late"), request_id=pl.lit("late")).select(CANONICAL)
    taking_over = write_export(tmp_path / "next", deliveries=[delivery("bob", 1)])
    # With rows it fails to add them to a table that has moved on, without to replace the state.
    with pytest.raises(
        WorkspaceError, match="cannot write" if rows else "took over in the meantime; run this one again"
    ):
        sleep_through(workspace, taking_over, late)
    assert users(workspace) == ["ann", "bob"]
    assert "late" not in kept.store(workspace).commit().known
    # Whoever reads the newest version without asking us finds the same.
    assert sorted(pl.read_delta(kept.place(workspace).address("deliveries"))["user_id"]) == ["ann", "bob"]
    workspace.import_canonical(write_export(tmp_path / "last", deliveries=[delivery("cat", 2)]))
    assert users(workspace) == ["ann", "bob", "cat"]


def test_who_has_lost_the_right_lets_the_next_one_keep_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_BEAT", 0.05)
    other = holder("another machine", 1)
    with Lease(Objects(str(kept.place(workspace))), LOCK).hold():
        kept.delete(workspace, LOCK)
        kept.write(workspace, other, LOCK)
        time.sleep(0.5)
        assert kept.read(workspace, LOCK) == other
    assert kept.read(workspace, LOCK) == other


@pytest.mark.parametrize(
    "url", ["s3://", "s3://key:secret@bucket/a", "s3://bucket/a?sig=secret", "s3://bucket/a#secret"]
)
def test_a_url_is_a_bucket_and_a_prefix(url: str) -> None:
    with pytest.raises(WorkspaceError, match="credentials belong in the environment") as caught:
        Bucket(url)
    assert "secret" not in str(caught.value)


def test_deleting_is_for_all_that_is_there_whatever_the_store_says_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    deleted = obstore.delete

    def strict(store: MemoryStore, path: str) -> None:
        obstore.head(store, path)  # Azure's and Google's stores say so where there is nothing to delete
        deleted(store, path)

    monkeypatch.setattr(obstore, "delete", strict)
    objects = Objects(f"s3://{BUCKET}/a")
    objects._store = MemoryStore()
    for name in ("events/1", "events/2", "events-2"):
        objects.create(name, BytesIO(b"{}"))
    objects.delete("events")
    objects.delete("events")
    assert [objects.get(name) is None for name in ("events/1", "events/2", "events-2")] == [True, True, False]


def test_a_workspace_is_made_with_its_place(tmp_path: Path, run: Run) -> None:
    url = f"s3://{BUCKET}/{uuid4()}"
    assert run("init", tmp_path / "made", "--tables", url)[0] == 0
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 0)])
    assert run("import", "canonical", export, "-w", tmp_path / "made")[0] == 0
    assert Objects(url).get("commit.json") is not None
    code, _, err = run("init", tmp_path / "other", "--tables", "ftp://host/a")
    assert (code, err.count("\n"), "ftp:// is not a known place" in err) == (2, 1, True)
    assert not (tmp_path / "other").exists()


def test_an_endpoint_without_tls_needs_no_second_variable(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    made = create_workspace(tmp_path / "made")
    made.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 0)]))
    made.optimize()
    code, out, err = run("metrics", "spring", "-w", made.directory)
    assert (code, err) == (0, "")
    assert "Sent" in out


def test_other_schemes_are_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"ftp:// is not a known place; use a path or one of s3://, gs://, az://"):
        open_place("ftp://host/a", tmp_path)
    assert isinstance(open_place("tables", tmp_path), Directory)


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "analytics_core.places.bucket", None)
    with pytest.raises(WorkspaceError, match=r"pip install 'connector-analytics\[cloud\]'"):
        open_place("s3://bucket/a", tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "no credentials in the environment"),
    ],
    ids=["nobody answers", "no credentials"],
)
def test_a_store_that_cannot_be_read_is_one_line_without_secrets(
    changed: Mapping[str, str | None], said: str, workspace: Workspace, object_store: Mapping[str, str]
) -> None:
    environment = {**os.environ, **changed}
    command = [sys.executable, "-m", "analytics_core", "metrics", "spring", "-w", str(workspace.directory)]
    told = {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=told)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.strip().splitlines()
    assert said in line
    assert object_store["AWS_SECRET_ACCESS_KEY"] not in line


def test_a_bucket_that_is_not_there_is_named(workspace: Workspace, tmp_path: Path) -> None:
    path = workspace.directory / "workspace.toml"
    path.write_text(path.read_text().replace(f"s3://{BUCKET}/", "s3://nowhere/"))
    with pytest.raises(WorkspaceError, match="there is no such bucket"):
        Workspace(workspace.directory).import_canonical(
            write_export(tmp_path / "next", deliveries=[delivery("bob", 1)])
        )

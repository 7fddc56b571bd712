"""Imports: nothing lost, nothing doubled, everything or nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from canonical_files import delivery, event, write_export, write_rows

import kept
from analytics_core.domain.errors import AnalyticsError, UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import TableCounts, Workspace, create_workspace

pytestmark = pytest.mark.usefixtures("kept_anywhere")


def _workspace(directory: Path) -> Workspace:
    return create_workspace(directory / "workspace", App(timezone="America/New_York"))


def _users(workspace: Workspace) -> list[str]:
    return sorted(workspace.tables().deliveries.collect()["user_id"])


def test_what_is_imported_can_be_counted(tmp_path: Path) -> None:
    deliveries = [delivery("ann", 0), delivery("bob", 1)]
    export = write_export(tmp_path / "in", deliveries=deliveries, events=[event("ann", 0)])
    workspace = _workspace(tmp_path)
    summary = workspace.import_canonical(export)
    assert summary.tables == {
        "campaigns": TableCounts(1, 1, 0, 0),
        "deliveries": TableCounts(2, 2, 0, 0),
        "events": TableCounts(1, 1, 0, 0),
    }
    assert workspace.snapshot("spring").performance.conversion_rate == 0.5


def test_importing_the_same_files_again_adds_nothing(tmp_path: Path) -> None:
    without_request = delivery("cat", 2, outcome="frequency_capped", request_id=None, response_code=None)
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 0), without_request], events=[event("ann", 0)])
    workspace = _workspace(tmp_path)
    workspace.import_canonical(export)
    before = as_json(workspace.snapshot("spring"))
    again = workspace.import_canonical(export)
    assert again.tables["deliveries"] == TableCounts(2, 0, 2, 0)
    assert again.tables["campaigns"] == TableCounts(1, 0, 1, 0)
    assert as_json(workspace.snapshot("spring")) == before


def test_the_first_of_several_rows_with_one_id_is_kept(tmp_path: Path) -> None:
    twice = [delivery("ann", 0), delivery("ann", 0, response_code=500), delivery("cat", 1)]
    export = write_export(tmp_path / "in", deliveries=twice)
    workspace = _workspace(tmp_path)
    assert workspace.import_canonical(export).tables["deliveries"] == TableCounts(3, 2, 1, 0, 1)
    later = write_export(tmp_path / "later", deliveries=[delivery("dan", 1), delivery("eve", 2)])
    assert workspace.import_canonical(later).tables["deliveries"] == TableCounts(2, 1, 0, 1)
    assert _users(workspace) == ["ann", "cat", "eve"]


def test_two_files_with_the_same_bytes_count_once(tmp_path: Path) -> None:
    export = write_export(tmp_path / "in")
    capped = delivery("ann", 0, outcome="frequency_capped", request_id=None, response_code=None)
    for name in ("a", "b"):
        write_rows(export / "deliveries" / f"{name}.jsonl", [capped])
    workspace = _workspace(tmp_path)
    assert workspace.import_canonical(export).tables["deliveries"] == TableCounts(2, 1, 1, 0)
    assert _users(workspace) == ["ann"]


def test_a_bad_row_is_kept_aside_with_its_reason(tmp_path: Path) -> None:
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 0), delivery("bob", 1, outcome="lost")])
    workspace = _workspace(tmp_path)
    summary = workspace.import_canonical(export)
    assert summary.tables["deliveries"] == TableCounts(2, 1, 0, 1)
    (kept,) = (workspace.directory / "rejected").glob("deliveries-*.jsonl")
    (line,) = map(json.loads, kept.read_text().splitlines())
    assert (line["file"], line["row"]) == ("deliveries.jsonl", 2)
    assert "outcome" in line["reason"]
    assert "bob" in line["raw"]


def test_a_file_that_cannot_be_read_leaves_the_workspace_as_it_was(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path)
    workspace.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 0)]))
    broken = write_export(tmp_path / "broken", deliveries=[delivery("bob", 1)])
    (broken / "events.parquet").write_bytes(b"PAR1 this is no parquet PAR1")
    before = workspace.fingerprint
    with pytest.raises(UnreadableInputError, match=r"events\.parquet"):
        workspace.import_canonical(broken)
    assert _users(workspace) == ["ann"]
    assert workspace.fingerprint == before


def test_identities_on_a_cycle_are_rejected_and_others_apply(tmp_path: Path) -> None:
    identities = [
        {"user_id": "ann-old", "merged_into": "ann"},
        {"user_id": "x", "merged_into": "y"},
        {"user_id": "y", "merged_into": "x"},
    ]
    deliveries = [delivery("ann-old", 0), delivery("ann", 1, instance_id="2")]
    export = write_export(tmp_path / "in", deliveries=deliveries, identities=identities)
    workspace = _workspace(tmp_path)
    assert workspace.import_canonical(export).tables["identities"] == TableCounts(3, 1, 0, 2)
    assert workspace.snapshot("spring").performance.sent.unique == 1
    closing = write_export(tmp_path / "later", identities=[{"user_id": "ann", "merged_into": "ann-old"}])
    assert workspace.import_canonical(closing).tables["identities"] == TableCounts(1, 0, 0, 1)


def test_rows_appended_by_an_interrupted_import_are_invisible_and_rolled_back(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path)
    workspace.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 0)]))
    stored = kept.place(workspace).address("deliveries")
    pl.read_delta(stored).with_columns(pl.lit("stray").alias("user_id")).write_delta(stored, mode="append")
    assert _users(workspace) == ["ann"]
    workspace.import_canonical(write_export(tmp_path / "later", deliveries=[delivery("bob", 1)]))
    assert _users(workspace) == ["ann", "bob"]


def test_an_import_killed_at_any_instant_has_happened_or_has_not(tmp_path: Path) -> None:
    export = write_export(
        tmp_path / "in",
        deliveries=[delivery(f"u{n}", n % 60, request_id=f"r{n}") for n in range(3000)],
        events=[event(f"u{n}", n % 60, event_id=f"e{n}") for n in range(3000)],
    )
    workspace = _workspace(tmp_path)
    command = [sys.executable, "-m", "analytics_core", "import", "canonical", str(export), "-w"]
    started = time.monotonic()
    subprocess.run([*command, str(_workspace(tmp_path / "timing").directory)], check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - started
    command.append(str(workspace.directory))
    for attempt in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * (0.66 + attempt * 0.24))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert workspace.tables().deliveries.collect().height in {0, 3000}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert workspace.tables().deliveries.collect()["request_id"].n_unique() == 3000
    assert workspace.tables().deliveries.collect().height == 3000
    assert workspace.tables().events.collect().height == 3000


def test_the_fingerprint_changes_with_the_data_and_not_with_the_order_of_imports(tmp_path: Path) -> None:
    first = write_export(tmp_path / "a", deliveries=[delivery("ann", 0)])
    second = write_export(tmp_path / "b", deliveries=[delivery("bob", 1)])
    one, other = _workspace(tmp_path / "one"), _workspace(tmp_path / "other")
    empty = one.fingerprint
    for workspace, exports in ((one, (first, second)), (other, (second, first))):
        for export in exports:
            workspace.import_canonical(export)
    assert one.fingerprint == other.fingerprint != empty


def test_a_workspace_is_made_only_once(tmp_path: Path) -> None:
    _workspace(tmp_path)
    with pytest.raises(AnalyticsError, match="is already a workspace"):
        _workspace(tmp_path)

"""Which workspace is opened where none is named."""

import json
from pathlib import Path

import pytest
from canonical_files import delivery, write_export

from analytics_core.domain.errors import OutdatedWorkspaceError
from analytics_core.store.tables import COMMIT_FILE, TableStore
from analytics_core.workspace import create_workspace, open_workspace


def outdate(workspace: Path) -> None:
    """Make it look as if an earlier version had written it."""
    path = workspace / "tables" / COMMIT_FILE
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["layout"]
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.long
def test_a_demo_of_an_older_version_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONNECTOR_ANALYTICS_WORKSPACE", raising=False)
    made = open_workspace()
    first = [campaign.campaign_id for campaign in made.campaigns()]
    outdate(made.directory)
    again = open_workspace()
    assert (again.directory, [campaign.campaign_id for campaign in again.campaigns()]) == (made.directory, first)
    assert again.tables().users > 0


def test_a_workspace_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "own")
    (tmp_path / "in").mkdir()
    row = {"event_id": "e", "user_id": "u", "event_name": "Seen", "occurred_at": "2026-03-02T10:00:00Z"}
    (tmp_path / "in" / "events.jsonl").write_text(json.dumps(row))
    made.import_canonical(tmp_path / "in")
    outdate(made.directory)
    with pytest.raises(OutdatedWorkspaceError, match="import the files into a new one"):
        open_workspace(made.directory).tables()


def test_a_workspace_says_what_it_is_without_reading_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = create_workspace(tmp_path / "empty")
    assert repr(empty) == f"Workspace({str(tmp_path / 'empty')!r}, campaigns=0, last_import=None)"
    empty.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 0)]))
    (landed,) = empty.imports()
    monkeypatch.setattr(TableStore, "read", None)
    monkeypatch.setattr(TableStore, "scan", None)
    assert repr(empty).endswith(f", campaigns=1, last_import={landed.at.isoformat(timespec='seconds')!r})")


def test_a_damaged_workspace_still_says_where_it_is(tmp_path: Path) -> None:
    damaged = create_workspace(tmp_path)
    (tmp_path / "tables").mkdir(exist_ok=True)
    (tmp_path / "tables" / COMMIT_FILE).write_text("{")
    assert repr(damaged) == f"Workspace({str(tmp_path)!r})"

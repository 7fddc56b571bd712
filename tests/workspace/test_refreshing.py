"""A workspace that changes, or goes, while it is open."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from canonical_files import delivery, event, write_export

from analytics_core.domain.errors import WorkspaceError
from analytics_core.workspace import Workspace, create_workspace, open_workspace


@pytest.fixture
def opened(tmp_path: Path) -> Workspace:
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "export", deliveries=[delivery("ann", 1)], events=[event("ann", 1)]))
    return open_workspace(made.directory)


def rewrite_settings(workspace: Workspace, before: str, after: str) -> None:
    path = workspace.directory / "workspace.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_refresh_reads_the_settings_anew(opened: Workspace) -> None:
    assert (opened.app.timezone, opened.settings.default_window_hours) == ("UTC", 36)
    rewrite_settings(opened, 'timezone = "UTC"', 'timezone = "Asia/Tokyo"')
    rewrite_settings(opened, "window_hours = 36", "window_hours = 12")
    opened.refresh()
    assert (opened.app.timezone, opened.settings.default_window_hours) == ("Asia/Tokyo", 12)
    assert opened.snapshot("spring").timezone == "Asia/Tokyo"


def test_a_refresh_finds_the_tables_where_they_were_moved(opened: Workspace) -> None:
    before = opened.snapshot("spring").performance
    (opened.directory / "tables").rename(opened.directory / "moved")
    rewrite_settings(opened, 'tables = "tables"', 'tables = "moved"')
    opened.refresh()
    assert opened.snapshot("spring").performance == before
    assert opened.tables().users == 1


def test_a_refresh_that_cannot_read_the_settings_forgets_nothing(opened: Workspace) -> None:
    before = opened.snapshot("spring")
    rewrite_settings(opened, "window_hours = 36", "window_hours = ")
    with pytest.raises(WorkspaceError, match=r"cannot read .*workspace\.toml"):
        opened.refresh()
    assert opened.snapshot("spring") is before


def test_a_refresh_whose_settings_cannot_be_followed_changes_nothing(opened: Workspace) -> None:
    rewrite_settings(opened, 'timezone = "UTC"', 'timezone = "Asia/Tokyo"')
    rewrite_settings(opened, 'campaigns = "sqlite:///campaigns.db"', 'campaigns = "nothing://of/the/kind"')
    with pytest.raises(WorkspaceError):
        opened.refresh()
    assert opened.app.timezone == "UTC"


@pytest.mark.parametrize("gone", [".", "tables"])
def test_tables_that_are_gone_are_not_tables_without_rows(opened: Workspace, gone: str) -> None:
    before = opened.snapshot("spring")
    shutil.rmtree(opened.directory / gone)
    with pytest.raises(WorkspaceError, match="was there before and is gone"):
        opened.explain("spring", "sent")
    with pytest.raises(WorkspaceError, match="was there before and is gone"):
        opened.snapshot("spring", replace(opened.settings, default_window_hours=1.0))
    assert opened.snapshot("spring") is before
    assert not (opened.directory / gone).exists()

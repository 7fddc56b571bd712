"""What the report's notebook gets when it opens a report."""

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_core.domain.errors import UnknownNameError, WorkspaceError
from analytics_core.domain.settings import Settings
from analytics_core.reporting import Report, open_report
from analytics_core.reporting.inputs import settings_as_json
from analytics_core.reporting.session import Session, session_for, share_session
from analytics_core.workspace import create_workspace, open_workspace
from reporting.small_workspace import HOSTILE, SECRETS

BEFORE_THE_LAST_RUN = datetime(2026, 4, 1, 11, tzinfo=UTC)


def text_of(report: Report) -> str:
    return "".join(getattr(report, field.name).html for field in fields(report))


def test_the_last_section_says_whose_report_ends(workspace: Path) -> None:
    report = open_report(workspace, "spring")
    ends = {field.name: getattr(report, field.name).ends for field in fields(report)}
    assert {name: campaign_id for name, campaign_id in ends.items() if campaign_id} == {"footer": "spring"}


def test_without_a_campaign_the_first_is_opened(workspace: Path) -> None:
    assert open_report(str(workspace), "").footer.ends == "a/b"


def test_without_a_workspace_the_default_one_is_opened(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECTOR_ANALYTICS_WORKSPACE", str(workspace))
    assert open_report("", "old").footer.ends == "old"


def test_a_workspace_without_campaigns_says_so(tmp_path: Path) -> None:
    create_workspace(tmp_path / "empty")
    with pytest.raises(UnknownNameError, match="the workspace has none"):
        open_report(tmp_path / "empty", "")


def test_a_directory_that_is_no_workspace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        open_report(tmp_path, "spring")


def test_rules_may_come_as_a_notebook_parameter_can_hold_them(workspace: Path) -> None:
    settings = Settings(window_hours=12.5)
    assert open_report(workspace, "spring", settings_as_json(settings)) == open_report(workspace, "spring", settings)
    assert "12.5" in open_report(workspace, "spring", settings).header.html


def test_no_name_runs_and_no_secret_or_user_leaves(workspace: Path) -> None:
    text = text_of(open_report(workspace, "a/b"))
    assert "<script" not in text
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in text
    assert [word for word in (*SECRETS, "user-0", "user-3") if word in text] == []


def test_pins_can_be_chosen(workspace: Path) -> None:
    assert "metrics-pinned" in open_report(workspace, "spring", pins=["sent"]).performance.html
    assert "metrics-pinned" not in open_report(workspace, "spring").performance.html


def test_a_notebook_in_a_batch_gets_what_the_batch_has_computed(workspace: Path) -> None:
    session = Session(open_workspace(workspace)).with_campaigns(["spring"])
    with share_session(session):
        assert session_for(workspace, None) is session
        assert session_for(workspace, Settings(window_hours=1)) is not session
        assert session_for(workspace.parent / "other" / ".." / workspace.name, None) is session


def test_a_notebook_by_itself_always_reads_the_workspace_anew(workspace: Path) -> None:
    assert session_for(workspace, None).workspace is not session_for(workspace, None).workspace


def test_numbers_that_are_there_are_not_computed_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(open_workspace(workspace)).with_campaigns(["spring", "old"])
    monkeypatch.delattr("analytics_core.workspace.workspace.Workspace.snapshots")
    assert session.with_campaigns(["old"]) is session


def test_runs_that_had_not_begun_do_not_exist(workspace: Path) -> None:
    opened = open_workspace(workspace)
    all_runs = opened.runs(["silent", "spring"], None)
    begun = opened.runs(["silent"], BEFORE_THE_LAST_RUN)
    assert {name: [run.instance_id for run in runs] for name, runs in all_runs.items()} == {"silent": ["a", "b", "c"]}
    assert [(run.instance_id, run.users_in_segment) for run in begun["silent"]] == [("a", 70), ("c", 72)]

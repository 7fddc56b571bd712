"""Starting JupyterLab: for this machine only, on the explorer, seeing the workspace."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from analytics_core.cli.lab import explorer_notebook, run_lab
from analytics_core.workspace import Workspace, create_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "own")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What would have been started."""
    seen: dict[str, Any] = {}

    def run(command: list[str], *, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        seen.update(command=command, env=env, check=check)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr("analytics_core.cli.lab.subprocess.run", run)
    return seen


def test_lab_listens_on_this_machine_only_and_keeps_its_token(workspace: Workspace, started: dict[str, Any]) -> None:
    assert run_lab(workspace) == 3
    assert "--ServerApp.ip=127.0.0.1" in started["command"]
    assert not any("token" in part or "password" in part for part in started["command"])


def test_lab_s_kernels_see_the_workspace(workspace: Workspace, started: dict[str, Any]) -> None:
    run_lab(workspace)
    assert started["env"]["CONNECTOR_ANALYTICS_WORKSPACE"] == str(workspace.directory)


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_only_where_one_is_root(
    workspace: Workspace, started: dict[str, Any], monkeypatch: pytest.MonkeyPatch, user: int, *, allowed: bool
) -> None:
    monkeypatch.setattr("analytics_core.cli.lab.os.geteuid", lambda: user, raising=False)
    run_lab(workspace)
    assert ("--ServerApp.allow_root=True" in started["command"]) is allowed


def test_lab_opens_the_explorer(workspace: Workspace, started: dict[str, Any]) -> None:
    run_lab(workspace)
    notebook = explorer_notebook()
    assert notebook.is_file()
    assert f"--LabApp.default_url=/lab/tree/{notebook.name}" in started["command"]

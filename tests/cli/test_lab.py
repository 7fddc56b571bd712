"""Starting JupyterLab: for this machine only, on the explorer, seeing the workspace."""

import json
import os
import signal
import subprocess
import sys
import time
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

    def run(command: list[str], environment: dict[str, str]) -> int:
        places = [Path(place) for place in environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)]
        overrides = (place / "labconfig" / "default_setting_overrides.json" for place in places)
        seen.update(command=command, env=environment, settings=[json.loads(one.read_text()) for one in overrides])
        return 3

    for name in ("JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN", "JUPYTER_CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("analytics_core.cli.lab.run_to_its_end", run)
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


def test_lab_has_no_terminals_and_asks_nothing_about_news(workspace: Workspace, started: dict[str, Any]) -> None:
    run_lab(workspace)
    assert "--ServerApp.terminals_enabled=False" in started["command"]
    ((settings,),) = (one.values() for one in started["settings"])
    assert settings == {"fetchNews": "false", "checkForUpdates": False}


def test_on_a_hub_nothing_is_started_and_the_notebooks_are_copied(
    workspace: Workspace,
    started: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "not-to-be-told")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "campaign_report.ipynb").write_text("my own")
    assert run_lab(workspace) == 0
    assert started == {}
    assert json.loads((tmp_path / "notebooks" / "01_explore_campaign.ipynb").read_text())["cells"]
    assert (tmp_path / "notebooks" / "campaign_report.ipynb").read_text() == "my own"
    (tmp_path / "notebooks" / "campaign_report.ipynb").unlink()
    assert run_lab(workspace) == 0
    assert json.loads((tmp_path / "notebooks" / "campaign_report.ipynb").read_text())["cells"]
    said = capsys.readouterr().out
    assert f"CONNECTOR_ANALYTICS_WORKSPACE={workspace.directory}" in said
    assert str(tmp_path / "notebooks" / "01_explore_campaign.ipynb") in said
    assert "not-to-be-told" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_lab_started_ends_with_it(tmp_path: Path, number: signal.Signals) -> None:
    server = "import os, time; open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'started'); time.sleep(60)"
    run = f"run_to_its_end([sys.executable, '-c', {server!r}], os.environ)"
    code = f"import os, sys; from analytics_core.cli.lab import run_to_its_end; {run}"
    lab = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    lab.send_signal(number)
    lab.wait(20)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "started").read_text()), 0)

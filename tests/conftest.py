"""Fixtures every test may use."""

import sys
from pathlib import Path

import pytest

from analytics_core import cli
from analytics_core.demo import Dataset
from analytics_core.workspace import make_demo
from commands import Run


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic demo workspace, made once; nobody may change it."""
    directory = tmp_path_factory.mktemp("demo") / "workspace"
    make_demo(directory, Dataset.SYNTHETIC)
    return directory


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["connector-analytics", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call

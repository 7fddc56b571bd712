"""`--engine` and `[engine] kind`: which one computes, and what both print."""

from pathlib import Path

import pytest
from canonical_files import delivery, write_export
from like_spark import forget_pyspark, like_spark

from analytics_core.engines.spark import session
from analytics_core.workspace import create_workspace
from commands import Run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(write_export(tmp_path / "in", deliveries=[delivery("ann", 1), delivery("bob", 2)]))
    return made.directory


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry each time a session of Spark is opened, which runs its steps in this process."""
    times: list[int] = []

    def open_here() -> object:
        times.append(1)
        return like_spark()

    monkeypatch.setattr(session, "open_session", open_here)
    return times


@pytest.fixture
def _without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    session.open_session.cache_clear()
    forget_pyspark(monkeypatch)


@pytest.mark.parametrize("command", ["metrics --all", "metrics --all --json", "metrics spring --json", "campaigns"])
def test_both_engines_print_the_same(command: str, workspace: Path, opened: list[int], run: Run) -> None:
    here = run(*command.split(), "-w", workspace)
    assert not opened
    assert run(*command.split(), "-w", workspace, "--engine", "spark") == here
    assert len(opened) == 1


def test_the_settings_choose_and_the_option_says_otherwise(workspace: Path, opened: list[int], run: Run) -> None:
    with (workspace / "workspace.toml").open("a") as file:
        file.write('\n[engine]\nkind = "spark"\n')
    by_settings = run("metrics", "--all", "--json", "-w", workspace)
    assert len(opened) == 1
    assert run("metrics", "--all", "--json", "-w", workspace, "--engine", "local") == by_settings
    assert len(opened) == 1


def test_reports_are_of_the_numbers_of_the_engine(workspace: Path, tmp_path: Path, opened: list[int], run: Run) -> None:
    code, out, _ = run("report", "--all", "-w", workspace, "--output", tmp_path / "reports", "--engine", "spark")
    assert (code, out[:7], len(opened)) == (0, "1 of 1 ", 1)


@pytest.mark.usefixtures("_without_pyspark")
@pytest.mark.parametrize("command", ["metrics --all", "campaigns", "report --all"])
def test_without_pyspark_it_is_one_line_and_exit_code_2(
    command: str, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*command.split(), "-w", workspace, "--engine", "spark")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "pip install 'connector-analytics[spark]'" in err


def test_another_engine_is_wrong_use(workspace: Path, run: Run) -> None:
    code, out, err = run("metrics", "--all", "-w", workspace, "--engine", "flink")
    assert (code, out, err.count("\n")) == (2, "", 1)
    (workspace / "workspace.toml").write_text('[engine]\nkind = "flink"\n')
    code, out, err = run("metrics", "--all", "-w", workspace)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "engine.kind: Input should be 'local' or 'spark'" in err

"""Batches of reports: whole files, honest results, nothing made twice, nothing half-done."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel
from analytics_core.engines import local
from analytics_core.reporting import ReportResult, make_report, report, shards, write_index, write_reports
from analytics_core.workspace import open_workspace

ALL = ("spring", "a/b", "old", "silent")
MAX_BYTES = 400_000
UNUSUAL = Settings(
    attribution_model=AttributionModel.LAST_INTERACTION,
    window_hours=12.5,
    success_codes=frozenset({202, 200}),
    as_of=datetime(2026, 4, 2, tzinfo=UTC),
)


def ids(results: tuple[ReportResult, ...]) -> list[str]:
    return [result.campaign_id for result in results]


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_every_campaign_gets_one_whole_file(workspace: Path, tmp_path: Path) -> None:
    results = write_reports(workspace, ALL, output=tmp_path / "new" / "reports")
    assert ids(results) == list(ALL)
    assert [result.error for result in results] == [None] * 4
    assert {result.path for result in results} == set((tmp_path / "new" / "reports").iterdir())
    for content in contents(tmp_path / "new" / "reports").values():
        assert content.startswith(b"<!DOCTYPE html>")
        assert content.endswith(b"</html>")
        assert b"<script" not in content
        assert len(content) < MAX_BYTES


@pytest.mark.long
def test_the_same_inputs_give_the_same_bytes_however_many_processes_make_them(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ALL, output=tmp_path / "here")
    write_reports(workspace, ALL, output=tmp_path / "again")
    results = write_reports(workspace, ALL, output=tmp_path / "shards", jobs=2)
    assert [result.error for result in results] == [None] * 4
    assert contents(tmp_path / "here") == contents(tmp_path / "again") == contents(tmp_path / "shards")


def test_progress_hears_of_every_report_once(workspace: Path, tmp_path: Path) -> None:
    heard: list[ReportResult] = []
    results = write_reports(workspace, [*ALL, "spring"], output=tmp_path / "reports", progress=heard.append)
    assert sorted(ids(tuple(heard))) == sorted(ALL)
    assert set(heard) == set(results)


def test_a_campaign_the_workspace_does_not_have_stops_no_other(workspace: Path, tmp_path: Path) -> None:
    missing, made = write_reports(workspace, ["sprig", "spring"], output=tmp_path / "reports")
    assert missing.path is None
    assert missing.error is not None
    assert "no campaign 'sprig'" in missing.error
    assert "Did you mean 'spring'?" in missing.error
    assert made.error is None


def test_a_campaign_that_fails_stops_no_other_and_keeps_its_older_report(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_reports(workspace, ["spring"], output=tmp_path / "reports")
    before = contents(tmp_path / "reports")
    whole = report.package_version

    def broken() -> str:
        monkeypatch.setattr(report, "package_version", whole)
        raise RuntimeError("user-1 had a bad day\nand says so")

    monkeypatch.setattr(report, "package_version", broken)
    failed, made = write_reports(workspace, ["spring", "old"], output=tmp_path / "reports")
    assert failed == ReportResult("spring", None, failed.error)
    assert failed.error is not None
    assert "RuntimeError" in failed.error
    assert "user-1" not in failed.error
    assert "\n" not in failed.error
    assert made.error is None
    assert contents(tmp_path / "reports") == before | {"old.html": (tmp_path / "reports" / "old.html").read_bytes()}


def test_numbers_that_cannot_be_computed_are_one_line_for_every_report(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        pass

    def panicking(*_: object, **_options: object) -> None:
        raise Panic("at row 7: user-1")

    monkeypatch.setattr(local, "compute_snapshots", panicking)
    results = write_reports(workspace, ["spring", "old"], output=tmp_path / "reports")
    assert {result.error for result in results} == {results[0].error}
    assert results[0].error is not None
    assert results[0].error.startswith("unexpected Panic")


def test_all_numbers_of_a_batch_are_computed_once(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = []
    compute = local.compute_snapshots

    def counted(*arguments: object, **options: object) -> object:
        passes.append(arguments)
        return compute(*arguments, **options)

    monkeypatch.setattr(local, "compute_snapshots", counted)
    opened = open_workspace(workspace)
    write_reports(opened, ALL, output=tmp_path / "reports", settings=UNUSUAL)
    write_index(opened, output=tmp_path / "reports", settings=UNUSUAL)
    assert len(passes) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_rules_asked_for_are_the_rules_of_the_report(workspace: Path, tmp_path: Path, jobs: int) -> None:
    write_reports(workspace, ["spring", "old"], output=tmp_path / "reports", settings=UNUSUAL, jobs=jobs)
    html = (tmp_path / "reports" / "spring.html").read_text(encoding="utf-8")
    assert "12.5" in html
    assert "200, 202" in html


def test_resume_makes_only_what_is_missing(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["spring", "old"], output=tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.html")}
    results = write_reports(workspace, ALL, output=tmp_path, resume=True)
    assert {result.campaign_id: result.kept for result in results} == {
        "spring": True,
        "a/b": False,
        "old": True,
        "silent": False,
    }
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert all(result.path is not None and result.path.exists() for result in results)


def test_resume_makes_reports_again_that_other_rules_made(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["spring"], output=tmp_path)
    (other,) = write_reports(workspace, ["spring"], output=tmp_path, settings=UNUSUAL, resume=True)
    assert not other.kept
    assert "12.5" in (tmp_path / "spring.html").read_text(encoding="utf-8")


def test_resume_makes_reports_again_that_other_data_made(workspace: Path, tmp_path: Path) -> None:
    write_reports(workspace, ["spring"], output=tmp_path / "reports")
    more = {"event_id": "late", "user_id": "user-2", "event_name": "Order", "occurred_at": "2026-04-01T13:00:00Z"}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "events.jsonl").write_text(json.dumps(more) + "\n")
    open_workspace(workspace).import_canonical(tmp_path / "more")
    (again,) = write_reports(workspace, ["spring"], output=tmp_path / "reports", resume=True)
    assert not again.kept


def test_resume_makes_reports_again_that_are_no_reports_of_ours(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "spring.html").write_text("<p>something else</p>")
    (result,) = write_reports(workspace, ["spring"], output=tmp_path, resume=True)
    assert not result.kept


def test_ctrl_c_leaves_whole_files_only(workspace: Path, tmp_path: Path) -> None:
    def interrupt(_: ReportResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_reports(workspace, ALL, output=tmp_path / "reports", progress=interrupt)
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["spring.html"]


def test_an_interruption_while_rendering_ends_the_batch(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "package_version", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_reports(workspace, ALL, output=tmp_path / "reports")
    assert [*(tmp_path / "reports").glob("*")] == []


@pytest.mark.long
@pytest.mark.parametrize("jobs", [1, 2])
def test_sigterm_leaves_whole_files_and_no_process(workspace: Path, tmp_path: Path, jobs: int) -> None:
    # The signal comes from the process itself, 20 ms after its first report: however slow the machine, others are left.
    code = f"""
import os, psutil, signal
from pathlib import Path
from analytics_core.reporting import write_reports
first = True
def say(result):
    global first
    if first:
        print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, 0.02)
    first = False
write_reports(Path({str(workspace)!r}), {ALL!r}, output=Path({str(tmp_path)!r}) / "reports", jobs={jobs}, progress=say)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    children = [int(pid) for pid in done.stdout.split()]
    assert bool(children) == (jobs > 1)
    assert [pid for pid in children if psutil.pid_exists(pid)] == []
    written = contents(tmp_path / "reports")
    assert [name for name in written if not name.endswith(".html")] == []
    assert all(content.endswith(b"</html>") for content in written.values())


def test_a_process_that_dies_is_an_error_of_its_reports_only(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = tmp_path / "interpreter"
    interpreter.write_text("#!/bin/sh\nkill -KILL $$\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(shards.sys, "executable", str(interpreter))
    results = write_reports(workspace, ALL, output=tmp_path / "reports", jobs=2)
    assert ids(results) == list(ALL)
    assert {result.error for result in results} == {
        "the process making it ended early (SIGKILL); try again with --resume and fewer --jobs"
    }


def test_a_directory_that_cannot_be_written_is_said_in_one_line(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnalyticsError, match=r"^cannot write reports into .*/file: File exists$"):
        write_reports(workspace, ["spring"], output=tmp_path / "file")


def test_without_the_extra_the_message_says_what_to_install(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_report, "NEEDED", ("papermill", "no_such_module"))
    with pytest.raises(AnalyticsError, match=r"no_such_module, .*: pip install 'connector-analytics\[report\]'"):
        write_reports(workspace, ALL, output=tmp_path)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, analytics_core.reporting; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert set(done.stdout.split()) & {"papermill", "nbconvert", "nbformat", "altair", "IPython", "vl_convert"} == set()

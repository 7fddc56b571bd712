"""`plan`, `partial`, `merge`: what the three print, and what they refuse, in one line."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics_core.cli.shares.commands import INDEXES, share_number
from analytics_core.domain.errors import AnalyticsError
from commands import Run
from seeding import some, some_rows

SCRIPTS = Path(__file__).parents[2] / "docs" / "scale"
_PATHS = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def counted(run: Run, plan: Path, where: Path, shares: int) -> None:
    for number in range(shares):
        code, out, _ = run("partial", plan, "--shard", f"{number}/{shares}", "-o", where)
        assert code == 0
        assert re.fullmatch(rf"share {number}/{shares}: [\d,]+ bytes in .+\n", out)


@pytest.mark.parametrize(
    ("shares", "options"),
    some_rows(
        1,
        [
            (3, ("--matured-only", "--since", "2026-03-10", "--until", "2026-04-10", "--success-codes", "200,202")),
            (1, ()),
            (2, ("--model", "last_interaction", "--instance-credit", "every")),
            (8, ("--as-of", "2026-04-01T00:00:00Z", "--window", "7d", "--success-codes", "200,202")),
            (64, ()),
        ],
    ),
)
def test_merge_prints_what_metrics_prints_to_the_byte(
    shares: int, options: tuple[str, ...], demo_workspace: Path, tmp_path: Path, run: Run
) -> None:
    plan, place = tmp_path / "plan.json", ("-w", demo_workspace)
    code, out, _ = run("plan", "-o", plan, "--shares", shares, *options, *place)
    assert (
        code,
        out.startswith(f"{plan}: {shares} share{'s' * (shares > 1)}, 0/{shares} to {shares - 1}/{shares}, of "),
    ) == (0, True)
    counted(run, plan, tmp_path / "parts", shares)
    expected = run("metrics", "--all", "--json", *options, *place)
    assert run("merge", plan, tmp_path / "parts")[:2] == expected[:2]


@pytest.mark.parametrize("numbers", some(1, [["1/3", "2/3", "3/3"], ["0/3", "1/3", "2/3"], ["0/1"]]))
def test_another_number_of_shares_than_the_plans_gives_the_same(
    demo_workspace: Path, tmp_path: Path, run: Run, numbers: list[str]
) -> None:
    plan, place = tmp_path / "plan.json", ("-w", demo_workspace)
    assert run("plan", "-o", plan, *place)[0] == 0
    # A share of another division lies there as well.
    assert run("partial", plan, "--shard", "0/5", "-o", tmp_path / "parts")[0] == 0
    for number in numbers:
        assert run("partial", plan, "--shard", number, "-o", tmp_path / "parts")[0] == 0
    assert run("merge", plan, tmp_path / "parts")[1] == run("metrics", "--all", "--json", *place)[1]


def test_some_campaigns_are_planned_by_name(demo_workspace: Path, tmp_path: Path, run: Run) -> None:
    plan, names = tmp_path / "plan.json", ("price-drop", "daily-digest")
    assert run("plan", *names, "-o", plan, "--shares", 2, "-w", demo_workspace)[0] == 0
    counted(run, plan, tmp_path / "parts", 2)
    _, out, _ = run("merge", plan, tmp_path / "parts", "-w", demo_workspace)
    assert out == run("metrics", *names, "--json", "-w", demo_workspace)[1]
    assert [json.loads(line)["campaign_id"] for line in out.splitlines()] == ["daily-digest", "price-drop"]


def test_mistakes_are_one_line_and_exit_code_2(
    demo_workspace: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, where = tmp_path / "plan.json", tmp_path / "parts"
    for name in INDEXES:
        monkeypatch.delenv(name, raising=False)
    run("plan", "-o", plan, "--shares", 2, "-w", demo_workspace)
    wrong = {
        ("partial", plan, "-o", where): "say which share to count: --shard I/N, or one of JOB_COMPLETION_INDEX, ",
        (
            "partial",
            plan,
            "-o",
            where,
            "--shard",
            "3/2",
        ): "is not a share: they are counted from 0, so from 0/N to N-1/N",
        (
            "partial",
            plan,
            "-o",
            where,
            "--shard",
            "0/0",
        ): "is not a share: they are counted from 0, so from 0/N to N-1/N",
        ("partial", plan, "-o", where, "--shard", "one"): "is not a share; use I/N, such as 0/2",
        ("partial", plan, "-o", "ftp://x/y", "--shard", "0"): "ftp:// is not a known place",
        ("partial", plan, "-o", plan, "--shard", "0"): f"cannot write to {plan}: ",
        ("partial", tmp_path / "none", "-o", where, "--shard", "0"): "cannot read ",
        ("merge", plan, where): "2 of 2 shares are not in ",
        ("plan", "nope", "-o", plan, "-w", demo_workspace): "no campaign 'nope'",
        ("plan", "-o", tmp_path / "no" / "plan", "-w", demo_workspace): "cannot write ",
        ("plan", "-w", demo_workspace): "Missing option",
    }
    for call, message in wrong.items():
        code, out, err = run(*call)
        assert (code, out, err.count("\n")) == (2, "", 1), call
        assert message in err


@pytest.mark.parametrize("name", INDEXES)
def test_the_environment_says_which_share(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in INDEXES:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "7")
    assert share_number(None, 8) == (7, 8)
    assert share_number("3/8", 8) == (3, 8)
    assert share_number("8/8", 2) == (0, 8)
    with pytest.raises(AnalyticsError, match=f"^{name} '7' is not a share: they are counted from 0"):
        share_number(None, 6)
    monkeypatch.setenv(next(each for each in INDEXES if each != name), "07")
    assert share_number(None, 8) == (7, 8)
    monkeypatch.setenv(next(each for each in INDEXES if each != name), "6")
    with pytest.raises(AnalyticsError, match=r" and .* say different shares"):
        share_number(None, 8)


def _start(*command: object, **environment: str) -> subprocess.Popen[bytes]:
    """A program that finds our command first."""
    surroundings = {**os.environ, "PATH": _PATHS, **environment}
    return subprocess.Popen([*map(str, command)], env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.long
def test_shares_that_are_killed_at_any_moment_and_run_by_two_at_once_do_no_harm(
    demo_workspace: Path, tmp_path: Path, run: Run
) -> None:
    plan, parts = tmp_path / "plan.json", tmp_path / "parts"
    run("plan", "-o", plan, "--shares", 3, "-w", demo_workspace)
    partial = (sys.executable, "-m", "analytics_core", "partial", plan, "-o", parts)
    for tenths in range(1, 31, 3):
        killed = _start(*partial, JOB_COMPLETION_INDEX=str(tenths % 3))
        time.sleep(tenths / 10)
        killed.kill()
        killed.communicate()
    both = [_start(*partial, SLURM_ARRAY_TASK_ID=str(number)) for number in (0, 1, 2, 0, 1, 2)]
    assert [each.wait() for each in both if each.communicate()] == [0] * 6
    assert sorted(path.name[-7:] for path in (parts / "shares").iterdir()) == [f"-{number}-of-3" for number in range(3)]
    assert run("merge", plan, parts)[1] == run("metrics", "--all", "--json", "-w", demo_workspace)[1]


@pytest.mark.long
def test_the_scripts_of_the_documentation_count_what_metrics_counts(
    demo_workspace: Path, tmp_path: Path, run: Run
) -> None:
    if not all(shutil.which(name, path=_PATHS) for name in ("sh", "xargs", "seq", "connector-analytics")):
        pytest.skip("no shell with xargs and seq, or the command is not installed")
    expected = run("metrics", "--all", "--json", "-w", demo_workspace)[1]
    out, err = _start("sh", SCRIPTS / "xargs.sh", demo_workspace, 3, 2).communicate()
    assert (out.decode(), "Traceback" in err.decode()) == (expected, False)
    plan, parts = tmp_path / "plan.json", tmp_path / "parts"
    run("plan", "-o", plan, "--shares", 2, "-w", demo_workspace)
    for number in ("0", "1"):
        _start("sh", SCRIPTS / "array.sh", plan, parts, SLURM_ARRAY_TASK_ID=number).communicate()
    assert run("merge", plan, parts)[1] == expected


def test_the_job_of_the_documentation_counts_from_0_and_calls_the_command() -> None:
    text = (SCRIPTS / "job.yaml").read_text(encoding="utf-8")
    (command,) = re.findall(r"command: (\[.+\])", text)
    assert json.loads(command)[:2] == ["connector-analytics", "partial"]
    assert "completionMode: Indexed" in text

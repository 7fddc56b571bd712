"""What a measured process costs, as seen from outside, and what a run of the benchmark does."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from benches.__main__ import Plan, plan_of, result_of
from benches.inputs import read_inputs
from benches.measuring import CommandFailedError, alternated, measured, spread
from benches.sizes import ONE_USER, SIZES, size_of

ROOT = Path(__file__).parents[2]
BUSY = (
    "import time; block = bytearray(60_000_000); end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
)


def test_cpu_wall_and_peak_memory_are_those_of_the_child() -> None:
    # In a process of its own: a child's peak memory starts at its parent's size, and this one has run many tests.
    code = f"from benches.measuring import measured; print(*vars_of(measured([{sys.executable!r}, '-c', {BUSY!r}])))"
    script = f"vars_of = lambda cost: (cost.cpu, cost.wall, cost.peak)\n{code}"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    cpu, wall, peak = map(float, done.stdout.split())
    assert 0.3 <= cpu < 5
    assert wall >= 0.3
    assert 60_000_000 < peak < 300_000_000


def test_waiting_costs_no_cpu() -> None:
    cost = measured([sys.executable, "-S", "-c", "import time; time.sleep(0.5)"])
    assert cost.wall >= 0.5
    assert cost.cpu < 0.4


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(CommandFailedError, match="exit code 3"):
        measured([sys.executable, "-S", "-c", "raise SystemExit(3)"])


def test_commands_alternate(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {name: [sys.executable, "-S", "-c", f"open({str(log)!r}, 'a').write({name!r})"] for name in "ab"}
    costs = alternated(commands, rounds=3)
    assert log.read_text() == "ababab"
    assert {name: len(found) for name, found in costs.items()} == {"a": 3, "b": 3}


def test_a_spread_is_median_least_and_greatest() -> None:
    found = spread([3.0, 1.0, 10.0])
    assert (found.median, found.low, found.high) == (3.0, 1.0, 10.0)


def test_sizes_go_by_name_or_by_rows() -> None:
    assert plan_of([])[0].size == SIZES["small"] == size_of(1_000_000, 2_000_000)
    assert plan_of(["--size", "one-user"])[0].size == ONE_USER
    assert plan_of(["--size", "medium"])[0].rivals == ("ours", "duckdb", "scan")
    assert "pandas" in plan_of([])[0].rivals
    assert plan_of(["--deliveries", "30", "--events", "60"])[0].size.name == "30-60"


def test_without_a_control_group_a_size_has_a_directory_of_its_own() -> None:
    (with_control, _), (without, _) = (plan_of(["--size", "medium", *more]) for more in ([], ["--without-control"]))
    assert without.size == SIZES["medium"].without_control()
    assert without.directory == with_control.directory.with_name("medium-without-control")
    assert without.rivals == with_control.rivals
    with pytest.raises(SystemExit):
        plan_of(["--size", "one-user", "--without-control"])


def test_nobody_is_held_back_without_a_control_group(tmp_path: Path) -> None:
    plan = Plan(size_of(300, 600).without_control(), ("scan",), 1, tmp_path, warm_repetitions=0)
    result_of(plan)
    deliveries = pl.concat(map(pl.read_parquet, read_inputs(plan.inputs).deliveries))
    assert "control_group" not in deliveries["outcome"]
    assert "control_group_percent" not in (tmp_path / "canonical" / "campaigns.json").read_text()


def test_a_run_prepares_once_and_measures_every_round(tmp_path: Path) -> None:
    plan = Plan(size_of(300, 600), rivals=("scan",), rounds=2, directory=tmp_path, warm_repetitions=0)
    result = result_of(plan)
    assert [len(costs) for costs in result.costs.values()] == [2]
    assert result.are_equal is None
    assert (tmp_path / "workspace" / "workspace.toml").exists()

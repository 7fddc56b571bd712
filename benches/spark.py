"""What counting by Spark costs beside one process: `python -m benches.spark --size medium`.

`metrics --all --json` by one process and by Spark, alternating, of one workspace; both print the same bytes, or there
is no result. Of Spark everything counts but starting the session and ending it: loading the package, planning, counting
(map), adding up, finishing and printing (merge). `MASTER` says which Spark, `local[2]` where it says nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from benches.sizes import SIZES, Size

_DIRECTORY = Path(__file__).parents[1] / "data" / "benches"
_LOCAL, _SPARK = "local", "spark"
_MASTER = "local[2]"


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took by the clock: seconds without its session's, those of starting that, and what it said."""

    seconds: float
    session: float
    printed: bytes


def main() -> int:
    """Measure; 1 where the two print different bytes. With `--count`, be one of the measured processes."""
    parser = argparse.ArgumentParser(prog="python -m benches.spark", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, help="where the workspace of the size is, or is made")
    parser.add_argument("--count", nargs=4, metavar=("ENGINE", "WORKSPACE", "STARTED", "TIMES"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.count:
        engine, workspace, started, times = asked.count
        count(engine, workspace, float(started), Path(times))
    size = SIZES[asked.size]
    workspace = prepare(size, asked.directory or _DIRECTORY / size.name)
    return compare(size, workspace, asked.rounds)


def prepare(size: Size, directory: Path) -> Path:
    """The workspace of a size, made in a process of its own where it is missing."""
    rows = ["--deliveries", str(size.deliveries), "--events", str(size.events)]
    where = ["--directory", str(directory), "--inputs", str(directory / "inputs.json")]
    subprocess.run([sys.executable, "-m", "benches.preparing", *rows, *where], check=True)  # noqa: S603 - this Python
    return directory / "workspace"


def compare(size: Size, workspace: Path, rounds: int) -> int:
    """Print what each run took, the medians and their ratio."""
    runs: dict[str, list[Run]] = {_LOCAL: [], _SPARK: []}
    for number in range(1, rounds + 1):
        for engine, those in runs.items():
            run = measure(engine, workspace)
            those.append(run)
            print(f"round {number}  {engine:5} {run.seconds:8.2f} s, session {run.session:.2f} s", flush=True)
    if len({run.printed for those in runs.values() for run in those}) > 1:
        print("the two do not print the same")
        return 1
    local, spark = (statistics.median(run.seconds for run in runs[engine]) for engine in (_LOCAL, _SPARK))
    print(f"{size.title}; {os.environ.get('MASTER', _MASTER)}; {len(runs[_LOCAL][0].printed)} bytes, all the same")
    print(f"local {local:.2f} s, map and merge {spark:.2f} s, ratio {spark / local:.2f}")
    return 0


def measure(engine: str, workspace: Path) -> Run:
    """Run one process to its end."""
    with TemporaryDirectory() as name:
        times = Path(name) / "times"
        asked = ["--count", engine, str(workspace), str(time.time()), str(times)]
        surroundings = {"MASTER": _MASTER, **os.environ}
        command = [sys.executable, "-m", "benches.spark", *asked]
        done = subprocess.run(command, env=surroundings, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this Python
        return Run(**json.loads(times.read_text(encoding="utf-8")), printed=done.stdout)


def count(engine: str, workspace: str, started: float, times: Path) -> NoReturn:
    """Print the numbers as the command does, and write to `times` what that took since `started`."""
    from analytics_core import cli  # noqa: PLC0415 - loading it is part of what is measured

    before = time.time()
    if engine == _SPARK:
        from analytics_core.engines.spark.session import open_session  # noqa: PLC0415 - as above

        open_session()
    session = time.time() - before
    sys.argv = ["connector-analytics", "metrics", "--all", "--json", "--engine", engine, "--workspace", workspace]
    try:
        cli.main()
    finally:
        sys.stdout.flush()
        seconds = time.time() - started - session
        times.write_text(json.dumps({"seconds": seconds, "session": session}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""How many reports a minute: `python -m benches.reports --help`.

Two workspaces of 200 campaigns with the same rows: *rich* ones have a control group and up to five goals with revenue,
*plain* ones a single goal and nobody held back. Measured is the whole command, from its start to the index, round after
round in turn; numbers are computed anew each time.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, run

from analytics_core.places.files import write_json
from analytics_core.workspace import open_workspace
from benches.preparing import prepared
from benches.workload import CAMPAIGNS, Workload, campaigns_of, goals_of

DIRECTORY = Path(__file__).parents[1] / "data" / "benches" / "reports"
ROWS = {"rich": Workload(100_000, 200_000), "plain": Workload(100_000, 200_000, control=False)}


def main() -> int:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benches.reports", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    given = parser.parse_args()
    workspaces = {kind: prepare(kind, given.directory.resolve() / kind) for kind in ROWS}
    minutes: dict[str, list[float]] = {kind: [] for kind in workspaces}
    for _ in range(given.rounds):
        for kind, workspace in workspaces.items():
            minutes[kind].append(make_reports(workspace, given.jobs))
    for kind, found in minutes.items():
        each = ", ".join(f"{CAMPAIGNS / minute:.0f}" for minute in found)
        print(f"{kind}: {CAMPAIGNS / median(found):.0f} reports a minute with {given.jobs} processes ({each})")
    return 0


def prepare(kind: str, directory: Path) -> Path:
    """The workspace of one kind; campaigns of the plain kind lose all goals but the first."""
    workload = ROWS[kind]
    workspace, definitions = prepared(workload, directory), directory / "definitions"
    if kind == "plain" and not definitions.exists():
        definitions.mkdir()
        campaigns = campaigns_of(workload)
        for campaign in campaigns:
            goal = goals_of(campaign)[0]
            goal.pop("revenue", None)
            campaign["goals"] = [goal]
        write_json(definitions / "campaigns.json", campaigns)
        open_workspace(workspace).import_canonical(definitions)
    return workspace


def make_reports(workspace: Path, jobs: int) -> float:
    """Minutes that all reports of a workspace take."""
    with tempfile.TemporaryDirectory() as output:
        began = time.perf_counter()
        command = [sys.executable, "-m", "analytics_core", "report", "--all", "--jobs", str(jobs)]
        run([*command, "-w", str(workspace), "--output", output], check=True, stdout=DEVNULL)  # noqa: S603 - our own command
        return (time.perf_counter() - began) / 60


if __name__ == "__main__":
    sys.exit(main())

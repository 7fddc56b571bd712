"""The product: `python -m benches.rivals.ours INPUTS`, all campaigns, or one of them in a warm process."""

import json
import resource
import statistics
import time
from pathlib import Path

from analytics_core.workspace import open_workspace
from benches.figures import figures_of, write_figures
from benches.inputs import Order, order_of


def main() -> None:
    """Compute what the command line orders."""
    order = order_of()
    if order.campaign:
        print(json.dumps(_warm(order, order.campaign)))
        return
    snapshots = open_workspace(Path(order.inputs.workspace)).snapshots()
    if order.figures:
        write_figures(figures_of(snapshots), order.figures)


def _warm(order: Order, campaign_id: str) -> dict[str, float]:
    """Median seconds of one campaign's Snapshot, computed anew each time; the first time does not count."""
    workspace = open_workspace(Path(order.inputs.workspace))
    walls, cpus = [], []
    for _ in range(order.repetitions + 1):
        workspace.refresh()
        wall, cpu = time.perf_counter(), _cpu_seconds()
        workspace.snapshot(campaign_id)
        walls.append(time.perf_counter() - wall)
        cpus.append(_cpu_seconds() - cpu)
    return {"wall": statistics.median(walls[1:]), "cpu": statistics.median(cpus[1:])}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

"""Runs commands in processes of their own and measures each from outside.

Imports nothing but the standard library: a child's peak memory begins at the size of the process that started it.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_KILOBYTE = 1024


class CommandFailedError(RuntimeError):
    """A measured command did not end well; what it cost means nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds of CPU (user and system) and of the clock, bytes of resident memory at most."""

    cpu: float
    wall: float
    peak: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Median, minimum and maximum."""
    return Spread(statistics.median(values), min(values), max(values))


def measured(command: Sequence[str]) -> Cost:
    """Run one command to its end.

    Raises:
        CommandFailedError: it exits with anything but 0.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command)  # noqa: S603 - the benchmark's own modules
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailedError(f"exit code {process.returncode}: {' '.join(command)}")
    return Cost(cpu=used.ru_utime + used.ru_stime, wall=wall, peak=used.ru_maxrss * _peak_unit())


def alternated(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """Run all commands one after another, `rounds` times over, so that whatever disturbs hits all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            cost = measured(command)
            costs[name].append(cost)
            line = f"round {number}  {name:8s} {cost.cpu:8.2f} s CPU {cost.wall:8.2f} s {cost.peak / 1e6:8.0f} MB"
            print(line, flush=True)
    return costs


def _peak_unit() -> int:
    return 1 if sys.platform == "darwin" else _KILOBYTE

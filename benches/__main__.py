"""How fast the product is against other ways to the same numbers: `python -m benches --help`."""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benches import machine, page
from benches.inputs import read_inputs
from benches.measuring import alternated
from benches.results import OURS, Result
from benches.sizes import ONE_USER, SIZES, Size, size_of

MODULES = {OURS: "ours", "duckdb": "duckdb_sql", "pandas": "pandas_frames", "scan": "scan"}
_COMPUTING = (OURS, "duckdb", "pandas")
_PANDAS_ROWS = 5_000_000
_ROUNDS = 5
_DIRECTORY = Path(__file__).parents[1] / "data" / "benches"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures, and where it keeps what it needs."""

    size: Size
    rivals: tuple[str, ...]
    rounds: int
    directory: Path
    user_column: str | None = None
    compares: bool = True
    warm_repetitions: int = 5

    @property
    def inputs(self) -> Path:
        """The file the measured processes read."""
        return self.directory / "inputs.json"

    def command(self, rival: str, *options: str) -> list[str]:
        """One measured process."""
        return [sys.executable, "-m", f"benches.rivals.{MODULES[rival]}", str(self.inputs), *options]


class DifferentNumbersError(RuntimeError):
    """Two rivals do not compute the same; what they cost cannot be compared."""


def result_of(plan: Plan) -> Result:
    """Prepare, compare, measure.

    Raises:
        DifferentNumbersError: the rivals' numbers are not equal.
    """
    _prepare(plan)
    are_equal = _compared(plan)
    costs = alternated({rival: plan.command(rival) for rival in plan.rivals}, plan.rounds)
    warm = _warm(plan) if OURS in plan.rivals and plan.warm_repetitions else {}
    return Result(plan.size, machine.described(), costs, warm, are_equal)


def _prepare(plan: Plan) -> None:
    plan.directory.mkdir(parents=True, exist_ok=True)
    rows = ["--deliveries", str(plan.size.deliveries), "--events", str(plan.size.events)]
    places = ["--directory", str(plan.directory), "--inputs", str(plan.inputs)]
    kind = ["--one-user"] if plan.size.name == ONE_USER.name else ["--without-control"] * (not plan.size.control)
    column = ["--user-column", plan.user_column] if plan.user_column else []
    _run([sys.executable, "-m", "benches.preparing", *rows, *places, *kind, *column])


def _compared(plan: Plan) -> bool | None:
    """Compare all rivals' numbers with the first one's; None where there are no two."""
    computing = [rival for rival in plan.rivals if rival in _COMPUTING]
    if len(computing) < 2 or not plan.compares:  # noqa: PLR2004 - two to compare
        return None
    files = {rival: plan.directory / f"{rival}.figures" for rival in computing}
    for rival, file in files.items():
        _run(plan.command(rival, "--figures", str(file)))
    first, *others = files.values()
    for other in others:
        found = _run([sys.executable, "-m", "benches.figures", str(first), str(other)], may_fail=True)
        if found:
            raise DifferentNumbersError(found)
    return True


def _warm(plan: Plan) -> dict[str, Mapping[str, float]]:
    times = ["--repetitions", str(plan.warm_repetitions)]
    return {
        name: json.loads(_run(plan.command(OURS, "--campaign", campaign_id, *times)))
        for name, campaign_id in read_inputs(plan.inputs).probes.items()
    }


def _run(command: Sequence[str], *, may_fail: bool = False) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, check=not may_fail, text=True)  # noqa: S603 - own modules
    return done.stdout.strip()


def plan_of(arguments: Sequence[str] | None = None) -> tuple[Plan, bool]:
    """The command line; whether its result goes into the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    parser.add_argument("--size", choices=[*SIZES, ONE_USER.name], help="rows by name, instead of the next two")
    parser.add_argument("--deliveries", type=int, default=SIZES["small"].deliveries)
    parser.add_argument("--events", type=int, default=SIZES["small"].events)
    parser.add_argument("--without-control", action="store_true", help="a workload of campaigns without control group")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--rivals", help=f"some of {','.join(MODULES)}; pandas only by name above 5 million rows")
    parser.add_argument("--directory", type=Path, default=_DIRECTORY, help="keeps workloads and workspaces, by size")
    parser.add_argument(
        "--user-column",
        choices=["user_id", "user_key"],
        help="what rivals tell users apart by; left out: user_key where there is one",
    )
    parser.add_argument("--no-comparison", action="store_true", help="measure without comparing the numbers")
    parser.add_argument("--warm-repetitions", type=int, default=5, help="of single campaigns; 0 leaves them out")
    parser.add_argument("--write", action="store_true", help="write the size's section of docs/performance.md")
    given = parser.parse_args(arguments)
    sizes = {**SIZES, ONE_USER.name: ONE_USER}
    size = sizes[given.size] if given.size else size_of(given.deliveries, given.events)
    if given.without_control:
        if size == ONE_USER:
            parser.error("one-user has no control group anyway")
        size = size.without_control()
    rivals = tuple(given.rivals.split(",")) if given.rivals else _usual_rivals(size)
    if unknown := set(rivals) - MODULES.keys():
        parser.error(f"unknown rivals: {', '.join(sorted(unknown))}")
    plan = Plan(
        size=size,
        rivals=rivals,
        rounds=given.rounds,
        directory=(given.directory / size.name).resolve(),
        user_column=given.user_column,
        compares=not given.no_comparison,
        warm_repetitions=given.warm_repetitions,
    )
    return plan, given.write


def _usual_rivals(size: Size) -> tuple[str, ...]:
    if size.name == ONE_USER.name:
        return (OURS, "scan")
    return tuple(rival for rival in MODULES if rival != "pandas" or size.rows <= _PANDAS_ROWS)


def main() -> int:
    """Run one size; 1 where the rivals' numbers differ."""
    plan, writes = plan_of()
    try:
        result = result_of(plan)
    except DifferentNumbersError as error:
        print(error)
        return 1
    print("", page.table(result), "", *page.sentences(result), sep="\n")
    if writes:
        page.written(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What opening a workspace costs before anything is asked of it: `python -m benches.start_up`.

Processor time of `import analytics_core.workspace` over that of the two libraries nothing can do without, the least of
several starts of each, alternating in one run.
"""

import resource
import subprocess
import sys

STARTS = 8
LIBRARIES, OWN = "polars, numpy", "analytics_core.workspace"


def main() -> None:
    """Print both and the ratio."""
    taken: dict[str, list[float]] = {LIBRARIES: [], OWN: []}
    for _ in range(STARTS):
        for names, seconds in taken.items():
            seconds.append(measure_start(names))
    for names, seconds in taken.items():
        print(f"import {names}: {min(seconds):.2f} s")
    print(f"ratio: {min(taken[OWN]) / min(taken[LIBRARIES]):.2f}")


def measure_start(names: str) -> float:
    """Processor seconds of a process that imports these."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import {names}"], check=True)  # noqa: S603 - this Python
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()

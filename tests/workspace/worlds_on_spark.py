"""A program: generated worlds by any rules, counted by Spark in one session, which takes longer to start than a world.

worlds_on_spark.py FIRST END DIRECTORY: of seeds; the numbers must be those of one process. Every fifth is asked about
what was known before another world's rows and definitions came.
"""

import sys
from pathlib import Path

from test_on_spark import computed, stocked, texts

from analytics_core.engines.spark.session import open_session
from analytics_core.workspace import Workspace
from worlds import rules_of, world

BEFORE = 5


def stock(seed: int, directory: Path) -> Workspace:
    workspace = stocked(world(seed), directory)
    if seed % BEFORE:
        return workspace
    workspace.import_canonical(world(seed + 1).write(directory / "later", fmt="jsonl"))
    return Workspace(workspace.directory, known_at=workspace.imports()[0].at)


def check(seed: int, directory: Path) -> None:
    directory.mkdir()
    workspace, rules = stock(seed, directory), rules_of(seed, world(seed))
    one_process = texts(workspace.snapshots(settings=rules))
    assert computed(workspace, rules, session=open_session()) == one_process, seed


first, end, where = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
for number in range(first, end):
    check(number, where / str(number))
    sys.stdout.write(f"{number}\n")

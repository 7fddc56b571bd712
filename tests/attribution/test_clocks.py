"""The two clocks of an audience row are kept apart, on however many threads Polars works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

STORY = """
from worlds import tiny_campaign
from worlds.product import documents
told = (
    tiny_campaign()
    .requested("ann", 500, at="2026-03-02 23:00")
    .requested("ann", 500, at="2026-03-03 01:00")
    .requested("bob", 500, at="2026-03-02 23:00")
    .sent("bob", at="2026-03-04 01:00")
    .sent("bob", at="2026-03-05 01:00")
)
print([day["label"] for day in documents(told)[0]["trends"]["day"]])
"""


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_retried_request_has_the_time_of_its_deciding_attempt(threads: int) -> None:
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests.parent), str(tests), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONPATH": path},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == "['2026-03-03', '2026-03-04']"

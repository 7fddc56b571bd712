"""What opening a workspace costs before anything is asked of it."""

import resource
import subprocess
import sys

import pytest

HEAVY = {"sqlalchemy", "scipy", "altair", "IPython"}
MOST = 1.8
"""Of the processor time that the two libraries take which nothing can do without."""


def test_what_opens_a_workspace_loads_no_database_toolkit_no_statistics_and_no_charts() -> None:
    code = "import sys, analytics_core.workspace; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "polars" in loaded
    assert HEAVY.intersection(loaded) == set()


@pytest.mark.long
def test_opening_takes_less_than_twice_what_its_libraries_take(capsys: pytest.CaptureFixture[str]) -> None:
    libraries, own = (
        min(_processor_seconds(f"import {names}") for _ in range(8))
        for names in ("polars, numpy", "analytics_core.workspace")
    )
    with capsys.disabled():
        print(f"\nstart-up: {own / libraries:.2f} times the processor time of polars and numpy")  # noqa: T201 - for who looks
    assert own <= MOST * libraries


def _processor_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

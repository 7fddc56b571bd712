"""What opening a workspace costs before anything is asked of it."""

import subprocess
import sys

HEAVY = {"sqlalchemy", "scipy", "altair", "IPython"}


def test_what_opens_a_workspace_loads_no_database_toolkit_no_statistics_and_no_charts() -> None:
    code = "import sys, analytics_core.workspace; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "polars" in loaded
    assert HEAVY.intersection(loaded) == set()

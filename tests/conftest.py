"""Fixtures every test may use."""

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from analytics_core import cli
from analytics_core.cli import registry  # noqa: F401 - tests call the application itself
from analytics_core.demo import Dataset
from analytics_core.domain.settings import App
from analytics_core.workspace import make_demo, opening
from commands import Run
from object_store import BUCKET, serving

# How long an example takes says how busy the machine is; no test is about time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


UNTRACED = (
    *("attacks", "benches", "browser", "demo", "simulations", "statistics/test_simulated_regimes.py"),
    *("engines/test_explained_parts.py", "engines/test_odd_paths.py", "engines/test_one_campaign.py"),
    *("engines/test_parts.py", "engines/test_rows_behind_numbers.py"),
    *("test_code_shape.py", "test_imports.py", "test_repository.py", "test_identities.py", "test_trends.py"),
    *("cli/test_known_at.py", "explaining/test_near_misses.py"),
    *("sources/files/test_files_progress.py", "sources/files/test_formats_agree.py"),
    *("views/breakdown/test_trend_views.py", "views/campaign/test_charts.py"),
    *("workspace/test_campaign_actions.py", "workspace/test_conflicts.py", "workspace/test_earlier_states.py"),
    *("workspace/test_hard_imports.py", "workspace/test_importing.py", "workspace/test_importing_braze.py"),
    *("workspace/test_no_rights.py", "workspace/test_odd_data.py", "workspace/test_odd_places.py"),
    "workspace/test_power_cuts.py",
)
"""Tests that go through the whole product, which is slow, and half as slow again where coverage is measured.

Others cover the lines that they take; what those of each module reach is what says whether a module is tested.
"""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        if place.startswith(UNTRACED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _as_wide_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs tests on several cores says that there are 80 columns; people's pipes say nothing."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic demo workspace, made once for all processes of the run; nobody may change it."""
    own = tmp_path_factory.getbasetemp()
    directory = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo" / "workspace"
    directory.parent.mkdir(exist_ok=True)
    with directory.with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            make_demo(directory, Dataset.SYNTHETIC)
    return directory


@pytest.fixture(scope="session")
def object_store() -> Iterator[Mapping[str, str]]:
    """A server that speaks S3: the environment in which programs find it."""
    with serving() as found:
        yield found


@pytest.fixture
def in_object_store(object_store: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Workspaces made in this test keep their tables in an object store, each below a prefix of its own."""
    for name, value in object_store.items():
        monkeypatch.setenv(name, value)
    written = opening.write_settings

    def written_elsewhere(directory: Path, app: App, tables: str) -> None:
        written(directory, app, f"s3://{BUCKET}/{uuid4()}" if tables == "tables" else tables)

    monkeypatch.setattr(opening, "write_settings", written_elsewhere)


@pytest.fixture(params=["directory", pytest.param("object store", marks=pytest.mark.long)])
def kept_anywhere(request: pytest.FixtureRequest) -> str:
    """Run a test once for each kind of place in which workspaces keep their tables."""
    if request.param == "object store":
        request.getfixturevalue("in_object_store")
    return str(request.param)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["connector-analytics", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call

"""Fixtures every test may use."""

from pathlib import Path

import pytest

from analytics_core.demo import Dataset
from analytics_core.workspace import make_demo


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic demo workspace, made once; nobody may change it."""
    directory = tmp_path_factory.mktemp("demo") / "workspace"
    make_demo(directory, Dataset.SYNTHETIC)
    return directory

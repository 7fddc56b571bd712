"""Fixtures of the report tests."""

from pathlib import Path

import pytest

from reporting.small_workspace import make_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace of the test's own."""
    return make_workspace(tmp_path / "workspace")

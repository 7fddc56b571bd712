"""The shop's workspace and explorers on it; pins are remembered below the test's own directory."""

from collections.abc import Callable
from pathlib import Path

import pytest
from shop import shop

from analytics_core.widgets import Explorer
from analytics_core.workspace import create_workspace, open_workspace


@pytest.fixture(scope="session")
def shop_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the shop, made once; nobody may change it."""
    home = tmp_path_factory.mktemp("shop")
    world = shop()
    workspace = create_workspace(home / "workspace", world.app)
    workspace.import_canonical(world.write(home / "exports", fmt="jsonl"))
    return workspace.directory


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's pins are remembered."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


@pytest.fixture
def explore(shop_workspace: Path, state_home: Path) -> Callable[[], Explorer]:  # noqa: ARG001 - only its effect is needed
    """Opens the explorer on the shop, each time as a new notebook would."""
    return lambda: Explorer(open_workspace(shop_workspace))


@pytest.fixture
def explorer(explore: Callable[[], Explorer]) -> Explorer:
    """An explorer on the shop."""
    return explore()

"""One Chromium and one JupyterLab for all browser tests; the network stays closed unless a test opens it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import NOTEBOOKS, PERSON, Desk, running_lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def _chromium() -> str | None:
    named = os.environ.get("CONNECTOR_ANALYTICS_CHROMIUM") or "/usr/bin/chromium"
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return named if Path(named).exists() else next(filter(None, found), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium; skips with the reason where there is none, fails where one is required."""
    executable = _chromium()
    if executable is None:
        reason = f"no Chromium: none of {', '.join(CHROMIUM_NAMES)} on PATH, CONNECTOR_ANALYTICS_CHROMIUM unset"
        required = os.environ.get("CONNECTOR_ANALYTICS_REQUIRE_BROWSER") == "1"
        (pytest.fail if required else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where a browser exists)

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def desk(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A fresh JupyterLab, and its page, at which `PERSON` works."""
    home = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JUPYTERHUB_USER", PERSON)
        with running_lab(home, notebooks=NOTEBOOKS, workspace=home / "workspace") as lab:
            yield Desk(browser, lab, home)

"""A JupyterLab server of one's own, on loopback, that leaves no process and no file behind.

Its home, configuration, state and runtime are below one directory the caller gives, so neither the person's Jupyter
settings nor their pins are read or changed. The notebooks are served from a copy: running them never dirties the tree.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PERSON = "lee@acme.example"
"""Who works in a shared server."""
READY_WITHIN_S = 60
GONE_WITHIN_S = 20
FIRST_RUN_WITHIN_MS = 120_000
SWITCHES = ("Unique", "Percentage", "Total", "Number")
"""Buttons of the explorer, in an order in which each changes something."""

_QUIET_LAB = {
    # No question about news and no look for updates: the server is offline and the screen is being photographed.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # All cells stay in the document, so that what a test waits for is there whether or not it is scrolled into view.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True, slots=True)
class Lab:
    """A running server: where it is and what opens it."""

    url: str
    token: str

    @property
    def allowed(self) -> tuple[str, ...]:
        """How the addresses begin that its page may ask."""
        return (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")

    def address(self, notebook: str, *, alone: bool = False) -> str:
        """The address of a notebook; `alone` shows the document without Lab's side bars."""
        kind = "doc" if alone else "lab"
        return f"{self.url}/{kind}/tree/{notebook}?reset&token={self.token}"


class Desk:
    """One server and one page that tests share, as starting both takes longer than most of what is tried on them.

    Args:
        browser: what opens the page.
        lab: a server that was started in `home`, with the workspace `home / "workspace"`.
        home: where it, its kernel and the explorer write.
    """

    def __init__(self, browser: "Browser", lab: Lab, home: Path) -> None:
        self.home = home
        self._lab = lab
        self._page = browser.new_context(accept_downloads=True).new_page()
        self._complaints = watch(self._page, *lab.allowed)

    @contextmanager
    def exploring(self, workspace: Path) -> "Iterator[Page]":
        """A new explorer of a workspace, for somebody without pins; nothing of the explorer before is left.

        Raises:
            AssertionError: the page complained, or asked another machine.
        """
        shutil.rmtree(self.home / "state", ignore_errors=True)
        (self.home / "workspace").unlink(missing_ok=True)
        (self.home / "workspace").symlink_to(workspace)
        self._page.set_viewport_size({"width": 1280, "height": 1000})
        if self._page.url == "about:blank":
            open_explorer(self._page, self._lab)
        else:
            change_theme(self._page, "JupyterLab Light")
            explore_again(self._page)
        yield self._page
        complaints = [*self._complaints]
        self._complaints.clear()
        assert complaints == [], "\n".join(complaints)


@contextmanager
def running_lab(home: Path, *, notebooks: Path, workspace: Path) -> Iterator[Lab]:
    """Serve a copy of `notebooks` against `workspace` until the block ends.

    Args:
        home: an empty directory for everything the server and its kernels write.
        notebooks: the directory to copy and serve.
        workspace: what `CONNECTOR_ANALYTICS_WORKSPACE` says to the kernels.

    Raises:
        RuntimeError: the server did not answer, or one of its processes outlived it.
    """
    served = home / "notebooks"
    shutil.copytree(notebooks, served)
    lab = Lab(url=f"http://127.0.0.1:{_free_port()}", token=secrets.token_urlsafe(24))
    log = home / "lab.log"
    with log.open("w") as sink:
        server = subprocess.Popen(
            _command(lab, served),
            env=_environment(home, workspace),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    try:
        _wait_until_ready(lab, server, log)
        yield lab
    finally:
        _stop(server)


def run_notebook(page: "Page", address: str) -> None:
    """Open a notebook, wait for its kernel, and start all cells (the caller waits for what they show)."""
    page.goto(address)
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=FIRST_RUN_WITHIN_MS,
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")


def open_explorer(page: "Page", lab: Lab, *, alone: bool = False, within_ms: int = FIRST_RUN_WITHIN_MS) -> None:
    """Open the explorer's notebook, run it and wait until the explorer stands; `alone` as `Lab.address` has it."""
    run_notebook(page, lab.address("01_explore_campaign.ipynb", alone=alone))
    _await_explorer(page, within_ms)


def _await_explorer(page: "Page", within_ms: int) -> None:
    """Wait until an explorer that is no old one stands there and keeps the notebook's shortcuts away."""
    explorer = page.locator(".ca-explorer[data-guarded]:not([data-old])")
    explorer.get_by_role("heading", name="Performance stats").wait_for(timeout=within_ms)


def explore_again(page: "Page") -> None:
    """Run the cells once more, in the same kernel, and wait until a new explorer stands in place of the old one."""
    page.evaluate("() => document.querySelectorAll('.ca-explorer').forEach(old => old.dataset.old = '')")
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    _await_explorer(page, FIRST_RUN_WITHIN_MS)
    page.locator(".ca-explorer[data-old]").wait_for(state="detached")


def change_theme(page: "Page", name: str) -> None:
    """Turn JupyterLab to a theme of its own, and wait until it is there."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
    page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")


def pick_campaign(page: "Page", name: str, typed: str = "") -> None:
    """Choose a campaign as a person at the keyboard does: type some of its name, or what is `typed`, then Enter."""
    box = page.get_by_role("combobox", name="Campaign")
    box.click()
    box.fill(typed or name)
    page.locator(".ca-option.ca-active", has_text=typed or name).wait_for()
    box.press("Enter")
    await_campaign(page, name)


def await_campaign(page: "Page", name: str) -> None:
    """Wait until everything on the page is of a campaign."""
    page.get_by_role("heading", name=name, level=1).wait_for()
    page.locator(".ca-explorer:not(.ca-drawing) .ca-page-parts:not([inert])").wait_for()


def change_often(page: "Page", campaigns: Sequence[Sequence[str]], changes: int) -> list[int]:
    """Choose campaigns and turn switches in turn; bytes of the kernel's memory after each change.

    Args:
        page: shows the explorer, whose kernel is the only one.
        campaigns: what `pick_campaign` takes of each.
        changes: how many of both.
    """
    (kernel,) = find_kernels()
    resident = []
    for turn in range(changes):
        place = turn // 2
        switch = page.get_by_role("button", name=SWITCHES[place % len(SWITCHES)], exact=True)
        if turn % 2 and switch.is_visible():
            switch.click()
        else:
            pick_campaign(page, *campaigns[place % len(campaigns)])
        resident.append(int(kernel.memory_info().rss))
    return resident


def find_kernels() -> list[psutil.Process]:
    """The kernels that this process's servers have started."""
    family = psutil.Process().children(recursive=True)
    return [process for process in family if _runs(process) and "ipykernel_launcher" in process.cmdline()]


def watch(page: "Page", *allowed: str) -> list[str]:
    """What a page complains of, and what it asks of addresses that do not begin as allowed; filled as it is used."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(allowed) else complaints.append(asked.url))
    return complaints


def read_cells(page: "Page") -> list[str]:
    """The notebook's cells, as it would save them."""
    return page.evaluate(
        "() => [...window.jupyterapp.shell.currentWidget.content.widgets].map(w => w.model.sharedModel.getSource())"
    )


def _command(lab: Lab, served: Path) -> list[str]:
    port = lab.url.rpartition(":")[2]
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={served}",
        f"--IdentityProvider.token={lab.token}",
        "--LabApp.expose_app_in_browser=True",
    ]


def _environment(home: Path, workspace: Path) -> dict[str, str]:
    """The caller's environment with every place Jupyter and our own code write to moved below `home`."""
    config = home / "config"
    (config / "labconfig").mkdir(parents=True)
    (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(_QUIET_LAB))
    places = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "lab-workspaces",
        "IPYTHONDIR": home / "ipython",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "xdg-config",
        "XDG_DATA_HOME": home / "xdg-data",
        "XDG_STATE_HOME": home / "state",
        "CONNECTOR_ANALYTICS_WORKSPACE": workspace,
    }
    return os.environ | {name: str(place) for name, place in places.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        if _answers(lab):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def _answers(lab: Lab) -> bool:
    try:
        return bool(_ask(lab, "api/status"))
    except (urllib.error.URLError, OSError):
        return False


def _ask(lab: Lab, path: str, method: str = "GET") -> bytes:
    headers = {"Authorization": f"token {lab.token}"}
    request = urllib.request.Request(f"{lab.url}/{path}", method=method, headers=headers)  # noqa: S310 - the address is our own loopback server
    with urllib.request.urlopen(request, timeout=GONE_WITHIN_S) as answer:  # noqa: S310 - same
        return bytes(answer.read())


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server the way a terminal would (it ends its kernels), and make sure nothing of it is left."""
    if server.poll() is not None:
        return
    family = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    try:
        server.wait(GONE_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    _, waited_for = psutil.wait_procs(family, timeout=GONE_WITHIN_S)
    left = [process for process in waited_for if _runs(process)]
    for process in left:
        process.kill()
    if left:
        raise RuntimeError(f"processes outlived JupyterLab: {[process.pid for process in left]}")


def _runs(process: psutil.Process) -> bool:
    """Whether it does anything still; an ended process nobody asks about stays listed in some containers."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False

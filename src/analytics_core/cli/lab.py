"""Starting JupyterLab on the explorer notebook; on a hub, whose Lab runs already, the notebook beside one's own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from analytics_core.cli.streams import say
from analytics_core.domain.errors import AnalyticsError
from analytics_core.reporting.inputs import NOTEBOOK as REPORT_NOTEBOOK
from analytics_core.reporting.inputs import notebook_path
from analytics_core.workspace import Workspace
from analytics_core.workspace.opening import WORKSPACE_VARIABLE

NOTEBOOK = "01_explore_campaign.ipynb"
_CHECKOUT = Path(__file__).parents[3] / "notebooks"
_HUB = ("JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN")
"""Set in every server that a hub started."""
_ENDS_WITHIN_S = 15
_QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""No question about news and no look for updates: nothing of it concerns the workspace."""


def run_lab(workspace: Workspace) -> int:
    """Run JupyterLab until it is stopped: loopback only, with a token; its kernels see `workspace`.

    Where a hub runs Lab already nothing is started: the notebooks are copied, and it is said what to open.
    """
    if all(os.environ.get(name) for name in _HUB):
        notebook = copy_notebooks(Path("notebooks"))
        say(f"JupyterHub runs Lab already. Open {notebook} in it; its first cell reads {workspace.directory}")
        say(f"where the server's environment says {WORKSPACE_VARIABLE}={workspace.directory}, or you write the path.")
        return 0
    if find_spec("jupyterlab") is None:
        raise AnalyticsError("JupyterLab is missing: pip install 'connector-analytics[notebook]'")
    with tempfile.TemporaryDirectory(prefix="connector-analytics-lab-") as settings:
        quiet = Path(settings) / "labconfig" / "default_setting_overrides.json"
        quiet.parent.mkdir()
        quiet.write_text(json.dumps(_QUIET), encoding="utf-8")
        # Beside whatever settings there are, whose own overrides go on to hold.
        places = filter(None, (settings, os.environ.get("JUPYTER_CONFIG_PATH")))
        ours = {WORKSPACE_VARIABLE: str(workspace.directory), "JUPYTER_CONFIG_PATH": os.pathsep.join(places)}
        return run_to_its_end(make_command(explorer_notebook()), {**os.environ, **ours})


def make_command(notebook: Path) -> list[str]:
    """How Lab is started on a notebook: for this machine, with a token, without terminals."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.terminals_enabled=False",
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is often root; what is reachable from this machine only and with a token may run so.
        command.append("--ServerApp.allow_root=True")
    return command


def explorer_notebook() -> Path:
    """The explorer notebook to open: the checkout's, else a copy of the installed one in `./notebooks`."""
    checkout = _CHECKOUT / NOTEBOOK
    return checkout if checkout.is_file() else copy_notebooks(Path("notebooks"))


def copy_notebooks(folder: Path) -> Path:
    """Put all notebooks into a folder, where those that are there already stay as they are; the explorer's place."""
    for name, find in ((NOTEBOOK, find_installed_explorer), (REPORT_NOTEBOOK, notebook_path)):
        if not (folder / name).is_file():
            found = find()
            folder.mkdir(exist_ok=True)
            shutil.copyfile(found, folder / name)
    return (folder / NOTEBOOK).resolve()


def find_installed_explorer() -> Path:
    """The explorer notebook as installed with the package, else the one of a source checkout.

    Raises:
        AnalyticsError: where neither is there.
    """
    places = (Path(__file__).parents[1] / "widgets", _CHECKOUT)
    found = next((place / NOTEBOOK for place in places if (place / NOTEBOOK).is_file()), None)
    if found is None:
        raise AnalyticsError(f"the notebook {NOTEBOOK} is missing; install connector-analytics again")
    return found


def run_to_its_end(command: list[str], environment: Mapping[str, str]) -> int:
    """Run a server to its end. Whoever is told to end ends it first, so that none of its kernels is left."""
    with subprocess.Popen(command, env=environment) as server, _ending(server):  # noqa: S603 - our own command
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The terminal has told the server as well, which asks whether it is meant.
                continue


@contextmanager
def _ending(server: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Hand a request to end on to the server; whatever happens here, it does not outlive us."""

    def end(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                server.kill()

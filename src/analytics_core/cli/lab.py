"""Starting JupyterLab on the explorer notebook."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError
from analytics_core.workspace import Workspace
from analytics_core.workspace.opening import WORKSPACE_VARIABLE

NOTEBOOK = "01_explore_campaign.ipynb"


def run_lab(workspace: Workspace) -> int:
    """Run JupyterLab until it is stopped: loopback only, with a token; its kernels see `workspace`."""
    if find_spec("jupyterlab") is None:
        raise AnalyticsError("JupyterLab is missing: pip install 'connector-analytics[notebook]'")
    notebook = explorer_notebook()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is often root; what is reachable from this machine only and with a token may run so.
        command.append("--ServerApp.allow_root=True")
    environment = {**os.environ, WORKSPACE_VARIABLE: str(workspace.directory)}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own command


def explorer_notebook() -> Path:
    """The explorer notebook to open: the checkout's, else a copy of the installed one in `./notebooks`."""
    checkout = Path(__file__).parents[3] / "notebooks" / NOTEBOOK
    if checkout.is_file():
        return checkout
    installed, own = Path(__file__).parents[1] / "widgets" / NOTEBOOK, Path("notebooks") / NOTEBOOK
    if not own.is_file():
        if not installed.is_file():
            raise AnalyticsError(f"the notebook {NOTEBOOK} is missing; install connector-analytics again")
        own.parent.mkdir(exist_ok=True)
        shutil.copyfile(installed, own)
    return own.resolve()

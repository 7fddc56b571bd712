"""Notebook cells run in this process's own IPython, and papermill's engine that does so.

A kernel per report costs seconds; a shell that is emptied between reports costs milliseconds. The shell is private:
where this process is itself a Jupyter kernel, its variables and its display are left alone.
"""

import types
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from tempfile import TemporaryDirectory

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets.config import Config

ENGINE = "connector-analytics-own-shell"


@dataclass(frozen=True, slots=True)
class CellRun:
    """What one cell did: its number in the run (None where it did not even start), what it showed, how it failed."""

    execution_count: int | None
    outputs: tuple[NotebookNode, ...]
    failure: BaseException | None


class OwnShell:
    """An IPython shell of our own; its profile is a temporary directory, its history is not kept."""

    def __init__(self) -> None:
        self._home = TemporaryDirectory(prefix="connector-analytics-")
        self._shown = CapturingDisplayPublisher()
        self._shell = InteractiveShell(
            # Outputs go into the notebook; a cache of them would cost a garbage collection at every reset.
            config=Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"cache_size": 0}}),
            ipython_dir=self._home.name,
            profile_dir=ProfileDir(location=self._home.name),
            user_module=types.ModuleType("campaign_report"),  # __main__ stays what it was
        )
        self._shell.display_pub = self._shown
        self._shell.display_trap.hook = CapturingDisplayHook(shell=self._shell, outputs=self._shown.outputs)

    def reset(self) -> None:
        """Forgets every variable; the next cell is number 1 again."""
        self._shell.reset(new_session=False)
        self._shell.execution_count = 1

    def run(self, source: str) -> CellRun:
        """Runs one cell; never raises what the cell raised, be it Ctrl-C: that is the caller's to judge."""
        printed = StringIO()
        self._shown.outputs.clear()
        with _current(self._shell), redirect_stdout(printed), redirect_stderr(printed):
            result = self._shell.run_cell(source, store_history=True)
        failure = result.error_in_exec or result.error_before_exec
        text = [] if failure or not printed.getvalue() else [new_output("stream", text=printed.getvalue())]
        displayed = [
            new_output("display_data", data=shown["data"], metadata=shown["metadata"] or {})
            for shown in self._shown.outputs
        ]
        return CellRun(result.execution_count, (*text, *displayed), failure)


class OwnShellEngine(Engine):  # type: ignore[misc]  # papermill ships no types
    """Papermill's engine interface over `OwnShell`; a failing cell's own exception reaches the caller."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **_: object) -> None:
        """Runs the code cells in order and stops at the first that fails."""
        del kernel_name  # there is one shell only: this process
        shell = _own_shell()
        shell.reset()
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type == "code":
                nb_man.cell_start(cell, index)
                done = shell.run(cell.source)
                cell.execution_count, cell.outputs = done.execution_count, list(done.outputs)
                if done.failure is not None:
                    raise done.failure
                nb_man.cell_complete(cell, cell_index=index)


def register() -> None:
    """Makes the engine known to papermill in this process only; a broken entry point would break every papermill."""
    papermill_engines.register(ENGINE, OwnShellEngine)


@cache
def _own_shell() -> OwnShell:
    return OwnShell()


@contextmanager
def _current(shell: InteractiveShell) -> Iterator[None]:
    """While a cell runs, `display` and `get_ipython` mean our shell; afterwards the one that was there before."""
    before = InteractiveShell._instance  # noqa: SLF001 (IPython offers no way to stand in for a while)
    InteractiveShell._instance = shell  # type: ignore[assignment]  # noqa: SLF001 (as above)
    try:
        yield
    finally:
        InteractiveShell._instance = before  # noqa: SLF001 (as above)

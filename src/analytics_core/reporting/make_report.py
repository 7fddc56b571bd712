"""Making one report: notebook run, checked, exported, written. The only module that needs the `report` extra.

Nothing heavy is imported before the first report is asked for.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import FrameType

from analytics_core import package_version
from analytics_core.domain.errors import AnalyticsError
from analytics_core.places.files import write_text
from analytics_core.reporting.inputs import notebook_path, settings_as_json
from analytics_core.reporting.plan import ReportResult, Task, one_line
from analytics_core.reporting.session import Session

STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends the whole batch; anything else, a panic of the engine too, ends one report."""

SIGTERM_STATUS = 128 + signal.SIGTERM

NEEDED = ("papermill", "nbconvert", "IPython", "altair", "vl_convert")


def require_extra() -> None:
    """Looks for what reports need, without importing it.

    Raises:
        AnalyticsError: naming the extra to install, where something is missing.
    """
    missing = next((module for module in NEEDED if find_spec(module) is None), None)
    if missing is not None:
        command = "pip install 'connector-analytics[report]'"
        raise AnalyticsError(f"reports need {missing}, which is not installed: {command}")


def make_report(session: Session, task: Task) -> ReportResult:
    """Makes one report; whatever goes wrong with it becomes the result's one line, and no file is left half-written."""
    workspace = session.workspace
    try:
        import_module("analytics_core.views.forms.theme")  # first: it spares papermill an import of seconds
        from analytics_core.reporting import execution, exporter  # noqa: PLC0415 (they need the report extra)
        from analytics_core.views.request.shown import shown_name  # noqa: PLC0415 (as below)

        parameters = {
            "workspace": str(workspace.directory),
            "campaign_id": task.campaign_id,
            "settings": None if session.settings is None else settings_as_json(session.settings),
            "known_at": workspace.known_at.isoformat() if workspace.known_at else None,
        }
        notebook = execution.execute(notebook_path(), parameters)
        execution.check_complete(notebook, task.campaign_id)
        title = f"{shown_name(workspace.campaign(task.campaign_id).name)}: campaign report"
        html = exporter.page_of(notebook, exporter.Page(title, package_version(), task.inputs))
        task.path.parent.mkdir(parents=True, exist_ok=True)
        write_text(task.path, html)
    except STOPS:
        raise
    except BaseException as problem:  # noqa: BLE001 (see STOPS: one campaign must not stop the others)
        return ReportResult(task.campaign_id, None, one_line(problem))
    return ReportResult(task.campaign_id, task.path, None)


@contextmanager
def stopping_cleanly() -> Iterator[None]:
    """Within it SIGTERM unwinds the stack like Ctrl-C: files beside are removed, processes we started are ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(SIGTERM_STATUS)

"""Papermill runs the report's notebook; what came out is believed only if every cell says so."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import papermill
from nbformat import NotebookNode
from pydantic import JsonValue

from analytics_core.domain.errors import AnalyticsError
from analytics_core.reporting import in_process_shell
from analytics_core.reporting.report import END_MIME


def execute(path: Path, parameters: Mapping[str, JsonValue]) -> NotebookNode:
    """The notebook at `path` with `parameters` put in, run in this process.

    Raises:
        AnalyticsError: for a parameter the notebook does not declare (papermill would write its name as code).
        BaseException: whatever a cell raised.
    """
    declared = _read_parameters(path)
    if unknown := sorted(parameters.keys() - declared):
        raise AnalyticsError(f"the notebook declares no parameter {unknown[0]!r}; it declares {sorted(declared)}")
    in_process_shell.register()
    executed: NotebookNode = papermill.execute_notebook(
        _escape_braces(path), None, parameters=dict(parameters), engine_name=in_process_shell.ENGINE, progress_bar=False
    )
    return executed


def check_complete(notebook: NotebookNode, campaign_id: str) -> None:
    """Accepts a notebook only if each code cell ran, none failed, and the last says it ended for `campaign_id`.

    Papermill's own marks are not enough: it calls cells completed that never ran.

    Raises:
        AnalyticsError: saying which of the three is missing.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if any(cell.execution_count is None for cell in cells):
        raise AnalyticsError("the report's notebook did not run to its end")
    outputs = [output for cell in cells for output in cell.outputs]
    if any(output.output_type == "error" for output in outputs):
        raise AnalyticsError("a cell of the report's notebook failed")
    ends = [output.data[END_MIME] for output in outputs if END_MIME in output.get("data", {})]
    if ends != [campaign_id] or END_MIME not in (cells[-1].outputs or [{}])[-1].get("data", {}):
        raise AnalyticsError("the report's notebook does not end with its closing section")


@cache
def _read_parameters(path: Path) -> frozenset[str]:
    return frozenset(papermill.inspect_notebook(_escape_braces(path)))


def _escape_braces(path: Path) -> str:
    """Papermill puts parameters into paths like `str.format`; braces of ours are only braces."""
    return str(path).replace("{", "{{").replace("}", "}}")

"""Notebooks are prose made executable: short cells without programming, stored without results, and they run."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from analytics_core.reporting import Report

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAX_CELL_LINES = 10
PROGRAMMING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.comprehension,
)


def _notebook_id(path: Path) -> str:
    return path.name


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _code_cells(path: Path) -> Iterator[NotebookNode]:
    return (cell for cell in _read(path).cells if cell.cell_type == "code")


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=_notebook_id)


def test_there_are_notebooks() -> None:
    assert {"01_explore_campaign.ipynb", "campaign_report.ipynb"} <= {path.name for path in NOTEBOOKS}


def test_the_report_shows_every_section_in_the_order_of_the_page() -> None:
    cells = "\n".join(cell.source for cell in _code_cells(FOLDER / "campaign_report.ipynb"))
    assert re.findall(r"^report\.(\w+)$", cells, re.MULTILINE) == [field.name for field in fields(Report)]


@every_notebook
def test_a_notebook_is_valid(path: Path) -> None:
    nbformat.validate(_read(path))


@every_notebook
def test_a_notebook_begins_with_its_title(path: Path) -> None:
    first = _read(path).cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S", first.source)


@every_notebook
def test_a_cell_is_at_most_ten_lines(path: Path) -> None:
    lengths = [len(cell.source.splitlines()) for cell in _code_cells(path)]
    assert [lines for lines in lengths if lines > MAX_CELL_LINES] == []


@every_notebook
def test_a_cell_does_not_program(path: Path) -> None:
    """No definitions, no loops, no lambdas, and no Polars: what needs those belongs into the package."""
    nodes = [node for cell in _code_cells(path) for node in ast.walk(ast.parse(cell.source))]
    assert [ast.unparse(node) for node in nodes if isinstance(node, PROGRAMMING)] == []
    assert [node.id for node in nodes if isinstance(node, ast.Name) and node.id in {"pl", "polars"}] == []


@every_notebook
def test_a_notebook_is_stored_without_results(path: Path) -> None:
    cells = list(_code_cells(path))
    assert [cell.source for cell in cells if cell.outputs or cell.execution_count is not None] == []
    assert "widgets" not in _read(path).metadata


@every_notebook
def test_a_notebook_runs_from_top_to_bottom_on_the_demo(
    path: Path, demo_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_ANALYTICS_WORKSPACE", str(demo_workspace))
    notebook = _read(path)
    in_its_folder = {"metadata": {"path": str(FOLDER)}}
    with TemporaryDirectory() as sockets:  # not tmp_path: a socket's path may have about a hundred characters
        by_file = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        NotebookClient(notebook, kernel_name="python3", timeout=120, resources=in_its_folder, config=by_file).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert all(cell.execution_count is not None for cell in cells)
    errors = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert errors == []

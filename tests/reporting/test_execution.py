"""Papermill over our own shell: what a run returns, and what is believed of it."""

import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output

from analytics_core.domain.errors import AnalyticsError, UnknownNameError
from analytics_core.reporting.execution import check_complete, execute
from analytics_core.reporting.report import END_MIME
from reporting.notebooks import END, SECTION, write_notebook


def test_a_parameter_reaches_the_cells_and_what_they_end_with_is_kept(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", f"{SECTION}\nSection(f'<b>{{campaign_id}}</b>')", END)
    notebook = execute(path, {"campaign_id": 'it\'s "spring"\n{x}'})
    shown = [cell.outputs[0].data["text/html"] for cell in notebook.cells if cell.get("outputs")]
    assert shown == ['<b>it\'s "spring"\n{x}</b>', "<p>end</p>"]
    check_complete(notebook, 'it\'s "spring"\n{x}')


def test_everything_a_cell_displays_or_prints_is_an_output_of_it(tmp_path: Path) -> None:
    source = f"{SECTION}\nfrom IPython.display import display\nprint('printed')\ndisplay(Section('<i>1</i>'))\n"
    notebook = execute(write_notebook(tmp_path / "n.ipynb", source + "Section('<i>2</i>')"), {"campaign_id": "a"})
    stream, *shown = notebook.cells[-1].outputs
    assert stream.text == "printed\n"
    assert [output.data["text/html"] for output in shown] == ["<i>1</i>", "<i>2</i>"]


def test_cells_are_numbered_from_one_in_every_run(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "1", "2")
    for _ in range(2):
        notebook = execute(path, {"campaign_id": "a"})
        assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4]


def test_a_run_does_not_see_what_an_earlier_one_left(tmp_path: Path) -> None:
    execute(write_notebook(tmp_path / "first.ipynb", "left_over = 1"), {"campaign_id": "a"})
    with pytest.raises(NameError):
        execute(write_notebook(tmp_path / "second.ipynb", "left_over"), {"campaign_id": "a"})


def test_an_undeclared_parameter_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "1")
    with pytest.raises(AnalyticsError, match="declares no parameter 'import os; x'"):
        execute(path, {"import os; x": 1})


def test_braces_in_the_notebooks_path_are_only_braces(tmp_path: Path) -> None:
    folder = tmp_path / "{campaign_id}"
    folder.mkdir()
    assert execute(write_notebook(folder / "n.ipynb", "1"), {"campaign_id": "a"}).cells[-1].execution_count == 3


def test_what_a_cell_raises_reaches_the_caller_and_no_later_cell_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    raising = "from analytics_core.domain.errors import UnknownNameError\nraise UnknownNameError('campaign', 'x', [])"
    path = write_notebook(tmp_path / "n.ipynb", raising, f"open({str(mark)!r}, 'w')")
    with pytest.raises(UnknownNameError, match="no campaign 'x'"):
        execute(path, {"campaign_id": "a"})
    assert not mark.exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stop_is_not_swallowed_by_the_shell(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        execute(write_notebook(tmp_path / "n.ipynb", f"raise {stop.__name__}"), {"campaign_id": "a"})


def test_a_cell_that_is_not_python_is_a_syntax_error(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError):
        execute(write_notebook(tmp_path / "n.ipynb", "1 +"), {"campaign_id": "a"})


def test_a_run_leaves_the_process_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main, hook, before = sys.modules["__main__"], sys.displayhook, InteractiveShell._instance
    execute(write_notebook(tmp_path / "n.ipynb", "print('printed')", "get_ipython().execution_count"), {})
    assert (sys.modules["__main__"], sys.displayhook, InteractiveShell._instance) == (main, hook, before)
    assert capsys.readouterr() == ("", "")


def test_a_notebook_without_its_closing_section_is_not_believed(tmp_path: Path) -> None:
    notebook = execute(write_notebook(tmp_path / "n.ipynb", END, "1"), {"campaign_id": "a"})
    with pytest.raises(AnalyticsError, match="does not end with its closing section"):
        check_complete(notebook, "a")


def test_another_campaigns_closing_section_is_not_believed(tmp_path: Path) -> None:
    notebook = execute(write_notebook(tmp_path / "n.ipynb", END), {"campaign_id": "a"})
    with pytest.raises(AnalyticsError, match="closing section"):
        check_complete(notebook, "b")


def test_a_notebook_with_a_cell_that_did_not_run_is_not_believed(tmp_path: Path) -> None:
    notebook = execute(write_notebook(tmp_path / "n.ipynb", "1", END), {"campaign_id": "a"})
    notebook.cells[1].execution_count = None
    with pytest.raises(AnalyticsError, match="did not run to its end"):
        check_complete(notebook, "a")


def test_a_notebook_that_holds_an_error_is_not_believed(tmp_path: Path) -> None:
    notebook = execute(write_notebook(tmp_path / "n.ipynb", "1", END), {"campaign_id": "a"})
    notebook.cells[1].outputs = [new_output("error", ename="ValueError", evalue="", traceback=[])]
    with pytest.raises(AnalyticsError, match="failed"):
        check_complete(notebook, "a")


def test_the_end_is_marked_for_programs_beside_what_people_see(tmp_path: Path) -> None:
    notebook = execute(write_notebook(tmp_path / "n.ipynb", END), {"campaign_id": "a"})
    assert notebook.cells[-1].outputs[-1].data[END_MIME] == "a"

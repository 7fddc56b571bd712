"""What the command meets around it: encodings, closed or full outputs, and an environment that Polars refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from canonical_files import CAMPAIGN, delivery, write_export, write_rows

from analytics_core.json_text import compact
from analytics_core.workspace import create_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A campaign with a name that few encodings have."""
    made = create_workspace(tmp_path / "workspace")
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 1)])
    (export / "campaigns.json").write_text(compact([{**CAMPAIGN, "name": "日本 \u2013 café"}]))
    made.import_canonical(export)
    return made.directory


def shell(script: str, workspace: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `$CA` is the command and `$W` the workspace."""
    told = {**os.environ, "CA": f"{sys.executable} -m analytics_core", "W": str(workspace), **environment}
    return subprocess.run(["sh", "-c", script], env=told, capture_output=True, check=False, encoding="latin-1")


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}],
)
def test_a_table_is_printed_in_any_encoding(workspace: Path, environment: dict[str, str]) -> None:
    done = shell('$CA metrics spring -w "$W"', workspace, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(spring)" in done.stdout


@pytest.mark.parametrize("command", ["metrics spring", "metrics spring --json", "campaigns", "imports"])
def test_an_output_that_is_full_is_one_line(workspace: Path, command: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full on this machine")
    done = shell(f'$CA {command} -w "$W" > /dev/full', workspace)
    assert (done.returncode, done.stderr) == (2, "error: cannot write the output: No space left on device\n")


def test_an_output_that_is_closed_is_one_line(workspace: Path) -> None:
    done = shell('$CA metrics spring -w "$W" >&-', workspace)
    assert (done.returncode, done.stderr) == (2, "error: standard output is closed; nothing was done\n")


def test_who_stops_reading_gets_no_complaint(workspace: Path) -> None:
    done = shell('$CA metrics spring -w "$W" | head -1', workspace)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("POLARS_MAX_THREADS", "0", "POLARS_MAX_THREADS in the environment must be 1 or more"),
        ("POLARS_ENGINE_AFFINITY", "gpu", "GPU engine requested"),
    ],
)
def test_what_polars_refuses_is_one_line(workspace: Path, name: str, value: str, said: str) -> None:
    done = shell('$CA metrics spring -w "$W"', workspace, **{name: value})
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert said in line


def test_people_are_erased_by_a_file_of_ids(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "who.txt").write_text("\ufeffann\nnobody\n", encoding="utf-8")
    done = shell(f'$CA forget --users "{tmp_path / "who.txt"}" --as mia -w "$W"; $CA imports -w "$W"', workspace)
    assert done.stdout.startswith("erased: 1 of 2 asked for; rows: 1 deliveries\n")
    assert "1 person erased by mia" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"\n \n"])
def test_a_file_of_ids_that_names_nobody_is_one_line(workspace: Path, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "who.txt").write_bytes(content)
    done = shell(f'$CA forget --users "{tmp_path / "who.txt"}" -w "$W"', workspace)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_undoing_says_what_went_and_what_to_import_anew(workspace: Path, tmp_path: Path) -> None:
    rows = [delivery("ann", 1), delivery("bob", 2)]
    write_rows(tmp_path / "more" / "deliveries.jsonl", rows)
    script = f'$CA import canonical "{tmp_path / "more"}" -w "$W" >/dev/null; $CA imports undo 1 -w "$W"'
    done = shell(script, workspace)
    assert done.stdout == "import 1 taken back by entry 3: 1 deliveries, 1 definition\n"
    assert done.stderr.endswith("import anew, because they had some of the same rows: deliveries.jsonl\n")
    done = shell('$CA imports -w "$W" undo 2 --json', workspace)
    assert '"number": 2, "entry": 4' in done.stdout

"""Runs the worked examples of a page of the documentation."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def sections(page: str) -> dict[str, str]:
    """The sections of a page below docs/, by heading."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return dict(re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


def blocks(section: str) -> list[tuple[str, str]]:
    """Language and text of each example of a section."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def run_examples(section: str, directory: Path) -> int:
    """Run the scripts of a section; what follows one as text is what it must print. Returns how many were compared."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine: the examples are bash scripts")
    scripts = str(Path(sys.executable).parent)
    # The code of this checkout, wherever the command was installed from.
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT / "src"),
    }
    found, compared = blocks(section), 0
    for (language, script), (following, expected) in zip(found, [*found[1:], ("", "")], strict=True):
        if language == "bash":
            done = subprocess.run(
                [bash, "-euc", script], cwd=directory, env=environment, capture_output=True, check=False, text=True
            )
            assert done.returncode == 0, done.stderr
            if following == "text":
                assert done.stdout == expected
                compared += 1
    return compared

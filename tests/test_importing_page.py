"""The worked examples of the page about importing do what it says they do."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_core.sources.mapping import read_mapping

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def _blocks(section: str) -> list[tuple[str, str]]:
    """Language and text of each example of a section."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", SECTIONS[section], re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("section", ["MoEngage", "Customer.io", "Anything else: a mapping file"])
def test_an_example_prints_what_the_page_says(tmp_path: Path, section: str) -> None:
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
    blocks = _blocks(section)
    compared = 0
    for (language, script), (following, expected) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language == "bash":
            done = subprocess.run(
                [bash, "-euc", script], cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
            )
            assert done.returncode == 0, done.stderr
            if following == "text":
                assert done.stdout == expected
                compared += 1
    assert compared


def test_the_mapping_of_orders_can_be_read(tmp_path: Path) -> None:
    (mapping,) = [text for language, text in _blocks("Anything else: a mapping file") if language == "toml"]
    (tmp_path / "orders.toml").write_text(mapping)
    assert read_mapping(tmp_path / "orders.toml").table == "events"

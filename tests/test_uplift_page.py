"""The worked examples of the page about uplift do what it says they do."""

from pathlib import Path

import pytest

from page_examples import run_examples, sections
from seeding import some

SECTIONS = sections("uplift.md")


@pytest.mark.parametrize("section", some(1, ["One comparison by hand", "Any experiment with two arms"]))
def test_an_example_prints_what_the_page_says(tmp_path: Path, section: str) -> None:
    assert run_examples(SECTIONS[section], tmp_path)

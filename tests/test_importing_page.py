"""The worked examples of the page about importing do what it says they do."""

from pathlib import Path

import pytest

from analytics_core.sources.mapping.mapping import read_mapping
from page_examples import blocks, run_examples, sections

SECTIONS = sections("importing.md")


@pytest.mark.parametrize("section", ["MoEngage", "Customer.io", "Anything else: a mapping file"])
def test_an_example_prints_what_the_page_says(tmp_path: Path, section: str) -> None:
    assert run_examples(SECTIONS[section], tmp_path)


def test_the_mapping_of_orders_can_be_read(tmp_path: Path) -> None:
    (mapping,) = [text for language, text in blocks(SECTIONS["Anything else: a mapping file"]) if language == "toml"]
    (tmp_path / "orders.toml").write_text(mapping)
    assert read_mapping(tmp_path / "orders.toml").table == "events"

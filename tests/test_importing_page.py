"""The worked examples of the pages about importing do what they say they do."""

from pathlib import Path

import pytest

from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.vendors import VENDORS
from page_examples import ROOT, blocks, run_examples

PAGES = ("moengage", "customerio", "tables")
"""The example of Braze has a test of its own, which looks at its numbers too."""


def _page(name: str) -> str:
    return (ROOT / "docs" / f"importing-{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_an_example_prints_what_the_page_says(tmp_path: Path, name: str) -> None:
    assert run_examples(_page(name), tmp_path)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_a_page_that_the_overview_names(vendor: str) -> None:
    assert f"connector-analytics import {vendor} PATH" in _page(vendor)
    overview = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    assert f"`connector-analytics import {vendor} PATH`" in overview
    assert f"](importing-{vendor}.md)" in overview


def test_the_mapping_of_orders_can_be_read(tmp_path: Path) -> None:
    (mapping,) = [text for language, text in blocks(_page("tables")) if language == "toml" and "columns" in text]
    (tmp_path / "orders.toml").write_text(mapping)
    assert read_mapping(tmp_path / "orders.toml").table == "events"

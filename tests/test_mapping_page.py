"""The foreign tables on the page about mapping files arrive as the page says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from page_examples import blocks, sections

Run = Callable[..., tuple[int, str, str]]

EXAMPLES = {
    title: blocks(text)
    for title, _, text in (part.partition("\n") for part in sections("mapping.md")["Examples"].split("\n### ")[1:])
}


def test_there_are_ten() -> None:
    assert [len(found) for found in EXAMPLES.values()] == [3] * 10


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_foreign_table_arrives_by_its_mapping_alone(title: str, tmp_path: Path, run: Run) -> None:
    (form, data), (_, mapping), (_, printed) = EXAMPLES[title]
    rows, described = tmp_path / f"rows.{form}", tmp_path / "mapping.toml"
    rows.write_text(data)
    described.write_text(mapping)
    assert run("import", "table", rows, "--mapping", described, "--dry-run") == (0, printed, "")

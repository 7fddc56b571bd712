"""The explorer shows what a vendor reports where one reports anything, and nothing where none does."""

import json
from pathlib import Path

import pytest
from canonical_files import write_export
from reading import html, text

from analytics_core.domain.settings import App
from analytics_core.widgets import Explorer
from analytics_core.workspace import create_workspace


@pytest.mark.usefixtures("state_home")
def test_a_vendors_numbers_are_a_section_of_their_own(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace", App())
    workspace.import_canonical(write_export(tmp_path / "export"))
    explorer = Explorer(workspace)
    campaign_id = explorer.state.campaign_id
    assert "As reported" not in text(explorer)
    variations = {"all_variations": {"performance_stats": {"failed": 4321}}}
    entry = {"platforms": {"A": {"locales": {"all_locales": {"variations": variations}}}}}
    (tmp_path / "stats.json").write_text(json.dumps({"data": {campaign_id: [entry]}}))
    workspace.import_export("moengage", [tmp_path / "stats.json"])
    explorer.refresh()
    assert "As reported by vendors" in html(explorer)
    assert "As reported by MoEngage" in text(explorer)
    assert "4,321" in text(explorer)

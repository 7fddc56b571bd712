"""The explorer on a campaign whose exports cannot say everything."""

from pathlib import Path

import pytest
from canonical_files import write_export
from gapped_exports import NO_CAPS, SENT_ONLY, take_in
from reading import choices, figures, text

from analytics_core.domain.settings import App
from analytics_core.domain.words import ShownAs
from analytics_core.widgets import Explorer
from analytics_core.workspace import create_workspace


@pytest.mark.usefixtures("state_home")
def test_the_explorer_shows_a_dash_and_says_why(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "workspace", App())
    workspace.import_canonical(write_export(tmp_path / "first"))
    take_in(workspace, SENT_ONLY, NO_CAPS)
    explorer = Explorer(workspace)
    assert (figures(explorer)["attempted"], figures(explorer)["sent"]) == ("\N{EN DASH}", "2")
    assert "the exports do not say: failed responses, users removed by frequency caps" in text(explorer)
    assert "not known: the exports do not say" in text(explorer)
    choices(explorer, "Number").value = ShownAs.PERCENTAGE
    assert figures(explorer)["sent"] == "\N{EN DASH}"
    assert "None" not in text(explorer)

"""What an import remembers of exports that cannot say everything."""

from pathlib import Path

import pytest
from canonical_files import delivery, write_export
from gapped_exports import NO_CAPS, SENT_ONLY, Export, take_in

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.domain.words import Gap
from analytics_core.workspace import Workspace, create_workspace

BOTH = {"fall": ("failed_responses",), "spring": ("failed_responses", "frequency_cap")}

pytestmark = pytest.mark.usefixtures("kept_anywhere")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with the campaign `spring` and one row of it that came with everything there is to say."""
    made = create_workspace(tmp_path / "workspace", App())
    made.import_canonical(write_export(tmp_path / "first", deliveries=[delivery("zoe", 9)]))
    return made


def test_gaps_are_those_of_all_exports_of_a_campaign(workspace: Workspace) -> None:
    assert workspace.tables().gaps == {}
    assert workspace.snapshot("spring").unknown == ()
    take_in(workspace, SENT_ONLY, NO_CAPS)
    assert workspace.tables().gaps == BOTH
    assert {"attempted", "frequency_capped"} <= {found.metric for found in workspace.snapshot("spring").unknown}
    assert workspace.snapshot("spring").performance.sent.total == 3


def test_gaps_add_up_over_imports(workspace: Workspace) -> None:
    take_in(workspace, SENT_ONLY)
    take_in(workspace, NO_CAPS)
    assert workspace.tables().gaps == BOTH


def test_rows_that_were_there_before_bring_no_gap(workspace: Workspace) -> None:
    before = workspace.snapshot("spring")
    take_in(workspace, Export("again", (delivery("zoe", 9),), (Gap.CONTROL_GROUPS,)))
    assert workspace.tables().gaps == {}
    assert workspace.snapshot("spring") == before


def test_an_import_that_fails_leaves_the_gaps_as_they_were(workspace: Workspace) -> None:
    take_in(workspace, SENT_ONLY)
    before = workspace.tables().gaps
    broken = Export("broken", NO_CAPS.rows, NO_CAPS.gaps, is_cut=True)
    with pytest.raises(UnreadableInputError, match="cut off"):
        take_in(workspace, NO_CAPS, broken)
    assert workspace.tables().gaps == before == {"fall": ("failed_responses",), "spring": ("failed_responses",)}


def test_the_fingerprint_tells_workspaces_with_other_gaps_apart(tmp_path: Path) -> None:
    same = (delivery("ann", 0),)
    exports = [Export("a", same, (Gap.FREQUENCY_CAP,)), Export("b", same, (Gap.CONTROL_GROUPS,))]
    prints = set()
    for name, order in (("one", exports), ("other", exports[::-1])):
        made = create_workspace(tmp_path / name, App())
        take_in(made, *order)
        prints.add(made.fingerprint)
    assert len(prints) == 2

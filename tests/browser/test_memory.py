"""An explorer that is used all day: the kernel does not grow with every choice."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import NOTEBOOKS, change_often, open_explorer, running_lab, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHANGES = 500
WARM = 50
CAMPAIGNS = ("Spring sale", "Cart reminder", "Price drop", "Flash Friday", "Daily digest", "Welcome to Acme")


def test_memory_stays_over_500_changes(browser: "Browser", tmp_path: Path, demo_workspace: Path) -> None:
    with running_lab(tmp_path, notebooks=NOTEBOOKS, workspace=demo_workspace) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        complaints = watch(page, *lab.allowed)
        open_explorer(page, lab)
        resident = change_often(page, [(name,) for name in CAMPAIGNS], CHANGES)
        page.close()
    assert complaints == []
    assert resident[-1] < 1.05 * resident[WARM], [size >> 20 for size in resident[::WARM]]

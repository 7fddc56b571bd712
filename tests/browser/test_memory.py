"""An explorer that is used all day: the kernel does not grow with every choice."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import find_kernels, pick_campaign, run_notebook, running_lab, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SHOWN_WITHIN_MS = 120_000
CHANGES = 500
WARM = 50
CAMPAIGNS = ("Spring sale", "Cart reminder", "Price drop", "Flash Friday", "Daily digest", "Welcome to Acme")
SWITCHES = ("Unique", "Percentage", "Total", "Number")


def test_memory_stays_over_500_changes(browser: "Browser", tmp_path: Path, demo_workspace: Path) -> None:
    with running_lab(tmp_path, notebooks=NOTEBOOKS, workspace=demo_workspace) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        complaints = watch(page, *lab.allowed)
        run_notebook(page, lab.address("01_explore_campaign.ipynb"))
        page.get_by_role("heading", name="Performance stats").wait_for(timeout=SHOWN_WITHIN_MS)
        (kernel,) = find_kernels()
        resident = []
        for turn in range(CHANGES):
            place = turn // 2
            switch = page.get_by_role("button", name=SWITCHES[place % len(SWITCHES)], exact=True)
            if turn % 2 and switch.is_visible():
                switch.click()
            else:
                pick_campaign(page, CAMPAIGNS[place % len(CAMPAIGNS)])
            resident.append(kernel.memory_info().rss)
        page.close()
    assert complaints == []
    assert resident[-1] < 1.05 * resident[WARM], [size >> 20 for size in resident[::WARM]]

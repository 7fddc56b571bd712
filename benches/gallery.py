"""Pictures of every section of six campaigns, for eyes: `python -m benches.gallery OUTPUT`.

Explorer and reports, light and dark, at 1280 and 1920 pixels; reports on a telephone (390 pixels) and as printed, too.
A long page comes in slices, numbered from the top. Needs what `benches.screenshots` needs; run it from the
repository's root. Nothing of it is committed.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page
from tests.browser.lab import change_theme, open_explorer, pick_campaign, running_lab

from analytics_core.demo import Dataset
from analytics_core.reporting import write_index, write_reports
from analytics_core.workspace import make_demo, open_workspace
from benches.screenshots import ROOT, chromium, wait_until_drawn

CAMPAIGNS = ("spring-sale", "cart-reminder", "eid-offer", "newsletter-legacy", "price-drop", "flash-friday")
"""An effect and warnings, event-triggered, from right to left, older analytics, never sent, stopped in the middle."""
WIDTHS = (1280, 1920)
TELEPHONE = 390
SLICE = 1500
TALL = 12_000
DRAWN_WITHIN_MS = 120_000
_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def main() -> int:
    """Take all pictures and print where they are."""
    parser = argparse.ArgumentParser(prog="python -m benches.gallery", description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--campaigns", nargs="+", default=CAMPAIGNS)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        workspace = Path(made) / "workspace"
        make_demo(workspace, Dataset.SYNTHETIC)
        taken = [
            *take_reports(browser, workspace, given.campaigns, given.output),
            *take_explorer(browser, workspace, given.campaigns, given.output),
        ]
    print(f"{len(taken)} pictures in {given.output}")
    return 0


def take_reports(browser: Browser, workspace: Path, campaigns: list[str], output: Path) -> Iterator[Path]:
    """Each campaign's report, and the page that lists them."""
    with tempfile.TemporaryDirectory() as made:
        written = write_reports(workspace, campaigns, output=Path(made))
        files = [one.path for one in written if one.path]
        files.append(write_index(workspace, output=Path(made)))
        for name, address in ((file.stem, file.as_uri()) for file in files):
            for theme in ("light", "dark"):
                for width in (*WIDTHS, TELEPHONE):
                    page = browser.new_page(viewport={"width": width, "height": SLICE}, color_scheme=theme)
                    page.goto(address)
                    yield from slice_page(page, page.locator("body"), output / f"report-{name}-{width}-{theme}")
                    page.close()
            page = browser.new_page(viewport={"width": 794, "height": SLICE})
            page.emulate_media(media="print")
            page.goto(address)
            yield from slice_page(page, page.locator("body"), output / f"report-{name}-print")
            page.pdf(path=output / f"report-{name}.pdf", format="A4")
            page.close()


def take_explorer(browser: Browser, workspace: Path, campaigns: list[str], output: Path) -> Iterator[Path]:
    """Both tabs of each campaign."""
    names = {one.campaign_id: one.name for one in open_workspace(workspace).campaigns()}
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(Path(home), notebooks=ROOT / "notebooks", workspace=workspace) as lab,
    ):
        page = browser.new_page(viewport={"width": WIDTHS[0], "height": TALL})
        page.set_default_timeout(DRAWN_WITHIN_MS)
        open_explorer(page, lab, alone=True)
        for theme, called in _THEMES.items():
            change_theme(page, called)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": TALL})
                for campaign_id in campaigns:
                    pick_campaign(page, names[campaign_id])
                    for tab in ("Info", "Analytics"):
                        page.get_by_role("tab", name=tab).click()
                        wait_until_drawn(page)
                        stem = output / f"explorer-{campaign_id}-{tab.lower()}-{width}-{theme}"
                        yield from slice_page(page, page.locator(".ca-explorer"), stem)
        page.close()


def slice_page(page: Page, part: Locator, stem: Path) -> Iterator[Path]:
    """A part of a page as pictures of at most `SLICE` pixels' height."""
    box = part.bounding_box()
    if box is None:
        return
    # What scrolls within the page is pictured as far as it is in view.
    end = page.evaluate("() => Math.max(innerHeight, document.documentElement.scrollHeight)")
    top, bottom = max(box["y"], 0), min(box["y"] + box["height"], end)
    number = 0
    while top < bottom:
        height = min(SLICE, bottom - top)
        number += 1
        path = stem.with_name(f"{stem.name}-{number}.png")
        area = {"x": max(box["x"], 0), "y": top, "width": box["width"], "height": height}
        page.screenshot(path=path, clip=area, full_page=True)
        yield path
        top += SLICE


if __name__ == "__main__":
    sys.exit(main())

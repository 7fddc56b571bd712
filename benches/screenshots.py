"""The pictures of the documentation, taken from the running product: `python -m benches.screenshots`.

Makes the demo workspace anew, runs the explorer notebook in JupyterLab and one report in a browser, and writes
`docs/images/explorer.png` and `docs/images/report.png`. Needs the `notebook`, `report` and `dev` extras and a Chromium
(`CONNECTOR_ANALYTICS_CHROMIUM`, else the first on PATH). Run it from the repository's root.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from tests.browser.lab import open_explorer, pick_campaign, running_lab

from analytics_core.demo import Dataset
from analytics_core.reporting import write_reports
from analytics_core.workspace import make_demo

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CAMPAIGN_ID, CAMPAIGN = "spring-sale", "Spring sale"
WIDTH = 1280
HEIGHT = 2000
MARGIN = 14
LARGEST_KB = 300

_PLAIN_LAB = """() => {
  const { commands } = window.jupyterapp;
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0;
  commands.execute('application:toggle-side-tabbar', { side: 'left' });
  commands.execute('application:toggle-side-tabbar', { side: 'right' });
  commands.execute('statusbar:toggle');
}"""


def main() -> int:
    """Take both pictures; 1 where one came out too large for a documentation page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        workspace = Path(made) / "workspace"
        make_demo(workspace, Dataset.SYNTHETIC)
        pictures = (
            take_explorer(browser, Path(made) / "lab", workspace),
            take_report(browser, Path(made) / "reports", workspace),
        )
    sizes = {picture.relative_to(ROOT): picture.stat().st_size / 1000 for picture in pictures}
    for picture, size in sizes.items():
        print(f"{picture}  {size:.0f} kB")
    return int(max(sizes.values()) > LARGEST_KB)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    named = os.environ.get("CONNECTOR_ANALYTICS_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("no Chromium on PATH; name one in CONNECTOR_ANALYTICS_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def take_explorer(browser: Browser, home: Path, workspace: Path) -> Path:
    """The explorer on one campaign, its controls, cards and first sections in view."""
    home.mkdir()
    with running_lab(home, notebooks=ROOT / "notebooks", workspace=workspace) as lab:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        open_explorer(page, lab, alone=True)
        page.evaluate(_PLAIN_LAB)
        pick_campaign(page, CAMPAIGN)
        page.get_by_alt_text("Conversion goals").wait_for()
        wait_until_drawn(page)
        page.locator(".ca-explorer").evaluate("element => element.scrollIntoView({ block: 'start' })")
        take_down_to(page, page.locator(".ca-explorer .ca-part", has_text="Performance stats"), IMAGES / "explorer.png")
        page.close()
    return IMAGES / "explorer.png"


def wait_until_drawn(page: Page) -> None:
    """Until the kernel has nothing more to say, and the browser has drawn what it said."""
    page.wait_for_timeout(300)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'")
    page.wait_for_timeout(300)


def take_down_to(page: Page, last: Locator, path: Path) -> None:
    """A picture that ends below the part of the page `last`."""
    box = last.bounding_box()
    bottom = HEIGHT if box is None else min(HEIGHT, box["y"] + box["height"] + MARGIN)
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": bottom})


def take_report(browser: Browser, output: Path, workspace: Path) -> Path:
    """The top of the same campaign's report."""
    (made,) = write_reports(workspace, [CAMPAIGN_ID], output=output)
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(made.path.as_uri())
    take_down_to(page, page.locator(".ca-section-performance"), IMAGES / "report.png")
    page.close()
    return IMAGES / "report.png"


if __name__ == "__main__":
    sys.exit(main())

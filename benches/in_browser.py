"""How long a person waits for the explorer, seen in a browser: `python -m benches.in_browser --help`.

Runs the explorer notebook in JupyterLab on a workload's workspace. A time begins with the click or the key and ends
with the frame that follows a change of the page: *figures* is the first in which the cards, or what they say they are
of, are others, *all* the last one, when charts and tables stand. Then memory of the kernel over many changes. Needs the
`notebook` and `dev` extras and a Chromium; run it from the repository's root.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Page
from tests.browser.lab import SWITCHES, change_often, open_explorer, pick_campaign, running_lab

from analytics_core.workspace import Workspace, open_workspace
from benches.preparing import prepared_size
from benches.screenshots import ROOT, chromium
from benches.sizes import SIZES

DRAWN_WITHIN_MS = 600_000
QUIET_MS = 600
WARM = 50
"""Changes after which memory should have settled."""
WINDOWS = ("12h", "2d", "3d", "5d")

_CLOCK = """() => {
  const clock = window.caClock = { began: 0, figures: 0, last: 0, before: "" };
  const root = document.querySelector(".ca-explorer");
  const told = "h1, .ca-counted, .ca-all-metrics, .ca-basis-line";
  const figures = () => [...root.querySelectorAll(told)].map((part) => part.textContent).join();
  const begin = () => Object.assign(clock, { began: performance.now(), figures: 0, last: 0, before: figures() });
  for (const kind of ["click", "keydown"]) document.addEventListener(kind, begin, true);
  new MutationObserver(() => requestAnimationFrame(() => {
    clock.last = performance.now();
    if (!clock.figures && figures() !== clock.before) clock.figures = clock.last;
  })).observe(root, { childList: true, subtree: true, characterData: true, attributes: true });
}"""
_QUIET = "ms => window.caClock.figures && performance.now() - window.caClock.last > ms"
_READ = "() => [caClock.figures - caClock.began, caClock.last - caClock.began]"


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind of change, in the order they were made."""

    figures: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)

    def add(self, page: Page) -> None:
        """What the page's clock says of the change that was just made, once the page is quiet."""
        page.wait_for_function(_QUIET, arg=QUIET_MS, timeout=DRAWN_WITHIN_MS)
        figures, last = page.evaluate(_READ)
        self.figures.append(figures)
        self.all.append(last)

    def __str__(self) -> str:
        said = [f"{name} {median(found):,.0f} ms (to {max(found):,.0f})" for name, found in self._kinds()]
        return f"{', '.join(said)}, of {len(self.all)}"

    def _kinds(self) -> tuple[tuple[str, list[float]], ...]:
        return ("figures", self.figures), ("all", self.all)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benches.in_browser", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--directory", type=Path, default=ROOT / "data" / "benches")
    parser.add_argument("--repetitions", type=int, default=20, help="of each kind of change")
    parser.add_argument(
        "--changes",
        type=int,
        default=500,
        help=f"after which memory is compared with that after {WARM}; of fewer it is not",
    )
    given = parser.parse_args()
    workspace = prepared_size(SIZES[given.size], (given.directory / given.size).resolve())
    chosen = choose_campaigns(open_workspace(workspace), given.repetitions)
    with explorer(workspace) as page:
        switches, campaigns, windows = Times(), Times(), Times()
        pick_campaign(page, *chosen[-1])
        page.wait_for_timeout(QUIET_MS)
        page.evaluate(_CLOCK)
        for one in chosen:
            pick_campaign(page, *one)
            campaigns.add(page)
        print("campaign:", campaigns)
        for turn in range(given.repetitions):
            page.get_by_role("button", name=SWITCHES[turn % 4], exact=True).click()
            switches.add(page)
        print("switch:", switches)
        for turn, one in enumerate(chosen):
            pick_campaign(page, *one)
            page.wait_for_timeout(QUIET_MS)
            change_window(page, WINDOWS[turn % len(WINDOWS)])
            windows.add(page)
        print("window:", windows)
        if given.changes > WARM:
            resident = change_often(page, chosen, given.changes)
            early, late = (resident[place] / 1e6 for place in (WARM, -1))
            print(f"memory of the kernel: {early:.0f} MB after {WARM} changes, {late:.0f} MB after {given.changes}")
    return 0


@contextmanager
def explorer(workspace: Path) -> Iterator[Page]:
    """The explorer on a workspace, drawn."""
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        (Path(home) / "lab").mkdir()
        with running_lab(Path(home) / "lab", notebooks=ROOT / "notebooks", workspace=workspace) as lab:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            open_explorer(page, lab, within_ms=DRAWN_WITHIN_MS)
            yield page
            page.close()


def choose_campaigns(workspace: Workspace, wanted: int) -> list[tuple[str, str]]:
    """Names and ids of some campaigns, always the same, no two alike."""
    found = sorted((campaign.name, campaign.campaign_id) for campaign in workspace.campaigns())
    return random.Random(1).sample(found, min(wanted, len(found)))


def change_window(page: Page, window: str) -> None:
    """Ask for another attribution window, by keyboard."""
    page.get_by_role("button", name="Change", exact=True).click()
    field = page.get_by_role("dialog").get_by_label("Window")
    field.fill(window)
    field.press("Enter")


if __name__ == "__main__":
    sys.exit(main())

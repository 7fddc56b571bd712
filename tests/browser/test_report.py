"""Reports as a reader gets them: one file, opened offline, working without a script."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults import find_faults

from analytics_core.reporting import write_index, write_reports
from analytics_core.workspace import open_workspace
from seeding import some

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BUSY = "spring-sale"
HOSTILE = "app-upgrade"
HOSTILE_NAME = '<script>alert(1)</script> & "quotes"'
OLDER = "newsletter-legacy"
PAPER_WIDTH = 688  # A4 between the margins of the page, in CSS pixels
PAPER_HEIGHT = 1016  # the same, the long side, across which the index is printed

_SCROLLING = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent.trim())"
_BROKEN = """() => [...document.querySelectorAll('.ca-table :is(th, td)')].filter((cell) => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    for (const word of text.data.matchAll(/[A-Za-z0-9:,.]+/g)) {
      if (word[0].length > 16) continue;
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((line) => line.top)).size > 1) return true;
    }
  }
  return false;
}).map((cell) => cell.textContent.trim().slice(0, 40))"""
"""Cells in which a word of at most 16 letters, or a time, stands on two lines."""


@dataclass(slots=True)
class Visit:
    """A page opened with the network closed, and all it tried or complained about."""

    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        self.page.context.route(
            "**/*", lambda route: route.continue_() if _is_file(route.request.url) else route.abort()
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.goto(path.as_uri())

    def switch(self, name: str) -> None:
        self.page.locator(f"#{name}").check()

    def value(self, metric: str) -> str:
        return self.page.locator(f".ca-all-metrics [data-metric={metric}] .ca-value").inner_text().strip()

    def shows(self, text: str) -> bool:
        return text in self.page.locator("body").inner_text()


def _is_file(url: str) -> bool:
    return url.startswith(("file:", "data:"))


@pytest.fixture(scope="module")
def reports(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of every campaign of the demo, and their index."""
    output = tmp_path_factory.mktemp("reports")
    ids = [campaign.campaign_id for campaign in open_workspace(demo_workspace).campaigns()]
    results = write_reports(demo_workspace, ids, output=output)
    assert [result.error for result in results if result.error] == []
    write_index(demo_workspace, output=output)
    return output


@pytest.fixture
def visit(browser: "Browser") -> Iterator[Visit]:
    """A new page, 1280 pixels wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context.new_page())
    context.close()


@pytest.mark.parametrize("name", [BUSY, HOSTILE, OLDER, "index"])
def test_a_report_asks_for_nothing_and_runs_nothing(reports: Path, visit: Visit, name: str) -> None:
    path = reports / f"{name}.html"
    visit.open(path)
    assert [url for url in visit.requests if not url.startswith("data:")] == [path.as_uri()]
    assert visit.complaints == []
    assert visit.page.locator("script").count() == 0


def test_a_hostile_name_is_only_text(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{HOSTILE}.html")
    assert visit.page.locator("h1").inner_text() == HOSTILE_NAME
    assert HOSTILE_NAME in visit.page.title()
    assert visit.page.locator("[onerror], [onload], img:not([src^='data:'])").count() == 0
    assert visit.complaints == []


def test_unique_and_total_switch_the_delivery_counts_only(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    total, conversions = visit.value("attempted"), visit.value("converted_users")
    visit.switch("counting-unique")
    unique = visit.value("attempted")
    assert int(total.replace(",", "")) > int(unique.replace(",", "")) > 0
    assert visit.value("converted_users") == conversions
    visit.switch("counting-total")
    assert visit.value("attempted") == total


def test_percentage_shows_shares_where_there_are_any(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    events = visit.value("conversion_events")
    visit.switch("shown-percentage")
    assert visit.value("attempted").endswith("%")
    assert visit.value("sent").endswith("%")
    assert visit.value("conversion_events") == events


def test_the_charts_follow_the_switches(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    shown = visit.page.locator(".ca-section-funnel img:visible")
    total = shown.get_attribute("alt")
    visit.switch("counting-unique")
    unique = shown.get_attribute("alt")
    visit.switch("shown-percentage")
    assert len({unique, total, shown.get_attribute("alt")}) == 3


def test_every_chart_is_drawn_and_described(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    drawn = visit.page.locator("img:visible").evaluate_all("all => all.map(img => [img.naturalWidth, img.alt.length])")
    assert len(drawn) == 7
    assert [pair for pair in drawn if 0 in pair] == []


def test_unpinned_metrics_can_be_hidden(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    pinned = visit.page.locator(".ca-pinned .ca-card:visible").count()
    assert 0 < pinned < visit.page.locator(".ca-card:visible").count()
    visit.switch("metrics-pinned")
    assert visit.page.locator(".ca-card:visible").count() == pinned
    visit.switch("metrics-all")
    assert visit.page.locator(".ca-card:visible").count() > pinned


def test_see_breakdown_opens_the_personalization_categories(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    assert not visit.shows("Campaign attribute")
    visit.page.get_by_text("See breakdown").click()
    assert visit.shows("Campaign attribute")


def test_switches_work_from_the_keyboard(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    visit.page.locator("#counting-unique").focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.page.locator("#counting-total").is_checked()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(reports: Path, visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    wider = []
    for path in sorted(reports.glob("*.html")):
        visit.page.goto(path.as_uri())
        visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        if visit.page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
            wider.append(path.name)
    assert wider == []


def test_no_table_scrolls_on_a_usual_screen(reports: Path, visit: Visit) -> None:
    scrolling = {}
    for path in sorted(reports.glob("*.html")):
        visit.page.goto(path.as_uri())
        visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        scrolling[path.name] = visit.page.locator(".ca-table-block").evaluate_all(_SCROLLING)
    assert {name: tables for name, tables in scrolling.items() if tables} == {}


def test_on_a_telephone_no_table_scrolls_and_no_word_is_broken(reports: Path, visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 900})
    found = {}
    for path in sorted(reports.glob("*.html")):
        visit.page.goto(path.as_uri())
        visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        tables = visit.page.locator(".ca-table-block:not([role=region])")
        found[path.name] = tables.evaluate_all(_SCROLLING), visit.page.evaluate(_BROKEN)
    assert {name: faults for name, faults in found.items() if faults != ([], [])} == {}


def test_nothing_is_cut_off_on_paper(reports: Path, visit: Visit) -> None:
    """What scrolls on a screen would lose its end on paper."""
    visit.page.emulate_media(media="print")
    cut = {}
    for path in sorted(reports.glob("*.html")):
        visit.page.set_viewport_size({"width": PAPER_HEIGHT if path.stem == "index" else PAPER_WIDTH, "height": 900})
        visit.page.goto(path.as_uri())
        cut[path.name] = visit.page.locator("html, .ca-table-block, .ca-table span, .ca-body, .ca-chart").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1)"
            ".map(one => one.textContent.trim().slice(0, 40))"
        )
    assert {name: texts for name, texts in cut.items() if texts} == {}


def test_a_short_name_of_a_row_is_not_broken_on_paper(reports: Path, visit: Visit) -> None:
    visit.page.set_viewport_size({"width": PAPER_WIDTH, "height": 900})
    visit.open(reports / "spring-sale.html")
    visit.page.emulate_media(media="print")
    names = visit.page.locator("tbody th.ca-whole")
    assert "2026-03-09" in names.all_inner_texts()
    assert set(names.evaluate_all("all => all.map(one => getComputedStyle(one).whiteSpace)")) == {"nowrap"}


def test_an_older_campaigns_report_has_its_smaller_page(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{OLDER}.html")
    assert visit.page.locator(".ca-section-funnel, .ca-section-goals").count() == 0
    assert visit.shows("Successfully Sent")


def test_dark_and_paper_have_their_own_colours(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    grounds = []
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "light")):
        visit.page.emulate_media(media=media, color_scheme=scheme)
        grounds.append(visit.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(grounds)) == 3


def test_paper_is_light_even_where_the_screen_is_dark(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    inks = []
    for media, scheme in (("print", "light"), ("print", "dark"), ("screen", "light")):
        visit.page.emulate_media(media=media, color_scheme=scheme)
        inks.append(visit.page.locator("h1").evaluate("heading => getComputedStyle(heading).color"))
    assert len(set(inks)) == 1


def test_paper_says_which_way_the_switches_stand(reports: Path, visit: Visit) -> None:
    visit.open(reports / f"{BUSY}.html")
    visit.switch("counting-total")
    visit.page.emulate_media(media="print")
    said = " ".join(visit.page.locator(".ca-switches").inner_text().split())
    assert said == "Show as Number Count Total Metrics Show all metrics"


def test_the_index_leads_to_every_report(reports: Path, visit: Visit) -> None:
    visit.open(reports / "index.html")
    names = visit.page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    names = [name for name in names if not name.startswith("data:")]
    assert sorted(names) == sorted(path.name for path in reports.glob("*.html") if path.name != "index.html")
    visit.page.get_by_role("link", name="Spring sale").click()
    assert visit.page.locator("h1").inner_text() == "Spring sale"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", some(2, [BUSY, "index", OLDER]))
def test_a_report_keeps_nobody_out(visit: Visit, reports: Path, name: str, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.open(reports / f"{name}.html")
    visit.page.evaluate("() => document.querySelectorAll('details').forEach(closed => closed.open = true)")
    assert find_faults(visit.page) == []


def test_a_sign_on_a_card_leads_to_the_note(visit: Visit, reports: Path) -> None:
    visit.open(reports / f"{BUSY}.html")
    visit.page.locator(".ca-all-metrics .ca-caveat").first.click()
    note = visit.page.locator(":target")
    assert note.locator("dt").inner_text().strip().endswith("Contamination")
    assert note.is_visible()

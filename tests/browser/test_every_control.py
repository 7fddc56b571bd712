"""Every control of the explorer, once by mouse and once by keyboard alone; the page says what the Snapshot says."""

import json
import re
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from faults import find_faults
from lab import PERSON, await_campaign, change_theme, read_cells

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.views.campaign.cards import cards
from analytics_core.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab import Desk
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

_LATER_REVIEWED = {
    "schedule": {"starts_at": "2035-01-01T09:00:00Z", "ends_at": "2035-12-31T09:00:00Z"},
    "approval": {"required": True, "approvers": [PERSON]},
}
_NOW = {"starts_at": "2026-01-01T09:00:00Z", "ends_at": "2035-12-31T09:00:00Z"}
_GOAL = {"goal_id": "g", "name": "Purchase", "event_name": "Order Placed", "is_primary": True}
BOOK = [
    {"campaign_id": "draft", "name": "Not yet submitted", "status": "draft", **_LATER_REVIEWED},
    {
        "campaign_id": "one",
        "name": "To be approved",
        "status": "under_review",
        **_LATER_REVIEWED,
    },
    {
        "campaign_id": "two",
        "name": "To be rejected",
        "status": "under_review",
        **_LATER_REVIEWED,
    },
    {"campaign_id": "run", "name": "Runs for years", "status": "active", "schedule": _NOW},
    {"campaign_id": "out", "name": "Goes out now", "status": "sending", "schedule": _NOW},
]

WHERE = """element => {
    const focused = document.activeElement;
    if (element === focused) return 'here';
    return focused.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING ? 'before' : 'after';
}"""
"""Where an element stands as seen from what has the focus."""


class Person:
    """Somebody who has a mouse, or a keyboard alone: then everything is reached by Tab from where they are."""

    def __init__(self, page: "Page", by: str) -> None:
        self.page, self.by = page, by

    def press(self, control: "Locator") -> None:
        """Click it, or go there and press Enter."""
        control.wait_for()
        if self.by == "mouse":
            control.click()
        else:
            self.reach(control)
            self.page.keyboard.press("Enter")

    def tick(self, box: "Locator") -> None:
        if self.by == "mouse":
            box.click()
        else:
            self.reach(box)
            self.page.keyboard.press("Space")

    def choose(self, select: "Locator", label: str) -> None:
        """An entry of a list, which a keyboard finds by its first letters."""
        if self.by == "mouse":
            select.select_option(label=label)
        else:
            self.reach(select)
            self.page.keyboard.type(label)
            self.page.keyboard.press("Tab")

    def write(self, field: "Locator", text: str) -> None:
        if self.by == "mouse":
            field.click(click_count=3)
        else:
            self.reach(field)
            self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def reach(self, control: "Locator") -> None:
        """Tab, or back where it stands before what has the focus, until it has the focus."""
        for _ in range(20):
            # Finding it by its role takes ten times as long as a key: it is found anew only in case it was drawn anew.
            element = control.element_handle()
            for _ in range(20):
                where = element.evaluate(WHERE)
                if where == "here":
                    return
                self.page.keyboard.press("Shift+Tab" if where == "before" else "Tab")
        raise AssertionError(f"cannot be reached by Tab: {control}")


@pytest.fixture(scope="session")
def filled(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, and campaigns on which every action can be taken; nobody may change it."""
    top = tmp_path_factory.mktemp("filled")
    copytree(demo_workspace, top / "workspace")
    book = [{**one, "delivery_type": "periodic", "goals": [_GOAL]} for one in BOOK]
    (top / "export").mkdir()
    (top / "export" / "campaigns.json").write_text(json.dumps(book))
    open_workspace(top / "workspace").import_canonical(top / "export")
    return top / "workspace"


@pytest.fixture
def workspace(filled: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(copytree(filled, tmp_path / "workspace"))


@pytest.fixture(params=["mouse", "keyboard"])
def person(desk: "Desk", workspace: Path, request: pytest.FixtureRequest) -> "Iterator[Person]":
    """Somebody before the explorer; fails on any error, dialog of the browser, or request that leaves this machine."""
    with desk.exploring(workspace) as page:
        page.get_by_role("combobox", name="Campaign").focus()
        yield Person(page, str(request.param))


def pick(person: Person, name: str) -> None:
    page = person.page
    box = page.get_by_role("combobox", name="Campaign")
    person.write(box, name)
    entry = page.locator(".ca-option", has_text=name).first
    entry.wait_for()
    if person.by == "mouse":
        entry.click()
    else:
        page.locator(".ca-option.ca-active", has_text=name).wait_for()
        page.keyboard.press("Enter")
    await_campaign(page, name)


def expect_cards(person: Person, workspace: Path, counting: Counting, shown_as: ShownAs) -> None:
    opened = open_workspace(workspace)
    for card in cards(
        opened.snapshot("spring-sale"), opened.campaign("spring-sale"), counting=counting, shown_as=shown_as
    ):
        shown = person.page.locator(f'.ca-all-metrics [data-metric="{card.metric}"]')
        shown.locator(".ca-value").get_by_text(card.value, exact=True).wait_for()


def test_picker_switches_and_pins(person: Person, workspace: Path) -> None:
    page, before = person.page, read_cells(person.page)
    campaigns = len(open_workspace(workspace).campaigns())
    person.choose(page.get_by_label("Status", exact=True), "Draft")
    page.get_by_text(f"1 of {campaigns} campaigns").wait_for()
    person.choose(page.get_by_label("Status", exact=True), "Any status")
    person.choose(page.get_by_label("Delivery type"), "Event-triggered")
    page.get_by_text(f"of {campaigns} campaigns").wait_for()
    person.choose(page.get_by_label("Delivery type"), "Any delivery type")
    page.get_by_text(f"{campaigns} campaigns", exact=True).wait_for()
    pick(person, "Spring sale")
    for name, counting, shown_as in (
        ("Unique", Counting.UNIQUE, ShownAs.NUMBER),
        ("Percentage", Counting.UNIQUE, ShownAs.PERCENTAGE),
        ("Total", Counting.TOTAL, ShownAs.PERCENTAGE),
        ("Number", Counting.TOTAL, ShownAs.NUMBER),
    ):
        person.press(page.get_by_role("button", name=name, exact=True))
        page.get_by_role("button", name=name, exact=True, pressed=True).wait_for()
        expect_cards(person, workspace, counting, shown_as)
    person.press(page.get_by_role("button", name="Pin metrics"))
    person.tick(page.get_by_label("Failed", exact=True))
    page.get_by_text("5 of 5 pinned").wait_for()
    page.keyboard.press("Escape")
    page.locator(".ca-menu").wait_for(state="hidden")
    person.press(page.get_by_role("button", name="Hide unpinned metrics"))
    page.locator(".ca-all-metrics").wait_for(state="detached")
    person.press(page.get_by_role("button", name="Show all metrics"))
    page.locator(".ca-all-metrics").wait_for()
    assert read_cells(page) == before


def test_everything_that_opens(person: Person) -> None:
    page, before = person.page, read_cells(person.page)
    pick(person, "Spring sale")
    about = page.locator(".ca-pinned .ca-about").first
    person.press(about.locator("summary"))
    about.locator("p").wait_for()
    page.keyboard.press("Escape")
    about.locator("p").wait_for(state="hidden")
    person.press(page.get_by_text("See breakdown of personalization failures"))
    page.get_by_text("Exact combinations").or_(page.get_by_text("What it means")).first.wait_for()
    details = page.locator(".ca-findings details", has_text="uplift over the campaign control group").first
    person.press(details.locator("summary"))
    details.get_by_text("Control users").wait_for()
    figures = [(name, f"{name} by day") for name in ("Revenue", "Conversions", "Delivery")]
    for name, title in [
        *figures,
        *((name, f"Delivery by {name.lower()}") for name in ("Week", "Month", "Hour", "Day")),
    ]:
        person.press(page.get_by_role("button", name=name, exact=True))
        page.get_by_role("button", name=name, exact=True, pressed=True).wait_for()
        page.get_by_role("heading", name=title).wait_for()
    table = page.locator(".ca-drawn details").first
    person.press(table.locator("summary"))
    table.locator("table").wait_for()
    person.press(page.get_by_role("button", name="Week", exact=True))
    page.get_by_role("heading", name="Delivery by week").wait_for()
    table.locator("table").wait_for()
    info = page.get_by_role("tab", name="Info")
    if person.by == "mouse":
        info.click()
    else:
        person.reach(page.get_by_role("tab", name="Analytics"))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Content preview").wait_for()
    assert read_cells(page) == before


@pytest.mark.parametrize(
    "asked",
    [
        '.ca-pinned [data-why="sent"]',
        '.ca-table [data-why="conversion_events"][data-goal="1"]',
        '.ca-table [data-why="uplift"]',
        '.ca-why-bar[data-why="sent"]',
        '.ca-table [data-why="response_404"]',
    ],
)
def test_why_this_number(person: Person, asked: str) -> None:
    page, before = person.page, read_cells(person.page)
    pick(person, "Spring sale")
    figure = page.locator(asked).first
    person.press(figure)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("These rows make").or_(dialog.get_by_text("Treated")).first.wait_for()
    person.press(dialog.get_by_role("button", name="Copy as a sentence"))
    dialog.get_by_text("Copied:").wait_for()
    with page.expect_download() as saved:
        person.press(dialog.get_by_role("button", name="CSV of all rows"))
    assert Path(saved.value.path()).read_text().count("\n") > 1
    person.write(dialog.get_by_label("User id"), "u-001014")
    person.press(dialog.get_by_role("button", name="Explain this user"))
    dialog.get_by_text("u-001014").first.wait_for()
    person.press(dialog.get_by_role("button", name="The number again"))
    dialog.get_by_role("button", name="Copy as a sentence").wait_for()
    person.press(dialog.get_by_role("button", name="Close").last)
    dialog.wait_for(state="hidden")
    assert read_cells(page) == before


def test_a_figure_of_an_instance_is_reached_and_answers(person: Person) -> None:
    page = person.page
    pick(person, "Spring sale")
    if person.by == "mouse":
        page.locator('.ca-table [data-why="sent"][data-part="instance 2"]').click()
    else:
        person.reach(page.locator('.ca-table [data-why="sent"][data-part="instance 0"]'))
        for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Only of instance").wait_for()
    dialog.get_by_text("These rows make").first.wait_for()
    person.press(dialog.get_by_role("button", name="Close").last)


def test_a_bar_of_a_trend_is_reached_and_answers(person: Person) -> None:
    page = person.page
    pick(person, "Spring sale")
    bars = page.locator('.ca-why-bar[data-part^="day "]')
    asked = bars.nth(2)
    day, sent = re.fullmatch(r"(.+) ([\d,]+) sent, .+", str(asked.get_attribute("aria-label"))).groups()  # type: ignore[union-attr]
    if person.by == "mouse":
        asked.click()
    else:
        person.reach(bars.first)
        for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "Enter"):
            page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(f"Only of {day}: deliveries by their own time").wait_for()
    dialog.get_by_text(f"These rows make {sent} in total").first.wait_for()
    person.press(dialog.get_by_role("button", name="Close").last)


def test_rules(person: Person) -> None:
    page = person.page
    pick(person, "Spring sale")
    person.press(page.get_by_role("button", name="Change", exact=True))
    dialog = page.get_by_role("dialog")
    person.write(dialog.get_by_label("Window"), "12h")
    person.choose(dialog.get_by_label("Attribution model"), "Last interaction")
    person.write(dialog.get_by_label("Success codes"), "200, 202")
    person.write(dialog.get_by_label("As of"), "2026-05-01 00:00")
    person.tick(dialog.get_by_label("Only matured deliveries"))
    person.press(dialog.get_by_role("button", name="Apply"))
    page.get_by_text("As you asked").wait_for()
    page.get_by_text("window 12 hours").first.wait_for()
    person.press(page.get_by_role("button", name="Reset"))
    page.get_by_text("As you asked").wait_for(state="detached")


def test_actions(person: Person, workspace: Path) -> None:
    page = person.page

    def act(action: str, confirm: str = "", comment: str = "") -> None:
        person.press(page.get_by_role("button", name=action, exact=True).first)
        if confirm:
            dialog = page.get_by_role("dialog")
            if comment:
                person.write(dialog.get_by_label("Comment"), comment)
            person.press(dialog.get_by_role("button", name=confirm, exact=True))
            dialog.wait_for(state="hidden")

    pick(person, "Runs for years")
    act("Refresh")
    page.get_by_text("Refreshed.").wait_for()
    act("Pause", "Pause")
    page.get_by_role("status").get_by_text("Paused: it is Paused").wait_for()
    act("Resume")
    page.get_by_role("status").get_by_text("Resumed: it is Active").wait_for()
    act("Edit")
    dialog = page.get_by_role("dialog")
    person.write(dialog.get_by_label("Name"), "Runs for many years")
    person.press(dialog.get_by_role("button", name="Show changes"))
    dialog.get_by_text("What would change").wait_for()
    person.press(dialog.get_by_role("button", name="Write"))
    page.get_by_text("Edited Runs for many years.").wait_for()
    pick(person, "Not yet submitted")
    act("Submit")
    page.get_by_role("status").get_by_text("Submitted: it is Under Review").wait_for()
    act("Withdraw", "Withdraw")
    page.get_by_role("status").get_by_text("Withdrawn: it is Draft").wait_for()
    act("Duplicate")
    dialog.get_by_label("Name").wait_for()
    person.press(dialog.get_by_role("button", name="Cancel"))
    await_campaign(page, "Duplicate - Not yet submitted")
    pick(person, "To be approved")
    act("Approve", "Approve", "Keep the control group.")
    page.get_by_role("status").get_by_text("Approved: it is").wait_for()
    pick(person, "To be rejected")
    act("Reject", "Reject", "No.")
    page.get_by_role("status").get_by_text("Rejected: it is Rejected").wait_for()
    pick(person, "Goes out now")
    act("Stop", "Stop")
    page.get_by_role("status").get_by_text("Stopped: it is Stopped").wait_for()
    shown = {one.campaign_id: (one.name, one.status) for one in open_workspace(workspace).campaigns()}
    assert shown["run"] == ("Runs for many years", "active")
    assert (shown["draft"][1], shown["out"][1]) == ("draft", "stopped")
    assert shown["two"][1] == "rejected"


def test_a_sign_on_a_card_leads_to_the_note(person: Person) -> None:
    page = person.page
    pick(person, "Spring sale")
    person.press(page.locator(".ca-all-metrics .ca-caveat").first)
    assert page.evaluate("() => document.activeElement.id") == "note-contamination"


@pytest.mark.parametrize("person", ["mouse"], indirect=True)
def test_the_explorer_keeps_nobody_out(person: Person) -> None:
    page = person.page
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        change_theme(page, theme)
        for name in ("Spring sale", "Newsletter", "To be approved"):
            pick(person, name)
            page.wait_for_timeout(500)
            assert find_faults(page, ".ca-explorer") == [], (theme, name)
        pick(person, "Spring sale")
        person.press(page.get_by_role("tab", name="Info"))
        page.get_by_role("heading", name="Content preview").wait_for()
        assert find_faults(page, ".ca-explorer") == [], theme
        person.press(page.get_by_role("tab", name="Analytics"))

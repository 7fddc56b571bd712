"""The explorer in a real JupyterLab: chosen, switched, pinned and read as a person does it."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import await_campaign, pick_campaign, read_cells

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.views.campaign.cards import Card, cards
from analytics_core.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab import Desk
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FOCUSABLE = ".ca-explorer :is(a[href], button, input, select, textarea, summary, [tabindex])"
FOCUS = """([focusable, place]) => {
  const found = document.querySelectorAll(focusable)[place];
  found?.focus();
  return found !== undefined && document.activeElement === found;
}"""
"""Whether what stands in that place, if anything does, took the focus; what is hidden or disabled does not."""


@pytest.fixture
def page(desk: "Desk", demo_workspace: Path) -> "Iterator[Page]":
    """The explorer notebook, run on the demo; fails on any error, dialog, or request that leaves this machine."""
    with desk.exploring(demo_workspace) as opened:
        yield opened


def expect_cards(page: "Page", expected: tuple[Card, ...]) -> None:
    """Wait until every card below the pinned row says what the Snapshot says."""
    for card in expected:
        shown = page.locator(f'.ca-all-metrics [data-metric="{card.metric}"]')
        shown.locator(".ca-value").get_by_text(card.value, exact=True).wait_for()
        shown.locator(".ca-second").get_by_text(card.second, exact=True).wait_for()


def test_choosing_and_switching_shows_the_numbers_of_the_snapshot(page: "Page", demo_workspace: Path) -> None:
    workspace = open_workspace(demo_workspace)
    snapshot, campaign = workspace.snapshot("spring-sale"), workspace.campaign("spring-sale")
    pick_campaign(page, "Spring sale")
    expect_cards(page, cards(snapshot, campaign, counting=Counting.TOTAL, shown_as=ShownAs.NUMBER))
    page.get_by_role("button", name="Unique", exact=True, pressed=False).click()
    page.get_by_role("button", name="Unique", exact=True, pressed=True).wait_for()
    expect_cards(page, cards(snapshot, campaign, counting=Counting.UNIQUE, shown_as=ShownAs.NUMBER))
    assert page.locator('.ca-all-metrics [data-metric="sent"] .ca-value').inner_text() == (
        f"{snapshot.performance.sent.unique:,}"
    )
    page.get_by_role("button", name="Percentage", exact=True).press("Enter")
    expect_cards(page, cards(snapshot, campaign, counting=Counting.UNIQUE, shown_as=ShownAs.PERCENTAGE))
    page.get_by_alt_text("users counted unique").first.wait_for()
    assert page.locator(".ca-explorer").count() == 1


@pytest.mark.long
def test_the_sixth_pin_is_refused_and_the_five_are_remembered(page: "Page", desk: "Desk") -> None:
    pick_campaign(page, "Spring sale")
    page.get_by_role("button", name="Pin metrics").click()
    page.get_by_label("Failed", exact=True).check()
    page.get_by_text("5 of 5 pinned").wait_for()
    sixth = page.get_by_label("Event (Primary)", exact=True)
    sixth.click()
    page.get_by_role("alert").get_by_text("At most five metrics can be pinned").wait_for()
    page.get_by_text("5 of 5 pinned").wait_for()
    assert not sixth.is_checked()
    page.get_by_role("button", name="Hide unpinned metrics").click()
    page.get_by_role("button", name="Show all metrics").wait_for()
    assert page.locator(".ca-pinned .ca-card").count() == 5
    assert page.locator(".ca-all-metrics").count() == 0
    (remembered,) = (desk.home / "state" / "connector-analytics" / "pins").iterdir()
    assert '"sent", "failed"' in remembered.read_text()


@pytest.mark.long
def test_a_hostile_name_does_nothing_and_the_info_tab_opens_by_keyboard(page: "Page", demo_workspace: Path) -> None:
    campaigns = len(open_workspace(demo_workspace).campaigns())
    page.get_by_role("combobox", name="Campaign").fill("script")
    page.get_by_text(f"1 of {campaigns} campaigns").wait_for()
    pick_campaign(page, "<script>")
    page.get_by_role("tab", name="Analytics").press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Content preview").wait_for()
    page.get_by_role("heading", name="Audience").wait_for()
    assert page.get_by_role("heading", name="Performance stats").count() == 0
    assert page.locator(".ca-explorer script").count() == 0


def test_the_first_screen_holds_five_numbers(page: "Page") -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    pick_campaign(page, "Spring sale")
    figures = page.locator(".ca-card .ca-value").all()
    boxes = [box for box in (figure.bounding_box() for figure in figures) if box]
    assert sum(box["y"] + box["height"] <= 872 for box in boxes) >= 5  # above the status bar
    assert page.evaluate("() => document.querySelector('.ca-explorer').scrollWidth") <= 860


def test_beside_the_side_bar_no_table_is_cut_and_figures_of_a_row_stand_in_one_line(page: "Page") -> None:
    for name in ("Spring sale", "Cart reminder"):
        pick_campaign(page, name)
        tables = page.locator(".ca-explorer .ca-table-block:visible")
        needed = tables.evaluate_all("all => all.map(one => [one.innerText, one.scrollWidth - one.clientWidth])")
        assert len(needed) > 4
        assert [text for text, beyond in needed if beyond > 0] == []
    values = page.locator(".ca-pinned .ca-card .ca-value")
    lines = values.evaluate_all("all => all.map(value => value.getBoundingClientRect().y)")
    assert len(set(lines)) == 1


def test_what_is_pressed_is_picked_though_the_search_answers_meanwhile(page: "Page") -> None:
    box = page.get_by_role("combobox", name="Campaign")
    box.click()
    entry = page.locator(".ca-option", has_text="Newsletter").first
    entry.hover()
    page.keyboard.insert_text("newsletter")
    page.mouse.down()
    page.locator(".ca-found", has_text=" of ").wait_for()
    page.wait_for_timeout(200)
    page.mouse.up()
    await_campaign(page, "Newsletter")
    assert page.locator(".ca-option:visible").count() == 0


def test_enter_picks_what_was_typed_however_fast_it_follows(page: "Page") -> None:
    for typed, name in (("newsletter", "Thursday newsletter"), ("spring s", "Spring sale")):
        page.get_by_role("combobox", name="Campaign").click()
        page.keyboard.insert_text(typed)
        page.keyboard.press("Enter")
        await_campaign(page, name)
    page.get_by_role("combobox", name="Campaign").click()
    page.keyboard.insert_text("no such")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.ca-combobox-input').value === 'Spring sale'")
    await_campaign(page, "Spring sale")


def test_nothing_of_the_campaign_before_is_heard_after_a_choice(page: "Page") -> None:
    box = page.get_by_role("combobox", name="Campaign")
    box.click()
    box.fill("spring s")
    page.locator(".ca-found", has_text=" of ").wait_for()
    is_inert = box.evaluate(
        """input => {
            input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
            return document.querySelector(".ca-page-parts").inert;
        }"""
    )
    assert is_inert
    page.locator(".ca-page-parts:not([inert])").wait_for()
    await_campaign(page, "Spring sale")
    page.get_by_role("button", name="Refresh", exact=True).click()
    page.get_by_text("Refreshed.").wait_for()


@pytest.mark.long
def test_the_picker_is_used_by_keyboard_alone(page: "Page") -> None:
    before = read_cells(page)
    box = page.get_by_role("combobox", name="Campaign")
    box.focus()
    page.keyboard.press("ArrowDown")
    page.locator(".ca-option.ca-active").wait_for()
    page.keyboard.press("Escape")
    page.locator(".ca-combobox-pop").wait_for(state="hidden")
    page.keyboard.type("xxddzz")
    page.get_by_text("No campaign matches;").wait_for()
    page.get_by_role("button", name="clear filters").press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("stopped")
    page.locator(".ca-option.ca-active", has_text="Flash Friday").wait_for()
    page.keyboard.press("Enter")
    await_campaign(page, "Flash Friday")
    assert read_cells(page) == before


def test_escape_ends_a_search_that_is_not_answered_yet(page: "Page") -> None:
    every = page.locator(".ca-found").inner_text()
    for wait_ms in (62, 66, 70, 80):
        page.get_by_role("combobox", name="Campaign").click()
        page.keyboard.insert_text("newsletter")
        page.wait_for_timeout(wait_ms)
        page.keyboard.press("Escape")
        page.wait_for_timeout(400)
        assert page.locator(".ca-found").inner_text() == every


def test_an_enter_of_an_input_method_picks_nothing(page: "Page") -> None:
    box = page.get_by_role("combobox", name="Campaign")
    box.click()
    page.keyboard.insert_text("newsletter")
    page.locator(".ca-option.ca-active", has_text="Thursday newsletter").wait_for()
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert page.locator(".ca-option.ca-active").is_visible()
    page.keyboard.press("Enter")
    await_campaign(page, "Thursday newsletter")


def test_a_number_is_asked_about_and_answered_by_keyboard_alone(page: "Page") -> None:
    pick_campaign(page, "Spring sale")
    asked = page.locator('.ca-pinned [data-why="sent"]')
    asked.press("Enter")
    page.get_by_text("Sent: 10,263 in total, 1,557 unique").wait_for()
    page.get_by_text("These rows make 10,263 in total and 1,557 unique: the same.").wait_for()
    page.keyboard.press("Tab")  # to the button that closes
    page.keyboard.press("Tab")
    page.keyboard.type("u-001014")
    page.keyboard.press("Enter")
    page.get_by_text("This user counts in Sent").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")
    assert asked.evaluate("element => element === document.activeElement")


@pytest.mark.long
def test_other_rules_are_refused_or_computed(page: "Page") -> None:
    pick_campaign(page, "Spring sale")
    page.get_by_role("button", name="Change").press("Enter")
    page.get_by_label("Window").fill("soon")
    page.keyboard.press("Enter")
    page.get_by_text("'soon' is not a valid duration").wait_for()
    page.get_by_label("Window").fill("12h")
    page.keyboard.press("Enter")
    page.get_by_text("As you asked").wait_for()
    page.get_by_text("Rules window 12 hours").wait_for()


@pytest.mark.long
def test_keys_on_anything_that_can_be_focused_leave_the_cells_as_they_were(page: "Page") -> None:
    before, chance = read_cells(page), random.Random(7)
    pick_campaign(page, "Spring sale")
    places = page.evaluate("focusable => document.querySelectorAll(focusable).length", FOCUSABLE)
    keys = [*"abcdjkmxyz0", "ArrowDown", "ArrowUp", "Delete", "Shift+M"]
    taken = 0
    for place in range(places):
        if page.evaluate(FOCUS, [FOCUSABLE, place]):
            taken += 1
            for key in ["x", "d", "d", *chance.sample(keys, 4)]:
                page.keyboard.press(key)
    assert 7 * taken > 500, (taken, places)
    assert read_cells(page) == before

"""A text from data in every field at once: nothing runs, nothing is asked of another machine, nothing overflows."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile_texts import list_hostile_texts
from lab import NOTEBOOKS, open_explorer, running_lab, watch

from analytics_core.reporting import write_index, write_reports
from analytics_core.workspace import create_workspace, open_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]

WIDTHS = (1280, 390)


def define(number: int, text: str) -> dict[str, object]:
    """A campaign that has the text wherever a definition may have one."""
    goal = {"goal_id": "g", "name": text, "event_name": text[:128], "is_primary": True}
    other = {"goal_id": "h", "name": f"{text[:200]} again", "event_name": "Seen"}
    return {
        "campaign_id": f"c{number}",
        "name": f"{number:03} {text}"[:256],
        "delivery_type": "event_triggered",
        "status": "active",
        "team": text,
        "tags": [text[:50]],
        "created_by": text,
        "trigger": text,
        "audience": {"segment": text, "filters": text, "excluded": text, "control_group_percent": 10},
        "schedule": {"kind": text, "detail": text, "frequency_cap": text},
        "request": {
            "method": "POST",
            "url": "https://api.example/x",
            "headers": {"Accept": text},
            "body": json.dumps({"greeting": text, "name": "{{ name }}"}),
            "sample": {"name": text},
        },
        "approval": {"required": True, "approvers": ["lee@acme.example"], "comment": text},
        "goals": [goal, other],
    }


def row(number: int, user: int, text: str) -> dict[str, object]:
    outcome: dict[str, object] = {"outcome": "requested", "response_code": 200}
    if user % 5 == 0:
        outcome = {
            "outcome": "personalization_failed",
            "personalization_errors": [{"category": "user_attribute", "attribute": text[:100]}],
        }
    return {
        "campaign_id": f"c{number}",
        "instance_id": text[:60] if user % 2 else "1",
        "user_id": f"u{user}",
        "occurred_at": f"2026-04-01T10:00:{user:02}Z",
        "request_id": f"r{number}-{user}",
        **outcome,
    }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign a text, ten rows and some events each."""
    directory = tmp_path_factory.mktemp("hostile")
    export, texts = directory / "export", list(list_hostile_texts())
    export.mkdir()
    rows = [row(number, user, text) for number, text in enumerate(texts) for user in range(1, 11)]
    events = [
        {
            "event_id": f"e{number}",
            "user_id": f"u{1 + number % 9}",
            "event_name": text[:128],
            "occurred_at": "2026-04-01T11:00:00Z",
        }
        for number, text in enumerate(texts)
    ]
    for name, records in (("deliveries", rows), ("events", events)):
        (export / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (export / "campaigns.json").write_text(json.dumps([define(number, text) for number, text in enumerate(texts)]))
    made = create_workspace(directory / "workspace")
    made.import_canonical(export)
    return made.directory


def taken_in(workspace: Path) -> list[str]:
    """The campaigns whose definitions may have such a text; the others were rejected, by name."""
    return [campaign.campaign_id for campaign in open_workspace(workspace).campaigns()]


def test_sixty_are_tried(workspace: Path) -> None:
    assert len(taken_in(workspace)) >= 60


def test_nothing_of_it_does_anything_in_a_report(browser: "Browser", workspace: Path, tmp_path: Path) -> None:
    names = taken_in(workspace)
    results = write_reports(workspace, names, output=tmp_path)
    assert [result.error for result in results if result.error] == []
    write_index(workspace, output=tmp_path)
    page = browser.new_page()
    said = watch(page, "file:", "data:")
    wide: list[tuple[str, int]] = []
    for name in (*names, "index"):
        page.goto((tmp_path / f"{name}.html").as_uri())
        page.evaluate("() => document.querySelectorAll('details').forEach(closed => closed.open = true)")
        assert page.evaluate("() => document.body.dataset.ran") is None, name
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
                wide.append((name, width))
    page.close()
    assert (said, wide) == ([], [])


def test_nothing_of_it_does_anything_in_the_explorer(browser: "Browser", workspace: Path, tmp_path: Path) -> None:
    with running_lab(tmp_path, notebooks=NOTEBOOKS, workspace=workspace) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        said = watch(page, *lab.allowed)
        open_explorer(page, lab)
        wide: list[str] = []
        for number in (int(name[1:]) for name in taken_in(workspace)):
            box = page.get_by_role("combobox", name="Campaign")
            box.click()
            box.fill(f"{number:03}")
            page.locator(".ca-option.ca-active", has_text=f"{number:03}").wait_for()
            box.press("Enter")
            page.locator(".ca-explorer h1", has_text=f"{number:03}").wait_for()
            for tab in ("Info", "Analytics"):
                page.get_by_role("tab", name=tab).click()
                assert page.evaluate("() => document.body.dataset.ran") is None, number
                if page.locator(".ca-explorer").evaluate("box => box.scrollWidth > box.clientWidth"):
                    wide.append(f"c{number} {tab}")
        page.close()
    assert (said, wide) == ([], [])

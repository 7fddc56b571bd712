"""What keeps people out of a page, as axe-core finds it: contrast, names, roles, headings."""

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SERIOUS = {"serious", "critical"}


def find_faults(page: "Page", within: str | None = None) -> list[tuple[str, str]]:
    """The serious faults of a page, or of a part of it: which rule, and the first element that breaks it."""
    found = Axe().run(page, context=within).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in _SERIOUS]

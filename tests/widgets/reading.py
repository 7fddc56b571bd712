"""Reading an explorer the way a person does: by what its controls are called and what is visible."""

import re
from collections.abc import Iterator
from html import unescape

import ipywidgets as widgets

from analytics_core.widgets import Explorer

CARD = re.compile(r'data-metric="(\w+)".*?class="ca-value">(.*?)</p>', re.DOTALL)


def visible(part: widgets.Widget) -> Iterator[widgets.Widget]:
    """The widget and everything in it that is not hidden."""
    if part.layout.display == "none":
        return
    yield part
    for child in getattr(part, "children", ()):
        yield from visible(child)


def control(explorer: Explorer, description: str) -> widgets.Widget:
    """The control of that label, visible or in a closed menu."""
    (found,) = (part for part in _all(explorer.box) if getattr(part, "description", None) == description)
    return found


def choices(explorer: Explorer, first: str) -> widgets.ToggleButtons:
    """The switch whose first position is called `first`."""
    switches = (part for part in _all(explorer.box) if isinstance(part, widgets.ToggleButtons))
    return next(switch for switch in switches if switch.options[0][0] == first)


def html(explorer: Explorer) -> str:
    """The HTML of every visible pane, in the order of the page."""
    return "\n".join(part.value for part in visible(explorer.box) if isinstance(part, widgets.HTML))


def text(explorer: Explorer) -> str:
    """What the visible panes say, without markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html(explorer))))


def figures(explorer: Explorer) -> dict[str, str]:
    """The figure on each visible card, by metric."""
    return {metric: re.sub(r"<[^>]*>", "", value).strip() for metric, value in CARD.findall(html(explorer))}


def pinned(explorer: Explorer) -> list[str]:
    """The metrics in the pinned row, in its order."""
    row = re.search(r'class="ca-group ca-pinned">(.*?)(?:class="ca-group |$)', html(explorer), re.DOTALL)
    return [] if row is None else [metric for metric, _ in CARD.findall(row.group(1))]


def _all(part: widgets.Widget) -> Iterator[widgets.Widget]:
    yield part
    for child in getattr(part, "children", ()):
        yield from _all(child)

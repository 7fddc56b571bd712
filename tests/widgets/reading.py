"""Reading an explorer the way a person does: by what its controls are called and what is visible."""

import re
from collections.abc import Iterator
from html import unescape

import ipywidgets as widgets

from analytics_core.widgets import Explorer
from analytics_core.widgets.browser.dialog import Dialog, Sheet
from analytics_core.widgets.browser.parts import Combobox, Guard

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


def one(explorer: Explorer, kind: type[widgets.Widget]) -> widgets.Widget:
    """The explorer's only widget of that kind."""
    (found,) = (part for part in _all(explorer.box) if isinstance(part, kind))
    return found


def tell(part: widgets.Widget, /, **said: object) -> None:
    """What its script sends when a person does something."""
    part._handle_custom_msg(said, [])


def search(explorer: Explorer, query: str) -> None:
    tell(one(explorer, Combobox), kind="search", query=query)


def pick(explorer: Explorer, campaign_id: str) -> None:
    tell(one(explorer, Combobox), kind="pick", id=campaign_id)


def picked(explorer: Explorer) -> str | None:
    return one(explorer, Combobox).value


def offered(explorer: Explorer) -> list[str]:
    """The ids of the campaigns that the picker offers, in its order."""
    return [option["id"] for option in one(explorer, Combobox).options]


def ask_why(explorer: Explorer, metric: str, goal: str = "", part: str = "") -> None:
    guard = one(explorer, Guard)
    tell(guard, kind="why", drawn=guard.drawn, metric=metric, goal=goal, part=part)


def dialog(explorer: Explorer) -> Sheet:
    """What the dialog shows; without a title where it is closed."""
    return one(explorer, Dialog).shown


def answer(explorer: Explorer, button: str, **values: str) -> None:
    """Fill in fields of the dialog, a dot of a name as two underlines, and press a button of it."""
    shown = {field.name: field.value for field in dialog(explorer).fields}
    filled = {name.replace("__", "."): value for name, value in values.items()}
    tell(one(explorer, Dialog), kind="press", button=button, values=shown | filled)


def close(explorer: Explorer) -> None:
    tell(one(explorer, Dialog), kind="close")


def choices(explorer: Explorer, first: str) -> widgets.ToggleButtons:
    """The switch whose first position is called `first`."""
    switches = (part for part in _all(explorer.box) if isinstance(part, widgets.ToggleButtons))
    return next(switch for switch in switches if switch.options[0][0] == first)


def html(explorer: Explorer) -> str:
    """The HTML of every visible pane, in the order of the page."""
    return "\n".join(part.value for part in visible(explorer.box) if isinstance(part, widgets.HTML))


def text(explorer: Explorer) -> str:
    """What the visible panes say, without markup."""
    return plain(html(explorer))


def plain(page: str) -> str:
    """What HTML says."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


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

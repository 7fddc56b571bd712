"""The *Pin metrics* menu: a button that opens a list of check boxes, one a metric."""

import ipywidgets as widgets
from markupsafe import Markup
from traitlets import Bunch

from analytics_core.domain.words import AnalyticsVersion
from analytics_core.metrics.catalog import metric
from analytics_core.views.campaign.cards import MAX_PINS, Pins, card_names
from analytics_core.widgets.state import Act


class PinMenu:
    """Ticks and unticks pins; a pin too many is refused with a sentence and the box goes back.

    Args:
        act: called with the verb a tick means.
    """

    def __init__(self, act: Act) -> None:
        self._act = act
        self._showing = False
        self._boxes: dict[str, widgets.Checkbox] = {}
        self._open = widgets.ToggleButton(description="Pin metrics", icon="thumb-tack").add_class("ca-menu-button")
        self._said = widgets.HTML().add_class("ca-menu-said")
        self._list = widgets.VBox().add_class("ca-menu-list")
        self._menu = widgets.VBox([self._said, self._list]).add_class("ca-menu")
        self._menu.layout.display = "none"
        self.box = widgets.Box([self._open, self._menu]).add_class("ca-menu-anchor")
        self._open.observe(self._toggle, "value")

    def show(self, pins: Pins, version: AnalyticsVersion, refusal: str) -> None:
        """Draw the metrics of a page of `version`, those in `pins` ticked; `refusal` says why a tick was taken back."""
        names = card_names(version)
        elsewhere = sum(pin not in names for pin in pins)
        pinned = len(pins)
        without_card = f", {elsewhere} of them without a card on this page" if elsewhere else ""
        alert = Markup('<p role="alert">{}</p>').format(refusal) if refusal else Markup()
        self._said.value = Markup("<p>{} of {} pinned{}</p>{}").format(pinned, MAX_PINS, without_card, alert)
        self._showing = True
        try:
            for name in names:
                box = self._box(name)
                box.description = metric(name).label_in(version)
                box.value = name in pins
        finally:
            self._showing = False
        boxes = tuple(self._box(name) for name in names)
        if self._list.children != boxes:
            self._list.children = boxes

    def _box(self, name: str) -> widgets.Checkbox:
        if name not in self._boxes:
            box = widgets.Checkbox(indent=False)
            box.observe(lambda _: self._tick(name), "value")
            self._boxes[name] = box
        return self._boxes[name]

    def _tick(self, name: str) -> None:
        if not self._showing:
            self._act(lambda state: state.toggling_pin(name))

    def _toggle(self, change: Bunch) -> None:
        self._menu.layout.display = None if change.new else "none"

"""Campaign performance stats: the switches, the pins, the cards."""

import ipywidgets as widgets

from analytics_core.domain.words import Counting, ShownAs, require_every
from analytics_core.views.campaign.cards import card_names, cards
from analytics_core.views.explaining.oddities import list_notes
from analytics_core.views.page.first_lines import counting_sentence
from analytics_core.views.page.pieces import cards_html
from analytics_core.views.summary.caveats import add_caveats
from analytics_core.widgets.pin_menu import PinMenu
from analytics_core.widgets.state import Act, Chosen, Screen

_SHOWN_AS = require_every(
    ShownAs,
    {
        ShownAs.NUMBER: "Shown as numbers.",
        ShownAs.PERCENTAGE: "Shown as percentages where a metric has one.",
    },
)
_HIDE, _SHOW = "Hide unpinned metrics", "Show all metrics"

_COUNTINGS = require_every(Counting, {Counting.TOTAL: "Total", Counting.UNIQUE: "Unique"})


class Performance:
    """The cards in one state of the switches; turning a switch picks other figures of the same Snapshot.

    Args:
        act: called with the verb a person's choice means.
    """

    def __init__(self, act: Act) -> None:
        self._act = act
        self._shown_as = widgets.ToggleButtons(
            options=[("Number", ShownAs.NUMBER), ("Percentage", ShownAs.PERCENTAGE)],
            tooltips=["Show numbers", "Show percentages"],
        )
        self._counting = widgets.ToggleButtons(
            options=[(label, counting) for counting, label in _COUNTINGS.items()],
            tooltips=["Count each user once per instance", "Count each user once per campaign"],
        )
        self._menu = PinMenu(act)
        self._hide = widgets.Button().add_class("ca-button")
        self._counted = widgets.HTML().add_class("ca-counted")
        self._cards = widgets.HTML().add_class("ca-pane")
        switches = widgets.HBox([self._shown_as, self._counting]).add_class("ca-switches")
        pinning = widgets.HBox([self._hide, self._menu.box]).add_class("ca-pinning")
        toolbar = widgets.HBox([switches, pinning]).add_class("ca-toolbar")
        title = widgets.HTML('<h2 class="ca-title">Performance stats</h2>')
        head = widgets.HBox([title, toolbar]).add_class("ca-performance-head")
        self.box = widgets.VBox([head, self._counted, self._cards]).add_class("ca-part")
        self._shown_as.observe(lambda change: act(lambda state: state.showing_as(change.new)), "value")
        self._counting.observe(lambda change: act(lambda state: state.counting_as(change.new)), "value")
        self._hide.on_click(
            lambda _: act(lambda state: state.showing_all() if state.unpinned_hidden else state.hiding_unpinned())
        )

    def show(self, screen: Screen, chosen: Chosen) -> None:
        """Draw the controls as the state has them, and the cards."""
        state, snapshot = screen.state, chosen.snapshot
        here = any(name in state.pins for name in card_names(snapshot.analytics_version))
        self._shown_as.value = state.shown_as
        self._counting.value = state.counting
        self._menu.show(state.pins, snapshot.analytics_version, screen.refusal)
        self._hide.description = _SHOW if state.unpinned_hidden else _HIDE
        # Pins that this page has no card for leave nothing to hide the others behind.
        self._hide.disabled = not here
        counted = counting_sentence(snapshot, state.counting)
        self._counted.value = f'<p role="status">{_SHOWN_AS[state.shown_as]} {counted}</p>'
        shown = cards(snapshot, chosen.campaign, counting=state.counting, shown_as=state.shown_as)
        shown = add_caveats(shown, list_notes(chosen.oddities, snapshot, chosen.campaign), snapshot)
        self._cards.value = cards_html(shown, pins=state.pins, hide_unpinned=state.unpinned_hidden and here, asks=True)

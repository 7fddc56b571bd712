"""The campaign picker: a search, two filters, and the list of what they leave."""

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
from traitlets import Bunch

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType, Status
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.views.request.shown import shown_id, shown_name
from analytics_core.widgets.state import Act, Screen, select_campaigns

Option = tuple[str, Any]
"""A label, which is text and never markup, and the value it stands for."""

_ROWS = 5
_SEPARATOR = "  \N{MIDDLE DOT}  "


class Picker:
    """Offers the campaigns that pass search and filters; the one shown stays, offered or not.

    Args:
        act: called with the verb a person's choice means.
    """

    def __init__(self, act: Act) -> None:
        self._filling = False
        self._search = widgets.Text(description="Search", placeholder="Name, ID, tag or team")
        self._status = widgets.Dropdown(description="Status")
        self._type = widgets.Dropdown(description="Delivery type")
        self._list = widgets.Select(description="Campaign", rows=_ROWS)
        self._found = widgets.HTML().add_class("ca-found")
        filters = widgets.HBox([self._search, self._status, self._type]).add_class("ca-filters")
        offer = widgets.Box([self._list, self._found]).add_class("ca-offer")
        self.box = widgets.VBox([filters, offer]).add_class("ca-part").add_class("ca-picker")
        self._on_choice(self._search, lambda query: act(lambda state: state.searching(query)))
        self._on_choice(self._status, lambda status: act(lambda state: state.filtering_status(status)))
        self._on_choice(self._type, lambda kind: act(lambda state: state.filtering_delivery_type(kind)))
        self._on_choice(self._list, lambda campaign_id: act(lambda state: state.picking(campaign_id)))

    def show(self, screen: Screen) -> None:
        """Draw the choices and what they leave."""
        state, campaigns = screen.state, screen.campaigns
        statuses = {campaign.status for campaign in campaigns} | {state.status}
        types = {campaign.delivery_type for campaign in campaigns} | {state.delivery_type}
        found = select_campaigns(campaigns, state)
        self._filling = True
        try:
            self._search.value = state.query
            _fill(self._status, [("Any", None), *((STATUSES[s][1], s) for s in Status if s in statuses)], state.status)
            _fill(
                self._type,
                [("Any", None), *((DELIVERY_TYPES[kind], kind) for kind in DeliveryType if kind in types)],
                state.delivery_type,
            )
            _fill(self._list, [(_label(campaign), campaign.campaign_id) for campaign in found], state.campaign_id)
        finally:
            self._filling = False
        all_ = count_of(len(campaigns), "campaign")
        offered = all_ if len(found) == len(campaigns) else f"{count(len(found))} of {all_}"
        self._found.value = f'<span role="status">{offered}</span>'

    def _on_choice(self, control: widgets.DOMWidget, chosen: Callable[[Any], None]) -> None:
        """Call `chosen` with what a person chose; what `show` sets on the way is nobody's choice."""

        def observe(change: Bunch) -> None:
            if not self._filling:
                chosen(change.new)

        control.observe(observe, "value")


def _fill(control: widgets.DOMWidget, options: Sequence[Option], value: object) -> None:
    """Set options and selection in one message; a list set anew would select its first entry by itself."""
    values = [option[1] for option in options]
    with control.hold_sync():
        if tuple(control.options) != tuple(options):
            control.options = options
        control.index = values.index(value) if value in values else None


def _label(campaign: Campaign) -> str:
    """One line that tells campaigns of the same name apart."""
    status = STATUSES[campaign.status][1] if campaign.status else None
    kind, team = DELIVERY_TYPES[campaign.delivery_type], shown_name(campaign.team or "")
    parts = (shown_name(campaign.name), status, kind, team, shown_id(campaign.campaign_id))
    return _SEPARATOR.join(part for part in parts if part)

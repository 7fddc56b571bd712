"""The campaign picker, one line: a combobox that searches all it shows, two filters, and how many campaigns pass."""

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
from traitlets import Bunch

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import DeliveryType, Status
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.numbers import count, count_of
from analytics_core.views.request.shown import shown_id, shown_name
from analytics_core.widgets.browser.parts import Combobox, Option
from analytics_core.widgets.state import Act, Screen, select_campaigns

Filter = tuple[str, Any]
"""A label, which is text and never markup, and the value it stands for."""

_SEPARATOR = "  \N{MIDDLE DOT}  "


class Picker:
    """Offers the campaigns that pass search and filters; the one shown stays, offered or not.

    Args:
        act: called with the verb a person's choice means.
    """

    def __init__(self, act: Act) -> None:
        self._filling = False
        self.campaign = Combobox(
            "Campaign",
            "Name, ID, tag, team or status",
            picked=lambda campaign_id: act(lambda state: state.picking(campaign_id).searching("")),
            searched=lambda query: act(lambda state: state.searching(query)),
            cleared=lambda: act(lambda state: state.offering_all()),
        ).add_class("ca-campaign")
        self._status = widgets.Dropdown(description="Status")
        self._type = widgets.Dropdown(description="Delivery type")
        self._found = widgets.HTML().add_class("ca-found")
        line = [self.campaign, self._status, self._type, self._found]
        self.box = widgets.HBox(line).add_class("ca-picker")
        self._on_choice(self._status, lambda status: act(lambda state: state.filtering_status(status)))
        self._on_choice(self._type, lambda kind: act(lambda state: state.filtering_delivery_type(kind)))

    def show(self, screen: Screen) -> None:
        """Draw the choices and what they leave."""
        state, campaigns = screen.state, screen.campaigns
        statuses = {campaign.status for campaign in campaigns} | {state.status}
        types = {campaign.delivery_type for campaign in campaigns} | {state.delivery_type}
        found = select_campaigns(campaigns, state)
        offered_types = ((DELIVERY_TYPES[kind], kind) for kind in DeliveryType if kind in types)
        self._filling = True
        try:
            _fill(
                self._status,
                [("Any status", None), *((STATUSES[s][1], s) for s in Status if s in statuses)],
                state.status,
            )
            _fill(self._type, [("Any delivery type", None), *offered_types], state.delivery_type)
        finally:
            self._filling = False
        here = next((one for one in campaigns if one.campaign_id == state.campaign_id), None)
        shown = shown_name(here.name) if here else ""
        self.campaign.show([make_option(one) for one in found], state.campaign_id, shown, state.query)
        all_ = count_of(len(campaigns), "campaign")
        offered = all_ if len(found) == len(campaigns) else f"{count(len(found))} of {all_}"
        self._found.value = f'<span role="status">{offered}</span>'

    def _on_choice(self, control: widgets.DOMWidget, chosen: Callable[[Any], None]) -> None:
        """Call `chosen` with what a person chose; what `show` sets on the way is nobody's choice."""

        def observe(change: Bunch) -> None:
            if not self._filling:
                chosen(change.new)

        control.observe(observe, "value")


def make_option(campaign: Campaign) -> Option:
    """One line that tells campaigns of the same name apart, and says all that a search looks at."""
    icon, word = STATUSES[campaign.status] if campaign.status else ("", "")
    kind, team = DELIVERY_TYPES[campaign.delivery_type], shown_name(campaign.team or "")
    parts = (f"{icon} {word}".strip(), kind, team, *map(shown_name, campaign.tags), shown_id(campaign.campaign_id))
    detail = _SEPARATOR.join(part for part in parts if part)
    return Option(campaign.campaign_id, shown_name(campaign.name), detail)


def _fill(control: widgets.DOMWidget, options: Sequence[Filter], value: object) -> None:
    """Set options and selection in one message; a list set anew would select its first entry by itself."""
    values = [option[1] for option in options]
    with control.hold_sync():
        if tuple(control.options) != tuple(options):
            control.options = options
        control.index = values.index(value) if value in values else None

"""What the campaign is: its head (name, who made it, the refresh button), and the Info tab, secrets masked."""

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion
from analytics_core.views.campaign.details import campaign_facts
from analytics_core.views.definition.changes import with_status
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.page.pieces import facts_html, info_pieces
from analytics_core.views.request.shown import shown_name
from analytics_core.widgets.state import Chosen


class Details:
    """Who and what the campaign is.

    Args:
        refresh: called when the person asks for the details as of now.
    """

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._head = widgets.HTML().add_class("ca-pane")
        self._facts = widgets.HTML().add_class("ca-pane")
        self._said = widgets.HTML().add_class("ca-said")
        button = widgets.Button(description="Refresh", icon="refresh", tooltip="Reload the workspace")
        button.on_click(lambda _: refresh())
        beside = widgets.HBox([self._said, button.add_class("ca-button")]).add_class("ca-actions")
        top = widgets.HBox([self._head, beside]).add_class("ca-top")
        self.box = widgets.VBox([top, self._facts]).add_class("ca-part").add_class("ca-details")

    def show(self, chosen: Chosen, timezone: str) -> None:
        """Draw name, status and facts of the campaign; times are in `timezone`."""
        self._head.value = head_html(chosen.campaign)
        self._said.value = ""
        sheet = with_status(campaign_facts(chosen.campaign, timezone), chosen.current)
        # The status stands beside the name already, but for what is to be said of it.
        told = chosen.current is not None and chosen.current.reason is not None
        below = replace(sheet, facts=tuple(fact for fact in sheet.facts if told or fact.label != "Status"))
        self._facts.value = facts_html(below, title_shown=False)

    def say(self, sentence: str) -> None:
        """What came of the last refresh."""
        self._said.value = Markup('<span role="status">{}</span>').format(sentence)


def head_html(campaign: Campaign) -> Markup:
    """Name and status (icon and word), and whether the older page applies."""
    icon, word = STATUSES[campaign.status] if campaign.status else ("", "")
    status = Markup('<li class="ca-status ca-status-{}"><span aria-hidden="true">{}</span> {}</li>')
    older = Markup("<li>Older campaign</li>")
    chips = Markup().join(
        (
            status.format(campaign.status, icon, word) if campaign.status else Markup(),
            older if campaign.analytics_version is AnalyticsVersion.LEGACY else Markup(),
        )
    )
    head = Markup('<div class="ca"><h1 dir="auto">{}</h1><ul class="ca-chips">{}</ul></div>')
    return head.format(shown_name(campaign.name), chips)


class Information:
    """Timeline, audience, trigger, scheduling, goals and content preview of the campaign, in this order."""

    def __init__(self) -> None:
        self._sheets = widgets.HTML().add_class("ca-pane").add_class("ca-sheets")
        self.box = widgets.VBox([self._sheets])

    def show(self, chosen: Chosen) -> None:
        """Draw the sheets, as of the numbers."""
        self._sheets.value = information_html(chosen)


def information_html(chosen: Chosen) -> Markup:
    """The sheets one below the other, each a box of its own."""
    box = Markup('<div class="ca-part">{}</div>')
    pieces = info_pieces(chosen.campaign, chosen.snapshot, chosen.instances)
    return Markup().join(box.format(piece) for piece in pieces)

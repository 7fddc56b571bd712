"""What the campaign is: its head (name, status, one line of facts, the actions), and the Info tab, secrets masked."""

from dataclasses import replace

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion
from analytics_core.views.campaign.details import campaign_facts
from analytics_core.views.definition.changes import with_status
from analytics_core.views.forms.labels import STATUSES
from analytics_core.views.page.first_lines import facts_line
from analytics_core.views.page.pieces import facts_html, info_pieces
from analytics_core.views.request.shown import shown_name
from analytics_core.widgets.state import Chosen

_FACTS = Markup(
    '<div class="ca"><details class="ca-more"><summary><span dir="auto">{}</span></summary>{}</details></div>'
)


class Details:
    """Who and what the campaign is.

    Args:
        actions: the buttons that stand beside it.
    """

    def __init__(self, actions: widgets.DOMWidget) -> None:
        self._head = widgets.HTML().add_class("ca-pane")
        self._facts = widgets.HTML().add_class("ca-pane")
        self._said = widgets.HTML().add_class("ca-said")
        self.box = widgets.VBox([self._head, self._facts, actions, self._said]).add_class("ca-details")

    def show(self, chosen: Chosen, timezone: str) -> None:
        """Draw name, status and facts of the campaign; times are in `timezone`."""
        self._head.value = head_html(chosen.campaign)
        self._facts.value = facts_pane(chosen, timezone)
        self.say("")

    def say(self, sentence: str) -> None:
        """What came of the last action."""
        self._said.value = Markup('<span role="status">{}</span>').format(sentence) if sentence else ""
        self._said.layout.display = None if sentence else "none"


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
    head = Markup('<div class="ca ca-head"><h1 dir="auto">{}</h1><ul class="ca-chips">{}</ul></div>')
    return head.format(shown_name(campaign.name), chips)


def facts_pane(chosen: Chosen, timezone: str) -> Markup:
    """The facts in one line, and all of them behind *more*."""
    sheet = with_status(campaign_facts(chosen.campaign, timezone), chosen.current)
    # The status stands beside the name already, but for what is to be said of it.
    told = chosen.current is not None and chosen.current.reason is not None
    below = replace(sheet, facts=tuple(fact for fact in sheet.facts if told or fact.label != "Status"))
    return _FACTS.format(facts_line(chosen.campaign, timezone), facts_html(below, title_shown=False))


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
    heading = Markup('<div class="ca"><h2 class="ca-unseen">Campaign info</h2></div>')
    return heading + Markup().join(box.format(piece) for piece in pieces)

"""The Info tab: what the campaign was set up to do, secrets masked."""

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.views.campaign.details import info_sheets
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.pieces import FactSheet
from analytics_core.views.page.pieces import facts_html, preview_html, table_html
from analytics_core.views.request.preview import content_preview
from analytics_core.widgets.screen import Chosen


class Information:
    """Timeline, audience, trigger, scheduling, goals and content preview of the campaign, in this order."""

    def __init__(self) -> None:
        self._sheets = widgets.HTML().add_class("ca-pane").add_class("ca-sheets")
        self.box = widgets.VBox([self._sheets])

    def show(self, chosen: Chosen, timezone: str) -> None:
        """Draw the sheets; times are in `timezone`."""
        self._sheets.value = information_html(chosen.campaign, timezone, chosen.instances)


def information_html(campaign: Campaign, timezone: str, instances: tuple[InstanceTimes, ...]) -> Markup:
    """The sheets one below the other, each a box of its own."""
    sheets = [
        facts_html(sheet) if isinstance(sheet, FactSheet) else table_html(sheet)
        for sheet in info_sheets(campaign, timezone, instances)
    ]
    preview = [preview_html(content_preview(campaign.request))] if campaign.request else []
    return Markup().join(Markup('<div class="ca-part">{}</div>').format(part) for part in (*sheets, *preview))

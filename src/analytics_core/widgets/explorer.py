"""The explorer: one campaign's page in a notebook, and what happens when a person chooses something."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import Status
from analytics_core.metrics.catalog import CATALOG
from analytics_core.views.campaign.cards import Pins
from analytics_core.views.campaign.notes import known_at_note, latest_row_note
from analytics_core.views.page.pieces import style_html
from analytics_core.views.request.shown import shown_campaign, shown_name, shown_snapshot
from analytics_core.widgets.details import Details, Information
from analytics_core.widgets.findings import Findings
from analytics_core.widgets.performance import Performance
from analytics_core.widgets.picker import Picker
from analytics_core.widgets.pins import PinFile, PinsNotSavedError
from analytics_core.widgets.state import Chosen, Screen, State, Verb, select_campaigns

if TYPE_CHECKING:
    from datetime import datetime

    from analytics_core.workspace import Workspace

_EMPTY = (
    '<p class="ca-part">This workspace has no campaigns yet. Import some with'
    " <code>connector-analytics import canonical DIR</code>, then run this cell again.</p>"
)


class Explorer:
    """The page of one campaign, to be the last line of a notebook cell.

    All campaigns are computed once, when it is made; choosing and switching only show what is there. The pins are
    remembered per user and workspace.

    Args:
        workspace: whose campaigns are shown; one opened with `known_at` shows what was known then.

    Raises:
        AnalyticsError: the workspace cannot be read.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._pin_file = PinFile.of(workspace.directory)
        self._chosen: Chosen | None = None
        self._standing: tuple[datetime | None, tuple[Campaign, ...]] | None = None
        self._picker = Picker(self._act)
        self._details = Details(self.refresh)
        self._performance = Performance(self._act)
        self._findings = Findings()
        self._information = Information()
        analytics = widgets.VBox([self._performance.box, self._findings.box])
        tabs = widgets.Tab([analytics, self._information.box], titles=("Analytics", "Info")).add_class("ca-tabs")
        self._page = widgets.VBox([self._details.box, tabs]).add_class("ca-page-parts")
        self._empty = widgets.HTML(_EMPTY)
        self.box = widgets.VBox([_style(), _head(workspace), self._picker.box, self._page, self._empty])
        self.box.add_class("ca").add_class("ca-explorer")
        self.state = State(pins=Pins.of(self._pin_file.load(), CATALOG))
        self._show(self.state.picking(self._first()))

    def refresh(self) -> None:
        """Reload the workspace; the chosen campaign stays where it is still there."""
        before = self.state.campaign_id
        try:
            self._workspace.refresh()
            self._chosen = self._standing = None
            gone = before not in {campaign.campaign_id for campaign in self._workspace.campaigns()}
            self._show(self.state.picking(self._first()) if gone else self.state)
        except AnalyticsError as error:
            self._details.say(f"Not refreshed: {error}")
        else:
            self._details.say(f"{before} is no longer in the workspace." if gone else "Refreshed.")

    def _act(self, verb: Verb) -> None:
        """Show the state a verb leads to and save changed pins; a refusal is shown, and everything stays."""
        try:
            state = verb(self.state)
        except AnalyticsError as refused:
            self._show(self.state, refusal=str(refused))
            return
        refusal = ""
        if state.pins != self.state.pins:
            try:
                self._pin_file.save(state.pins.names)
            except PinsNotSavedError as error:
                refusal = str(error)
        if state != self.state:
            self._show(state, refusal=refusal)

    def _show(self, state: State, refusal: str = "") -> None:
        """The one step that draws: what has not changed is not drawn again, and charts come after all the rest."""
        before, chosen = self._chosen, self._choose(state.campaign_id)
        self.state, self._chosen = state, chosen
        timezone = self._workspace.app.timezone
        screen = Screen(state, self._campaigns(chosen), timezone, refusal)
        self._picker.show(screen)
        self._page.layout.display = None if chosen else "none"
        self._empty.layout.display = "none" if chosen else None
        if chosen is None:
            return
        self._performance.show(screen, chosen)
        if chosen is not before:
            self._details.show(chosen, timezone)
            self._findings.show(chosen)
            self._information.show(chosen)
        self._findings.show_charts(state, chosen)

    def _choose(self, campaign_id: str | None) -> Chosen | None:
        if campaign_id is None:
            return None
        if self._chosen and self._chosen.campaign.campaign_id == campaign_id:
            return self._chosen
        from analytics_core.workspace.campaigns.standing import stand_as_of  # noqa: PLC0415 - as above
        from analytics_core.workspace.oddities import find_oddities  # noqa: PLC0415 - it loads what reads tables

        snapshot = self._workspace.snapshot(campaign_id)
        runs = self._workspace.runs([campaign_id], snapshot.as_of).get(campaign_id, ())
        odd = find_oddities(self._workspace, [snapshot])[campaign_id]
        standing = stand_as_of(self._workspace, [snapshot])[campaign_id]
        shown = shown_campaign(standing.campaign)
        return Chosen(shown, shown_snapshot(snapshot), runs, odd, standing.current)

    def _campaigns(self, chosen: Chosen | None) -> tuple[Campaign, ...]:
        """The book, each campaign with the status that holds as of the numbers on the screen."""
        if chosen is None:
            return self._workspace.campaigns()
        from analytics_core.workspace.campaigns.standing import find_standings  # noqa: PLC0415 - it loads what reads tables

        if self._standing is None or self._standing[0] != chosen.snapshot.as_of:
            found = find_standings(self._workspace, chosen.snapshot.as_of)
            self._standing = chosen.snapshot.as_of, tuple(each.campaign for each in found.values())
        return self._standing[1]

    def _first(self) -> str | None:
        """The first active campaign of the picker's list, which is what people mostly come for; else its first."""
        listed = select_campaigns(self._workspace.campaigns(), State())
        active = select_campaigns(self._workspace.campaigns(), State(status=Status.ACTIVE))
        return next((campaign.campaign_id for campaign in (*active, *listed)), None)

    def _repr_mimebundle_(self, **asked: Any) -> Any:  # noqa: ANN401 - what Jupyter asks and gets is its own affair
        return self.box._repr_mimebundle_(**asked)


def _style() -> widgets.HTML:
    """The style of all parts, once; without a box of its own."""
    own = files("analytics_core.widgets").joinpath("style.css").read_text(encoding="utf-8")
    shown = widgets.HTML(f"{style_html()}<style>{own}</style>")
    shown.layout.display = "none"
    return shown


def _head(workspace: "Workspace") -> widgets.HTML:
    head = Markup('<div class="ca ca-app"><strong dir="auto">{}</strong> Connector campaigns <span>{}</span></div>')
    app, known_at = workspace.app, workspace.known_at
    notes = [known_at_note(known_at, app.timezone)] if known_at else []
    notes += latest_row_note(workspace.latest_row(), workspace.settings, app.timezone)
    said = " ".join((f"All times in {app.timezone}.", *(f"{note.label}: {note.text}" for note in notes)))
    return widgets.HTML(head.format(shown_name(app.name), said))

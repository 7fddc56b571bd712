"""The explorer: one campaign's page in a notebook, and what happens when a person chooses something."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.errors import AnalyticsError
from analytics_core.metrics.catalog import CATALOG
from analytics_core.snapshot.parts import find_part
from analytics_core.views.campaign.cards import Pins
from analytics_core.views.campaign.notes import known_at_note, latest_row_note
from analytics_core.views.page.pieces import style_html
from analytics_core.views.request.shown import shown_name
from analytics_core.views.summary.unsent import was_never_sent
from analytics_core.widgets.acting.actions import Actions
from analytics_core.widgets.asking.rules import RulesDialog
from analytics_core.widgets.asking.why import Asked, WhyDialog, find_goal_id
from analytics_core.widgets.background import Background
from analytics_core.widgets.basis import Basis, Unsent
from analytics_core.widgets.browser.dialog import Dialog
from analytics_core.widgets.browser.parts import Guard
from analytics_core.widgets.details import Details, Information
from analytics_core.widgets.findings import Findings
from analytics_core.widgets.performance import Performance
from analytics_core.widgets.picker import Picker
from analytics_core.widgets.pins import PinFile, PinsNotSavedError
from analytics_core.widgets.reader import Reader
from analytics_core.widgets.state import Chosen, Rules, Screen, State, Verb

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace

_EMPTY = (
    '<p class="ca-part">This workspace has no campaigns yet. Import some with'
    " <code>connector-analytics import canonical DIR</code>, then run this cell again.</p>"
)


class Explorer:
    """The page of one campaign, to be the last line of a notebook cell.

    All campaigns are computed once, when it is made; choosing and switching only show what is there. Other rules are
    computed in the background. The pins are remembered per user and workspace.

    Args:
        workspace: whose campaigns are shown; one opened with `known_at` shows what was known then.

    Raises:
        AnalyticsError: the workspace cannot be read.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._reader, self._background = Reader(workspace), Background()
        self._workspace, self._head = workspace, widgets.HTML(_head_of(workspace))
        self._pin_file = PinFile.of(workspace.directory)
        self._chosen: Chosen | None = None
        self._dialog = Dialog()
        self._rules = RulesDialog(self._dialog, self._compute)
        self._why = WhyDialog(self._dialog)
        self._actions = Actions(self._dialog, refresh=self.refresh, done=self._tell_done, say=self._say)
        self._picker = Picker(self._act)
        self._details = Details(self._actions.box)
        self._basis = Basis(self._ask_for_rules, lambda: self._compute(Rules()))
        self._performance = Performance(self._act)
        self._findings = Findings(self._act)
        self._information = Information()
        self._unsent = Unsent()
        self._numbers = widgets.VBox([self._performance.box, self._findings.box]).add_class("ca-findings")
        analytics = widgets.VBox([self._basis.box, self._unsent.box, self._numbers])
        tabs = widgets.Tab([analytics, self._information.box], titles=("Analytics", "Info")).add_class("ca-tabs")
        self._page = widgets.VBox([self._details.box, tabs]).add_class("ca-page-parts")
        self._empty = widgets.HTML(_EMPTY)
        self._guard = Guard(self._ask_why)
        parts = [_style(), self._head, self._picker.box, self._page, self._empty, self._dialog, self._guard]
        self.box = widgets.VBox(parts).add_class("ca").add_class("ca-explorer")
        self.state = State(pins=Pins.of(self._pin_file.load(), CATALOG))
        self._show(self.state.picking(self._reader.find_first(self.state.rules)))

    @property
    def _timezone(self) -> str:
        return self._workspace.app.timezone

    def refresh(self) -> None:
        """Reload the workspace; the chosen campaign stays where it is still there."""
        before = self.state.campaign_id
        try:
            self._reader.refresh()
            self._head.value = _head_of(self._workspace)
            book = self._reader.find_workspace(self.state.rules).campaigns()
            gone = before not in {campaign.campaign_id for campaign in book}
            state = self.state.picking(self._reader.find_first(self.state.rules)) if gone else self.state
            self._show(state)
        except AnalyticsError as error:
            self._say(f"Not refreshed: {error}")
        else:
            self._say(f"{before} is no longer in the workspace." if gone else "Refreshed.")

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
        campaign_id, before = state.campaign_id, self._chosen
        chosen = self._reader.choose(campaign_id, state.rules) if campaign_id else None
        self.state, self._chosen = state, chosen
        screen = Screen(state, self._reader.list_campaigns(state.rules, chosen), self._timezone, refusal)
        self._picker.show(screen)
        _present(self._page, shown=chosen is not None)
        _present(self._empty, shown=chosen is None)
        if chosen is None:
            return
        is_another = chosen is not before
        # Parts arrive one by one; until the last one is there, nothing of the campaign before can be pressed.
        if is_another:
            self.box.add_class("ca-drawing")
        try:
            self._performance.show(screen, chosen)
            if is_another:
                self._draw(chosen)
            self._findings.show_charts(state, chosen)
        finally:
            self._guard.drawn += is_another
            self.box.remove_class("ca-drawing")

    def _draw(self, chosen: Chosen) -> None:
        """Draw what depends on no switch."""
        unsent = was_never_sent(chosen.snapshot)
        _present(self._unsent.box, shown=unsent)
        _present(self._numbers, shown=not unsent)
        self._details.show(chosen, self._timezone)
        self._actions.show(self._reader.find_workspace(self.state.rules), chosen)
        self._basis.show(chosen, self.state.rules, self._timezone)
        self._unsent.show(chosen)
        self._findings.show(chosen)
        self._information.show(chosen)

    def _say(self, sentence: str) -> None:
        self._details.say(sentence)

    def _tell_done(self, campaign_id: str, sentence: str) -> None:
        """Show what an action made of a campaign."""
        self._reader.forget()
        self._show(self.state.picking(campaign_id))
        self._say(sentence)

    def _ask_for_rules(self) -> None:
        reader, rules = self._reader, self.state.rules
        own = reader.find_settings(Rules())
        self._rules.open(reader.find_settings(rules), rules, own, self._timezone)

    def _compute(self, rules: Rules) -> None:
        """Compute by other rules beside the page, then show them."""
        campaign_id = self.state.campaign_id
        if campaign_id is None:
            return
        self._basis.say("Computing\N{HORIZONTAL ELLIPSIS}")
        self._background.run(
            lambda: self._reader.compute(campaign_id, rules),
            lambda: self._act(lambda state: state.asking(rules)),
            lambda error: self._basis.say(f"Not computed: {error}"),
        )

    def _ask_why(self, metric: str, goal: str, part: str) -> None:
        """Explain a number of the page."""
        if self._chosen is None:
            return
        found = find_part(self._chosen.snapshot, part)
        if part and found is None:
            return  # no table has such a row
        chosen, rules = self._chosen, self.state.rules
        workspace, settings = self._reader.find_workspace(rules), self._reader.find_settings(rules)
        asked = Asked(workspace, settings, chosen.snapshot.campaign_id, metric, find_goal_id(chosen, goal), found)
        self._why.open(asked, chosen)

    def _repr_mimebundle_(self, **asked: Any) -> Any:  # noqa: ANN401 - what Jupyter asks and gets is its own affair
        return self.box._repr_mimebundle_(**asked)


def _present(part: widgets.DOMWidget, *, shown: bool) -> None:
    part.layout.display = None if shown else "none"


def _style() -> widgets.HTML:
    """The style of all parts, once; without a box of its own."""
    own = files("analytics_core.widgets").joinpath("style.css").read_text(encoding="utf-8")
    shown = widgets.HTML(f"{style_html()}<style>{own}</style>")
    shown.layout.display = "none"
    return shown


def _head_of(workspace: "Workspace") -> Markup:
    head = Markup('<div class="ca ca-app"><strong dir="auto">{}</strong> Connector campaigns <span>{}</span></div>')
    app, known_at = workspace.app, workspace.known_at
    notes = [known_at_note(known_at, app.timezone)] if known_at else []
    notes += latest_row_note(workspace.latest_row(), workspace.settings, app.timezone)
    said = " ".join((f"All times in {app.timezone}.", *(f"{note.label}: {note.text}" for note in notes)))
    return head.format(shown_name(app.name), said)

"""One line above the numbers: up to when, of which time, by which rules; and the button that changes these."""

from collections.abc import Callable

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.views.campaign.notes import known_at_note, settings_line
from analytics_core.views.page.first_lines import basis_facts
from analytics_core.views.page.pieces import facts_html
from analytics_core.views.summary.unsent import unsent_sheet
from analytics_core.widgets.state import Chosen, Rules


class Basis:
    """What the numbers rest on.

    Args:
        change: called when a person wants other rules.
        reset: called when they want the workspace's again.
    """

    def __init__(self, change: Callable[[], None], reset: Callable[[], None]) -> None:
        self._line = widgets.HTML().add_class("ca-pane")
        self._said = widgets.HTML().add_class("ca-said")
        self._change = widgets.Button(description="Change", tooltip="Window, period, model, as-of")
        self._reset = widgets.Button(description="Reset", tooltip="The workspace's own rules again")
        self._change.on_click(lambda _: change())
        self._reset.on_click(lambda _: reset())
        buttons = [button.add_class("ca-button").add_class("ca-action") for button in (self._change, self._reset)]
        self.box = widgets.HBox([self._line, self._said, *buttons]).add_class("ca-basis")

    def show(self, chosen: Chosen, rules: Rules, timezone: str) -> None:
        """Draw the line; what a person asked for is marked as such."""
        facts = [(fact.label, fact.value) for fact in basis_facts(chosen.snapshot, chosen.instances)]
        if rules.known_at:
            facts.insert(1, ("Known at", known_at_note(rules.known_at, timezone).text))
        pairs = Markup(" ").join(Markup("<span><strong>{}</strong> {}</span>").format(*fact) for fact in facts)
        asked = Markup('<span class="ca-asked">As you asked</span> ') if rules != Rules() else Markup()
        in_full = settings_line(chosen.snapshot)
        self._line.value = Markup('<p class="ca ca-basis-line" title="{}">{}{}</p>').format(in_full, asked, pairs)
        self._reset.layout.display = None if rules != Rules() else "none"
        self.say("")

    def say(self, sentence: str) -> None:
        """What is going on, such as a computation."""
        self._said.value = Markup('<span role="status">{}</span>').format(sentence) if sentence else ""
        self._said.layout.display = None if sentence else "none"


class Unsent:
    """What stands in the place of the numbers of a campaign that was never sent: its status, and why."""

    def __init__(self) -> None:
        self._sheet = widgets.HTML().add_class("ca-pane")
        self.box = widgets.VBox([self._sheet]).add_class("ca-part").add_class("ca-unsent")

    def show(self, chosen: Chosen) -> None:
        """Draw it."""
        self._sheet.value = facts_html(unsent_sheet(chosen.campaign, chosen.current, chosen.snapshot))

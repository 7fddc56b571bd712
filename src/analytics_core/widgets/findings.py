"""Below the cards: conversion goals, uplift, delivery funnel, error breakdown, what vendors report, data notes."""

from functools import lru_cache

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.instances import has_instances, instances_table
from analytics_core.views.breakdown.personalization import attributes_table, overlaps_table
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.campaign.tables import errors_table, goals_table, personalization_table
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE
from analytics_core.views.explaining.oddities import list_notes
from analytics_core.views.forms.numbers import count
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.page.html import has_goals_section
from analytics_core.views.page.pieces import chart_html, draw, notes_html, table_html, uplift_html
from analytics_core.views.summary.result import pick_plain, pick_warnings
from analytics_core.widgets.state import Act, Chosen, State
from analytics_core.widgets.trends import TrendsSection

_REMEMBERED_CHARTS = 64
_FIRST_INSTANCES, _MOST_INSTANCES = 20, 500
"""How many stand on the page, so that what follows is found, and how many open on request; others are summed up."""
_NOTHING = Markup()
_BREAKDOWN = Markup(
    '<div class="ca"><details class="ca-breakdown"><summary>See breakdown of personalization failures</summary>{}'
    "</details></div>"
)


class Section:
    """A heading and three panes; a pane without content takes no room, a section without content is not there.

    Args:
        title: of our own wording, never from data.
        wide: the content needs the whole width, so the chart stands below it.
    """

    def __init__(self, title: str, *, wide: bool = False) -> None:
        heading = widgets.HTML(Markup('<h2 class="ca-title">{}</h2>').format(title))
        self._read = widgets.HTML().add_class("ca-pane")
        self._chart = widgets.HTML().add_class("ca-pane").add_class("ca-chart-pane")
        self._more = widgets.HTML().add_class("ca-pane")
        both = [self._read, self._chart]
        below, beside = widgets.VBox(both).add_class("ca-below-panes"), widgets.HBox(both).add_class("ca-beside-panes")
        self.box = widgets.VBox([heading, below if wide else beside, self._more]).add_class("ca-part")

    def show(self, read: Markup, more: Markup = Markup()) -> None:  # noqa: B008 - Markup is immutable
        """Draw the readable content; an empty one takes the whole section away."""
        self._read.value = read
        self._more.value = more
        _present(self._more, more)
        _present(self.box, read)

    def show_chart(self, chart: Chart | None) -> None:
        """Draw the chart; None where there is nothing to draw."""
        drawn = Markup() if chart is None else chart_html(chart, asks=True)
        self._chart.value = drawn
        _present(self._chart, drawn)


def _present(part: widgets.DOMWidget, content: Markup) -> None:
    part.layout.display = None if content else "none"


class Findings:
    """The sections that read like a report. Tables hold both countings, so only charts follow the switches.

    Args:
        act: called with the verb a person's choice means.
    """

    def __init__(self, act: Act) -> None:
        self._goals = Section("Conversion goals performance", wide=True)
        self._uplift = Section(UPLIFT_TITLE, wide=True)
        self._funnel = Section("Campaign delivery")
        self._errors = Section("Error breakdown")
        self._trends = TrendsSection(act)
        self._instances = Section("Instances", wide=True)
        self._reported = Section("As reported by vendors", wide=True)
        self._notes = Section("Data notes", wide=True)
        sections = (
            *(self._goals, self._uplift, self._funnel, self._errors),
            *(self._trends, self._instances, self._reported, self._notes),
        )
        self.box = widgets.VBox([section.box for section in sections]).add_class("ca-findings")

    def show(self, chosen: Chosen) -> None:
        """Draw everything that is text."""
        snapshot = chosen.snapshot
        delivery_type = chosen.campaign.delivery_type
        funnel = table_html(funnel_table(snapshot, delivery_type=delivery_type), title_shown=False, asks=True)
        failures = _NOTHING
        if snapshot.reconciliation.personalization_failed:
            apart = [personalization_table(snapshot), overlaps_table(snapshot), attributes_table(snapshot)]
            failures = _BREAKDOWN.format(draw("stacked", [table_html(one, asks=True) for one in apart if one.rows]))
        goals = table_html(goals_table(snapshot, chosen.campaign), title_shown=False, asks=True)
        self._goals.show(goals if has_goals_section(snapshot) else _NOTHING)
        self._uplift.show(uplift_html(snapshot, chosen.campaign, title_shown=False, asks=True))
        self._funnel.show(funnel if snapshot.funnel else _NOTHING)
        self._errors.show(table_html(errors_table(snapshot), title_shown=False, asks=True), failures)
        self._instances.show(*_instances_html(snapshot))
        self._reported.show(Markup().join(table_html(table) for table in vendor_tables(snapshot)))
        noted = list_notes(chosen.oddities, snapshot, chosen.campaign)
        self._notes.show(notes_html((*pick_warnings(noted), *pick_plain(noted))))

    def show_charts(self, state: State, chosen: Chosen) -> None:
        """Draw the charts, which take longer: call it when the rest is on the screen."""
        snapshot, counting, shown_as = chosen.snapshot, state.counting, state.shown_as
        if has_goals_section(snapshot):
            self._goals.show_chart(_goals_chart(snapshot, shown_as))
        self._funnel.show_chart(_funnel_chart(snapshot, counting, shown_as))
        self._errors.show_chart(_errors_chart(snapshot, counting, shown_as))
        self._trends.show(state, chosen)


def _instances_html(snapshot: Snapshot) -> tuple[Markup, Markup]:
    """Those with the most sends, and all of them where they are more."""
    if not has_instances(snapshot):
        return _NOTHING, _NOTHING
    first = table_html(instances_table(snapshot, most=_FIRST_INSTANCES), title_shown=False, asks=True)
    listed = min(len(snapshot.instances), _MOST_INSTANCES)
    if listed <= _FIRST_INSTANCES:
        return first, _NOTHING
    every = table_html(instances_table(snapshot, most=_MOST_INSTANCES), title_shown=False, asks=True)
    return first, Markup('<div class="ca">{}</div>').format(draw("breakdown", f"Show {count(listed)} instances", every))


@lru_cache(_REMEMBERED_CHARTS)
def _goals_chart(snapshot: Snapshot, shown_as: ShownAs) -> Chart | None:
    from analytics_core.views.campaign.charts import goals_chart  # noqa: PLC0415 - drawing loads altair, seconds of start-up

    return goals_chart(snapshot, shown_as=shown_as)


@lru_cache(_REMEMBERED_CHARTS)
def _funnel_chart(snapshot: Snapshot, counting: Counting, shown_as: ShownAs) -> Chart | None:
    from analytics_core.views.campaign.charts import funnel_chart  # noqa: PLC0415 - same

    return funnel_chart(snapshot, counting=counting, shown_as=shown_as)


@lru_cache(_REMEMBERED_CHARTS)
def _errors_chart(snapshot: Snapshot, counting: Counting, shown_as: ShownAs) -> Chart | None:
    from analytics_core.views.campaign.charts import errors_chart  # noqa: PLC0415 - same

    return errors_chart(snapshot, counting=counting, shown_as=shown_as)

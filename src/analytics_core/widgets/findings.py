"""Below the cards: conversion goals, uplift, delivery funnel, error breakdown, what vendors report, data notes."""

from functools import lru_cache

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.words import AnalyticsVersion, Counting, ShownAs
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.notes import notes
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.campaign.tables import errors_table, goals_table, personalization_table
from analytics_core.views.campaign.uplift_tables import UPLIFT_TITLE
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.page.pieces import notes_html, table_html, uplift_html
from analytics_core.widgets.screen import Chosen
from analytics_core.widgets.section import Section
from analytics_core.widgets.state import State

_REMEMBERED_CHARTS = 64
_NOTHING = Markup()


class Findings:
    """The sections that read like a report. Tables hold both countings, so only charts follow the switches."""

    def __init__(self) -> None:
        self._goals = Section("Conversion goals performance", wide=True)
        self._uplift = Section(UPLIFT_TITLE, wide=True)
        self._funnel = Section("Campaign delivery")
        self._errors = Section("Error breakdown")
        self._reported = Section("As reported by vendors", wide=True)
        self._notes = Section("Data notes", wide=True)
        sections = (self._goals, self._uplift, self._funnel, self._errors, self._reported, self._notes)
        self.box = widgets.VBox([section.box for section in sections]).add_class("ca-findings")

    def show(self, chosen: Chosen) -> None:
        """Draw everything that is text."""
        snapshot = chosen.snapshot
        delivery_type = chosen.campaign.delivery_type
        funnel = table_html(funnel_table(snapshot, delivery_type=delivery_type), title_shown=False)
        goals = table_html(goals_table(snapshot, chosen.campaign), title_shown=False)
        self._goals.show(goals if _compares(snapshot) else _NOTHING)
        self._uplift.show(uplift_html(snapshot, chosen.campaign, title_shown=False))
        self._funnel.show(funnel if snapshot.funnel else _NOTHING)
        self._errors.show(table_html(errors_table(snapshot), title_shown=False), _breakdown(snapshot))
        self._reported.show(Markup().join(table_html(table) for table in vendor_tables(snapshot)))
        self._notes.show(notes_html(notes(snapshot, chosen.campaign)))

    def show_charts(self, state: State, chosen: Chosen) -> None:
        """Draw the charts, which take longer: call it when the rest is on the screen."""
        snapshot, counting, shown_as = chosen.snapshot, state.counting, state.shown_as
        if _compares(snapshot):
            self._goals.show_chart(_goals_chart(snapshot, shown_as))
        self._funnel.show_chart(_funnel_chart(snapshot, counting, shown_as))
        self._errors.show_chart(_errors_chart(snapshot, counting, shown_as))


def _compares(snapshot: Snapshot) -> bool:
    """Whether there are goals to compare; the older page has no such table."""
    return len(snapshot.goals) > 1 and snapshot.analytics_version is not AnalyticsVersion.LEGACY


def _breakdown(snapshot: Snapshot) -> Markup:
    if not snapshot.reconciliation.personalization_failed:
        return _NOTHING
    summary = "See breakdown of personalization failures"
    table = table_html(personalization_table(snapshot))
    return Markup('<div class="ca"><details class="ca-breakdown"><summary>{}</summary>{}</details></div>').format(
        summary, table
    )


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

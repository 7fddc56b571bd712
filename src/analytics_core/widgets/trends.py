"""Trends on the screen: one figure over time in buckets that a person chooses, and how long conversions take."""

from functools import lru_cache

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.domain.words import Counting, Grain
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.breakdown.buckets import GRAIN_WORDS, TrendFigure, choose_grain
from analytics_core.views.breakdown.trend_tables import time_to_convert_table, trend_table
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.page.pieces import chart_html, draw, table_html
from analytics_core.widgets.state import Act, Chosen, State, Verb

_REMEMBERED_CHARTS = 64
_FIGURES = {TrendFigure.DELIVERY: "Delivery", TrendFigure.CONVERSIONS: "Conversions", TrendFigure.REVENUE: "Revenue"}


class TrendsSection:
    """What happened when, and how long after the send it did.

    Args:
        act: called with the verb a person's choice means.
    """

    def __init__(self, act: Act) -> None:
        self._showing = False
        self._grain = widgets.ToggleButtons(options=[(GRAIN_WORDS[grain], grain) for grain in Grain])
        self._figure = widgets.ToggleButtons(options=[(label, figure) for figure, label in _FIGURES.items()])
        self._drawn = widgets.HTML().add_class("ca-pane")
        title = widgets.HTML('<h2 class="ca-title">Trends</h2>')
        switches = widgets.HBox([self._figure, self._grain]).add_class("ca-switches")
        head = widgets.HBox([title, switches]).add_class("ca-performance-head")
        self.box = widgets.VBox([head, self._drawn]).add_class("ca-part")
        self._grain.observe(lambda change: self._choose(act, lambda state: state.slicing(change.new)), "value")
        self._figure.observe(lambda change: self._choose(act, lambda state: state.following(change.new)), "value")

    def show(self, state: State, chosen: Chosen) -> None:
        """Draw the trend that the state asks for, and the curve of times beside it; nothing without rows."""
        snapshot = chosen.snapshot
        self.box.layout.display = None if snapshot.trends.day else "none"
        if not snapshot.trends.day:
            return
        grain = state.grain or choose_grain(snapshot)
        self._showing = True
        try:
            self._grain.value, self._figure.value = grain, state.figure
        finally:
            self._showing = False
        self._drawn.value = trends_html(snapshot, grain, state.figure, state.counting)

    def _choose(self, act: Act, verb: Verb) -> None:
        if not self._showing:
            act(verb)


def trends_html(snapshot: Snapshot, grain: Grain, figure: TrendFigure, counting: Counting) -> Markup:
    """The trend and the curve, each with its table behind it."""
    shown = [
        (trend_table(snapshot, grain, figure), _trend_chart(snapshot, grain, figure, counting)),
        (time_to_convert_table(snapshot), _time_chart(snapshot)),
    ]
    pieces = [
        draw(
            "drawn",
            table.title,
            chart_html(chart, asks=True) if chart else Markup(),
            table_html(table, title_shown=False, asks=True),
        )
        for table, chart in shown
        if table.rows
    ]
    return Markup('<div class="ca">{}</div>').format(draw("pairs", pieces))


@lru_cache(_REMEMBERED_CHARTS)
def _trend_chart(snapshot: Snapshot, grain: Grain, figure: TrendFigure, counting: Counting) -> Chart | None:
    from analytics_core.views.breakdown.trend_charts import trend_chart  # noqa: PLC0415 - drawing loads what takes seconds

    return trend_chart(snapshot, grain, figure, counting=counting)


@lru_cache(_REMEMBERED_CHARTS)
def _time_chart(snapshot: Snapshot) -> Chart | None:
    from analytics_core.views.breakdown.time_to_convert import time_to_convert_chart  # noqa: PLC0415 - same

    return time_to_convert_chart(snapshot)

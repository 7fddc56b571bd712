"""One titled part of the page: what can be read at once, a chart beside it, and more on request."""

import ipywidgets as widgets
from markupsafe import Markup

from analytics_core.views.forms.pieces import Chart
from analytics_core.views.page.pieces import chart_html


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
        drawn = Markup() if chart is None else chart_html(chart)
        self._chart.value = drawn
        _present(self._chart, drawn)


def _present(part: widgets.DOMWidget, content: Markup) -> None:
    part.layout.display = None if content else "none"

"""Axes: what stands on them can be read."""

from analytics_core.views.forms.axes import named_axis
from analytics_core.views.forms.theme import svg_of


def test_of_two_names_that_would_touch_the_first_stands() -> None:
    axis = named_axis("from", {0: "5 Mar 2026", 5: "12 Mar", 20: "26 Mar"}, 60)
    drawn = svg_of(
        {"data": {"values": [{"from": 0}]}, "mark": "bar", "encoding": {"x": axis}, "width": 400, "height": 50}
    )
    assert "5 Mar 2026" in drawn
    assert "26 Mar" in drawn
    assert "12 Mar" not in drawn

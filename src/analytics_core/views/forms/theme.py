"""The one look of all charts: Okabe-Ito colours, quiet axes, readable on light and on dark.

Importing this module imports Altair, about a second; views without charts must not.
"""

import sys
from collections.abc import Mapping
from typing import Any

# jsonschema's format extras load this grammar, seconds in every process, for checks that no chart needs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import altair as alt  # noqa: E402 - the line above must come first
import vl_convert  # noqa: E402 - stands with Altair

from analytics_core.views.forms.svg import hatch_definitions, slim  # noqa: E402 - as above

__all__ = [
    "BLUE",
    "GREEN",
    "INK",
    "MUTED",
    "OKABE_ITO",
    "ORANGE",
    "SKY",
    "TRACK",
    "VERMILLION",
    "alt",
    "svg_of",
    "theme",
]

BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
OKABE_ITO = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)

INK = "#1c2733"
MUTED = "#5b6775"
RULE = "#dfe4ea"
TRACK = "#edf0f4"
_DARK = {INK: "#e7ebf0", MUTED: "#a3aebb", RULE: "#38424d", TRACK: "#2a323c", BLUE: "#4ba3d9"}
_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"  # metrics alike everywhere: the SVG is measured once, here
_FONT_SIZE = 13
NAME = "connector_analytics"


@alt.theme.register(NAME, enable=True)
def theme() -> alt.theme.ThemeConfig:
    """The theme, enabled for every Altair chart of the process that imports this module."""
    return {
        "config": {
            "background": "transparent",
            "padding": {"left": 6, "top": 4, "right": 30, "bottom": 4},
            "font": _FONT,
            "view": {"stroke": None},
            "axis": {
                "domain": False,
                "ticks": False,
                "gridColor": RULE,
                "labelColor": INK,
                "labelFontSize": _FONT_SIZE,
                "labelPadding": 6,
                "titleColor": MUTED,
                "titleFontSize": _FONT_SIZE - 1,
                "titleFontWeight": "normal",
                "titlePadding": 8,
            },
            "axisX": {"labelColor": MUTED, "labelFontSize": _FONT_SIZE - 1},
            "axisY": {"grid": False},
            "legend": {
                "title": None,
                "orient": "top",
                "offset": 8,
                "labelColor": INK,
                "labelFontSize": _FONT_SIZE,
                "labelLimit": 300,
                "columnPadding": 24,
            },
            "range": {"category": list(OKABE_ITO)},
            "text": {"color": INK, "fontSize": _FONT_SIZE},
        }
    }


def svg_of(chart: Mapping[str, Any]) -> str:
    """The chart as SVG, drawn here without any network; on a dark page its colours follow.

    Args:
        chart: in Vega-Lite, without a look of its own. Ours are plain objects, which the tests validate: to make
            Altair's would take as long as to draw them.
    """
    # What a picture shows is told by its alternative text.
    spec = {"$schema": alt.SCHEMA_URL, "config": {**theme()["config"], "aria": False}, **chart}
    # Two steps take two thirds of the time of one, and draw the same.
    drawn: str = vl_convert.vega_to_svg(vl_convert.vegalite_to_vega(spec))
    opening, closing, rest = slim(drawn).partition(">")
    return f"{opening}{closing}{_DARK_STYLE}{hatch_definitions(rest)}{rest}"


_DARK_RULES = "".join(
    f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in _DARK.items()
)
_DARK_STYLE = f"<style>@media screen and (prefers-color-scheme:dark){{{_DARK_RULES}}}</style>"

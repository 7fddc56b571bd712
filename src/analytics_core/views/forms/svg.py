"""What is done to SVG after Vega wrote it: stripes are defined, and what nobody sees goes, two thirds of its size.

Only tags are changed, never the text between them, which may hold names from data.
"""

import re
from typing import NamedTuple

_INSIDE = r'(?:[^<>"]|"[^"]*")*'
"""Of a tag, whatever its attributes hold."""
_TAG = re.compile(f"<{_INSIDE}>")
_FONT = re.compile(r' font-family="[^"]*"')
_NAMES = "aria-[a-z]+|role|class|pointer-events|xmlns:xlink|stroke-miterlimit"
_IDLE = re.compile(rf' (?:{_NAMES})="[^"]*"| (?:opacity|font-weight)="(?:1|normal)"')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_UNSEEN = re.compile(
    rf'<text{_INSIDE} opacity="0"{_INSIDE}>[^<]*</text>|<path{_INSIDE} display="none"/>'
    rf'|<path{_INSIDE} d="M0,0h0v0h0Z"{_INSIDE}/>'
)
_HATCH = re.compile(r"url\(#hatch-([0-9A-F]{6})\)")
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')
_PLOT = re.compile(r'<g fill="none"[^>]* transform="translate\(([\d.]+),([\d.]+)\)"')
_EMPTY = re.compile(f"<g{_INSIDE}></g>")


def slim(svg: str) -> str:
    """The same picture: one font named once, two decimals, no words for readers of the screen, nothing unseen."""
    font = _FONT.search(svg)
    seen = _TAG.sub(lambda tag: _slim_tag(tag[0]), _UNSEEN.sub("", svg))
    while (fewer := _EMPTY.sub("", seen)) != seen:
        seen = fewer
    return seen.replace("<svg", f"<svg{font[0]}", 1) if font else seen


def _slim_tag(tag: str) -> str:
    return _LONG.sub(lambda number: f"{float(number[0]):.2f}", _IDLE.sub("", _FONT.sub("", tag)))


class Plot(NamedTuple):
    """Where the plot begins in a picture, from its left and its upper edge, and how large the picture is; in pixels."""

    left: float
    top: float
    width: float
    height: float


def plot_in(svg: str) -> Plot:
    """The plot of a picture that Vega drew.

    Raises:
        ValueError: something else drew it.
    """
    size, begin = _SIZE.search(svg), _PLOT.search(svg)
    if size is None or begin is None:
        raise ValueError("not a picture that Vega drew")
    return Plot(*map(float, (*begin.groups(), *size.groups())))


def hatch(color: str) -> str:
    """A fill of stripes in a colour such as ``#0072B2``, for what is incomplete."""
    return f"url(#hatch-{color.removeprefix('#')})"


def hatch_definitions(svg: str) -> str:
    """The definitions of the stripes that are used in a picture; nothing where none are."""
    patterns = "".join(map(_pattern, sorted(set(_HATCH.findall(svg)))))
    return f"<defs>{patterns}</defs>" if patterns else ""


def _pattern(color: str) -> str:
    stripe = f'<path d="M-1,7L7,-1M-1,1L1,-1M5,7L7,5" stroke="#{color}" stroke-width="2"/>'
    return f'<pattern id="hatch-{color}" width="6" height="6" patternUnits="userSpaceOnUse">{stripe}</pattern>'

"""A drawn chart: inert wherever it is shown, because an image cannot run anything."""

from base64 import b64encode
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG text. `alt` tells the same numbers in words."""

    title: str
    svg: str
    alt: str

    @property
    def data_uri(self) -> str:
        """The chart as the source of an image element; never put the SVG itself into a page."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"

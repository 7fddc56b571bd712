"""The pieces of a page that are no tables, before they are HTML.

Facts about a campaign, which are said rather than counted; notes about its data; drawn charts.
"""

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum

from analytics_core.views.forms.numbers import UNDEFINED


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and what it says; `value` may hold line breaks."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class FactSheet:
    """Facts under a title. `note` is a sentence below them; None where nothing needs saying."""

    title: str
    facts: tuple[Fact, ...]
    note: str | None = None


class NoteTone(StrEnum):
    """How much a note matters: `WARNING` asks for a look at the data."""

    PLAIN = "plain"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """One data note: what it is about, and what it says."""

    label: str
    text: str
    tone: NoteTone = NoteTone.PLAIN


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG text: inert wherever it is shown as an image. `alt` tells the same numbers in words."""

    title: str
    svg: str
    alt: str

    @property
    def data_uri(self) -> str:
        """The chart as the source of an image element; never put the SVG itself into a page."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"


def fact(label: str, value: str | None) -> Fact:
    """A fact whose value may be undeclared, shown as an en dash."""
    return Fact(label, value or UNDEFINED)

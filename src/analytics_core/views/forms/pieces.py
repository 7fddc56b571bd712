"""The pieces of a page that are no tables, before they are HTML.

Facts about a campaign, which are said rather than counted; notes about its data; drawn charts.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from analytics_core.views.forms.numbers import UNDEFINED


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sentence; a name from data is set off where a page can do so."""

    text: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and what it says.

    Attributes:
        label: what it is about.
        value: may hold line breaks.
        parts: `value` in the parts of a sentence; none where it is no sentence with names in it.
        is_long: whether it stands alone in its row.
    """

    label: str
    value: str
    parts: tuple[Part, ...] = ()
    is_long: bool = False


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
    """One data note: what it is about, and what it says.

    Attributes:
        label: what it is about.
        text: what it says.
        tone: how much it matters.
        goal_id: of the goal whose figures it is about; None: of all there are.
    """

    label: str
    text: str
    tone: NoteTone = NoteTone.PLAIN
    goal_id: str | None = None

    @property
    def anchor(self) -> str:
        """By what the first note of its kind is found on a page."""
        return f"note-{self.label.lower().replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class ChartBar:
    """Where a bar and its name stand in a chart, for a page that answers; in shares of the picture.

    Attributes:
        asks: the metric whose figure it is.
        text: its name and figure.
        top: where it begins.
        height: how much of the picture's height it takes.
        goal: the place of its goal among the campaign's; None: the primary one.
        left: where it begins beside the left edge.
        width: how much of the picture's width it takes.
        part: the part of the campaign that it is of (see `find_part`); empty where it is of all of it.
    """

    asks: str
    text: str
    top: float
    height: float
    goal: int | None = None
    left: float = 0
    width: float = 1
    part: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG text: inert wherever it is shown as an image. `alt` tells the same numbers in words."""

    title: str
    svg: str
    alt: str
    bars: tuple[ChartBar, ...] = ()

    @property
    def data_uri(self) -> str:
        """The chart as the source of an image element; never put the SVG itself into a page."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"


def sentence(label: str, parts: Iterable[Part]) -> Fact:
    """A fact that is a sentence, in a row of its own."""
    parts = tuple(parts)
    return Fact(label, "".join(part.text for part in parts), parts, is_long=True)


def fact(label: str, value: str | None) -> Fact:
    """A fact whose value may be undeclared, shown as an en dash."""
    return Fact(label, value or UNDEFINED)

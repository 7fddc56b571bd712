"""A label and a text each: facts about a campaign, which are said rather than counted, and notes about its data."""

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


def fact(label: str, value: str | None) -> Fact:
    """A fact whose value may be undeclared, shown as an en dash."""
    return Fact(label, value or UNDEFINED)

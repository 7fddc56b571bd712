"""Sheets of facts: a label and a text each, for what is said about a campaign rather than counted."""

from dataclasses import dataclass

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


def fact(label: str, value: str | None) -> Fact:
    """A fact whose value may be undeclared, shown as an en dash."""
    return Fact(label, value or UNDEFINED)

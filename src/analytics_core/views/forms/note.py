"""A data note: what it is about, and what it says."""

from dataclasses import dataclass
from enum import StrEnum


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

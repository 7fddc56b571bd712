"""What showing one campaign may cost: how much text is looked through, and how long that may take.

Whatever a definition holds, its page is there within two seconds. The bound on characters decides nearly always, so
that one definition is shown the same way on every machine; time is only the last resort, and is that of the processor.
Long texts are looked through in part, and what is shown of them never ends in half a secret.
"""

import time
from collections.abc import Mapping

from analytics_core.views.forms.texts import ELLIPSIS

MOST_CHARACTERS = 120_000
SECONDS = 0.8
"""Processor time of one allowance; a campaign has two, one for its texts and one for its request."""
NOT_SHOWN = "(not shown: there is too much text in this definition)"

_MARGIN = 1_000
_TAIL = 300
"""Characters at the end of a part that may be the beginning of a secret that can no longer be told."""


class Allowance:
    """The characters and the processor time that are left.

    Args:
        characters: how many may be looked through.
        seconds: processor time of this thread from now on.
    """

    def __init__(self, characters: int = MOST_CHARACTERS, seconds: float = SECONDS) -> None:
        self._left = characters
        self._until = time.thread_time() + seconds

    def is_late(self) -> bool:
        """Whether the time is over."""
        return time.thread_time() > self._until

    def take(self, characters: int) -> bool:
        """Whether so many characters more may be looked through; they are counted only then."""
        allowed = characters <= self._left and not self.is_late()
        self._left -= characters if allowed else 0
        return allowed


def read_part(text: str, longest: int) -> tuple[str, bool]:
    """As much of `text` as is looked through to show `longest` characters of it, and whether that is not all."""
    return text[: longest + _MARGIN], len(text) > longest + _MARGIN


def shorten(masked: str, longest: int, *, is_cut: bool) -> str:
    """What was looked through and masked, at most `longest` characters of it; an ellipsis says that there is more.

    Args:
        masked: without secrets.
        longest: how many characters are shown.
        is_cut: whether it is only a part, whose end is not shown.
    """
    shown = masked[: min(longest, max(len(masked) - _TAIL, 0))] if is_cut else masked[:longest]
    return shown + ELLIPSIS if is_cut or len(masked) > longest else shown


def size_of(value: object, most: int) -> int:
    """How much a JSON value holds: characters of its names and texts, and one more for each value.

    As soon as that is more than `most`, the rest is not counted.
    """
    size, rest = 0, [value]
    while rest and size <= most:
        found = rest.pop()
        size += 1
        match found:
            case str():
                size += len(found)
            case Mapping():
                size += sum(len(str(name)) for name in found)
                rest += found.values()
            case list() | tuple():
                size += len(found)
                rest += found
            case _:
                pass
    return size

"""Errors a person can act on: what was asked, what was found, what would do."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_NAMES_SHOWN = 5
_LIBRARY_WORDS = re.compile(r"(?:^|(?<=: ))Value error, ")
"""Of pydantic before a reason, and of typer behind the name of an option."""


def plain_reason(message: str) -> str:
    """What a library says of a value that a check of ours refused, without the library's own words before it."""
    return _LIBRARY_WORDS.sub("", message, count=1)


class AnalyticsError(ValueError):
    """Base of every error the suite raises on purpose; its text is one line for a person."""


class UnreadableInputError(AnalyticsError):
    """An input file could not be read at all; nothing of that import is kept."""


class WorkspaceError(AnalyticsError):
    """The workspace is missing, incomplete or says something that cannot be."""


class OutdatedWorkspaceError(WorkspaceError):
    """The tables were written by an older version; rows have to be imported anew."""


class UnknownNameError(AnalyticsError):
    """A name (campaign, metric, user) the workspace does not have.

    Args:
        kind: what was looked for, such as ``campaign``.
        asked: the name as given.
        known: the names there are.
    """

    def __init__(self, kind: str, asked: str, known: Iterable[str]) -> None:
        names = sorted(known)
        shown = ", ".join(repr(name) for name in names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        close = get_close_matches(asked, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        has = f"the workspace has {shown}" if names else "the workspace has none"
        super().__init__(f"no {kind} {asked!r}; {has}.{hint}")


class RowError(AnalyticsError):
    """One row cannot be taken in; its text is the reason, without any value that could identify a person."""

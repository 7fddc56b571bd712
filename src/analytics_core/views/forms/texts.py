"""Texts that come from data, made harmless to lay out.

No control characters or lone surrogates, no order to write the rest of a line backwards; cut or wrapped where asked.
Text of a right-to-left script needs no such order and stays as it is.
"""

import re
import textwrap

from rich.cells import cell_len

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[\s\u2028\u2029]+")
_INSIDE_FIGURE = re.compile(r"(?<=\bp) (?=[<\d])|(?<=\d) (?=points\b)|(?<=\b[A-Z]{3}) (?=\d)")
_BEFORE_AMOUNT = re.compile("(?<=\N{MINUS SIGN})(?=[^\\d\\s])")
_NO_BREAK, _JOINED = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """`text` without direction overrides, and what no document may hold (control characters, surrogates) as U+FFFD."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _DIRECTION.sub("", text))


def one_line(text: str) -> str:
    """`text` on one line: runs of white space become one space."""
    return _SPACE.sub(" ", printable(text)).strip()


def unbroken(text: str) -> str:
    """`text` with each figure kept on one line: sign and currency, number and unit, p and its value."""
    return _BEFORE_AMOUNT.sub(_JOINED, _INSIDE_FIGURE.sub(_NO_BREAK, text))


def cut(text: str, length: int) -> str:
    """`text` on one line and no longer than `length` characters, the last of them an ellipsis where it was longer."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + ELLIPSIS


def wrap(text: str, width: int | None, lead: str = "") -> str:
    """Sentences in lines no longer than `width`: the first one after `lead`, the others below it."""
    if width is None:
        return lead + text
    below = " " * cell_len(lead)
    lines = textwrap.wrap(one_line(text), width, initial_indent=lead, subsequent_indent=below, break_on_hyphens=False)
    return "\n".join(lines)

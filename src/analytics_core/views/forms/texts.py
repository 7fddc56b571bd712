"""Texts that come from data, made harmless to lay out.

No control characters or lone surrogates, no order to write the rest of a line backwards, nothing that takes no room and
so hides what stands beside it; cut or wrapped where asked. Text of a right-to-left script needs none of it and stays.
"""

import re

from rich.cells import cell_len

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_HIDDEN_POINTS = (
    (0xAD, 0xAD),  # soft hyphen
    (0x61C, 0x61C),  # direction
    (0x115F, 0x1160),  # fillers without a width
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200B),  # zero width space
    (0x200E, 0x200F),  # direction
    (0x202A, 0x202E),  # direction
    (0x2060, 0x206F),  # joiners, invisible operators, direction
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0xE0000, 0xE0FFF),  # tags
)
HIDDEN_CLASS = "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in _HIDDEN_POINTS)
"""What takes no room, as the inside of a character class of Polars' regular expressions."""
_HIDDEN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _HIDDEN_POINTS) + "]")
# Joiners shape letters of many scripts and pictures; beside ASCII they only hide.
_HIDING_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RETURN = re.compile("\r\n?")
_SPACE = re.compile(r"[\s\u2028\u2029]+")
_INSIDE_FIGURE = re.compile(
    r"(?<=\bp) (?=[<\d])|(?<=\d) (?=points\b)|(?<=\b[A-Z]{3}) (?=\d)|(?<=\d:\d\d) (?=[A-Z])|(?<=[\u25b2\u25bc]) (?=\S)"
)
FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\t\r"
"""Signs that begin a formula in a spreadsheet, full-width and small ones too."""
_FORMULA = re.compile(
    f"[\\s\\x00-\\x1f\x85\u200c\u200d\u2800{''.join(f'{chr(first)}-{chr(last)}' for first, last in _HIDDEN_POINTS)}]*"
    f"[{re.escape(FORMULA_SIGNS)}]"
)
_BEFORE_AMOUNT = re.compile("(?<=\N{MINUS SIGN})(?=[^\\d\\s])")
_NO_BREAK, _JOINED = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"


def printable(text: str) -> str:
    """`text` without what hides or turns text, and what no document may hold (control characters) as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    visible = _HIDING_JOINER.sub("", _HIDDEN.sub("", text))
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _RETURN.sub("\n", visible))


def escape_hidden(document: str) -> str:
    """A JSON `document` of the same value, in which what `printable` changes stands as an escape."""
    if printable(document) == document:
        return document
    # One sign at a time a joiner hides as well; an escape more is the same value.
    return "".join(character if printable(character) == character else _escape(character) for character in document)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would run `text`, also behind blanks and what is not seen."""
    return _FORMULA.match(text) is not None


def one_line(text: str) -> str:
    """`text` on one line: runs of white space become one space."""
    return _SPACE.sub(" ", printable(text)).strip()


def unbroken(text: str) -> str:
    """`text` with each figure kept on one line: sign and currency, number and unit, p and its value, time and zone."""
    return _BEFORE_AMOUNT.sub(_JOINED, _INSIDE_FIGURE.sub(_NO_BREAK, text))


def cut(text: str, length: int) -> str:
    """`text` on one line and no longer than `length` characters, the last of them an ellipsis where it was longer."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + ELLIPSIS


def wrap(text: str, width: int | None, lead: str = "") -> str:
    """Sentences in lines that take no more than `width` columns: the first one after `lead`, the others below it."""
    if width is None:
        return lead + text
    lines, filled = [lead], False
    for word in one_line(text).split(" "):
        rest = word
        while rest and cell_len(lines[-1]) + filled + cell_len(rest) > width:
            part = "" if filled else _begin(rest, width - cell_len(lines[-1]))
            lines[-1] += part
            rest, filled = rest[len(part) :], False
            lines.append(" " * cell_len(lead))
        lines[-1] += " " * filled + rest
        filled = True
    return "\n".join(lines)


def _begin(word: str, width: int) -> str:
    """As many signs of a word as fit, but one at least."""
    length = len(word)
    while length > 1 and cell_len(word[:length]) > width:
        length -= 1
    return word[:length]

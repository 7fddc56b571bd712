"""JSON documents of a vendor's file: one a line, over several lines, or one after another on the same line."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from json import JSONDecodeError

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.json_text import MAX_DEPTH, decode_at, parse, require_depth
from analytics_core.sources.rows.texts import is_unicode, why_not_unicode

Document = tuple[int, str, object]
"""The line a document begins at, from 1; its text; and its value, or the RowError that says why it has none."""

DEPTH = MAX_DEPTH + 8
"""Levels of a document: those of attributes, and those around them, such as lists, bodies, events and their fields."""

_LONGEST = 64_000_000
"""Characters of a document over several lines, which has to be read at once."""
_PATIENCE = 16_000_000
"""Characters that are read in vain as the begin of a document before lines are taken one by one."""
_LINE = 50
"""To take a line costs about as much time as to read so many characters."""
_FIRST_LINES = 32
_BLANK = " \t\r\n\ufeff"
"""What may stand around documents; files that were put together have the mark of UTF-8 amid them."""
_BETWEEN, _AFTER = re.compile(r"[ \t\r\n,\ufeff]*"), re.compile(r"[ \t\r,]*")


def read_documents(lines: Iterable[str], name: str) -> Iterator[Document]:
    """The documents of a file, in its order.

    A line that is not JSON costs only itself, also where it was cut off. The comma after an element of an array that
    is written one a line is no flaw.

    Args:
        lines: of the file, with their ends.
        name: of the file.

    Raises:
        UnreadableInputError: the file is one document over several lines that is too large.
    """
    following = _Lines(lines, name)
    for number, line in following:
        text = line.strip(_BLANK)
        if not text:
            continue
        if not is_unicode(text):
            yield number, text, RowError(why_not_unicode(text))
            continue
        try:
            value = parse(text, depth=DEPTH)
        except RowError as error:
            yield from _several(number, text, following) or [(number, text, error)]
        else:
            yield number, text, value


class _Lines(Iterator[tuple[int, str]]):
    """The lines of a file with their numbers; lines can be put back."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._name = name
        self._lines = enumerate(lines, 1)
        self._back: deque[tuple[int, str]] = deque()
        self.patience = _PATIENCE

    def __next__(self) -> tuple[int, str]:
        return self._back.popleft() if self._back else next(self._lines)

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        """Let lines, which were the last that were taken, come again."""
        self._back.extendleft(reversed(lines))

    def take(self, taken: list[tuple[int, str]]) -> bool:
        """Add as many lines to those that were taken as they are; whether there are any.

        Raises:
            UnreadableInputError: they would be too large a document.
        """
        more = list(islice(self, max(len(taken), _FIRST_LINES)))
        taken += more
        if sum(len(line) for _, line in taken) > _LONGEST:
            raise UnreadableInputError(f"{self._name}: is one large JSON document; write one event per line")
        return bool(more)


def _several(number: int, text: str, following: _Lines) -> list[Document]:
    """The documents in a text that is not one, or of which the text is the begin; none where it is neither.

    Lines that are part of a document are taken from the `following` ones.
    """
    found: list[Document] = []
    place = 0
    while place < len(text) and text[place] in "{[":
        try:
            value, end = decode_at(text, place)
        except RecursionError:
            return []
        except JSONDecodeError as error:
            if text[error.pos :].strip() or following.patience <= 0:
                return []
            if found:
                following.put_back([(number, text[place:])])
                return found
            return _over_lines(number, text, following)
        found.append((number, text[place:end], _checked(text[place:end], value)))
        place = _skip(text, end, _BETWEEN)
    return found if place == len(text) else []


def _over_lines(number: int, begin: str, following: _Lines) -> list[Document]:
    """The document that begins with the text of a line and ends in a later one; none where there is none."""
    taken: list[tuple[int, str]] = []
    text = begin
    while following.take(taken):
        text = "\n".join([begin, *(line.rstrip("\r\n") for _, line in taken)])
        try:
            value, end = decode_at(text, 0)
        except RecursionError:
            break
        except JSONDecodeError as error:
            if text[error.pos :].strip():
                text = text[: error.pos]
                break
        else:
            last = text.count("\n", 0, end)
            rest = text[_skip(text, end, _AFTER) :].partition("\n")[0]
            following.put_back([(taken[last - 1][0], rest), *taken[last:]])
            return [(number, text[:end], _checked(text[:end], value))]
    following.patience -= len(text) + _LINE * len(taken)
    following.put_back(taken)
    return []


def _checked(text: str, value: object) -> object:
    if not is_unicode(text):
        return RowError(why_not_unicode(text))
    try:
        require_depth(text, value, DEPTH)
    except RowError as error:
        return error
    return value


def _skip(text: str, place: int, what: re.Pattern[str]) -> int:
    found = what.match(text, place)
    return found.end() if found else place

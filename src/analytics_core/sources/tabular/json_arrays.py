"""JSON arrays of objects, read an object at a time."""

import json
from collections.abc import Callable, Iterator
from typing import TextIO

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import SourceFile, text_of
from analytics_core.sources.files.jsonl_records import raw_reader, record_reader
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.tabular.given_rows import GivenRows

_CHUNK = 1_000_000
_LONGEST = 64 * 1024 * 1024
"""Characters that one item may have."""
_ITEMS = 20_000
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def is_array(source: SourceFile) -> bool:
    """Whether a file begins as an array does.

    Raises:
        UnreadableInputError: it cannot be read at all.
    """
    with text_of(source) as text:
        while chunk := text.read(_CHUNK):
            if chunk.strip(_SPACE):
                return chunk.lstrip(_SPACE).startswith("[")
    return False


def read_items(source: SourceFile, note: Callable[[Record], None]) -> Iterator[GivenRows]:
    """The items of the array in a file, numbered from 1; `note` hears of each that is read.

    Raises:
        UnreadableInputError: the file cannot be read at all, or is no JSON from some item on.
    """
    with text_of(source) as text:
        first, items, size = 1, [], 0
        for item in _items(source.name, text):
            items.append(item)
            size += len(item)
            if len(items) == _ITEMS or size > _LONGEST:
                yield _give(source.name, first, items, note)
                first, items, size = first + len(items), [], 0
        if items:
            yield _give(source.name, first, items, note)


def _give(name: str, first: int, items: list[str], note: Callable[[Record], None]) -> GivenRows:
    return GivenRows(name, range(first, first + len(items)), record_reader(items, note), raw_reader(items))


def _items(name: str, text: TextIO) -> Iterator[str]:
    """The text of each item."""
    window = _Window(text)
    window.take("[")
    if window.take("]"):
        window.close(name, 0)
        return
    number = 0
    while True:
        number += 1
        item = window.value()
        if item is None:
            raise UnreadableInputError(f"{name}: is no JSON at item {number}, or cut short there")
        yield item
        if window.take("]"):
            window.close(name, number)
            return
        if not window.take(","):
            raise UnreadableInputError(f"{name}: is no JSON after item {number}, or cut short there")


class _Window:
    """The part of a text that is looked at."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._held, self._at = text, "", 0

    def take(self, mark: str) -> bool:
        """Whether `mark` comes next; if so, it is passed."""
        found = self._next() == mark
        self._at += found
        return found

    def close(self, name: str, number: int) -> None:
        """Refuse whatever comes after the end of the array."""
        if self._next():
            raise UnreadableInputError(f"{name}: goes on after the end of its array of {number} items")

    def value(self) -> str | None:
        """The text of the value that comes next, which is passed; None where there is none."""
        self._next()
        size = _CHUNK
        while len(self._held) - self._at <= _LONGEST:
            try:
                _, end = _DECODER.raw_decode(self._held, self._at)
            except RecursionError:
                return None
            except ValueError:
                end = len(self._held)
            # What ends where the window does may go on.
            if end < len(self._held):
                found, self._at = self._held[self._at : end], end
                return found
            if not self._widen(size):
                return None
            size *= 2
        return None

    def _next(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _SPACE:
                    return self._held[self._at]
                self._at += 1
            if not self._widen(_CHUNK):
                return ""

    def _widen(self, size: int) -> bool:
        more = self._text.read(size)
        self._held, self._at = self._held[self._at :] + more, 0
        return bool(more)

"""CSV records as Python's `csv` module reads them in strict mode: double quotes, and line breaks within them."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

FIELD_LIMIT = 64 * 1024 * 1024
"""Characters that a field may have."""
_REREADS_PER_LINE = 20

BROKEN_QUOTING = "broken CSV quoting"
_FLAWS = {
    "new-line character": "a bare carriage return in a field",
    "field limit": "a field is too long",
}
"""By what is in the message of the `csv` module; whatever else it says is about quoting."""


class CsvRecord(NamedTuple):
    """One record: the number of its first line, its raw text, and its fields or why there are none.

    A tuple, because one is made for every row.
    """

    line: int
    raw: str
    fields: Sequence[str] = ()
    flaw: str | None = None


class _Lines:
    """The physical lines of a file, which can be given back after a record that turned out not to be one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.again: deque[str] = deque()
        """Lines that come before those of the file."""
        self.rereads = 0
        """Lines that may still be read again."""
        self.held: list[str] = []
        """Lines of the current record."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.again:
            line = self.again.popleft()
        else:
            line = next(self._lines)
            self.rereads += _REREADS_PER_LINE
        self.held.append(line)
        return line

    def give_back(self) -> None:
        """Keep only the first held line, unless the file has made us read too much again already."""
        if len(self.held) <= self.rereads:
            self.rereads -= len(self.held)
            self.again.extendleft(reversed(self.held[1:]))
            del self.held[1:]


class RecordReader:
    """Reads the records of a CSV text, the header among them, one after the other.

    A line whose quoting is broken spoils itself only: reading goes on at the next line.

    Args:
        lines: the physical lines with their ends.
        delimiter: what divides fields.
    """

    def __init__(self, lines: Iterable[str], delimiter: str = ",") -> None:
        self._lines = _Lines(lines)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self.number = 1
        """The number of the line at which the next record begins."""

    def take(self) -> Sequence[CsvRecord] | None:
        """The next record; none where it is a blank line, a flawed one for each broken line; None at the end."""
        lines, first = self._lines, self.number
        held: list[str] = []
        lines.held = held
        try:
            fields = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            lines.give_back()
            self.number += len(held)
            flaw = next((flaw for said, flaw in _FLAWS.items() if said in str(error)), BROKEN_QUOTING)
            return [CsvRecord(number, line, flaw=flaw) for number, line in enumerate(held, first)]
        self.number += len(held)
        raw = held[0] if len(held) == 1 else "".join(held)
        return (CsvRecord(first, raw, fields),) if len(fields) > 1 or raw.strip(" \t\r\n") else ()

    def take_back(self, size: int) -> list[str]:
        """Lines, of about `size` characters together, that were read too far; they are no longer the reader's."""
        found: list[str] = []
        while self._lines.again and size > 0:
            found.append(self._lines.again.popleft())
            size -= len(found[-1])
        return found

    def note_lines(self, lines: int) -> None:
        """So many lines of the file were taken by someone else; they count for how much may be read again."""
        self._lines.rereads += _REREADS_PER_LINE * lines

    def put(self, lines: Iterable[str]) -> None:
        """Lines that come next, before any other."""
        self._lines.again.extendleft(reversed([*lines]))


def records(lines: Iterable[str], delimiter: str = ",") -> Iterator[CsvRecord]:
    """All records of a CSV text (see `RecordReader`)."""
    reader = RecordReader(lines, delimiter)
    while (found := reader.take()) is not None:
        yield from found


@contextmanager
def long_fields() -> Iterator[None]:
    """The csv module's limit on a field is one number for the whole process: raise it, and put it back."""
    before = csv.field_size_limit(FIELD_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)

"""Some records of a CSV file as columns of text, and the quick way to them where every line is a record.

Bytes are looked at all at once only to find out whether the quick way is right: then Polars reads them, and what it
reads is what the `csv` module would. Whatever is unusual is left to the reading record by record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.domain.errors import RowError
from analytics_core.sources.files.csv_records import CsvRecord
from analytics_core.sources.rows.texts import is_unicode, why_not_unicode

_QUOTE, _LINE_FEED, _RETURN = b'"\n\r'
_BLANKS = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Some records of one file.

    Attributes:
        numbers: the line at which each begins, from 1.
        fields: a column of text each, named by its place from 0; of a flawed record they say nothing.
        flaws: why a record is none, by its position.
        line: the text of the record at a position.
    """

    numbers: Sequence[int]
    fields: pl.DataFrame
    flaws: Mapping[int, str]
    line: Callable[[int], str]

    @property
    def is_exact(self) -> pl.Series:
        """Per record, whether it has no flaw."""
        return ~pl.int_range(len(self.numbers), eager=True).is_in(list(self.flaws))

    def column(self, place: int) -> pl.Series:
        """The fields of one column."""
        return self.fields.to_series(place)

    def row(self, position: int) -> Sequence[str]:
        """The fields of the record at a position.

        Raises:
            RowError: it is flawed.
        """
        if position in self.flaws:
            raise RowError(self.flaws[position])
        return self.fields.row(position)

    def record(self, header: Sequence[str], position: int) -> Mapping[str, str]:
        """The same (see `row`) by the names of the `header`."""
        return dict(zip(header, self.row(position), strict=True))

    def raw(self, position: int) -> str:
        """The text of the record at a position, without the end of its last line."""
        return self.line(position).rstrip("\r\n")


class Gathered:
    """Records that become a stretch, in one flat list of fields: a list each would keep the garbage collector busy."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._numbers: list[int] = []
        self._raws: list[str] = []
        self._flaws: dict[int, str] = {}
        self._fields: list[str] = []
        self._blank = ("",) * width

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, record: CsvRecord) -> None:
        """Take one more record in."""
        found = len(record.fields)
        flaw = record.flaw or (None if is_unicode(record.raw) else why_not_unicode(record.raw))
        if not flaw and found != self._width:
            flaw = _describe_ragged(found, self._width)
        if flaw:
            self._flaws[len(self)] = flaw
        self._numbers.append(record.line)
        self._raws.append(record.raw)
        self._fields.extend(self._blank if flaw else record.fields)

    def stretch(self) -> Stretch:
        """All of them."""
        columns = {name: self._fields[place :: self._width] for place, name in enumerate(_schema(self._width))}
        return Stretch(
            numbers=self._numbers,
            fields=pl.DataFrame(columns, schema=_schema(self._width)),
            flaws=self._flaws,
            line=self._raws.__getitem__,
        )


def _describe_ragged(found: int, width: int) -> str:
    return f"{found} field{'' if found == 1 else 's'} where the header has {width}"


def _schema(width: int) -> dict[str, type[pl.String]]:
    return {str(place): pl.String for place in range(width)}


def plain_stretch(block: bytes, first: int, width: int, delimiter: str, longest: int) -> Stretch | None:
    """The records of whole lines, where each line is one record at most and is read as the `csv` module would.

    Args:
        block: some whole lines; only the last of a file may lack its end.
        first: the number of the first line.
        width: fields that a record has, from 2; in one column a blank line could be a record.
        delimiter: what divides fields.
        longest: bytes a line may have.

    Returns:
        None where the lines have to be read record by record.
    """
    if width == 1 or len(delimiter.encode()) > 1 or not _is_plain_text(block):
        return None
    whole = block if block.endswith(b"\n") else block + b"\n"
    text = np.frombuffer(whole, np.uint8)
    found = _fields_of_lines(text, ord(delimiter))
    if found is None:
        return None
    ends, counts = found
    sizes = np.diff(ends, prepend=-1)
    if int(sizes.max()) > longest + 1:
        return None
    kept = np.arange(len(ends))
    if counts.min() == 1:
        filled = (counts > 1) | _has_signs(text, ends - sizes + 1)
        kept, whole = kept[filled], text[np.repeat(filled, sizes)].tobytes()
        counts, sizes = counts[filled], sizes[filled]
        ends = np.cumsum(sizes) - 1
    fields = _read(whole, width, delimiter) if whole else pl.DataFrame(schema=_schema(width))
    if fields is None or fields.height != len(ends):
        return None
    odd = np.flatnonzero(counts != width)
    return Stretch(
        numbers=range(first, first + len(kept)) if len(kept) == kept[-1:].sum() + 1 else (kept + first).tolist(),
        fields=fields,
        flaws={int(position): _describe_ragged(int(counts[position]), width) for position in odd},
        line=lambda position: whole[ends[position] - sizes[position] + 1 : ends[position]].decode(),
    )


def _has_signs(text: NDArray[np.uint8], starts: Places) -> NDArray[np.bool_]:
    """Of each line, whether it is not blank."""
    is_sign = np.ones(256, np.bool_)
    is_sign[list(_BLANKS)] = False
    return np.logical_or.reduceat(is_sign[text], starts)


def _is_plain_text(block: bytes) -> bool:
    """Whether it is UTF-8, and returns are nowhere but before line feeds."""
    # A mark at the beginning would be taken for the file's, and left out.
    if b"\0" in block or block.startswith(_BYTE_ORDER_MARK) or block.count(b"\r") != block.count(b"\r\n"):
        return False
    try:
        return block.isascii() or bool(block.decode())
    except UnicodeDecodeError:
        return False


def _fields_of_lines(text: NDArray[np.uint8], delimiter: int) -> tuple[Places, Places] | None:
    """Where each line ends and how many fields it has; None where quotes are not all as they should be.

    Marks open and close a field in turns: one that opens follows a delimiter or a line feed, one that closes precedes
    one of them, or it is half of a pair that stands for a mark.
    """
    ends, delimiters = np.flatnonzero(text == _LINE_FEED), np.flatnonzero(text == delimiter)
    marks = np.flatnonzero(text == _QUOTE)
    if len(marks):
        opening, closing = marks[::2], marks[1::2]
        if len(opening) != len(closing) or (np.searchsorted(marks, ends) & 1).any():
            return None
        # The byte before the first one is the last: a line feed, as it should be.
        before, after = text[opening - 1], text[closing + 1]
        opens = (before == delimiter) | (before == _LINE_FEED)
        closes = (after == delimiter) | (after == _LINE_FEED) | (after == _RETURN)
        is_pair = opening[1:] == closing[:-1] + 1
        opens[1:] |= is_pair
        closes[:-1] |= is_pair
        if not (opens.all() and closes.all()):
            return None
        delimiters = delimiters[(np.searchsorted(marks, delimiters) & 1) == 0]
    return ends, np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1


def _read(whole: bytes, width: int, delimiter: str) -> pl.DataFrame | None:
    try:
        return pl.read_csv(
            whole,
            has_header=False,
            separator=delimiter,
            schema=_schema(width),
            empty_string_is_null=False,
            extra_columns="ignore",
            missing_columns="insert",
            glob=False,
        )
    except pl.exceptions.PolarsError:
        return None

"""JSON lines: one object a line."""

import re
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.json_text import parse_record
from analytics_core.sources.files.files import SourceFile, text_of
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS, UnknownNames
from analytics_core.sources.rows.texts import is_unicode, why_not_unicode
from analytics_core.sources.rows.vectors import NUMBER, OBJECT, SCALAR, SPACE, STRING, WHOLE_NUMBER, member, object_of
from analytics_core.tables.declaration import Column, Kind

_FIRST_STRETCH = 256_000
_STRETCH = 16_000_000
"""Characters read at once; the first stretch is short because it teaches the pattern the unknown keys."""

_TOKENS = {
    Kind.IDENTIFIER: f"{STRING}|{WHOLE_NUMBER}",
    Kind.TEXT: f"{STRING}|{WHOLE_NUMBER}",
    Kind.WORD: STRING,
    Kind.INSTANT: f"{STRING}|{NUMBER}",
    Kind.WHOLE: f"{STRING}|{NUMBER}",
    Kind.ROUNDED: f"{STRING}|{NUMBER}",
    Kind.PERSONALIZATION: "null",
    Kind.ATTRIBUTES: OBJECT,
}
_EXACT = "_sound"
_LINE = pl.col("line")
_NESTED = r'\{(?:[^{}"]|"[^"]*"|\{(?:[^{}"]|"[^"]*")*\})*\}|null'
_SIMPLE = r'"[^"]*"|[^"{}\[\],\s]+'


def batches(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
    """The records of a JSON lines file; blank lines are none. Keys that are not read are added to `unknown`.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    table = source.table
    cells = [
        pl.when(_value(column) != "null").then(_value(column).str.strip_chars('"')).alias(column.name)
        for column in COLUMNS[table]
    ]
    for numbers, lines in read_lines(source):
        texts: Sequence[str | None] = lines
        try:
            # To look at all of them at once is far quicker.
            "".join(lines).encode()
        except UnicodeEncodeError:
            texts = [line if is_unicode(line) else None for line in lines]
        frame = pl.DataFrame({"line": texts}, schema={"line": pl.String})
        exact = (_is_plain(table, unknown) & _has_each_key_once(table)).alias(_EXACT)
        # A lazy query computes an expression that is used twice only once.
        read = frame.lazy().select(*cells, exact).collect(engine="in-memory")
        yield Batch(
            numbers=numbers,
            cells=read.drop(_EXACT),
            exact=read[_EXACT].fill_null(value=False),
            record=record_reader(lines, unknown.add),
            raw=raw_reader(lines),
        )


def read_lines(source: SourceFile) -> Iterator[tuple[Sequence[int], list[str]]]:
    """The lines of a file that are not blank with their numbers, some at a time.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    with text_of(source) as text:
        first, size = 1, _FIRST_STRETCH
        while lines := text.readlines(size):
            if not any(map(str.isspace, lines)):
                yield range(first, first + len(lines)), lines
            else:
                filled = [place for place, line in enumerate(lines) if line != "\n" and line.strip(" \t\r\n")]
                if filled:
                    yield [first + place for place in filled], [lines[place] for place in filled]
            first, size = first + len(lines), _STRETCH


def record_reader(lines: Sequence[str], note: Callable[[Record], None]) -> Callable[[int], Record]:
    """The objects on lines by position (see `record_of`); `note` hears of each that is read."""

    def record(position: int) -> Record:
        found = record_of(lines[position])
        note(found)
        return found

    return record


def raw_reader(lines: Sequence[str]) -> Callable[[int], str]:
    """The texts of lines by position."""
    return lambda position: lines[position].rstrip("\r\n")


def record_of(line: str) -> Record:
    """The object on a line.

    Raises:
        RowError: there is none.
    """
    if not is_unicode(line):
        raise RowError(why_not_unicode(line))
    return parse_record(line)


def _value(column: Column) -> pl.Expr:
    shape = _NESTED if column.kind is Kind.ATTRIBUTES else _SIMPLE
    return _LINE.str.extract(member(f'"{column.name}"', f"({shape})"), 1)


def _is_plain(table: str, unknown: UnknownNames) -> pl.Expr:
    """Lines that are one object of known keys with the tokens they may have, and of unknown keys with scalars."""
    members = [member(f'"{column.name}"', f"(?:{_TOKENS[column.kind]}|null)") for column in COLUMNS[table]]
    names = "|".join(re.escape(name) for name in unknown.plain())
    if names:
        members.append(member(f'"(?:{names})"', SCALAR))
    record = object_of(f"(?:{'|'.join(members)})")
    return _LINE.str.contains(f"^{SPACE}{record}{SPACE}$")


def _has_each_key_once(table: str) -> pl.Expr:
    """Whether the names of keys stand nowhere but at the keys that were read, so that no other place was read."""
    name = f'"(?:{"|".join(column.name for column in COLUMNS[table])})"'
    read = pl.sum_horizontal(_value(column).is_not_null() for column in COLUMNS[table])
    nested = [_value(column) for column in COLUMNS[table] if column.kind is Kind.ATTRIBUTES]
    return (_LINE.str.count_matches(name) == read) & ~pl.any_horizontal(
        pl.lit(value=False), *(value.str.contains(name).fill_null(value=False) for value in nested)
    )

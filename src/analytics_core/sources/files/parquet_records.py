"""Parquet: typed columns.

Column-wise, whole numbers and plain floats become the text that JSON would have; whatever else is typed in an unusual
way is left to the reading row by row.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache, partial

import polars as pl
import polars.selectors as cs

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.json_text import NotFinite, Number, compact
from analytics_core.sources.files.bounded import AS_TEXT, require_bound
from analytics_core.sources.files.files import SourceFile, hushing, naming, path_as_text
from analytics_core.sources.files.parquet_headers import VALUE, require_bounded
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.columns import COLUMNS, UnknownNames, is_attribute, missing
from analytics_core.sources.rows.instants import as_text
from analytics_core.sources.rows.vectors import member_text
from analytics_core.tables.declaration import Column, Kind

_LENIENT = "POLARS_IGNORE_TIMEZONE_PARSE_ERROR"
_ROWS = 100_000
_STRETCH = 5 * _ROWS
"""Rows that are read at once."""
_LARGE = 64 * 1024 * 1024
"""Bytes, written out, of rows that are converted at once, where they are many."""
_NUMERIC = {Kind.INSTANT, Kind.WHOLE, Kind.ROUNDED}
# Between these, Python and Polars write the same digits of a float; beyond, one of them uses an exponent.
_LEAST_PLAIN, _MOST_PLAIN = 1e-4, 1e15


def batches(source: SourceFile, unknown: UnknownNames) -> Iterator[Batch]:
    """The rows of a Parquet file, numbered from 1. Columns that are not read are added to `unknown`.

    Raises:
        UnreadableInputError: the file cannot be read at all, unpacks to many times its size, or lacks a column every
            row needs.
    """
    packed = require_bounded(source)
    with _reading(source):
        scan = _scan(source)
    yield from batches_of(source, scan, unknown, packed)


def batches_of(
    source: SourceFile, scan: pl.LazyFrame, unknown: UnknownNames, packed: int | None = None
) -> Iterator[Batch]:
    """The same of any rows; `source` is what they are called, `packed` the bytes of the file that they are."""
    with _reading(source):
        names = tuple(scan.collect_schema())
    lacking = missing(source.table, set(names))
    if lacking:
        raise UnreadableInputError(f"{source.name}: has no column {', '.join(lacking)}")
    unknown.add(names)
    single = [name for name in names if is_attribute(source.table, name)]
    known = [column for column in COLUMNS[source.table] if column.name in names]
    for first, frame in _stretches(source, scan, packed):
        cells = frame.select(
            *(text_cell(column, frame.schema[column.name]).alias(column.name) for column in known),
            *(member_cell(pl.col(name), frame.schema[name]).alias(name) for name in single),
        )
        inexact = (cells[name].is_null() & frame[name].is_not_null() for name in cells.columns)
        whole, read = rows_of(frame), rows_of(frame.select(cells.columns))
        yield Batch(
            numbers=range(first, first + frame.height),
            cells=cells,
            exact=~pl.select(pl.any_horizontal(*inexact)).to_series(),
            record=read,
            raw=partial(raw_of, (whole, read)),
        )


def types_of(source: SourceFile) -> pl.Schema:
    """The columns of a Parquet file and their types.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    with _reading(source):
        return _scan(source).collect_schema()


def names_of(source: SourceFile) -> tuple[str, ...]:
    """The columns of a Parquet file.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    return tuple(types_of(source))


def frame_of(source: SourceFile, columns: Sequence[str]) -> pl.DataFrame:
    """All rows of a Parquet file; of `columns` those it has.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    present = [name for name in names_of(source) if name in columns]
    require_bounded(source)
    with _reading(source):
        return _scan(source).select(present).collect(engine="in-memory")


def stretches(source: SourceFile, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of a Parquet file some at a time, with the number of the first; all `columns` where None.

    Raises:
        UnreadableInputError: the file cannot be read at all.
    """
    packed = require_bounded(source)
    with _reading(source):
        scan = _scan(source) if columns is None else _scan(source).select(columns)
    yield from _stretches(source, scan, packed)


def _stretches(source: SourceFile, scan: pl.LazyFrame, packed: int | None) -> Iterator[tuple[int, pl.DataFrame]]:
    with _reading(source):
        height = int(scan.select(pl.len()).collect().item())
    unpacked = 0
    for first in range(0, height, _STRETCH):
        with _reading(source):
            frame = scan.slice(first, _STRETCH).collect(engine="in-memory")
        if frame.height < min(height - first, _STRETCH):
            raise UnreadableInputError(f"{source.name}: has fewer rows than it says; it is damaged or cut short")
        size = sum(map(_size_of, frame.iter_columns()))
        unpacked += size
        if packed is not None:
            require_bound(source.name, packed, unpacked, AS_TEXT)
        step = max(min(_ROWS, frame.height * _LARGE // max(size, 1)), 1)
        for start in range(0, frame.height, step):
            part = frame.slice(start, step)
            source.progress.reach(first + start + part.height, height)
            yield first + start + 1, part


def _size_of(values: pl.Series) -> int:
    """Bytes of values written out: in memory equal texts may be there once, however many they are."""
    match values.dtype:
        case pl.String:
            return int(values.str.len_bytes().sum())
        case pl.Binary:
            return int(values.bin.size().sum())
        case pl.Categorical | pl.Enum:
            return int(values.cat.len_bytes().sum())
        case pl.List | pl.Array:
            return _size_of(values.explode())
        case pl.Struct:
            return sum(map(_size_of, values.struct.unnest().iter_columns()))
        case _:
            return VALUE * len(values)


def _scan(source: SourceFile) -> pl.LazyFrame:
    return pl.scan_parquet(path_as_text(source), glob=False, hive_partitioning=False)


@contextmanager
def _reading(source: SourceFile) -> Iterator[None]:
    with naming(source.name), _any_zone():
        try:
            with hushing():
                yield
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            # Damaged files make the reader panic, which is no Exception.
            raise UnreadableInputError(f"{source.name}: is damaged or not a readable Parquet file") from error


def make_batch(
    numbers: Sequence[int], cells: pl.DataFrame, given: pl.DataFrame, flaws: pl.Series | None = None
) -> Batch:
    """A batch of canonical `cells` that were put together column-wise.

    Args:
        numbers: the row each comes from, from 1.
        cells: texts, or zoned timestamps; a null among them says that there is no value.
        given: the rows they come from.
        flaws: why a row cannot be one whatever its cells say; null where nothing speaks against it.
    """
    whole, read = rows_of(given), rows_of(cells)

    def record(position: int) -> Record:
        if flaws is not None and flaws[position] is not None:
            raise RowError(flaws[position])
        return read(position)

    return Batch(
        numbers=numbers,
        cells=cells,
        exact=pl.repeat(value=True, n=cells.height, eager=True) if flaws is None else flaws.is_null(),
        record=record,
        raw=partial(raw_of, (whole,)),
    )


@contextmanager
def _any_zone() -> Iterator[None]:
    """Let Polars read timestamps of zones its database lacks, such as +05:30: the instants are in UTC all the same."""
    before = os.environ.get(_LENIENT)
    os.environ[_LENIENT] = "1"
    try:
        yield
    finally:
        del os.environ[_LENIENT]
        if before is not None:
            os.environ[_LENIENT] = before


def text_cell(column: Column, dtype: pl.DataType) -> pl.Expr:
    """The column as text (zoned timestamps as they are); null where that would not say all there is to say."""
    given = pl.col(column.name)
    is_number = dtype.is_integer() or (column.kind in _NUMERIC and (dtype.is_float() or dtype.is_decimal()))
    is_zoned = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    if isinstance(dtype, pl.String) or (is_zoned and column.kind is Kind.INSTANT):
        return given
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null) or is_number:
        return given.cast(pl.String)
    return pl.lit(None, pl.String)


def member_cell(given: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A column of one attribute as JSON values; null where their spelling is in doubt."""
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return member_text(given.cast(pl.String))
    if isinstance(dtype, pl.Null | pl.Boolean) or dtype.is_integer():
        return given.cast(pl.String)
    if isinstance(dtype, pl.Float64):
        size = given.abs()
        return pl.when((size == 0) | size.is_between(_LEAST_PLAIN, _MOST_PLAIN)).then(given).cast(pl.String)
    return pl.lit(None, pl.String)


def rows_of(frame: pl.DataFrame) -> Callable[[int], Record]:
    """Rows by position, with values as `cells` takes them; made only when one is asked for, else RowError."""
    # Times as text in full precision; small floats as the number their digits spell.
    times = [as_text(pl.col(name), dtype) for name, dtype in frame.schema.items() if dtype.is_temporal()]
    floats = cs.by_dtype(pl.Float32).cast(pl.String).cast(pl.Float64)
    shown = cache(lambda: frame.with_columns(*times, floats))

    def record(position: int) -> Record:
        try:
            row = shown().row(position, named=True)
            # Most values are text or missing: asking for more would take most of the time.
            return {
                name: value if value is None or type(value) is str else _plain(value) for name, value in row.items()
            }
        except (ValueError, OverflowError, RuntimeError, pl.exceptions.PanicException) as error:
            raise RowError("contains a value that cannot be read") from error

    return record


def _plain(value: object) -> object:
    """A Python value of Polars as one of JSON."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value if value is None or isinstance(value, bool | str) else _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case int():
            return Number(value)
        case float() if math.isfinite(value):
            return Number(repr(value))
        case float():
            return NotFinite("NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity")
        case Decimal():
            return Number(f"{value:f}")
        case bytes():
            return value.decode(errors="surrogateescape")
        case _:
            return str(value)


def raw_of(readers: Iterable[Callable[[int], Record]], position: int) -> str:
    """The row as JSON by the first of `readers` that can; a column that nobody needs may hold what none can show."""
    for rows in readers:
        with suppress(RowError, RecursionError):
            return compact(rows(position))
    return ""

"""Sheets of Excel workbooks: every cell as a text, numbers with a point and without an exponent."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import polars as pl

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import SourceFile, hushing, naming, path_as_text
from analytics_core.sources.files.parquet_records import raw_of, rows_of
from analytics_core.sources.rows.texts import readable
from analytics_core.sources.tabular.given_rows import GivenRows, Layout, OpenTable
from analytics_core.sources.tabular.sheet_extents import require_extent
from analytics_core.sources.tabular.zip_members import members_of

_ROWS = 100_000
_ROW = "\0row"
_NO_DAY = r"^1899-12-3[01] ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?$"
_MIDNIGHT = " 00:00:00"


def open_sheet(source: SourceFile, layout: Layout, wanted: Collection[str]) -> OpenTable:
    """The table in a sheet; its rows are numbered as they are in the sheet.

    Raises:
        UnreadableInputError: the file cannot be read at all, has no such sheet, or what reads it is not installed.
    """
    workbook = _open(source)
    sheet = _choose(source.name, workbook.sheet_names, layout.sheet)
    require_extent(source, sheet)
    with _reading(source.name):
        grid = _cells(source, sheet)
    names = layout.names or _header(source.name, grid, layout.header)
    if grid.height and len(names) != grid.width:
        raise UnreadableInputError(f"{source.name}: has {grid.width} columns, of which read.names names {len(names)}")
    repeated = sorted(name for name in wanted if names.count(name) > 1)
    if repeated:
        raise UnreadableInputError(f"{source.name}: the header names {repeated[0][:40]!r} more than once")
    cells = grid.with_row_index(_ROW, 1).slice(layout.header)
    cells = cells.filter(pl.any_horizontal(pl.exclude(_ROW).is_not_null())) if grid.width else cells
    places = {name: place for place, name in enumerate(names) if name and names.count(name) == 1}
    table = cells.select(_ROW, *(_show(cells.to_series(place + 1)).alias(name) for name, place in places.items()))
    numbers = _numeric(workbook, sheet, layout) if layout.spells_numbers else set()
    return OpenTable(
        names=tuple(name for name in names if name),
        rows=_stretches(source, table),
        typed=frozenset(places),
        numeric=frozenset(name for name, place in places.items() if place in numbers),
        left_out=tuple(
            f"sheet {readable(other)!r} of {source.name}" for other in workbook.sheet_names if other != sheet
        ),
    )


def _open(source: SourceFile) -> Any:  # noqa: ANN401 - the package is not there everywhere, and has no types
    try:
        package = import_module("fastexcel")
    except ModuleNotFoundError as error:
        raise UnreadableInputError(
            f"{source.name}: to read workbooks, run: pip install 'connector-analytics[excel]'"
        ) from error
    # A workbook is an archive: one that grows beyond all bounds is refused before it is opened.
    members_of(source)
    with _reading(source.name):
        return package.read_excel(path_as_text(source))


@contextmanager
def _reading(name: str) -> Iterator[None]:
    log = logging.getLogger("fastexcel")
    before = log.level
    # It warns of columns without any cell.
    log.setLevel(logging.ERROR)
    try:
        with naming(name), hushing():
            yield
    except UnreadableInputError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        raise UnreadableInputError(f"{name}: is damaged or no Excel workbook") from error
    finally:
        log.setLevel(before)


def _choose(file: str, sheets: list[str], wanted: str | None) -> str:
    if wanted is None and sheets:
        return sheets[0]
    if wanted not in sheets:
        there = ", ".join(repr(readable(sheet)) for sheet in sheets) or "none"
        raise UnreadableInputError(f"{file}: has no sheet {wanted!r}, which the mapping names; it has {there}")
    return str(wanted)


def _cells(source: SourceFile, sheet: str) -> pl.DataFrame:
    return pl.read_excel(
        source.path,
        sheet_name=sheet,
        engine="calamine",
        has_header=False,
        infer_schema_length=0,
        drop_empty_rows=False,
        drop_empty_cols=False,
        raise_if_empty=False,
        # Rows keep the numbers they have in the sheet.
        read_options={"skip_rows": 0},
    )


def _header(file: str, grid: pl.DataFrame, row: int) -> tuple[str, ...]:
    if not grid.height:
        return ()
    if row > grid.height:
        raise UnreadableInputError(f"{file}: has no row {row}, which should name the columns")
    return tuple(name or "" for name in grid.row(row - 1))


def _show(cells: pl.Series) -> pl.Series:
    """Times of day without the day that stands for none; days without the midnight that stands for no time."""
    text = cells.str.replace(_NO_DAY, "$1")
    times = text.filter(text.str.contains(_TIME))
    if len(times) and times.str.ends_with(_MIDNIGHT).all():
        return pl.select(
            pl.when(text.str.contains(_TIME)).then(text.str.strip_suffix(_MIDNIGHT)).otherwise(text)
        ).to_series()
    return text


def _numeric(workbook: Any, sheet: str, layout: Layout) -> set[int]:  # noqa: ANN401 - as above
    """Places of columns whose cells are all numbers and not text."""
    with _reading(sheet):
        read = workbook.load_sheet(sheet, header_row=None, skip_rows=layout.header, schema_sample_rows=None)
        return {column.index for column in read.selected_columns if column.dtype in ("int", "float")}


def _stretches(source: SourceFile, table: pl.DataFrame) -> Iterator[GivenRows]:
    for start in range(0, table.height, _ROWS):
        part = table.slice(start, _ROWS)
        given = part.drop(_ROW)
        read = rows_of(given)
        source.progress.reach(start + part.height, table.height)
        yield GivenRows(source.name, part[_ROW].to_list(), read, partial(raw_of, (read,)), given)

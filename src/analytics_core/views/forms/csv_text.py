"""A table as CSV for a spreadsheet, in which nothing runs: a text that begins like a formula gets an apostrophe."""

import csv
import re
from base64 import b64encode
from io import StringIO

from analytics_core.views.forms.numbers import MINUS, UNDEFINED
from analytics_core.views.forms.table import Align, Column, Table
from analytics_core.views.forms.texts import begins_formula, one_line

_NUMBER = re.compile(rf"[{MINUS}+]?\d{{1,3}}(?:,\d{{3}})*(?:\.\d+)?")
_MARK = "\N{BYTE ORDER MARK}"
"""Tells spreadsheets that the text is UTF-8."""
_LONGEST_NAME = 80


def table_csv(table: Table) -> str:
    """Its headings and rows; numbers without separators, what is undefined empty, everything else as it is shown."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([_guard(one_line(column.label)) for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(*pair) for pair in zip(row.cells, table.columns, strict=True)])
    return written.getvalue()


def csv_uri(table: Table) -> str:
    """The same as the address of a link that holds it all."""
    return f"data:text/csv;charset=utf-8;base64,{b64encode((_MARK + table_csv(table)).encode()).decode()}"


def csv_name(*parts: str) -> str:
    """A harmless file name from texts of any kind."""
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower())[:_LONGEST_NAME].strip("-")
    return f"{slug or 'table'}.csv"


def _cell(text: str, column: Column) -> str:
    if column.align is Align.RIGHT:
        if text == UNDEFINED:
            return ""
        if _NUMBER.fullmatch(text):
            return text.replace(",", "").replace(MINUS, "-").removeprefix("+")
    return _guard(one_line(text))


def _guard(text: str) -> str:
    return f"'{text}" if begins_formula(text) else text

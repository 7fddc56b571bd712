"""A table's CSV: numbers a spreadsheet can add, and nothing that it would run."""

import csv
from base64 import b64decode
from io import StringIO

import pytest

from analytics_core.views.forms.csv_text import csv_name, csv_uri, table_csv
from analytics_core.views.forms.table import Row, Table, columns
from views.snapshots import HOSTILE

MINUS = "\N{MINUS SIGN}"


def read(table: Table) -> list[list[str]]:
    return list(csv.reader(StringIO(table_csv(table))))


def table(*rows: tuple[str, ...]) -> Table:
    return Table("T", columns("Name", "Number"), tuple(map(Row, rows)))


def test_numbers_have_no_separators_and_what_is_undefined_is_empty() -> None:
    made = table(("a", "12,500"), ("b", f"{MINUS}3"), ("c", "\N{EN DASH}"), ("d", "1,234.50"), ("e", "64.0%"))
    assert read(made) == [
        ["Name", "Number"],
        ["a", "12500"],
        ["b", "-3"],
        ["c", ""],
        ["d", "1234.50"],
        ["e", "64.0%"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\u200b=1", "\N{FULLWIDTH EQUALS SIGN}1", "\t=1"])
def test_a_text_that_begins_like_a_formula_is_guarded(text: str) -> None:
    cell = read(table((text, f"+50.0%, up {text}")))[1]
    assert [one[0] for one in cell] == ["'", "'"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_one_cell(text: str) -> None:
    assert [len(row) for row in read(table((text, "1"), (f'{text}",\n', "2")))] == [2, 2, 2]


def test_the_link_holds_all_of_it() -> None:
    made = table(("\N{LATIN SMALL LETTER E WITH ACUTE}", "1"))
    scheme, _, data = csv_uri(made).partition(",")
    assert scheme == "data:text/csv;charset=utf-8;base64"
    assert b64decode(data).decode("utf-8-sig") == table_csv(made)


def test_a_file_name_is_harmless() -> None:
    assert csv_name("spring-sale", "(P) Purchase: uplift") == "spring-sale-p-purchase-uplift.csv"
    assert csv_name("../..", "\u202e") == "table.csv"
    assert len(csv_name("x" * 500)) <= 84

"""CSV: records, lines and headers."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_files import EVENT, csv_of, read_bytes, read_text, reasons

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files import csv_records
from analytics_core.sources.files.csv_records import records

HEADER = "user_id,merged_into\n"
NAME = "identities.csv"


def test_a_quoted_line_break_belongs_to_its_field_and_lines_are_counted_on(tmp_path: Path) -> None:
    extract = read_text(HEADER + '"a\nb\r\nc",x\n"d\n",\n,y\n', tmp_path, NAME)
    assert extract.rows.rows() == [("a\nb\r\nc", "x")]
    assert reasons(extract) == {5: "merged_into is missing", 7: "user_id is missing"}
    assert extract.rejected["raw"].to_list() == ['"d\n",', ",y"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_blank_lines_are_no_rows(ending: str, tmp_path: Path) -> None:
    text = ending.join(["", "user_id,merged_into", "", "a,b", " \t", "c", "", "d,e", ""])
    extract = read_text(text, tmp_path, NAME)
    assert extract.rows.rows() == [("a", "b"), ("d", "e")]
    assert reasons(extract) == {6: "1 field where the header has 2"}
    assert extract.read == 3


def test_a_row_of_empty_cells_is_a_row(tmp_path: Path) -> None:
    assert reasons(read_text(HEADER + ",\n", tmp_path, NAME)) == {2: "user_id is missing"}


@pytest.mark.parametrize("text", ["", "\n\r\n", "\ufeff", HEADER, HEADER.strip(), "\ufeff" + HEADER])
def test_a_file_without_rows_has_none(text: str, tmp_path: Path) -> None:
    assert read_text(text, tmp_path, NAME).read == 0


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read_text("\ufeff" + HEADER + "a,b\n", tmp_path, NAME).rows.rows() == [("a", "b")]


def test_rows_with_too_few_or_too_many_fields_are_rejected(tmp_path: Path) -> None:
    extract = read_text(HEADER + "a\na,b,c\na,b\n", tmp_path, NAME)
    assert reasons(extract) == {2: "1 field where the header has 2", 3: "3 fields where the header has 2"}
    assert extract.rows.height == 1


def test_a_line_that_is_not_utf8_spoils_itself_only(tmp_path: Path) -> None:
    extract = read_bytes(HEADER.encode() + b"a,b\ncaf\xe9,x\nc,d\n", tmp_path, NAME)
    assert reasons(extract) == {3: "not UTF-8"}
    assert extract.rejected["raw"].to_list() == ["caf\N{REPLACEMENT CHARACTER},x"]
    assert extract.rows.height == 2


def test_a_stray_quotation_mark_spoils_its_line_only(tmp_path: Path) -> None:
    extract = read_text(HEADER + 'a,"b\nc,d\n"e"f,g\nh,i\n', tmp_path, NAME)
    assert reasons(extract) == {2: "broken CSV quoting", 4: "broken CSV quoting"}
    assert extract.rows["user_id"].to_list() == ["c", "h"]


def test_an_unclosed_quotation_mark_on_the_last_line_spoils_that_line_only(tmp_path: Path) -> None:
    extract = read_text(HEADER + 'a,b\nc,"d', tmp_path, NAME)
    assert reasons(extract) == {3: "broken CSV quoting"}
    assert extract.rows.height == 1


def test_quotation_marks_that_open_again_and_again_cannot_make_the_reading_quadratic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each line closes the quotation of the line before and opens another: every start runs to the end of the file."""
    lines = ['a","b\n'] * 1_000
    read: list[str] = []
    real = csv_records._Lines.__next__
    monkeypatch.setattr(csv_records._Lines, "__next__", lambda self: (read.append(""), real(self))[1])
    found = list(csv_records.records(lines))
    assert [record.line for record in found] == list(range(1, 1_001))
    assert {record.flaw for record in found} == {"broken CSV quoting"}
    assert len(read) < 25 * len(lines)


def test_a_bare_carriage_return_spoils_its_line_only(tmp_path: Path) -> None:
    extract = read_text(HEADER + "a\rb,c\nd,e\n", tmp_path, NAME)
    assert reasons(extract) == {2: "a bare carriage return in a field"}
    assert extract.rows.height == 1


def test_a_field_may_be_ten_megabytes_long(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    row = {**EVENT, "attributes": f'{{"a":"{long}"}}'}
    before = csv.field_size_limit()
    extract = read_text(csv_of([row, {**row, "user_id": long}], list(row)), tmp_path, "events.csv")
    assert extract.rows["attributes"].to_list() == [f'{{"a":"{long}"}}']
    assert reasons(extract) == {3: "user_id is longer than 128 characters"}
    assert len(extract.rejected["raw"].item()) == 10_001
    assert extract.rejected["raw"].item().endswith("x…")
    assert csv.field_size_limit() == before


def test_a_field_beyond_the_bound_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics_core.sources.files.csv_records.FIELD_LIMIT", 1_000)
    extract = read_text(HEADER + "x" * 1_001 + ",b\nc,d\n", tmp_path, NAME)
    assert reasons(extract) == {2: "a field is too long"}
    assert extract.rows.height == 1


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("user_id,user_id,merged_into", "the header names 'user_id' more than once"),
        ("user_id", "the header has no column merged_into"),
        ("user_id;merged_into", "the header has no column user_id, merged_into"),
        (" user_id,merged_into", "the header has no column user_id"),
        ('"user_id,merged_into', "the header line cannot be read: broken CSV quoting"),
        ("user_id,merged_into\rab,c", "the header line cannot be read: a bare carriage return in a field"),
    ],
)
def test_a_header_that_does_not_fit_is_an_error_that_names_the_file(header: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        read_text(f"{header}\na,b\n", tmp_path, NAME)
    assert str(caught.value) == f"{NAME}: {message}"


def test_a_header_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"^identities\.csv: the header line cannot be read: not UTF-8$"):
        read_bytes(b"user_id,merged_into,caf\xe9\n", tmp_path, NAME)


def test_unknown_columns_are_named_and_not_read(tmp_path: Path) -> None:
    extract = read_text("user_id,zeta,merged_into,alpha\na,1,b,2\n", tmp_path, NAME)
    assert extract.unknown_columns == ("alpha", "zeta")
    assert extract.rows.rows() == [("a", "b")]


def test_columns_come_in_any_order_and_optional_ones_may_lack(tmp_path: Path) -> None:
    extract = read_text("merged_into,user_id\nb,a\n", tmp_path, NAME)
    assert extract.rows.rows() == [("a", "b")]


def test_a_compressed_file_is_read_as_the_text_it_holds(tmp_path: Path) -> None:
    parts = gzip.compress((HEADER + "a,b\n").encode()) + gzip.compress(b"c,d\n")
    assert read_bytes(parts, tmp_path, "identities.csv.gz").rows["user_id"].to_list() == ["a", "c"]


texts = st.lists(st.sampled_from(['"', ",", "\n", "\r\n", "a", "b c", "é", '""', '","', " "]), max_size=40).map("".join)


@given(texts)
def test_well_formed_text_is_read_as_the_csv_module_reads_it(text: str) -> None:
    lines = text.splitlines(keepends=True)
    found = list(records(lines))
    try:
        expected = [row for row in csv.reader(lines, strict=True) if "".join(row).strip()]
    except csv.Error:
        assert any(record.flaw for record in found)
    else:
        assert [record.fields for record in found if "".join(record.fields).strip()] == expected
        assert not any(record.flaw for record in found)


@given(texts)
def test_no_line_is_lost_or_read_twice(text: str) -> None:
    lines = text.splitlines(keepends=True)
    found = list(records(lines))
    starts = [record.line for record in found]
    assert starts == sorted(set(starts))
    assert "".join(record.raw for record in found).split() == text.split()

"""The quick way through a CSV file gives what the reading record by record gives, and is taken where it can be."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_files import csv_of, read_text, reasons

from analytics_core.domain.errors import RowError
from analytics_core.sources.files import csv_files
from analytics_core.sources.files.csv_files import open_csv
from analytics_core.sources.files.csv_records import FIELD_LIMIT, RecordReader, records
from analytics_core.sources.files.csv_stretches import plain_stretch
from analytics_core.sources.files.files import source_at
from analytics_core.sources.rows.texts import NOT_UTF8, is_unicode

Row = tuple[int, str, tuple[str, ...] | str]
"""A record: its line, its raw text, and its fields or why there are none."""

HEADER = b"one,two,three\n"
FIELDS = ("", "a", "b c", " ", "é", "\u2028", '"q"', '"x,y"', '"say ""hi"""', '""', '""""', "'", "#", "NULL")
ODD = ('"', 'a"b', ' "a"', '"a"b', "\r", "\0", "\ufeff", "\udcff", '"\n"', '"\r\n",', "x,y", "\n")


def as_bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def one_by_one(content: bytes) -> list[Row]:
    """The records after the header as the `csv` module reads them."""
    lines = [line.decode(errors="surrogateescape") for line in io.BytesIO(content)]
    found = list(records(lines))[1:]
    return [
        (record.line, record.raw.rstrip("\r\n"), record.flaw or checked(record.raw, record.fields)) for record in found
    ]


def checked(raw: str, fields: Sequence[str]) -> tuple[str, ...] | str:
    if not is_unicode(raw):
        return NOT_UTF8
    if len(fields) != 3:
        return f"{len(fields)} field{'' if len(fields) == 1 else 's'} where the header has 3"
    return tuple(fields)


def in_stretches(content: bytes, directory: Path) -> list[Row]:
    """The records after the header as files are read."""
    path = directory / "rows.csv"
    path.write_bytes(content)
    with open_csv(source_at("events", path, path.name)) as (_, stretches):
        return [row for stretch in stretches for row in _rows(stretch)]


def _rows(stretch: csv_files.Stretch) -> Iterator[Row]:
    assert len(stretch.numbers) == stretch.fields.height > 0
    assert stretch.is_exact.to_list() == [position not in stretch.flaws for position in range(len(stretch.numbers))]
    for position, number in enumerate(stretch.numbers):
        try:
            fields: tuple[str, ...] | str = tuple(stretch.row(position))
            assert fields == tuple(stretch.column(place)[position] for place in range(3))
        except RowError as error:
            fields = str(error)
        yield number, stretch.raw(position), fields


regular = st.lists(st.sampled_from(FIELDS), min_size=3, max_size=3).map(",".join)
ragged = st.lists(st.sampled_from(FIELDS), max_size=5).map(",".join)
odd = st.lists(st.sampled_from(FIELDS + ODD), min_size=1, max_size=4).map(",".join)
lines = st.tuples(st.one_of(*[regular] * 6, ragged, odd), st.sampled_from(["\n", "\n", "\n", "\r\n"])).map("".join)


@given(st.lists(lines, max_size=12).map("".join), st.sampled_from([None, -1]), st.sampled_from([1, 30, 4_000]))
def test_files_are_read_as_the_csv_module_reads_them(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    end: int | None,
    block: int,
) -> None:
    content = HEADER + as_bytes(text)[:end]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_files, "_BLOCK", block)
        assert in_stretches(content, tmp_path_factory.getbasetemp()) == one_by_one(content)


@given(
    st.lists(regular, min_size=1, max_size=9), st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";", "\t", "|"])
)
def test_regular_lines_take_the_quick_way(rows: Sequence[str], ending: str, delimiter: str) -> None:
    parsed = list(csv.reader(rows, strict=True))
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=ending).writerows(parsed)
    found = plain_stretch(written.getvalue().encode(), 2, 3, delimiter, FIELD_LIMIT)
    assert found is not None
    assert [list(found.row(position)) for position in range(len(rows))] == parsed


def test_a_file_of_regular_lines_is_not_read_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []
    real = RecordReader.take
    monkeypatch.setattr(RecordReader, "take", lambda self: (taken.append(1), real(self))[1])
    monkeypatch.setattr(csv_files, "_BLOCK", 500)
    rows = [{"user_id": f"u{number}", "merged_into": 'the, "one"'} for number in range(100)]
    extract = read_text(csv_of(rows, ["user_id", "merged_into"]), tmp_path, "identities.csv")
    assert extract.rows.height == 100
    assert len(taken) == 1  # the header


@pytest.mark.parametrize(
    "block",
    [
        b'a"b,c\n',
        b' "a",b\n',
        b'"a"b,c\n',
        b'"a,b\n',
        b'a,"b\n"\n',
        b'a,"b\nc","d\n',
        b"a\rb,c\n",
        b"a,b\r",
        b"a,\0\n",
        b"caf\xe9,b\n",
        b"\xef\xbb\xbfa,b\n",
        b"a,12345678901\n",
    ],
)
def test_whatever_is_unusual_is_left_to_the_reading_one_by_one(block: bytes) -> None:
    assert plain_stretch(block, 1, 2, ",", 10) is None
    assert plain_stretch(b"a,b\n" + block, 1, 2, ",", 10) is None or block.startswith(b"\xef")


@pytest.mark.parametrize(("width", "delimiter"), [(1, ","), (2, "é")])
def test_one_column_and_odd_delimiters_are_left_to_the_reading_one_by_one(width: int, delimiter: str) -> None:
    assert plain_stretch(b"a\n", 1, width, delimiter, FIELD_LIMIT) is None


def test_an_odd_line_costs_the_quick_way_its_block_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []
    real = RecordReader.take
    monkeypatch.setattr(RecordReader, "take", lambda self: (taken.append(1), real(self))[1])
    monkeypatch.setattr(csv_files, "_BLOCK", 1_000)
    good = [f"u{number:03},v{number:03}\n" for number in range(1_000)]
    good[500] = 'u500,"v\n500"\n'
    good[700] = 'u700,"v700\n'
    good[900] = "u900\n"
    extract = read_text("user_id,merged_into\n" + "".join(good), tmp_path, "identities.csv")
    assert reasons(extract) == {703: "broken CSV quoting", 903: "1 field where the header has 2"}
    assert extract.rows["user_id"].to_list() == [f"u{number:03}" for number in range(1_000) if number not in {700, 900}]
    assert extract.rows["merged_into"][500] == "v\n500"
    assert len(taken) < 400


def test_a_line_longer_than_a_block_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK", 10)
    long = "x" * 100
    extract = read_text(f"user_id,merged_into\n{long},b\nc,{long}\n", tmp_path, "identities.csv")
    assert extract.rows.rows() == [(long, "b"), ("c", long)]


@pytest.mark.parametrize("fault", ["error", "rows"])
def test_where_polars_disagrees_the_lines_are_read_one_by_one(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_whole: bytes, **_given: object) -> pl.DataFrame:
        if fault == "error":
            raise pl.exceptions.ComputeError("cannot be read")
        return pl.DataFrame({"0": ["a"], "1": ["b"]})

    monkeypatch.setattr("analytics_core.sources.files.csv_stretches.pl.read_csv", broken)
    extract = read_text("user_id,merged_into\na,b\nc,d\n", tmp_path, "identities.csv")
    assert extract.rows.rows() == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\n", b"  \r\n"])
def test_blank_lines_are_passed_over_many_at_once(
    blank: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the header, between rows and after them; the numbers of lines stay those of the file."""
    monkeypatch.setattr(csv_files, "_BLOCK", 10_000)
    taken = 0
    take = RecordReader.take

    def counted(reader: RecordReader) -> object:
        nonlocal taken
        taken += 1
        return take(reader)

    monkeypatch.setattr(RecordReader, "take", counted)
    many = blank * 30_000
    content = many + HEADER + many + b'1,"2",3\n' + blank + b"4,5\n4,5,6\n" + many + b"7,8,9"
    assert in_stretches(content, tmp_path) == [
        (60_002, '1,"2",3', ("1", "2", "3")),
        (60_004, "4,5", "2 fields where the header has 3"),
        (60_005, "4,5,6", ("4", "5", "6")),
        (90_006, "7,8,9", ("7", "8", "9")),
    ]
    assert taken == 1


@pytest.mark.parametrize("content", [b"", b"\n", b" \n\r\n\t", b"\n" * 30_000])
def test_a_file_of_blank_lines_has_no_header(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with open_csv(source_at("events", path, path.name)) as (header, stretches):
        assert (header, list(stretches)) == ((), [])

"""Parquet and Avro files and workbooks that are small and would become large: refused before they are opened."""

import importlib
import json
import re
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from avro_files import avro_file, header, in_avro, text_in_avro
from canonical_files import delivery, write_export
from parquet_files import Claims

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.braze.files import avro_frame
from analytics_core.sources.files import avro_headers, parquet_headers, parquet_records
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from seeding import some

TOO_MUCH = (
    "unpacks to more than 200 times its size, as no export does; if it is right all the same, write its rows as CSV"
)
DAMAGED = "is damaged or not a readable Parquet file"
TEXT = [{"name": "a", "type": "string"}]
SYNC = header({}, is_sized=False)[-16:]


def source_of(directory: Path, content: bytes, name: str = "events.parquet") -> SourceFile:
    (directory / name).write_bytes(content)
    return SourceFile("events", directory / name, name, "")


def block(fields: object, row: bytes, *, rows: int = 1, codec: str = "null", size: int | None = None) -> bytes:
    """An Avro file of one block, which claims to have so many rows and bytes."""
    packed = row
    if codec == "deflate":
        packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packing.compress(row) + packing.flush()
    schema = {"type": "record", "name": "r", "fields": fields}
    claimed = len(packed) if size is None else size
    return header(schema, codec=codec, is_sized=False) + in_avro(rows) + in_avro(claimed) + packed + SYNC


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (Claims(rows=1 << 40), TOO_MUCH),
        (Claims(rows=1 << 30), TOO_MUCH),
        (Claims(unpacked=(1 << 31) - 1), TOO_MUCH),
        (Claims(rows=1 << 40, values=1 << 40, page_values=1), DAMAGED),
        (Claims(rows=1 << 30, values=1, page_values=1), DAMAGED),
        (Claims(rows=-1, values=1, page_values=1), DAMAGED),
        (Claims(unpacked=-1), DAMAGED),
        (Claims(values=5, page_values=-1), DAMAGED),
    ],
    ids=str,
)
def test_what_a_parquet_file_claims_is_not_made_room_for(claims: Claims, said: str, tmp_path: Path) -> None:
    source = source_of(tmp_path, claims.written())
    for read in (parquet_headers.require_bounded, lambda each: parquet_records.frame_of(each, ["user_id"])):
        with pytest.raises(UnreadableInputError, match=said):
            read(source)


def test_claims_that_are_right_are_read(tmp_path: Path) -> None:
    assert parquet_records.frame_of(source_of(tmp_path, Claims().written()), ["user_id"]).rows() == [("ann",)]
    many = source_of(tmp_path, Claims(groups=1_000).written())
    assert parquet_records.frame_of(many, ["user_id"]).height == 1_000


def arrow_file(directory: Path, columns: dict[str, Any], **options: object) -> SourceFile:
    arrow = pytest.importorskip("pyarrow", reason="only pyarrow writes such pages")
    table = arrow.table({name: make(arrow) for name, make in columns.items()})
    importlib.import_module("pyarrow.parquet").write_table(table, directory / "events.parquet", **options)
    return SourceFile("events", directory / "events.parquet", "events.parquet", "")


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(lambda arrow: arrow.nulls(20_000_000, arrow.string()), id="rows of nothing"),
        pytest.param(lambda arrow: arrow.array([[None] * 10_000_000], arrow.list_(arrow.int64())), id="one long list"),
        pytest.param(lambda arrow: arrow.array([bytes(100_000_000)]), id="one long value"),
        pytest.param(
            lambda arrow: arrow.DictionaryArray.from_arrays(
                arrow.array([0] * 1_000_000, arrow.int32()), arrow.array(["x" * 100_000])
            ),
            id="one long value a million times",
        ),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_what_is_packed_too_well_is_refused_unread(column: Callable[[Any], Any], version: str, tmp_path: Path) -> None:
    options = {"compression": "zstd", "data_page_version": version}
    source = arrow_file(tmp_path, {"user_id": column}, **options)
    assert source.path.stat().st_size < 100_000
    with pytest.raises(UnreadableInputError, match=TOO_MUCH):
        parquet_headers.require_bounded(source)


def test_a_long_value_among_short_ones_is_counted_as_often_as_it_is_there(tmp_path: Path) -> None:
    """The headers know the mean length only: what is read is measured again, before anything is made of it."""

    def texts(arrow: Any) -> object:  # noqa: ANN401 - a library that may not be there
        values = arrow.array([*map(str, range(100_000)), "x" * 1_000_000])
        return arrow.DictionaryArray.from_arrays(arrow.array([*range(100_000), *[100_000] * 300_000]), values)

    options = {"compression": "zstd", "store_schema": False, "dictionary_pagesize_limit": 10_000_000}
    source = arrow_file(tmp_path, {"attributes": texts}, **options)
    parquet_headers.require_bounded(source)
    with pytest.raises(UnreadableInputError, match=TOO_MUCH):
        list(parquet_records.stretches(source))


def test_rows_are_converted_a_few_at_a_time_where_they_are_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_records, "_LARGE", 10_000)
    texts = pl.Series("a", ["x" * 1_000, "y" * 1_000] * 20)
    lists = pl.Series("b", [["x"], []] * 20)
    frame = pl.DataFrame([texts, lists, texts.cast(pl.Categorical).alias("c"), texts.cast(pl.Binary).alias("d")])
    frame.with_columns(pl.struct("a", "b").alias("e")).write_parquet(tmp_path / "events.parquet")
    source = SourceFile("events", tmp_path / "events.parquet", "events.parquet", "")
    parts = [*parquet_records.stretches(source)]
    assert [first for first, _ in parts] == [*range(1, 41, 2)]
    assert pl.concat([part for _, part in parts])["a"].to_list() == texts.to_list()


COLUMNS: dict[str, pl.Series] = {
    "text": pl.Series(["a", None, "ü" * 50] * 700),
    "category": pl.Series(["a", None, "b"] * 700, dtype=pl.Categorical),
    "whole": pl.Series([1, None, -(2**60)] * 700),
    "truth": pl.Series([True, None, False] * 700),
    "decimal": pl.Series(["1.25", None, "-3.50"] * 700).cast(pl.Decimal(20, 2)),
    "time": pl.Series([0, None, 2**50] * 700).cast(pl.Datetime("us", "UTC")),
    "list": pl.Series([["a", None], None, []] * 700),
    "struct": pl.Series([{"a": 1, "b": ["x"]}, None, {"a": None, "b": None}] * 700),
    "nothing": pl.Series([None] * 2_100, dtype=pl.String),
}


@pytest.mark.parametrize("compression", some(2, ["uncompressed", "zstd", "snappy", "gzip", "brotli", "lz4"]))
def test_files_of_polars_are_measured(compression: Any, tmp_path: Path) -> None:  # noqa: ANN401 - one of the words it takes
    path = tmp_path / "events.parquet"
    for options in ({}, {"row_group_size": 100, "data_page_size": 64}, {"statistics": "full"}):
        pl.DataFrame(COLUMNS).write_parquet(path, compression=compression, **options)
        source = SourceFile("events", path, "events.parquet", "")
        assert parquet_headers.require_bounded(source) == path.stat().st_size
        assert parquet_records.frame_of(source, [*COLUMNS]).height == 2_100


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("compression", some(2, ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]))
def test_files_of_arrow_are_measured(version: str, dictionary: bool, compression: str, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    pytest.importorskip("pyarrow", reason="its files are what is read")
    options = {"data_page_version": version, "use_dictionary": dictionary, "compression": compression}
    arrow = pl.DataFrame(COLUMNS).to_arrow()
    for more in ({}, {"row_group_size": 100, "data_page_size": 64, "write_page_index": True}, {"store_schema": False}):
        path = tmp_path / "events.parquet"
        importlib.import_module("pyarrow.parquet").write_table(arrow, path, **options, **more)
        source = SourceFile("events", path, "events.parquet", "")
        assert parquet_headers.require_bounded(source) == path.stat().st_size


@pytest.mark.parametrize("rows", [0, 1, 2_100])
def test_files_of_duckdb_are_measured(rows: int, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="its files are what is read")
    path = tmp_path / "events.parquet"
    query = "select i as whole, i::varchar as text, [i, null] as list, null as nothing from range($1) t(i)"
    rows_of = duckdb.sql(query, params=[rows])
    rows_of.write_parquet(str(path), row_group_size=2_048)
    assert parquet_headers.require_bounded(SourceFile("events", path, "x", "")) == path.stat().st_size


def test_a_parquet_file_that_is_damaged_anywhere_is_one_line(tmp_path: Path) -> None:
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    damaged = [content[: len(content) // 2], content[:-4], content[:-8] + b"\xff\xff\xff\x7fPAR1", b"PAR1", b"PAR1PAR1"]
    damaged += [content[:at] + b"\xff" * 9 + content[at + 9 :] for at in range(len(content) - 1_500, len(content), 3)]
    for each in damaged:
        try:
            parquet_headers.require_bounded(source_of(tmp_path, each))
        except UnreadableInputError as error:
            assert str(error).startswith("events.parquet: ")  # noqa: PT017 - some of the bytes matter to nobody


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(block(TEXT, text_in_avro("x"), rows=1 << 40), TOO_MUCH, id="rows"),
        pytest.param(block([], b"", rows=1 << 34), TOO_MUCH, id="rows of nothing"),
        pytest.param(block([{"name": "a", "type": "null"}], b"", rows=1 << 34), TOO_MUCH, id="rows of null"),
        pytest.param(
            block([{"name": "a", "type": {"type": "fixed", "name": "f", "size": 1 << 40}}], b"x"), TOO_MUCH, id="fixed"
        ),
        pytest.param(
            block([{"name": "a", "type": ["null", {"type": "fixed", "name": "f", "size": 1 << 30}]}], b"\0"),
            TOO_MUCH,
            id="fixed or null",
        ),
        pytest.param(
            block([{"name": "a", "type": {"type": "array", "items": "null"}}], in_avro(1 << 34) + b"\0"),
            "is damaged or not a readable Avro file",
            id="a list of nothing",
        ),
        pytest.param(
            block([{"name": "a", "type": {"type": "map", "values": {"type": "null"}}}], in_avro(1 << 34) + b"\0"),
            "is damaged or not a readable Avro file",
            id="a map of nothing",
        ),
        pytest.param(
            block([{"name": "a", "type": "bytes"}], in_avro(1 << 27) + bytes(1 << 27), codec="deflate"),
            TOO_MUCH,
            id="deflate",
        ),
        pytest.param(block(TEXT, b"\xff\xff\xff\xff\x0f" + b"abcd", codec="snappy"), TOO_MUCH, id="snappy"),
        pytest.param(block(TEXT, b"x", size=1 << 40), "is damaged or not a readable Avro file", id="block"),
        pytest.param(block(TEXT, in_avro(1 << 61) + b"x"), "is damaged or not a readable Avro file", id="text"),
    ],
)
def test_what_an_avro_file_claims_is_not_made_room_for(content: bytes, said: str, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableInputError, match=said):
        avro_frame(source_of(tmp_path, content, "a.avro"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


@pytest.mark.parametrize("codec", ["uncompressed", "deflate", "snappy"])
def test_avro_files_of_every_codec_are_measured(codec: Any, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    frame = pl.DataFrame(COLUMNS).select("text", "whole", "truth", "list")
    frame.write_avro(tmp_path / "a.avro", compression=codec)
    source = SourceFile("events", tmp_path / "a.avro", "a.avro", "")
    avro_headers.require_bounded(source)
    assert avro_frame(source).height == 2_100


def test_types_that_are_named_once_and_meant_again_are_measured(tmp_path: Path) -> None:
    pair = {"type": "fixed", "name": "n.Pair", "size": 2}
    fields = {
        "a": (pair, b"ab"),
        "b": ("n.Pair", b"cd"),
        "c": ({"type": "enum", "name": "E", "symbols": ["A"]}, in_avro(0)),
        "d": (["null", "E"], in_avro(0)),
        "e": ({"type": {"type": "string"}}, text_in_avro("x")),
    }
    avro_headers.require_bounded(source_of(tmp_path, avro_file("users.A.B", fields), "a.avro"))


def test_a_library_that_panics_says_nothing_beside_the_one_line(tmp_path: Path) -> None:
    """Its trace goes to the errors of the process, past everything that Python could hold back."""
    export = write_export(tmp_path / "in", deliveries=[delivery("ann", 1)])
    (export / "users.messages.webhook.Send.avro").write_bytes(block(TEXT, in_avro(1 << 61) + b"x"))
    command = [sys.executable, "-m", "analytics_core"]
    subprocess.run([*command, "init", tmp_path / "w"], check=True, capture_output=True)
    done = subprocess.run(
        [*command, "import", "braze", export, "-w", tmp_path / "w"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: users.messages.webhook.Send.avro: is damaged or not a readable Avro file\n"


def write_workbook(path: Path, cells: dict[tuple[int, int], str], sheets: tuple[str, ...] = ("A",)) -> None:
    writer = pytest.importorskip("xlsxwriter", reason="only with it workbooks are written")
    pytest.importorskip("fastexcel", reason="only with it workbooks are read")
    with writer.Workbook(path) as workbook:
        for place, name in enumerate(sheets):
            sheet = workbook.add_worksheet(name)
            for (row, column), text in (cells if place == len(sheets) - 1 else {(0, 0): "id", (1, 0): "x"}).items():
                sheet.write(row, column, text)


HEAD = {(0, 0): "id", (0, 1): "user", (0, 2): "name", (0, 3): "at"}
FIRST = {(1, 0): "e1", (1, 1): "ann", (1, 2): "Order", (1, 3): "2026-03-02T10:00:00Z"}


def read_sheet(directory: Path, sheet: str = "A") -> int:
    columns = '{event_id = "id", user_id = "user", event_name = "name", occurred_at = "at"}'
    mapping = directory / "m.toml"
    mapping.write_text(f'table = "events"\nread = {{sheet = {json.dumps(sheet)}}}\ncolumns = {columns}\n')
    (reading,) = find_readings([directory / "a.xlsx"], read_mapping(mapping))
    return sum(len(batch.numbers) for _, batch in reading.batches())


@pytest.mark.parametrize("corner", some(1, [(20_000, 16_383), (1_048_575, 16_383), (1_048_575, 100)]))
def test_a_sheet_of_two_far_cells_is_not_made_room_for(corner: tuple[int, int], tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {**HEAD, **FIRST, corner: "z"}, ("First", "A & B"))
    with pytest.raises(UnreadableInputError, match=r"reaches to row .*; delete what is in the cells far away"):
        read_sheet(tmp_path, "A & B")


@pytest.mark.parametrize("corner", [(100_000, 3), (10, 16_383)])
def test_a_sheet_may_be_long_or_wide(corner: tuple[int, int], tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {**HEAD, **FIRST, corner: "z"})
    assert read_sheet(tmp_path) == 2


def test_another_sheet_may_have_cells_far_away(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {(0, 0): "z", (1_048_575, 16_383): "z"}, ("A", "Far"))
    with pytest.raises(UnreadableInputError, match="has no column 'at', 'name', 'user'"):
        read_sheet(tmp_path)


def rewrite_sheet(path: Path, change: Callable[[str], str]) -> None:
    with ZipFile(path) as book:
        files = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    files[sheet] = change(files[sheet].decode()).encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, content in files.items():
            book.writestr(name, content)


@pytest.mark.parametrize(
    ("change", "is_read"),
    [
        pytest.param(lambda text: re.sub(r'(<(?:c|row)) r="[A-Z0-9]+"', r"\1", text), True, id="in order"),
        pytest.param(lambda text: re.sub(r'<c r="[A-Z0-9]+"', "<c", text), True, id="in rows with numbers"),
        pytest.param(
            lambda text: re.sub(r'<c r="[A-Z0-9]+"', "<c", text).replace(
                "</sheetData>", f'<row r="1048576">{"<c><v>1</v></c>" * 200}</row></sheetData>'
            ),
            False,
            id="far below",
        ),
        pytest.param(
            lambda text: text.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'),
            True,
            id="a style without a value",
        ),
    ],
)
def test_cells_may_say_where_they_are_or_not(change: Callable[[str], str], is_read: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    write_workbook(tmp_path / "a.xlsx", {**HEAD, **FIRST})
    rewrite_sheet(tmp_path / "a.xlsx", change)
    if is_read:
        assert read_sheet(tmp_path) == 1
    else:
        with pytest.raises(UnreadableInputError, match="reaches to row 1,048,576 and column 200 with next to nothing"):
            read_sheet(tmp_path)


def test_files_of_an_archive_are_not_more_together_than_each_may_be(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.csv", bytes(60_000_000))
    (tmp_path / "m.toml").write_text('table = "identities"\ncolumns = {user_id = "a", merged_into = "b"}\n')
    with pytest.raises(UnreadableInputError, match="unpacks to more than 200 times its size"):
        find_readings([tmp_path / "a.zip"], read_mapping(tmp_path / "m.toml"))

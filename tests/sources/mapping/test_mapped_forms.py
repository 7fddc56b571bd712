"""The forms of files that a mapping is read from: text with and without header, JSON, workbooks, archives."""

import gzip
import importlib.util
import json
import sys
import zipfile
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path

import pytest

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.rows.batches import convert_batch

MAPPING = """\
table = "events"
{top}
[columns]
event_id = "id"
user_id = "u"
occurred_at = "t"
[constants]
event_name = "x"
{rest}
"""
CSV = "id,u,t\n1,ann,2026-04-01T10:00:00Z\n2,bob,2026-04-01T10:00:00Z\n"
ITEM = {"id": "1", "u": "ann", "t": "2026-04-01T10:00:00Z"}


def _read(path: Path, top: str = "", rest: str = "") -> tuple[list[dict[str, object]], list[tuple[str, int, str]]]:
    """The rows of all files, and file, number and reason of each that is none."""
    described = path.parent / "mapping.toml"
    described.write_text(MAPPING.format(top=top, rest=rest))
    rows: list[dict[str, object]] = []
    reasons: list[tuple[str, int, str]] = []
    for reading in find_readings([path], read_mapping(described)):
        for table, batch in reading.batches():
            settled = convert_batch(table, batch, reading.name)
            rows += settled.rows.to_dicts()
            reasons += settled.rejected.select("file", "row", "reason").iter_rows()
        assert reading.progress.share == 1
    return rows, reasons


def _ids(path: Path, top: str = "") -> list[object]:
    rows, reasons = _read(path, top)
    assert reasons == []
    return [row["event_id"] for row in rows]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.tsv", "a.csv.gz", "A.TSV.GZ"])
def test_fields_are_divided_as_the_name_says(tmp_path: Path, name: str) -> None:
    text = CSV.replace(",", "\t") if "tsv" in name.lower() else CSV
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.lower().endswith("gz") else text.encode())
    assert _ids(tmp_path / name) == ["1", "2"]


def test_what_the_mapping_says_wins_over_the_name(tmp_path: Path) -> None:
    for name in ("a.csv", "a.tsv"):
        (tmp_path / name).write_text(CSV.replace(",", "|"))
        assert (
            _ids(tmp_path / name, 'read = {delimiter = "|"}') == _ids(tmp_path / name, 'delimiter = "|"') == ["1", "2"]
        )


def test_the_header_may_stand_further_down_or_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('A report, of "April\n\n' + CSV + "too,few\n")
    rows, reasons = _read(path, "read = {header = 3}")
    assert ([row["event_id"] for row in rows], [row for _, row, _ in reasons]) == (["1", "2"], [6])
    path.write_text(CSV.partition("\n")[2] + "too,few\n")
    rows, reasons = _read(path, 'read = {header = 0, names = ["id", "u", "t"]}')
    assert ([row["event_id"] for row in rows], [row for _, row, _ in reasons]) == (["1", "2"], [3])
    path.write_text(CSV.replace("id,u,t", "Nr,Nr,Nr"))
    assert _ids(path, 'read = {names = ["id", "u", "t"]}') == ["1", "2"]
    with pytest.raises(UnreadableInputError, match=r"a\.csv: has 3 columns, of which 2 are named"):
        _read(path, 'read = {names = ["id", "u"]}')
    with pytest.raises(UnreadableInputError, match=r"a\.csv: ends before line 9"):
        _read(path, "read = {header = 9}")


@pytest.mark.parametrize(
    "text", [json.dumps([ITEM, ITEM]), f"\n [{json.dumps(ITEM)} ,\n{json.dumps(ITEM)}\n]\n", "[]", " "]
)
def test_json_arrays_are_read_item_by_item(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert _ids(tmp_path / "a.json") == ["1"] * text.count("ann")


def test_items_that_are_no_row_are_rejected_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([ITEM, 7, {**ITEM, "u": None}, [ITEM], {**ITEM, "t": "\ud800"}]))
    rows, reasons = _read(tmp_path / "a.json")
    assert len(rows) == 1
    assert [row for _, row, _ in reasons] == [2, 3, 4, 5]
    assert [reason for _, _, reason in reasons][:3] == ["not a JSON object", "user_id is missing", "not a JSON object"]


def test_long_arrays_are_read_whole(tmp_path: Path) -> None:
    items = [{**ITEM, "id": str(number), "more": "x" * 300} for number in range(20_001)]
    (tmp_path / "a.json").write_text(json.dumps([*items, {**ITEM, "more": "y" * 3_000_000}]))
    assert _ids(tmp_path / "a.json") == [*(str(number) for number in range(20_001)), "1"]


@pytest.mark.parametrize("text", ["[{", '[{"a": 1}', '[{"a": 1},', "[1 2]", "[1] 2", "[12", "[,]", "[" * 100_000])
def test_an_array_that_is_broken_refuses_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UnreadableInputError, match=r"^a\.json: "):
        _read(tmp_path / "a.json")


def test_a_json_file_may_have_an_object_a_line(tmp_path: Path) -> None:
    for name in ("a.json", "a.ndjson"):
        (tmp_path / name).write_text(f"{json.dumps(ITEM)}\n{{]\n{json.dumps(ITEM)}\n")
        rows, reasons = _read(tmp_path / name)
        assert (len(rows), [row for _, row, _ in reasons]) == (2, [2])


def test_files_in_an_archive_are_files_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "export.ZIP"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/b.jsonl", json.dumps({**ITEM, "id": "3"}) + "\n{]\n")
        archive.writestr("a.csv", CSV)
        archive.writestr("notes.txt", "no table")
        archive.writestr("__MACOSX/a.csv", "hidden")
        archive.writestr(".hidden.csv", "hidden")
    rows, reasons = _read(path)
    assert [row["event_id"] for row in rows] == ["1", "2", "3"]
    assert reasons == [("export.ZIP/b/b.jsonl", 2, "not JSON: Expecting property name enclosed in double quotes")]
    (tmp_path / "a.csv").write_text(CSV)
    mapping = read_mapping(tmp_path / "mapping.toml")
    readings = find_readings([path], mapping)
    for reading in readings:
        list(reading.batches())
    assert [dict(reading.left_out) for reading in readings] == [{"file export.ZIP/notes.txt": 1}, {}]
    # The same file inside and outside of an archive is the same file.
    assert readings[0].fingerprint == find_readings([tmp_path / "a.csv"], mapping)[0].fingerprint


def test_archives_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK no archive")
    with pytest.raises(UnreadableInputError, match=r"a\.zip: is damaged"):
        _read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV + " " * 70_000_000)
    with pytest.raises(UnreadableInputError, match=r"a\.zip/a\.csv: would be more than 200 times as large"):
        _read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", CSV)
    broken = bytearray(path.read_bytes())
    broken[40] ^= 1
    path.write_bytes(broken)
    with pytest.raises(UnreadableInputError, match=r"a\.zip: is damaged"):
        _read(path)


def test_definitions_in_a_folder_are_no_table(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "campaigns.json").write_text("[]")
    (folder / "a.csv").write_text(CSV)
    assert _ids(folder) == ["1", "2"]


HAS_EXCEL = all(importlib.util.find_spec(name) for name in ("fastexcel", "xlsxwriter"))
needs_excel = pytest.mark.skipif(not HAS_EXCEL, reason="fastexcel or xlsxwriter is not installed: no workbooks")


def _workbook(path: Path) -> Path:
    import xlsxwriter  # noqa: PLC0415 - not there everywhere

    book = xlsxwriter.Workbook(path)
    first, second = book.add_worksheet("Notizen"), book.add_worksheet("Daten")
    first.write_string(0, 0, "Dies ist keine Tabelle")
    second.write_string(0, 0, "April")
    for place, name in enumerate(["id", "u", "t", "Tag", "Zeit", "Betrag", "Text", "", "doppelt", "doppelt"]):
        second.write_string(2, place, name)
    day, at = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    clock = book.add_format({"num_format": "hh:mm"})
    for row, number, amount, text in ((3, 1234567890123456, 1.234, "1.234,50"), (5, 7, 1e20, "umsonst")):
        second.write_number(row, 0, number)
        second.write_string(row, 1, "0012")
        second.write_datetime(row, 2, datetime(2026, 4, 1, 12, 30), at)  # noqa: DTZ001 - workbooks have no zones
        second.write_datetime(row, 3, date(2026, 4, 1), day)
        second.write_datetime(row, 4, time_of_day(12, 30), clock)
        second.write_number(row, 5, amount)
        second.write_string(row, 6, text)
    book.close()
    return path


SHEET = 'read = {sheet = "Daten", header = 3, decimal = ",", thousands = "."}'
BERLIN = '[times]\noccurred_at = {format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}\n'


@needs_excel
def test_a_sheet_is_read_with_its_own_numbers_of_rows(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx")
    types = '[attributes]\nsum = {column = "Betrag", type = "number"}\ntext = {column = "Text", type = "number"}\n'
    rows, reasons = _read(path, SHEET, types + BERLIN)
    assert reasons == [("a.xlsx", 6, "attributes.text is not a number")]
    assert [(row["event_id"], row["user_id"], row["attributes"]) for row in rows] == [
        ("1234567890123456", "0012", '{"sum":1.234,"text":1234.50}')
    ]
    assert rows[0]["occurred_at"] == datetime(2026, 4, 1, 10, 30, tzinfo=UTC)
    large, _ = _read(path, SHEET, '[attributes]\nsum = "Betrag"\n' + BERLIN)
    assert [row["attributes"] for row in large] == ['{"sum":"1.234"}', '{"sum":"100000000000000000000"}']


@needs_excel
def test_days_and_times_of_a_sheet_can_be_joined_and_days_alone_are_no_times(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx")
    (tmp_path / "mapping.toml").write_text(
        MAPPING.format(top=SHEET, rest='[times]\noccurred_at = {timezone = "Europe/Berlin"}').replace(
            '"t"', '{join = ["Tag", "Zeit"], with = " "}'
        )
    )
    (reading,) = find_readings([path], read_mapping(tmp_path / "mapping.toml"))
    ((table, batch),) = reading.batches()
    settled = convert_batch(table, batch, reading.name)
    assert settled.rows["occurred_at"].to_list() == [datetime(2026, 4, 1, 10, 30, tzinfo=UTC)] * 2
    assert reading.left_out == {"sheet 'Notizen' of a.xlsx": 1}
    (tmp_path / "mapping.toml").write_text(MAPPING.format(top=SHEET, rest=BERLIN).replace('"t"', '"Tag"'))
    (reading,) = find_readings([path], read_mapping(tmp_path / "mapping.toml"))
    ((table, batch),) = reading.batches()
    assert convert_batch(table, batch, reading.name).rows.height == 0


@needs_excel
def test_a_sheet_that_is_not_there_or_has_a_name_twice_is_one_line(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx")
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: has no sheet 'Mai', .* it has 'Notizen', 'Daten'"):
        _read(path, 'read = {sheet = "Mai"}')
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: the header names 'doppelt' more than once"):
        _read(path, SHEET, '[attributes]\na = "doppelt"\n' + BERLIN)
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: has no column 'id', 't', 'u'"):
        _read(path)


@needs_excel
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_workbook_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK no workbook")
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: is damaged"):
        _read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", CSV)
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: is damaged or no Excel workbook"):
        _read(path)


def test_without_the_package_a_workbook_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(UnreadableInputError, match=r"a\.xlsx: to read workbooks, run: pip install"):
        _read(tmp_path / "a.xlsx")

"""JSON lines: lines, keys and files that are no such thing."""

import gzip
import json
from pathlib import Path

import pytest
from source_files import EVENT, Json, csv_of, jsonl_of, read_bytes, read_file, read_text, reasons

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.finding.canonical_files import find_files

LINE = json.dumps(EVENT)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_blank_lines_are_no_rows(ending: str, tmp_path: Path) -> None:
    extract = read_text(ending.join(["", LINE, " \t", "{}", "", LINE]), tmp_path)
    assert extract.read == 3
    assert reasons(extract) == {4: "event_id is missing"}


@pytest.mark.parametrize("text", ["", "\n\r\n \n", "\ufeff"])
def test_a_file_without_rows_has_none(text: str, tmp_path: Path) -> None:
    assert read_text(text, tmp_path).read == 0


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert read_text("\ufeff" + LINE, tmp_path).rows.height == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("event_id,user_id", "not JSON: Expecting value"),
        (LINE[:-1], "not JSON: Expecting ',' delimiter"),
        (LINE + LINE, "not JSON: Extra data"),
        (LINE.replace("u1", "u\t1"), "not JSON: Invalid control character at"),
        (LINE.replace("u1", "u\0"), "not JSON: Invalid control character at"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("[" * 200_000, "nested deeper than 100 levels"),
        ('{"a":' * 200_000, "nested deeper than 100 levels"),
        ("[" * 102 + "]" * 102, "nested deeper than 100 levels"),
        ("\x0b", "not JSON: Expecting value"),
    ],
)
def test_a_line_that_is_no_object_is_rejected(line: str, reason: str, tmp_path: Path) -> None:
    extract = read_text(f"{LINE}\n{line}\n{LINE}\n", tmp_path)
    assert reasons(extract) == {2: reason}
    assert extract.rows.height == 2


def test_a_line_that_is_not_utf8_is_rejected_with_what_can_be_shown_of_it(tmp_path: Path) -> None:
    extract = read_bytes(f"{LINE}\n".encode() + b'{"user_id": "caf\xe9"}\n' + LINE.encode(), tmp_path)
    assert reasons(extract) == {2: "not UTF-8"}
    assert extract.rejected["raw"].to_list() == ['{"user_id": "caf\N{REPLACEMENT CHARACTER}"}']


def test_line_separators_of_unicode_end_no_line(tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, "user_id": "a\u2028b\x85c\x0c"}]), tmp_path)
    assert extract.rows["user_id"].to_list() == ["a\u2028b\x85c\x0c"]


@pytest.mark.parametrize("length", [9_999, 10_000, 10_001])
def test_raw_text_is_kept_whole_up_to_ten_thousand_characters(length: int, tmp_path: Path) -> None:
    line = "é" * length
    raw = read_text(line, tmp_path).rejected["raw"].item()
    assert raw == (line if length <= 10_000 else "é" * 10_000 + "…")


def test_a_line_may_be_ten_megabytes_long(tmp_path: Path) -> None:
    attributes = json.dumps({"a": "x" * 10_000_000}, separators=(",", ":"))
    extract = read_text(jsonl_of([EVENT, {**EVENT, "attributes": Json(attributes)}, EVENT]), tmp_path)
    assert extract.rows["attributes"].to_list() == [None, attributes, None]


def test_of_repeated_keys_the_last_counts(tmp_path: Path) -> None:
    line = LINE.replace('"user_id": "u1"', '"user_id": "u0", "user_id": "u9"')
    assert read_text(line, tmp_path).rows["user_id"].to_list() == ["u9"]


def test_a_key_may_be_written_with_escapes(tmp_path: Path) -> None:
    assert read_text(LINE.replace("user_id", "user\\u005fid"), tmp_path).rows["user_id"].to_list() == ["u1"]


def test_the_name_of_a_key_may_stand_anywhere_else(tmp_path: Path) -> None:
    rows = [
        {**EVENT, "event_name": "user_id"},
        {**EVENT, "attributes": {"user_id": "inner", "event_name": "x"}},
        {"attributes": {"user_id": "inner"}, **{name: value for name, value in EVENT.items() if name != "user_id"}},
        {**EVENT, "extra": {"attributes": {"a": 1}}},
        {**EVENT, "user_id": '"user_id": "inner"'},
    ]
    extract = read_text(jsonl_of(rows), tmp_path)
    assert reasons(extract) == {3: "user_id is missing"}
    assert extract.rows["user_id"].to_list() == ["u1", "u1", "u1", '"user_id": "inner"']
    assert extract.rows["event_name"].to_list() == ["user_id", "Seen", "Seen", "Seen"]
    assert extract.rows["attributes"].to_list() == [None, '{"user_id":"inner","event_name":"x"}', None, None]


def test_unknown_keys_are_named_wherever_they_stand(tmp_path: Path) -> None:
    rows = [{**EVENT, "zeta": 1}] * 5_000 + [{**EVENT, "al.pha": [1], "zeta": 2}, {"nothing": "known"}]
    extract = read_text(jsonl_of(rows), tmp_path)
    assert extract.unknown_columns == ("al.pha", "nothing", "zeta")
    assert extract.rows.height == 5_001


def test_a_file_of_ever_new_keys_names_a_hundred_of_them(tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, f"key {n}": n} for n in range(300)]), tmp_path)
    assert len(extract.unknown_columns) == 100
    assert extract.rows.height == 300


def test_unknown_keys_that_are_hostile_can_still_be_named(tmp_path: Path) -> None:
    names = ['say "x"', "a\\b", "a.*[b", "x" * 1_000, "\n"]
    lone = jsonl_of([EVENT]).replace("}", ', "\\ud800": 1}')
    extract = read_text(jsonl_of([{**EVENT, name: 1} for name in names]) * 1_000 + lone, tmp_path)
    assert extract.rows.height == 5_001
    assert extract.unknown_columns == tuple(sorted([*names[:3], "x" * 100, "\n", "\N{REPLACEMENT CHARACTER}"]))


def test_lines_are_counted_on_across_stretches_of_a_large_file(tmp_path: Path) -> None:
    bad = {1, 999, 1_000, 40_000, 120_000}
    text = "".join("never\n" if number in bad else f"{LINE}\n" for number in range(1, 120_001))
    extract = read_text(text, tmp_path)
    assert set(reasons(extract)) == bad
    assert extract.read == 120_000


def test_a_compressed_file_is_read_as_the_text_it_holds(tmp_path: Path) -> None:
    assert read_bytes(gzip.compress(LINE.encode()), tmp_path, "events.jsonl.gz").rows.height == 1


def spoiled(good: bytes) -> dict[str, bytes]:
    return {
        "cut short": good[: len(good) // 2],
        "cut within its checksum": good[:-3],
        "wrong checksum": good[:-8] + b"\0" * 8,
        "damaged within": good[:40] + b"\xff" * 20 + good[60:],
        "followed by rubbish": good + b"rubbish",
        "not compressed": b'{"event_id": 1}\n',
    }


@pytest.mark.parametrize("kind", spoiled(b"").keys())
@pytest.mark.parametrize("name", ["events.jsonl.gz", "events.csv.gz"])
def test_damaged_compression_is_an_error_that_names_the_file(kind: str, name: str, tmp_path: Path) -> None:
    rows = [{**EVENT, "event_id": f"e{n}"} for n in range(1_000)]
    good = gzip.compress((jsonl_of(rows) if "jsonl" in name else csv_of(rows, list(EVENT))).encode())
    (tmp_path / name).write_bytes(spoiled(good)[kind])
    (source,) = find_files(tmp_path)
    with pytest.raises(UnreadableInputError, match=rf"^{name}: the gzip data is damaged or cut short$"):
        read_file(source)


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (LINE.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (b"\xfe\xff" + LINE.encode("utf-16-be"), "is UTF-16 text; save it as UTF-8"),
        (gzip.compress(LINE.encode()), "is compressed; its name must end in .gz"),
        (b"PAR1....PAR1", "is a Parquet file; its name must end in .parquet"),
    ],
    ids=["utf-16", "utf-16-be", "gzip", "parquet"],
)
def test_a_file_of_another_format_is_an_error_that_says_which(content: bytes, verdict: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        read_bytes(content, tmp_path)
    assert str(caught.value) == f"events.jsonl: {verdict}"

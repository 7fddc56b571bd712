"""The same rows give the same frames, whatever the format and however they are read."""

import json
import re
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_files import (
    DELIVERY,
    EVENT,
    IDENTITY,
    INSTANCE,
    Json,
    Row,
    csv_of,
    jsonl_of,
    read_only_file,
    read_record_by_record,
    write_all_formats,
)

from analytics_core.sources.finding.canonical_files import find_files
from analytics_core.sources.rows import batches, vectors
from analytics_core.tables.canonical import CANONICAL, TABLES, schema_of
from analytics_core.tables.declaration import MAX_ID_LENGTH, Column, Kind

FEW = settings(max_examples=10, deadline=None)

ids = st.one_of(
    st.sampled_from(["u1", "007", "zoë", "a,b", 'a"b', "a\nb", " ", "null", "x" * 128, "x" * 129, "\0", "a\\b", "{}"]),
    st.text(max_size=20),
    st.none(),
)
times = st.one_of(
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.floats(0, 8e9).map(repr),
    st.sampled_from(["2026-03-01T09:00:00+02:00", "2026-03-01 09:00:00.5-0330", "1772355600", "1772355600.1234565"]),
    st.sampled_from(["2026-03-01T09:00:00", "never", "", "1e999", "2026-03-01T23:59:60Z", None]),
)
numbers = st.one_of(
    st.integers(-1, 1_001).map(str),
    st.sampled_from(["200.0", "2e2", "200.5", "", None, "OK", "9" * 30, "1e-9999", " 7 ", "-0", "00012"]),
)
scalars = st.one_of(st.integers(), st.floats(allow_nan=True), st.text(max_size=8), st.booleans(), st.none())
objects = st.one_of(
    st.dictionaries(st.text(max_size=5), st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4).map(json.dumps),
    st.sampled_from(['{"a": 1.50, "b": "x, "}', '{"a":1,"a":2}', "{}", "null", "[1]", "7", '{"a":": ","b":{"c":[1]}}']),
).map(Json)
errors = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(["user_attribute", "undefined", "unknown", "other"]),
            "attribute": st.sampled_from([None, "first_name", "a:b", "é"]),
        }
    ),
    max_size=2,
)
DIRTY: dict[str, st.SearchStrategy[Row]] = {
    "deliveries": st.fixed_dictionaries(
        {
            "campaign_id": ids,
            "instance_id": ids,
            "user_id": ids,
            "occurred_at": times,
            "outcome": st.sampled_from(["requested", "control_group", "Requested", "", None]),
        },
        optional={
            "request_id": ids,
            "response_code": numbers,
            "control_group_type": st.sampled_from(["campaign", "global", "other", "", None]),
            "duration_ms": numbers,
            "endpoint": ids,
            "error_text": ids,
            "personalization_errors": errors,
        },
    ),
    "events": st.fixed_dictionaries(
        {"event_id": ids, "user_id": ids, "event_name": ids, "occurred_at": times}, optional={"attributes": objects}
    ),
    "instances": st.fixed_dictionaries(
        {"campaign_id": ids, "instance_id": ids},
        optional={"users_in_segment": numbers, "ready_at": times, "last_sent_at": times},
    ),
    "identities": st.fixed_dictionaries({"user_id": ids, "merged_into": ids}),
}


@FEW
@given(st.data())
@pytest.mark.parametrize("table", CANONICAL)
def test_the_same_rows_give_the_same_frames_in_every_format(table: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(DIRTY[table], min_size=1, max_size=6))
    with TemporaryDirectory() as directory:
        made = write_all_formats(rows, table, Path(directory))
        extracts = {extension: read_only_file(path) for extension, path in made.items()}
    first = extracts["jsonl"]
    assert first.read == len(rows)
    for extract in extracts.values():
        assert extract.rows.equals(first.rows)
        assert extract.rejected["reason"].equals(first.rejected["reason"])
    assert [
        column.name for column in TABLES[table].columns if not _is_as_declared(first.rows[column.name], column)
    ] == []


def _is_as_declared(values: pl.Series, column: Column) -> bool:
    given = values.drop_nulls()
    if column.required and len(given) < len(values):
        return False
    match column.kind:
        case Kind.IDENTIFIER:
            return bool(given.str.len_chars().is_between(1, MAX_ID_LENGTH).all())
        case Kind.TEXT if column.required:
            return bool((given != "").all())
        case Kind.WORD | Kind.PERSONALIZATION:
            words = given if column.kind is Kind.WORD else [item["category"] for items in given for item in items]
            return set(words) <= set(column.words)
        case Kind.WHOLE | Kind.ROUNDED:
            return bool(given.is_between(column.low, column.high).all())
        case _:
            return True


KEYS = [
    '"event_id"',
    '"user_id"',
    '"event_name"',
    '"occurred_at"',
    '"attributes"',
    '"extra"',
    '"\\u0061"',
    '"attributes.x"',
]
TOKENS = [
    '"u1"', '""', '"a\\"b"', '"\\ud800"', '"user_id"', '"{\\"a\\":1}"', '"2026-03-01T09:00:00Z"', '"1772355600.5"',
    '", "', '": "', '"a', "\t", '"a\tb"', '"é"', "7", "-0", "1.0", "1772355600", "1772355600.1234567", "1e3", "01",
    "true", "null", "NaN", "-Infinity", "[]", "[1, 2]", "{}", '{"a":1}', '{ "a" : [1, "x, "], "b":{"c":null} }',
    '{"a":1, "a":2}', '{"user_id":"u2"}', '{"a":{"a":1}}', '{"a":": "}', '{"a":", ","b":1e999}', '{"a":NaN}',
    '{"a":{"b":{"c":1}}}', '{"a": ": ", "b": 1}', '{"a": "x, ", "b": 1}', '{"a": " ,", "b": ":"}', '{": ": ", "}',
]  # fmt: skip
GAPS = st.sampled_from(["", "", "", " ", "\t", "  "])

members = st.tuples(GAPS, st.sampled_from(KEYS), GAPS, st.sampled_from(TOKENS), GAPS).map(
    lambda parts: f"{parts[0]}{parts[1]}{parts[2]}:{parts[3]}{parts[4]}"
)
GOOD = [f'"{name}": {json.dumps(value)}' for name, value in EVENT.items()]
lines = st.tuples(
    st.lists(st.one_of(st.sampled_from(GOOD), members), max_size=3),
    st.permutations(GOOD),
    st.sampled_from(["", ",", "}"]),
).map(lambda parts: "{" + ", ".join([*parts[1], *parts[0]]) + "}" + parts[2])


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=8))
def test_json_lines_read_column_wise_are_as_read_record_by_record(found: list[str]) -> None:
    assert_both_ways_agree("events.jsonl", "\n".join(found))


EVENT_COLUMNS = [*EVENT, "attributes", "attributes.x", 'attributes."']
cells = st.one_of(
    st.sampled_from([token.strip('"').replace("\\", "") for token in TOKENS]),
    st.sampled_from(["", '{"a": 1.50}', "x" * 129, "a\0b", "2026-03-01T09:00:00.123456789Z", "é"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(EVENT_COLUMNS), cells)))
def test_csv_read_column_wise_is_as_read_record_by_record(found: list[dict[str, str]]) -> None:
    assert_both_ways_agree("events.csv", csv_of([{**EVENT, **row} for row in found], EVENT_COLUMNS))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(list(schema_of("deliveries"))), st.one_of(cells, numbers, times))))
def test_deliveries_read_column_wise_are_as_read_record_by_record(found: list[dict[str, str]]) -> None:
    assert_both_ways_agree(
        "deliveries.csv", csv_of([{**DELIVERY, **row} for row in found], list(schema_of("deliveries")))
    )


def assert_both_ways_agree(name: str, text: str) -> None:
    with TemporaryDirectory() as directory:
        (Path(directory) / name).write_bytes(text.encode())
        (source,) = find_files(Path(directory))
        fast = read_only_file(Path(directory))
        rows, rejected = read_record_by_record(source)
    assert fast.rows.equals(rows)
    assert fast.rejected.equals(rejected)


CLEAN = {
    "deliveries": [
        {**DELIVERY, "request_id": "r1", "response_code": Json("200"), "duration_ms": "12", "endpoint": "é"},
        {**DELIVERY, "outcome": "control_group", "control_group_type": "global", "occurred_at": "1772355600.5"},
        DELIVERY,
    ],
    "events": [
        EVENT,
        {**EVENT, "attributes": {"a": 1.5, "b": "x, y", "c": [1], "d": {"e": None}}},
        {**EVENT, "attributes": Json('{"a":1.50}')},
        {**EVENT, "attributes": Json("{}")},
        {**EVENT, "occurred_at": "2026-03-01 09:00:00.123456+0200"},
    ],
    "instances": [{**INSTANCE, "users_in_segment": "7", "ready_at": "2026-03-01T09:00:00Z"}, INSTANCE],
    "identities": [IDENTITY],
}


@pytest.mark.parametrize("table", CLEAN)
def test_clean_rows_are_never_read_one_by_one(table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{name: dump(value) for name, value in row.items()} for row in CLEAN[table]]
    made = write_all_formats(rows, table, tmp_path)
    read: list[object] = []
    monkeypatch.setattr(batches, "convert", lambda *record: read.append(record))
    for directory in made.values():
        assert read_only_file(directory).rows.height == len(rows)
    assert read == []


def test_columns_of_single_attributes_are_not_read_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {**EVENT, "attributes.a": "x, y", "attributes.b": "é"}
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "events.csv").write_text(csv_of([row, {**row, "attributes.a": ""}, EVENT], list(row)))
    (tmp_path / "parquet").mkdir()
    pl.DataFrame([row, {**row, "attributes.a": None}, EVENT]).write_parquet(tmp_path / "parquet" / "events.parquet")
    monkeypatch.setattr(batches, "convert", None)
    for name in ("csv", "parquet"):
        found = read_only_file(tmp_path / name).rows["attributes"].to_list()
        assert found == ['{"a":"x, y","b":"é"}', '{"b":"é"}', None]


def dump(value: object) -> object:
    return Json(json.dumps(value)) if isinstance(value, dict) else value


@pytest.mark.long
def test_unknown_keys_slow_the_first_stretch_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    real = batches.convert
    monkeypatch.setattr(batches, "convert", lambda *record: (read.append(record), real(*record))[1])
    (tmp_path / "events.jsonl").write_text(jsonl_of([{**EVENT, "extra": 1}] * 20_000))
    assert read_only_file(tmp_path).rows.height == 20_000
    assert 0 < len(read) < 4_000


def test_patterns_fit_json_only() -> None:
    for token in chain(TOKENS, ["{", '{"a"}', '{"a":1,}', '{"a":1 "b":2}', '{"a":.5}', '{"a":+1}', "[1,]"]):
        if re.fullmatch(vectors.OBJECT, token):
            json.loads(token)

"""Files of somebody's own table: every way a mapping can describe a column, in every format."""

import gzip
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from source_files import csv_of

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.sources.files import files
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.workspace import TableCounts, create_workspace

Rows = Sequence[Mapping[str, object]]

DELIVERIES = """\
table = "deliveries"

[columns]
campaign_id = "campaign"
instance_id = "run"
user_id = "person"
occurred_at = "when"
outcome = "state"
response_code = "code"

[constants]
endpoint = "crm"

[values.outcome]
ok = "requested"
bounced = "requested"
capped = "frequency_capped"

[times]
occurred_at = {format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}
"""
EVENTS = """\
table = "events"
attributes = ["amount", "shop"]

[columns]
event_id = "id"
user_id = "person"
occurred_at = "ms"

[constants]
event_name = "Order"

[times]
occurred_at = {unit = "ms"}
"""
ROW = {"campaign": "spring", "run": "1", "person": "ann", "when": "01.04.2026 12:00", "state": "ok", "code": "200"}


def _write(directory: Path, rows: Rows, extension: str = "csv", names: Sequence[str] = ()) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"rows.{extension}"
    columns = list(names or rows[0])
    if extension == "parquet":
        pl.DataFrame(rows, infer_schema_length=None).select(columns).write_parquet(path)
        return path
    text = csv_of(rows, columns) if "csv" in extension else "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if extension.endswith("gz") else text.encode())
    return path


def _read(path: Path, mapping: str) -> tuple[list[dict[str, object]], dict[int, str]]:
    """The rows that come of a file, and the reason of each that does not."""
    described = path.parent / "mapping.toml"
    described.write_text(mapping)
    rows: list[dict[str, object]] = []
    reasons: dict[int, str] = {}
    for reading in find_readings([path], read_mapping(described)):
        for table, batch in reading.batches():
            settled = convert_batch(table, batch, reading.name)
            rows += settled.rows.to_dicts()
            reasons.update(settled.rejected.select("row", "reason").iter_rows())
    return rows, reasons


def _one(path: Path, mapping: str) -> dict[str, object]:
    rows, reasons = _read(path, mapping)
    assert reasons == {}
    (row,) = rows
    return row


def _complaint(tmp_path: Path, mapping: str) -> str:
    path = tmp_path / "mapping.toml"
    path.write_text(mapping)
    with pytest.raises(UnreadableInputError) as raised:
        read_mapping(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("extension", ["parquet", "csv", "csv.gz", "jsonl", "jsonl.gz"])
def test_every_format_gives_the_same_rows(tmp_path: Path, extension: str) -> None:
    others = [{**ROW, "state": "capped", "code": ""}, {**ROW, "state": "lost"}, {**ROW, "when": "yesterday"}]
    rows, reasons = _read(_write(tmp_path, [ROW, *others, {**ROW, "person": ""}], extension), DELIVERIES)
    first, second = rows
    assert (first["campaign_id"], first["instance_id"], first["user_id"]) == ("spring", "1", "ann")
    assert first["occurred_at"] == datetime(2026, 4, 1, 10, 0, tzinfo=UTC)
    assert (first["outcome"], first["response_code"], first["endpoint"]) == ("requested", 200, "crm")
    assert (second["outcome"], second["response_code"]) == ("frequency_capped", None)
    numbers = [3, 4, 5] if "csv" not in extension else [4, 5, 6]
    words = "frequency_capped, control_group, personalization_failed, requested"
    assert reasons == dict(
        zip(
            numbers,
            [f"outcome must be one of {words}", "occurred_at is not a time like %d.%m.%Y %H:%M", "user_id is missing"],
            strict=True,
        )
    )


def test_values_that_are_not_named_become_the_other(tmp_path: Path) -> None:
    mapping = DELIVERIES.replace('capped = "frequency_capped"', 'capped = "frequency_capped"\nother = "control_group"')
    source = [{**ROW, "state": state} for state in ("ok", "capped", "lost", "")]
    for extension in ("csv", "jsonl", "parquet"):
        rows, reasons = _read(_write(tmp_path, source, extension), mapping)
        assert [row["outcome"] for row in rows] == ["requested", "frequency_capped", "control_group"]
        assert list(reasons.values()) == ["outcome is missing"]


def test_no_value_can_be_named_too(tmp_path: Path) -> None:
    mapping = DELIVERIES.replace('ok = "requested"', 'ok = "requested"\n"" = "control_group"')
    for extension in ("csv", "jsonl", "parquet"):
        path = _write(tmp_path, [ROW, {**ROW, "state": "" if extension == "csv" else None}], extension)
        rows, reasons = _read(path, mapping)
        assert ([row["outcome"] for row in rows], reasons) == (["requested", "control_group"], {})


@pytest.mark.parametrize("extension", ["csv", "jsonl", "parquet"])
def test_values_may_be_numbers_and_truths(tmp_path: Path, extension: str) -> None:
    mapping = DELIVERIES.replace('ok = "requested"', 'true = "requested"') + "[values.response_code]\n7 = 404\n"
    source = {**ROW, "state": "true" if extension == "csv" else True, "code": 7}
    row = _one(_write(tmp_path, [source], extension), mapping)
    assert (row["outcome"], row["response_code"]) == ("requested", 404)


@pytest.mark.parametrize(
    ("described", "text"),
    [
        ('{format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}', "01.04.2026 12:00"),
        ('{format = "%Y%m%d%H%M%S%z"}', "20260401060000-0400"),
        ('{format = "%m/%d/%Y %I:%M %p", timezone = "America/New_York"}', "04/01/2026 06:00 AM"),
        ('{timezone = "Asia/Kolkata"}', "2026-04-01T15:30:00"),
        ('{timezone = "Asia/Kolkata"}', "2026-04-01T10:00:00+00:00"),
        ('{unit = "s"}', "1775037600"),
        ('{unit = "ms"}', "1775037600000"),
        ('{unit = "us"}', "1775037600000000"),
        ('{unit = "ns"}', "1775037600000000000"),
    ],
)
def test_times_in_every_way_that_can_be_described(tmp_path: Path, described: str, text: str) -> None:
    mapping = DELIVERIES.partition("[times]")[0] + f"[times]\noccurred_at = {described}\n"
    for extension in ("csv", "jsonl", "parquet"):
        row = _one(_write(tmp_path, [{**ROW, "when": text}], extension), mapping)
        assert row["occurred_at"] == datetime(2026, 4, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "when",
    [
        pl.Series([datetime(2026, 4, 1, 12)]),  # noqa: DTZ001 - what the mapping gives the zone of
        pl.Series([datetime(2026, 4, 1, 12)]).cast(pl.Datetime("ns")),  # noqa: DTZ001 - what the mapping gives the zone of
        pl.Series([datetime(2026, 4, 1, 10, tzinfo=UTC)]),
        pl.Series([datetime(2026, 4, 1, 12, tzinfo=timezone(timedelta(hours=2)))]),
    ],
    ids=lambda series: str(series.dtype),
)
def test_timestamps_of_parquet_files_need_no_format(tmp_path: Path, when: pl.Series) -> None:
    path = _write(tmp_path, [ROW], "parquet")
    pl.read_parquet(path).with_columns(when.alias("when")).write_parquet(path)
    assert _one(path, DELIVERIES)["occurred_at"] == datetime(2026, 4, 1, 10, 0, tzinfo=UTC)


def test_a_local_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_rejected(tmp_path: Path) -> None:
    source = [{**ROW, "when": "25.10.2026 02:30"}, {**ROW, "when": "29.03.2026 02:30"}]
    rows, reasons = _read(_write(tmp_path, source), DELIVERIES)
    assert [row["occurred_at"] for row in rows] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    assert reasons == {3: "occurred_at is a local time that does not exist: clocks were put forward"}


@pytest.mark.parametrize("text", ["soon", "1e9999", "01.01.0001 00:00", "31.12.9999 23:59"])
@pytest.mark.parametrize("described", ['{unit = "ms"}', '{format = "%d.%m.%Y %H:%M", timezone = "Asia/Tokyo"}'])
def test_a_time_that_is_none_rejects_its_row(tmp_path: Path, text: str, described: str) -> None:
    mapping = DELIVERIES.partition("[times]")[0] + f"[times]\noccurred_at = {described}\n"
    rows, reasons = _read(_write(tmp_path, [{**ROW, "when": text}]), mapping)
    assert rows == []
    assert list(reasons) == [2]


def test_columns_become_attributes_of_events(tmp_path: Path) -> None:
    source = {"id": "e1", "person": "ann", "ms": "1775037600000", "amount": "12.50", "shop": 'the "big" one'}
    texts = {"amount": "12.50", "shop": 'the "big" one'}
    for extension in ("csv", "jsonl", "parquet"):
        row = _one(_write(tmp_path, [source], extension), EVENTS)
        assert (row["event_name"], json.loads(str(row["attributes"]))) == ("Order", texts)
    typed = {**source, "ms": 1775037600000, "amount": 12.5, "shop": None}
    for extension in ("jsonl", "parquet"):
        row = _one(_write(tmp_path, [typed], extension), EVENTS)
        assert json.loads(str(row["attributes"])).get("amount") == 12.5
    row = _one(_write(tmp_path, [{**source, "shop": ""}]), EVENTS)
    assert row["attributes"] == '{"amount":"12.50"}'


def test_attributes_can_be_renamed_and_constant(tmp_path: Path) -> None:
    mapping = EVENTS.replace('attributes = ["amount", "shop"]\n', "").replace(
        'event_id = "id"', 'event_id = "id"\n"attributes.value" = "amount"'
    )
    mapping = mapping.replace(
        'event_name = "Order"', 'event_name = "Order"\n"attributes.rank" = 3\n"attributes.on" = true'
    )
    source = {"id": "e1", "person": "ann", "ms": "1775037600000", "amount": "x"}
    for extension in ("csv", "jsonl", "parquet"):
        row = _one(_write(tmp_path, [source], extension), mapping)
        assert json.loads(str(row["attributes"])) == {"value": "x", "rank": 3, "on": True}


def test_fields_may_be_divided_by_something_else(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(";".join(ROW) + "\n" + ";".join(map(str, ROW.values())) + "\n")
    assert _one(path, 'delimiter = ";"\n' + DELIVERIES)["user_id"] == "ann"


def test_broken_lines_are_rejected_with_their_number(tmp_path: Path) -> None:
    path = _write(tmp_path, [ROW, ROW])
    path.write_text(path.read_text() + "too,few\n")
    assert _read(path, DELIVERIES)[1] == {4: "2 fields where the header has 6"}
    path = _write(tmp_path, [ROW], "jsonl")
    path.write_bytes(path.read_bytes() + b"{]\n\n[1]\n\xff\n")
    rows, reasons = _read(path, DELIVERIES)
    assert len(rows) == 1
    assert (list(reasons), reasons[4], reasons[5]) == ([2, 4, 5], "not a JSON object", "not UTF-8")


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.jsonl"):
        (tmp_path / name).write_bytes(b"")
        assert _read(tmp_path / name, DELIVERIES) == ([], {})
    assert _read(_write(tmp_path, [ROW], "parquet"), DELIVERIES)[1] == {}


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('"deliveries"', '"delivery"', "no table 'delivery' (did you mean 'deliveries'?)"),
        ('user_id = "person"', 'user = "person"', "columns: deliveries has no column 'user' (did you mean 'user_id'?)"),
        ('user_id = "person"\n', "", "user_id of deliveries is not mapped"),
        ('endpoint = "crm"', 'colour = "red"', "constants: deliveries has no column 'colour'"),
        ('endpoint = "crm"', 'user_id = "me"', "constants: user_id is already mapped to a column"),
        ("[values.outcome]", "[values.endpoint]", "values: endpoint has no source column"),
        (
            "[times]\noccurred_at",
            "[times]\nuser_id",
            "times: user_id is not a time; times of deliveries are",
        ),
        ("Europe/Berlin", "Europe/Bonn", "times.occurred_at.timezone: no time zone 'Europe/Bonn'"),
        (', timezone = "Europe/Berlin"', "", "give a timezone, a unit, or a format with %z"),
        ("format =", 'unit = "ms", format =', "unit cannot be combined"),
        ("[constants]", "[constant]", "constant: Extra inputs are not permitted"),
        ("[columns]", "attributes = ['x']\n[columns]", "attributes: only events have them"),
        ("[columns]", "[columns", "is not TOML"),
        ("[columns]", "delimiter = '\"'\n[columns]", "delimiter: "),
    ],
)
def test_a_mapping_that_cannot_be_is_one_line(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in DELIVERIES
    said = _complaint(tmp_path, DELIVERIES.replace(before, after))
    assert said.startswith("mapping.toml: ")
    assert complaint in said


def test_a_mapping_that_is_no_text_or_not_there_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_bytes(b"\xff")
    with pytest.raises(UnreadableInputError, match=r"mapping\.toml: is not UTF-8 text"):
        read_mapping(tmp_path / "mapping.toml")
    with pytest.raises(UnreadableInputError, match=r"none\.toml: No such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(UnreadableInputError, match=r"large\.toml: is larger than a megabyte"):
        read_mapping(tmp_path / "large.toml")
    for none, said in ((tmp_path, "is not a file"), (Path("/dev/zero"), "is not a file")):
        with pytest.raises(UnreadableInputError, match=f"{none.name}: {said}"):
            read_mapping(none)


def test_a_mapping_may_come_through_a_pipe_and_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "mapping"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(DELIVERIES,))
    writer.start()
    assert read_mapping(pipe).table == "deliveries"
    writer.join()
    monkeypatch.setattr(files, "_PATIENCE", 0.01)
    with pytest.raises(UnreadableInputError, match="mapping: is a pipe into which nobody writes"):
        read_mapping(pipe)


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_a_file_without_a_column_that_the_mapping_names_is_refused(tmp_path: Path, extension: str) -> None:
    names = [name for name in ROW if name != "code"]
    with pytest.raises(
        UnreadableInputError, match=r"has no column 'code', which the mapping names; it has 'campaign', 'run'"
    ):
        _read(_write(tmp_path, [ROW], extension, names), DELIVERIES)


def test_records_may_lack_a_key_but_not_all_of_them_one_that_is_needed(tmp_path: Path) -> None:
    without = {name: value for name, value in ROW.items() if name != "code"}
    assert _one(_write(tmp_path, [without], "jsonl"), DELIVERIES)["response_code"] is None
    nobody = {name: value for name, value in ROW.items() if name != "person"}
    with pytest.raises(UnreadableInputError, match="no record has the key 'person', which the mapping names"):
        _read(_write(tmp_path, [nobody], "jsonl"), DELIVERIES)


def test_keys_inside_of_objects_can_be_named(tmp_path: Path) -> None:
    mapping = EVENTS.replace('"person"', '"data.who.id"').replace('["amount", "shop"]', '["data.amount", "a.b"]')
    source = {"id": "e1", "ms": 1775037600000, "data": {"who": {"id": "ann"}, "amount": 3}, "a.b": 1, "a": {"b": 2}}
    row = _one(_write(tmp_path, [source], "jsonl"), mapping)
    assert (row["user_id"], row["attributes"]) == ("ann", '{"data.amount":3,"a.b":1}')
    rows, reasons = _read(_write(tmp_path, [source, {**source, "data": 7}], "jsonl"), mapping)
    assert (len(rows), reasons) == (1, {2: "user_id is missing"})


def test_there_must_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no table")
    (tmp_path / "mapping.toml").write_text(DELIVERIES)
    mapping = read_mapping(tmp_path / "mapping.toml")
    with pytest.raises(UnreadableInputError, match="holds no file ending in parquet, csv"):
        find_readings([tmp_path], mapping)
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(UnreadableInputError, match=r"rows\.parquet: is damaged"):
        list(find_readings([tmp_path], mapping)[0].batches())


_ODD = [
    "",
    "ok",
    "capped",
    "lost",
    "true",
    "7",
    "07",
    "7.0",
    "1e2",
    "x" * 129,
    "a\0b",
    'a"b',
    "01.04.2026 12:00",
    "{}",
    "ä",
]
_CELLS = st.one_of(
    st.sampled_from(_ODD), st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=4)
)
_ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(ROW, _CELLS)), min_size=1, max_size=6)
_EVENT_ROWS = st.lists(
    st.fixed_dictionaries(
        {**dict.fromkeys(["id", "person", "amount", "shop"], _CELLS), "ms": st.sampled_from(["7", "x", ""])}
    ),
    min_size=1,
    max_size=6,
)
_OTHERS = DELIVERIES.replace('ok = "requested"', '"" = "requested"\nother = "control_group"')


@pytest.mark.no_cover
@pytest.mark.parametrize("extension", ["csv", "parquet"])
@given(_ROWS, _EVENT_ROWS)
@settings(max_examples=15, deadline=None)
def test_column_by_column_and_row_by_row_agree(extension: str, rows: Rows, events: Rows) -> None:
    with TemporaryDirectory() as directory:
        for mapping, given_rows in ((DELIVERIES, rows), (_OTHERS, rows), (EVENTS, events)):
            path = _write(Path(directory), given_rows, extension)
            (path.parent / "mapping.toml").write_text(mapping)
            for table, batch in find_readings([path], read_mapping(path.parent / "mapping.toml"))[0].batches():
                distrusted = replace(batch, exact=pl.repeat(value=False, n=len(batch.numbers), eager=True))
                fast, slow = convert_batch(table, batch, "file"), convert_batch(table, distrusted, "file")
                assert_frame_equal(fast.rows, slow.rows)
                assert_frame_equal(fast.rejected, slow.rejected)


@pytest.mark.parametrize(
    "odd",
    [
        pl.Series([True, None]),
        pl.Series([1.5, 7.0]),
        pl.Series([[1], None]),
        pl.Series([{"a": 1}, None]),
        pl.Series([b"\xff", b"x"]),
        pl.Series(["a", "b"], dtype=pl.Categorical),
        pl.Series([None, None]),
        pl.Series([datetime(2026, 4, 1, tzinfo=UTC), None]),
        pl.Series([timedelta(1), None]),
    ],
    ids=lambda series: str(series.dtype),
)
@pytest.mark.parametrize("column", list(ROW))
def test_columns_of_any_type_are_read_or_their_rows_rejected(tmp_path: Path, odd: pl.Series, column: str) -> None:
    path = _write(tmp_path, [ROW, ROW], "parquet")
    pl.read_parquet(path).with_columns(odd.alias(column)).write_parquet(path)
    (tmp_path / "mapping.toml").write_text(DELIVERIES)
    for table, batch in find_readings([path], read_mapping(tmp_path / "mapping.toml"))[0].batches():
        distrusted = replace(batch, exact=pl.repeat(value=False, n=2, eager=True))
        fast, slow = convert_batch(table, batch, "file"), convert_batch(table, distrusted, "file")
        assert fast.rows.height + fast.rejected.height == 2
        assert_frame_equal(fast.rows, slow.rows)
        assert_frame_equal(fast.rejected, slow.rejected)


def test_a_campaign_worked_out_by_hand(tmp_path: Path) -> None:
    """Ann was sent at 10:00 UTC and ordered for 12.50 an hour later; bob got 404; cat was capped."""
    canonical = tmp_path / "canonical"
    canonical.mkdir()
    goal = {"goal_id": "g", "name": "Buy", "event_name": "Order", "revenue": {"attribute": "amount", "currency": "USD"}}
    campaign = {"campaign_id": "spring", "name": "Spring", "delivery_type": "one_time", "goals": [goal]}
    (canonical / "campaigns.json").write_text(json.dumps([campaign]))
    bob, cat = {**ROW, "person": "bob", "code": "404"}, {**ROW, "person": "cat", "state": "capped", "code": ""}
    deliveries = _write(tmp_path / "deliveries", [ROW, bob, cat, {**ROW, "person": ""}])
    order = {"id": "e1", "person": "ann", "ms": 1775041200000, "amount": "12.50", "shop": "x", "extra": 1}
    events = _write(tmp_path / "events", [order], "jsonl")
    for path, mapping in ((deliveries, DELIVERIES), (events, EVENTS)):
        (path.parent / "mapping.toml").write_text(mapping)
    workspace = create_workspace(tmp_path / "workspace", App(timezone="UTC"))
    workspace.import_canonical(canonical)
    summary = workspace.import_table(tmp_path / "deliveries" / "mapping.toml", [deliveries])
    assert summary.tables == {"deliveries": TableCounts(4, 3, 0, 1)}
    summary = workspace.import_table(tmp_path / "events" / "mapping.toml", [events])
    assert summary.unknown_columns == {"events": ("extra",)}
    snapshot = as_json(workspace.snapshot("spring"))
    performance = snapshot["performance"]
    assert (performance["sent"]["total"], performance["failed"]["total"], performance["conversion_rate"]) == (1, 1, 1.0)
    assert performance["revenue"] == "12.50"
    assert {error["reason"] for error in snapshot["errors"]} == {"frequency_capped", "response_404"}
    again = workspace.import_table(tmp_path / "deliveries" / "mapping.toml", [deliveries])
    assert again.tables == {"deliveries": TableCounts(4, 0, 3, 1)}
    assert as_json(workspace.snapshot("spring")) == snapshot


def test_the_same_file_can_be_read_as_another_table(tmp_path: Path) -> None:
    path = _write(tmp_path, [ROW])
    instances = 'table = "instances"\n[columns]\ncampaign_id = "campaign"\ninstance_id = "run"\n'
    for name, mapping in (("a.toml", DELIVERIES), ("b.toml", instances)):
        (tmp_path / name).write_text(mapping)
    workspace = create_workspace(tmp_path / "workspace", App(timezone="UTC"))
    workspace.import_table(tmp_path / "a.toml", [path])
    assert workspace.import_table(tmp_path / "b.toml", [path]).tables == {"instances": TableCounts(1, 1, 0, 0)}

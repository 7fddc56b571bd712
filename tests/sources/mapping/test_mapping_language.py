"""What a mapping file can say beyond columns: filters, composed values, types, several times, further rows."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.mapping.mapped import find_readings
from analytics_core.sources.mapping.mapping import read_mapping
from analytics_core.sources.rows.batches import convert_batch

HEAD = """\
table = "events"
{top}
[columns]
event_id = {event_id}
user_id = "u"
occurred_at = "t"
{columns}
[constants]
event_name = "x"
{rest}
"""
ROW = {"id": "1", "u": "ann", "t": "2026-04-01T10:00:00Z", "n": "a", "v": "12,50"}
FORMS = ["csv", "jsonl", "parquet", "json"]


def mapping_of(top: str = "", event_id: str = '"id"', columns: str = "", rest: str = "") -> str:
    return HEAD.format(top=top, event_id=event_id, columns=columns, rest=rest)


def write_rows(directory: Path, rows: list[dict[str, object]], form: str, name: str = "rows") -> Path:
    path = directory / f"{name}.{form}"
    match form:
        case "parquet":
            pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
        case "csv":
            pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
        case "json":
            path.write_text(json.dumps(rows, indent=1))
        case _:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


class Read:
    """All that comes of a file."""

    def __init__(self, path: Path, mapping: str) -> None:
        (path.parent / "mapping.toml").write_text(mapping)
        self.rows: dict[str, list[dict[str, object]]] = {}
        self.reasons: list[tuple[int, str]] = []
        self.left_out: dict[str, int] = {}
        for reading in find_readings([path], read_mapping(path.parent / "mapping.toml")):
            for table, batch in reading.batches():
                settled = convert_batch(table, batch, reading.name)
                self.rows.setdefault(table, []).extend(settled.rows.to_dicts())
                self.reasons += settled.rejected.select("row", "reason").iter_rows()
            self.left_out |= reading.left_out

    def column(self, name: str, table: str = "events") -> list[object]:
        return [row[name] for row in self.rows[table]]

    @property
    def attributes(self) -> list[object]:
        return [value and json.loads(str(value), parse_float=str) for value in self.column("attributes")]


def complaint(tmp_path: Path, mapping: str) -> str:
    path = tmp_path / "mapping.toml"
    path.write_text(mapping)
    with pytest.raises(UnreadableInputError) as raised:
        read_mapping(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture(params=["UTC", "Asia/Tokyo", "America/New_York"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    del os.environ["TZ"]
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize("form", FORMS)
def test_rows_that_do_not_fulfil_where_are_left_out_and_counted(tmp_path: Path, form: str) -> None:
    rows = [{**ROW, "id": str(number), "n": name, "v": value} for number, (name, value) in enumerate(
        [("a", "1"), ("b", "1"), ("a", None), ("c", "1"), (None, "1"), ("a", "2")]
    )]  # fmt: skip
    where = 'where = [{column = "n", not_in = ["b"]}, {column = "v", exists = true}, {column = "v", in = [1, 2]}]'
    found = Read(write_rows(tmp_path, rows, form), mapping_of(where))
    assert found.column("event_id") == ["0", "3", "4", "5"]
    assert (found.left_out, found.reasons) == ({"rows of events that do not fulfil where": 2}, [])
    found = Read(write_rows(tmp_path, rows, form), mapping_of('where = [{column = "v", exists = false}]'))
    assert found.column("event_id") == ["2"]


@pytest.mark.parametrize("form", FORMS)
def test_a_value_may_be_the_first_that_is_there_or_be_composed(tmp_path: Path, form: str) -> None:
    rows = [
        {**ROW, "a": "x", "b": "y", "k": 7},
        {**ROW, "a": None, "b": "y", "k": 7},
        {**ROW, "a": "", "b": "", "k": 7},
    ]
    path = write_rows(tmp_path, rows, form)
    assert Read(path, mapping_of(event_id='["a", "b", "n"]')).column("event_id") == ["x", "y", "a"]
    found = Read(path, mapping_of(event_id='{join = ["k", ["a", "b"]], with = "-"}'))
    assert (found.column("event_id"), found.reasons) == (["7-x", "7-y"], [(found.reasons[0][0], "event_id is missing")])
    found = Read(path, mapping_of(event_id='[{join = ["a", "b"]}, {row = "shop-"}]'))
    first = 2 if form == "csv" else 1
    assert found.column("event_id") == ["xy", f"shop-rows.{form}:{first + 1}", f"shop-rows.{form}:{first + 2}"]


def test_a_digest_is_the_same_in_every_form_and_tells_empty_places_apart(tmp_path: Path) -> None:
    rows = [{**ROW, "a": "x", "b": None}, {**ROW, "a": None, "b": "x"}, {**ROW, "a": "x", "b": None}]
    found = [
        Read(write_rows(tmp_path, rows, form), mapping_of(event_id='{digest = ["a", "b"]}')).column("event_id")
        for form in FORMS
    ]
    assert found == [found[0]] * len(FORMS)
    assert found[0][0] == found[0][2] != found[0][1]
    assert len(str(found[0][0])) == 32


def test_ids_of_rows_fit_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = write_rows(tmp_path, [ROW, ROW], "csv", "n" * 200)
    found = Read(path, mapping_of(event_id='{row = "shop-"}'))
    assert (len(set(found.column("event_id"))), found.reasons) == (2, [])


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl", "json"])
def test_keys_of_json_text_can_be_named(tmp_path: Path, form: str) -> None:
    text = json.dumps({"user": {"id": "bob"}, "n": [{"k": 1.50}], "a.b": {"c": 3}})
    rows = [{**ROW, "p": text}, {**ROW, "p": "{"}, {**ROW, "p": "plain"}, {**ROW, "p": None}]
    mapping = mapping_of(rest='[attributes]\nk = "p.n.0.k"\nc = "p.a.b.c"\nnone = "p.n.1.k"').replace(
        '"u"', '"p.user.id"'
    )
    found = Read(write_rows(tmp_path, rows, form), mapping)
    assert (found.column("user_id"), found.attributes) == (["bob"], [{"k": "1.5", "c": 3}])
    assert [reason.partition(":")[0] for _, reason in found.reasons] == [
        "p is not JSON",
        "user_id is missing",
        "user_id is missing",
    ]


@pytest.mark.parametrize("form", FORMS)
def test_attributes_have_the_type_that_is_said(tmp_path: Path, form: str) -> None:
    types = '[attributes]\nn = {column = "n", type = "number"}\nb = {column = "b", type = "boolean"}\nt = "t"\n'
    types += 'j = {column = "j", type = "json"}\nw = {column = "k", type = "text"}'
    good = {**ROW, "n": "007.50", "b": "Yes", "j": '{"a": [1]}', "k": 5}
    rows = [good, {**good, "n": "x"}, {**good, "b": "maybe"}, {**good, "j": "{"}, {**good, "n": "", "b": "", "j": ""}]
    found = Read(write_rows(tmp_path, rows, form), mapping_of(rest=types))
    assert found.attributes == [
        {"n": "7.50", "b": True, "t": ROW["t"], "j": {"a": [1]}, "w": "5"},
        {"t": ROW["t"], "w": "5"},
    ]
    assert [reason.partition(":")[0] for _, reason in found.reasons] == [
        "attributes.n is not a number",
        "attributes.b is neither true nor false",
        "attributes.j is not JSON",
    ]


@pytest.mark.parametrize(
    ("said", "text", "number"),
    [
        ('decimal = ","', "12,50", "12.50"),
        ('decimal = ",", thousands = "."', "1.012,50", "1012.50"),
        ('decimal = ",", thousands = " "', "1\u202f012,5", "1012.5"),
        ('thousands = "\'"', "1\u2019012.5", "1012.5"),
        ('thousands = ","', "-1,012,000", "-1012000"),
        ('decimal = ","', ",5", "0.5"),
        ('decimal = ","', "1e3", "1000"),
        ('decimal = ","', "12.50", None),
        ('decimal = ",", thousands = "."', "1.01,5", None),
        ('decimal = ",", thousands = "."', "10.2024", None),
    ],
)
def test_numbers_are_read_as_the_file_spells_them(tmp_path: Path, said: str, text: str, number: str | None) -> None:
    rest = '[attributes]\nv = {column = "v", type = "number"}\n'
    for form in ("csv", "jsonl", "parquet"):
        path = write_rows(tmp_path, [{**ROW, "v": text}], form)
        found = Read(path, mapping_of(f"read = {{{said}}}", rest=rest))
        if number is None:
            assert [reason for _, reason in found.reasons] == ["attributes.v is not a number"]
        else:
            assert str(found.rows["events"][0]["attributes"]) == f'{{"v":{number}}}'


def test_an_attribute_without_a_type_stays_text_but_has_a_point(tmp_path: Path) -> None:
    path = write_rows(tmp_path, [ROW], "csv")
    assert Read(path, mapping_of('read = {decimal = ","}\nattributes = ["v", "n"]')).attributes == [
        {"v": "12.50", "n": "a"}
    ]
    assert Read(path, mapping_of('attributes = ["v"]')).attributes == [{"v": "12,50"}]
    text = '[attributes]\nv = {column = "v", type = "text"}'
    assert Read(path, mapping_of('read = {decimal = ","}', rest=text)).attributes == [{"v": "12,50"}]


def test_canonical_numbers_are_spelled_so_too(tmp_path: Path) -> None:
    mapping = """\
table = "deliveries"
read = {thousands = "."}
[columns]
campaign_id = "n"
instance_id = "n"
user_id = "u"
occurred_at = "t"
duration_ms = "v"
[constants]
outcome = "requested"
"""
    assert "thousands: '.' is what stands before the decimals" in complaint(tmp_path, mapping)
    mapping = mapping.replace("{thou", '{decimal = ",", thou')
    for form in ("csv", "jsonl", "parquet"):
        rows = [{**ROW, "v": "1.204"}, {**ROW, "v": "1.2"}, {**ROW, "v": ""}]
        found = Read(write_rows(tmp_path, rows, form), mapping)
        assert found.column("duration_ms", "deliveries") == [1204, None]
        assert [reason for _, reason in found.reasons] == ["duration_ms is not a number"]


@pytest.mark.parametrize("form", FORMS)
def test_texts_can_mean_no_value(tmp_path: Path, form: str) -> None:
    rows = [ROW, {**ROW, "u": "NULL"}, {**ROW, "n": "nan"}]
    top = 'read = {nulls = ["NULL", "nan"]}\nattributes = ["n"]\nwhere = [{column = "u", exists = true}]'
    found = Read(write_rows(tmp_path, rows, form), mapping_of(top))
    assert (found.attributes, found.left_out) == ([{"n": "a"}, None], {"rows of events that do not fulfil where": 1})


@pytest.mark.usefixtures("machine_zone")
@pytest.mark.parametrize(
    ("described", "text"),
    [
        ('{format = "%Y-%m-%d %H:%M:%S %Z", timezone = "Europe/Berlin"}', "2026-03-02 09:00:00 UTC"),
        ('{format = "%Y-%m-%d %H:%M:%S %Z"}', "2026-03-02 10:00:00 +01:00"),
        ('{format = "%Y-%m-%d %H:%M:%S%z", timezone = "Asia/Tokyo"}', "2026-03-02 09:00:00Z"),
        ('{format = "%Y-%m-%d %H:%M:%S %z", timezone = "Asia/Tokyo"}', "2026-03-02 09:00:00 UTC"),
        ('{format = "%Y-%m-%d %H:%M:%S UTC", timezone = "Europe/Berlin"}', "2026-03-02 09:00:00 UTC"),
        ('{format = "%Y-%m-%dT%H:%M:%SZ", timezone = "Europe/Berlin"}', "2026-03-02T09:00:00Z"),
        ('{format = "%Y-%m-%dT%H:%M:%SZ"}', "2026-03-02T09:00:00Z"),
        ('{format = "%H:%M %d %b %Y+01:00", timezone = "Asia/Tokyo"}', "10:00 02 Mar 2026+01:00"),
        ('{format = "%a %b %d %H:%M:%S %Z %Y"}', "Mon Mar 02 10:00:00 Europe/Berlin 2026"),
        ('{format = "%d.%m.%Y %I:%M %p %Z", timezone = "Europe/Berlin"}', "02.03.2026 10:00 AM CET"),
        ('{format = "%d.%m.%Y %H:%M", timezone = "+05:30"}', "02.03.2026 14:30"),
        ('{timezone = "-03:00"}', "2026-03-02T06:00:00"),
        ('{timezone = "Europe/Berlin"}', "2026-03-02 09:00:00 UTC"),
        ('{timezone = "Europe/Berlin"}', "2026-03-02 10:00:00.000 +0100"),
        ('{timezone = "UTC"}', "2026-03-02T10:00:00[Europe/Berlin]"),
        ('{timezone = "UTC"}', "2026-03-02T10:00:00+01:00[Europe/Berlin]"),
        ('{formats = ["%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M"], timezone = "UTC"}', "2026/03/02 09:00"),
    ],
)
def test_a_zone_in_the_text_wins_and_the_machines_never_counts(tmp_path: Path, described: str, text: str) -> None:
    found = Read(
        write_rows(tmp_path, [{**ROW, "t": text}], "csv"), mapping_of(rest=f"[times]\noccurred_at = {described}")
    )
    assert (found.column("occurred_at"), found.reasons) == ([datetime(2026, 3, 2, 9, tzinfo=UTC)], [])


@pytest.mark.parametrize(
    ("described", "text", "reason"),
    [
        ('{timezone = "UTC"}', "2026-03-02", "occurred_at is not a time but a day alone"),
        ('{timezone = "UTC"}', "20260302", "occurred_at is not a time but a day alone"),
        ('{timezone = "UTC"}', "1775037600", "occurred_at is not a time like ISO 8601"),
        ('{format = "%d.%m.%Y %H:%M %Z"}', "02.03.2026 10:00 CST", "occurred_at names a time zone that is not known"),
        (
            '{formats = ["%d.%m.%Y %H:%M", "%H:%M %Y %j"], timezone = "UTC"}',
            "soon",
            "occurred_at is not a time like %d.%m.%Y %H:%M or %H:%M %Y %j",
        ),
    ],
)
def test_what_is_no_time_rejects_its_row(tmp_path: Path, described: str, text: str, reason: str) -> None:
    found = Read(
        write_rows(tmp_path, [{**ROW, "t": text}], "csv"), mapping_of(rest=f"[times]\noccurred_at = {described}")
    )
    assert [said.partition(";")[0] for _, said in found.reasons] == [reason]


@pytest.mark.parametrize("described", ['{timezone = "UTC"}', '{format = "%Y-%m-%dT%H:%M:%S.%f", timezone = "UTC"}'])
@pytest.mark.parametrize(
    ("digits", "expected"),
    [("123456789", 123457), ("1234565", 123456), ("1234575", 123458), ("12345650001", 123457), ("9999999", 1000000)],
)
def test_decimals_beyond_the_sixth_are_rounded(tmp_path: Path, described: str, digits: str, expected: int) -> None:
    path = write_rows(tmp_path, [{**ROW, "t": f"2026-03-02T08:00:00.{digits}"}], "csv")
    found = Read(path, mapping_of(rest=f"[times]\noccurred_at = {described}")).column("occurred_at")[0]
    assert isinstance(found, datetime)
    assert (found - datetime(2026, 3, 2, 8, tzinfo=UTC)).total_seconds() == expected / 1_000_000


def test_parquet_days_are_no_times(tmp_path: Path) -> None:
    path = write_rows(tmp_path, [ROW], "parquet")
    pl.read_parquet(path).with_columns(t=pl.date(2026, 3, 2)).write_parquet(path)
    found = Read(path, mapping_of(rest='[times]\noccurred_at = {timezone = "UTC"}'))
    assert [reason for _, reason in found.reasons] == ["occurred_at is not a time but a day alone"]


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ('format = "%-d.%-m.%Y", timezone = "UTC"', "format: '%-d.%-m.%Y' is a format that cannot be"),
        ('formats = ["%d.%m.%Y"], timezone = "UTC"', "formats: '%d.%m.%Y' says no time of day"),
        ('format = "%I:%M %d.%m.%Y", timezone = "UTC"', "format: '%I:%M %d.%m.%Y' says no time of day"),
        ('format = "%d.%m. %H:%M", timezone = "UTC"', "format: '%d.%m. %H:%M' does not say which day"),
        ('format = "%d %d", timezone = "UTC"', "format: '%d %d' is a format that cannot be"),
        ('format = "%Y %", timezone = "UTC"', "format: '%Y %' is a format that cannot be"),
        ('timezone = "localtime"', "timezone: no time zone 'localtime'"),
        ('timezone = "+25:00"', "timezone: no time zone '+25:00'"),
        ('formats = [], timezone = "UTC"', "formats: "),
        ('format = "%c", formats = ["%c"], timezone = "UTC"', " give format or formats"),
    ],
)
def test_times_that_cannot_be_are_one_line_that_names_the_key(tmp_path: Path, described: str, said: str) -> None:
    found = complaint(tmp_path, mapping_of(rest=f"[times]\noccurred_at = {{{described}}}"))
    assert found.removeprefix("mapping.toml: times.occurred_at").lstrip(".:").startswith(said)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"rest": '[attributes]\na = {column = "v", type = "money"}'}, "attributes.a.type: Input should be 'number'"),
        ({"rest": '[attributes]\na = {type = "text"}'}, "attributes.a.column: Field required"),
        ({"rest": '[attributes]\na = {column = "v", sort = "text"}'}, "attributes.a.sort: Extra inputs"),
        ({"top": "attributes = 3"}, "attributes: must be a list of columns, or a table of attributes"),
        ({"top": 'attributes = ["a"]', "columns": '"attributes.a" = "b"'}, "attributes: a is already mapped"),
        ({"event_id": "3"}, "columns.event_id: must be the name of a column, a list of them"),
        ({"event_id": "[]"}, "columns.event_id: "),
        ({"event_id": '{join = "a"}'}, "columns.event_id.join: "),
        ({"event_id": '{join = ["a"], between = "-"}'}, "columns.event_id.between: Extra inputs"),
        ({"event_id": '{both = ["a"]}'}, "columns.event_id: must be the name of a column"),
        ({"event_id": '["a", 1]'}, "columns.event_id.1: must be the name of a column"),
        ({"top": 'where = [{column = "a"}]'}, "where.0: give in, not_in or exists"),
        ({"top": 'where = [{colum = "a", exists = true}]'}, "where.0.column: Field required"),
        ({"top": 'where = [{column = "a", in = "b"}]'}, "where.0.in: "),
        ({"top": "read = {header = 0}"}, "read: names: are needed where header = 0"),
        ({"top": 'read = {names = ["a", "a"]}'}, "read: names: 'a' is there more than once"),
        ({"top": 'read = {decimal = ";"}'}, "read.decimal: "),
        ({"top": 'read = {thousands = "x"}'}, "read.thousands: must be a point"),
        ({"top": 'read = {delimiter = "::"}'}, "read.delimiter: "),
        ({"top": 'delimiter = ";"\nread = {delimiter = ","}'}, "delimiter: read says another one"),
        ({"rest": '[[also]]\ntable = "delivery"'}, "also.0: table: there is no table 'delivery'"),
        ({"rest": '[[also]]\ntable = "events"\n[also.columns]\nx = "u"'}, "also.0: columns: events has no column 'x'"),
        ({"rest": '[[also]]\ntable = "events"\nread = {header = 1}'}, "also.0.read: Extra inputs"),
        ({"rest": "other = 2026-01-01"}, "constants.other: must be text, a number, true or false"),
        ({"rest": '"attributes.a" = nan'}, "constants.attributes.a: must be text"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_key(tmp_path: Path, mapping: dict[str, str], said: str) -> None:
    assert said in complaint(tmp_path, mapping_of(**mapping))


def test_only_columns_that_are_named_must_be_there_and_be_unique(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,u,t,x,x\n1,ann,2026-04-01T10:00:00Z,,\n")
    assert Read(path, mapping_of()).column("event_id") == ["1"]
    with pytest.raises(UnreadableInputError, match="names 'x' more than once"):
        Read(path, mapping_of('attributes = ["x"]'))
    path.write_text("id, u, t\n1, ann, 2026-04-01T10:00:00Z\n")
    with pytest.raises(UnreadableInputError, match=r"has no column 't', 'u', .* it has 'id', ' u', ' t'"):
        Read(path, mapping_of())


@pytest.mark.parametrize("form", FORMS)
def test_a_record_can_make_further_rows(tmp_path: Path, form: str) -> None:
    rows = [{**ROW, "sent": "2026-04-01 08:00", "c": "c1"}, {**ROW, "id": "2", "sent": None, "c": "c1"}]
    mapping = mapping_of(
        rest="""
[[also]]
table = "deliveries"
where = [{column = "sent", exists = true}]
[also.columns]
campaign_id = "c"
instance_id = "n"
user_id = "u"
occurred_at = "sent"
[also.constants]
outcome = "requested"
[also.times]
occurred_at = {timezone = "UTC"}
"""
    )
    found = Read(write_rows(tmp_path, rows, form), mapping)
    assert found.column("event_id") == ["1", "2"]
    assert found.column("occurred_at", "deliveries") == [datetime(2026, 4, 1, 8, tzinfo=UTC)]
    assert (found.left_out, found.reasons) == ({"rows of deliveries that do not fulfil where": 1}, [])


def test_a_further_row_is_read_as_the_first_where_it_says_nothing_else(tmp_path: Path) -> None:
    rows = [{**ROW, "t": "01.04.2026 12:00", "n": "kauf", "t2": "01.04.2026 13:00"}]
    mapping = mapping_of(columns='event_name = "n"').replace('event_name = "x"', '"attributes.a" = 1')
    mapping += '[values.event_name]\nkauf = "Order"\n'
    mapping += '[times]\noccurred_at = {format = "%d.%m.%Y %H:%M", timezone = "UTC"}\n'
    mapping += '[[also]]\ntable = "events"\n[also.columns]\nevent_id = {row = "b"}\nuser_id = "u"\n'
    mapping += 'occurred_at = "t2"\nevent_name = "n"\n'
    found = Read(write_rows(tmp_path, rows, "csv"), mapping)
    assert found.column("event_name") == ["Order", "Order"]
    assert found.column("occurred_at") == [datetime(2026, 4, 1, hour, tzinfo=UTC) for hour in (12, 13)]


def test_a_record_that_cannot_be_read_is_rejected_once(tmp_path: Path) -> None:
    also = '[[also]]\ntable = "identities"\n[also.columns]\nuser_id = "u"\nmerged_into = "n"\n'
    for form, bad in (("csv", "too,few\n"), ("jsonl", "{]\n")):
        path = write_rows(tmp_path, [ROW], form)
        path.write_text(path.read_text() + bad)
        for where in ("", 'where = [{column = "u", exists = true}]'):
            found = Read(path, mapping_of(where, rest=also))
            assert (len(found.rows["events"]), len(found.rows["identities"]), len(found.reasons)) == (1, 1, 1)


def test_a_record_of_which_it_cannot_be_said_whether_it_counts_is_rejected(tmp_path: Path) -> None:
    path = write_rows(tmp_path, [{**ROW, "p": '{"a": 1}'}, {**ROW, "p": "{"}, {**ROW, "p": '{"a": 2}'}], "csv")
    found = Read(path, mapping_of('where = [{column = "p.a", in = [1]}]'))
    assert (len(found.rows["events"]), [row for row, _ in found.reasons]) == (1, [3])
    assert found.left_out == {"rows of events that do not fulfil where": 1}


def test_a_further_row_of_which_it_cannot_be_said_whether_it_counts_is_rejected_too(tmp_path: Path) -> None:
    path = write_rows(tmp_path, [{**ROW, "p": "{"}], "csv")
    also = '[[also]]\ntable = "identities"\nwhere = [{column = "p.a", exists = true}]\n'
    also += '[also.columns]\nuser_id = "u"\nmerged_into = "n"\n'
    found = Read(path, mapping_of(rest=also))
    assert (len(found.rows["events"]), found.rows["identities"], len(found.reasons)) == (1, [], 1)


def test_keys_that_every_row_needs_are_asked_of_rows_that_count(tmp_path: Path) -> None:
    others = [{"kind": "ping"}] * 3
    path = write_rows(tmp_path, [*others, {**ROW, "kind": "order"}], "jsonl")
    found = Read(path, mapping_of('where = [{column = "kind", in = ["order"]}]'))
    assert (len(found.rows["events"]), found.reasons) == (1, [])


def test_a_mapping_of_before_is_written_as_it_was(tmp_path: Path) -> None:
    """Its text is part of how an imported file is known: a file must not come twice because the language grew."""
    (tmp_path / "mapping.toml").write_text(
        'table = "events"\nattributes = ["ä"]\n[columns]\nevent_id = "id"\nuser_id = "u"\noccurred_at = "t"\n'
        '[constants]\nevent_name = "x"\n[times]\noccurred_at = {unit = "ms"}\n'
    )
    assert read_mapping(tmp_path / "mapping.toml").written() == (
        '{"table":"events","delimiter":",","columns":{"event_id":"id","user_id":"u","occurred_at":"t"},'
        '"constants":{"event_name":"x"},"values":{},"times":{"occurred_at":{"format":null,"timezone":null,"unit":"ms"}},'
        '"attributes":["ä"]}'
    )


_ODD = ["", "a", "NULL", "12,5", "1.012,50", "007", "1e3", "-", "true", "No", '{"k": 1}', '"', "2026-04-01"]
_CELL, _TIME = st.sampled_from(_ODD), st.sampled_from(["1775037600", "x", ""])
_ROWS = st.lists(
    st.fixed_dictionaries({**dict.fromkeys(["id", "u", "n", "v"], _CELL), "t": _TIME}),
    min_size=1,
    max_size=6,
)
_ALL = mapping_of(
    """read = {decimal = ",", thousands = ".", nulls = ["NULL", "-"]}
where = [{column = "n", not_in = ["a", ""]}, {column = ["v", "u"], exists = true}]""",
    '[{join = ["id", "n"], with = "-"}, {digest = ["n", "v"]}, {row = "r"}]',
    rest="""[attributes]
n = {column = "n", type = "number"}
v = ["v", "n"]
b = {column = "v", type = "boolean"}
t = {column = {join = ["n", "v"]}, type = "text"}
[times]
occurred_at = {unit = "s"}
""",
).replace("b = {column", "c = {column")
_SOME = _ALL.replace('n = {column = "n", type = "number"}\n', "").replace('c = {column = "v", type = "boolean"}\n', "")


@pytest.mark.no_cover
@pytest.mark.parametrize("form", ["csv", "parquet"])
@given(_ROWS)
@settings(max_examples=15, deadline=None)
def test_column_by_column_and_row_by_row_agree(form: str, rows: list[dict[str, object]]) -> None:
    with TemporaryDirectory() as directory:
        path = write_rows(Path(directory), rows, form)
        for mapping in (_ALL, _SOME):
            (path.parent / "mapping.toml").write_text(mapping)
            (reading,) = find_readings([path], read_mapping(path.parent / "mapping.toml"))
            for table, batch in reading.batches():
                distrusted = replace(batch, exact=pl.repeat(value=False, n=len(batch.numbers), eager=True))
                fast, slow = convert_batch(table, batch, "file"), convert_batch(table, distrusted, "file")
                assert_frame_equal(fast.rows, slow.rows)
                assert_frame_equal(fast.rejected, slow.rejected)
            left_out = sum(reading.left_out.values())
            assert fast.rows.height + fast.rejected.height + left_out == len(rows)
            kept = [row for row in rows if _counts(row)]
            assert left_out == len(rows) - len(kept)


def _counts(row: dict[str, object]) -> bool:
    values = {name: "" if value in ("NULL", "-") else value for name, value in row.items()}
    return values["n"] not in ("a", "") and bool(values["v"] or values["u"])


def test_what_is_plain_is_read_column_wise(tmp_path: Path) -> None:
    rows = [{**ROW, "v": "1.012,50", "t": "1775037600"}] * 3
    for form in ("csv", "parquet"):
        path = write_rows(tmp_path, rows, form)
        (tmp_path / "mapping.toml").write_text(_SOME.replace('"a", ""', '"b"'))
        (reading,) = find_readings([path], read_mapping(tmp_path / "mapping.toml"))
        ((_, batch),) = reading.batches()
        assert batch.exact.all()
        assert batch.cells["event_id"].to_list() == ["1-a"] * 3

"""Events of vendors, read column-wise: the rows and the reasons are those of the reading record by record."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_core.domain.errors import RowError
from analytics_core.json_text import NotFinite, Number, parse_record
from analytics_core.sources.readings import by_record
from analytics_core.sources.rows import batches
from analytics_core.sources.rows.batches import ConvertedRows, convert_batch
from analytics_core.sources.rows.cells import convert
from analytics_core.sources.rows.sorting import Sorted
from analytics_core.tables.canonical import schema_of

DELIVERY = {
    "campaign_id": "spring",
    "instance_id": "d1",
    "user_id": "ann",
    "occurred_at": Number("1775044800"),
    "outcome": "requested",
    "request_id": "r1",
    "response_code": Number("200"),
}
EVENT = {
    "event_id": "e1",
    "user_id": "ann",
    "event_name": "Seen",
    "occurred_at": "2026-04-01T12:00:00Z",
    "attributes": {"price": Number("1.50"), "size": "L"},
}
ODD = (
    *(None, "", "x", " ", "é", '"', "\ud800", "a\0b", "x" * 200, True, False, [], ["a"], {}),
    *(Number("7"), Number("-7"), Number("1.5"), Number("1e3"), Number("99999999999999999999"), NotFinite("NaN")),
    *("200", "200.0", "2026-04-01", "2026-04-01T12:00:00+02:00", "control_group", "campaign", '{"a":1}', "[1]", "{"),
    *(
        {"a": {"b": [Number("1")]}},
        {"a": "\ud800"},
        {"a": 'say "hi": x'},
        {"": None, "é": True},
        {"a": NotFinite("NaN")},
    ),
    [{"category": "unknown", "attribute": None}],
)
KEYS = {
    "deliveries": (*schema_of("deliveries"), "other"),
    "events": (*schema_of("events"), "attributes.price", "attributes.a", "other"),
}
Change = Mapping[str, object]


def changed(table: str) -> st.SearchStrategy[Sequence[Change]]:
    """Changes of a good record, one or two keys each; some are none."""
    return st.lists(st.dictionaries(st.sampled_from(KEYS[table]), st.sampled_from(ODD), max_size=2), max_size=8)


def both(table: str, records: Sequence[Mapping[str, object] | RowError]) -> tuple[ConvertedRows, ConvertedRows]:
    """The records as they are read, and read one by one."""
    events = Sorted()
    for number, record in enumerate(records, 1):
        events.add(number, record, f"raw {number}")
    slow = by_record(table, events.numbers, events._record, events._raw)
    return convert_batch(table, events.batch(table), "a"), convert_batch(table, slow, "a")


def assert_same(table: str, records: Sequence[Mapping[str, object] | RowError]) -> None:
    fast, slow = both(table, records)
    assert fast.rows.rows() == slow.rows.rows()
    assert fast.rejected.rows() == slow.rejected.rows()
    assert fast.rows.schema == slow.rows.schema


@pytest.mark.parametrize(("table", "good"), [("deliveries", DELIVERY), ("events", EVENT)])
@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_every_value_in_every_column_is_read_as_alone(table: str, good: Change, value: object) -> None:
    assert_same(table, [{**good, name: value} for name in KEYS[table]])
    for name in KEYS[table]:
        assert_same(table, [{**good, name: value}])


@given(changed("events"))
def test_events_are_read_as_one_by_one(changes: Sequence[Change]) -> None:
    assert_same("events", [{**EVENT, **change} for change in changes])


@given(st.lists(st.permutations(["price", "size", "a"]), max_size=6))
def test_single_attributes_keep_the_order_of_their_own_record(orders: Sequence[Sequence[str]]) -> None:
    plain = {**EVENT, "attributes": None}
    assert_same("events", [{**plain, **{f"attributes.{name}": name for name in order}} for order in orders])


@given(changed("deliveries"))
def test_deliveries_are_read_as_one_by_one(changes: Sequence[Change]) -> None:
    assert_same("deliveries", [{**DELIVERY, **change} for change in changes])


def test_what_cannot_be_read_is_rejected_among_others() -> None:
    records = [EVENT, RowError("not JSON"), {**EVENT, "user_id": "bob"}]
    assert_same("events", records)
    fast, _ = both("events", records)
    assert fast.rows["user_id"].to_list() == ["ann", "bob"]
    assert fast.rejected.select("row", "reason", "raw").rows() == [(2, "not JSON", "raw 2")]


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("deliveries", DELIVERY),
        ("events", EVENT),
        ("events", {**EVENT, "attributes": '{"price": 1.5}'}),
        ("events", {**EVENT, "user_id": Number("17"), "attributes": parse_record('{"a":[1,"x",null],"b":{"c":true}}')}),
        ("events", {**EVENT, "attributes": None, "attributes.price": Number("1.50"), "attributes.size": "L"}),
    ],
)
def test_usual_records_are_not_read_one_by_one(table: str, record: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(batches, "convert", lambda *given: (asked.append(given), convert(*given))[1])
    events = Sorted()
    events.add(1, record, "raw")
    assert convert_batch(table, events.batch(table), "a").rows.height == 1
    assert asked == []

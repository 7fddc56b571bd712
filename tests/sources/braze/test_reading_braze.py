"""Braze Currents: what each event becomes, whatever the schema of its file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from avro_files import avro_file, header
from currents_files import (
    ABORT,
    CANVAS_CONVERSION,
    CONVERSION,
    CUSTOM_EVENT,
    ENROLLED,
    ENTRY,
    FAILURE,
    FIELDS,
    NOON,
    ORPHAN,
    PURCHASE,
    RETRY,
    SEND,
    currents,
    frame_of,
    happened,
    http_event,
    json_lines,
    message,
)

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.words import Gap
from analytics_core.json_text import Number
from analytics_core.sources.braze import exports as braze
from analytics_core.sources.braze.files import select_files
from analytics_core.sources.braze.schemas import DOCUMENTED, recognize
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.sources.rows.texts import round_price


@dataclass
class _Read:
    """All of an export."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    rejected: list[dict[str, object]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    gaps: set[Gap] = field(default_factory=set)
    names: list[str] = field(default_factory=list)


def _read(*paths: Path) -> _Read:
    read = _Read()
    found = braze.find_readings(paths)
    for reading in found:
        read.names.append(reading.name)
        for table, batch in reading.batches():
            assert table in reading.tables
            settled = convert_batch(table, batch, reading.name)
            assert settled.rows.height + settled.rejected.height == len(batch.numbers)
            read.rows.setdefault(table, []).extend(settled.rows.to_dicts())
            read.rejected += settled.rejected.to_dicts()
        read.left_out.update(reading.left_out)
        for table, names in reading.unknown_columns.items():
            read.unknown.setdefault(table, set()).update(names)
    read.gaps = {gap for reading in found for gap in reading.gaps}
    return read


def _given(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def _at(number: int) -> datetime:
    return datetime.fromtimestamp(NOON + 60 * number, UTC)


def _only(tmp_path: Path, event_type: str, row: Mapping[str, object]) -> dict[str, object]:
    """What one event becomes, the same from the storage's Avro and from the HTTP connector's JSON."""
    currents(tmp_path / "avro", event_type, [row])
    json_lines(tmp_path / "http" / "events.jsonl", [http_event(event_type, row)])
    both = [_read(tmp_path / kind) for kind in ("avro", "http")]
    assert [read.rejected for read in both] == [[], []]
    ((avro,), (http,)) = ([row for rows in read.rows.values() for row in rows] for read in both)
    assert avro == http
    return _given(avro)


def _left_out(tmp_path: Path, event_type: str, row: Mapping[str, object]) -> dict[str, int]:
    """What one event is called that becomes no row."""
    currents(tmp_path / "avro", event_type, [row])
    json_lines(tmp_path / "http" / "events.jsonl", [http_event(event_type, row)])
    avro, http = (_read(tmp_path / kind) for kind in ("avro", "http"))
    assert avro.left_out == http.left_out
    assert avro.rows == http.rows == {}
    return dict(avro.left_out)


def test_a_send_is_a_request_with_a_success(tmp_path: Path) -> None:
    assert _only(tmp_path, SEND, message(1, "ann", external_user_id="ann@shop", send_id="s1")) == {
        "campaign_id": "spring",
        "instance_id": "d1",
        "user_id": "ann",
        "occurred_at": _at(1),
        "outcome": "requested",
        "request_id": "id-1",
        "response_code": 200,
    }


@pytest.mark.parametrize("campaign_id", [["a"], {"a": 1}, 7, True])
def test_a_campaign_id_of_another_type_costs_only_its_row(campaign_id: object, tmp_path: Path) -> None:
    sends = [message(1, "ann", campaign_id=campaign_id, campaign_name="Odd"), message(2, "bob")]
    json_lines(tmp_path / "a.jsonl", [http_event(SEND, each) for each in sends])
    read = _read(tmp_path)
    assert (len(read.rows["deliveries"]), len(read.rejected)) == ((2, 0) if campaign_id == 7 else (1, 1))


def test_a_failure_that_decides_is_a_request_with_its_code(tmp_path: Path) -> None:
    details = {
        "http_status_code": 503,
        "endpoint_url": "https://hooks.acme.example/v1",
        "webhook_duration": 812,
        "webhook_failure_source": "External Endpoint",
        "raw_response": "busy",
        "is_terminal": True,
    }
    row = _only(tmp_path, FAILURE, message(2, "bob", **details))
    assert {name: row[name] for name in ("outcome", "response_code", "duration_ms", "endpoint", "error_text")} == {
        "outcome": "requested",
        "response_code": 503,
        "duration_ms": 812,
        "endpoint": "https://hooks.acme.example/v1",
        "error_text": "External Endpoint: busy",
    }


def test_a_failure_without_a_code_had_no_response(tmp_path: Path) -> None:
    row = _only(tmp_path, FAILURE, message(2, "bob", is_terminal=True, host="hooks.acme.example", url_path="/v1"))
    assert "response_code" not in row
    assert row["endpoint"] == "hooks.acme.example/v1"


def test_a_failure_stays_one_whatever_its_code_says(tmp_path: Path) -> None:
    assert "response_code" not in _only(tmp_path, FAILURE, message(2, "bob", http_status_code=200, is_terminal=True))


def test_a_failure_that_is_tried_again_decides_nothing(tmp_path: Path) -> None:
    again = message(2, "bob", http_status_code=503, is_terminal=False)
    assert _left_out(tmp_path, FAILURE, again) == {f"{FAILURE}, tried again later": 1}


def test_a_failure_of_an_old_schema_is_a_request(tmp_path: Path) -> None:
    assert _only(tmp_path, FAILURE, message(2, "bob", http_status_code=503))["response_code"] == 503


@pytest.mark.parametrize("kind", ["liquid_abort_message", "Liquid Abort", "personalization", "Personalisation error"])
def test_an_abort_for_its_content_is_a_failed_personalization(kind: str, tmp_path: Path) -> None:
    row = _only(tmp_path, ABORT, message(3, "cat", abort_type=kind, abort_log="cat@shop has no name"))
    assert row["outcome"] == "personalization_failed"
    assert row["personalization_errors"] == [{"category": "unknown", "attribute": None}]
    assert row["error_text"] == kind


@pytest.mark.parametrize("kind", ["frequency_capping", "Frequency Cap", "user was capped"])
def test_an_abort_for_the_frequency_is_one(kind: str, tmp_path: Path) -> None:
    assert _only(tmp_path, ABORT, message(3, "cat", abort_type=kind))["outcome"] == "frequency_capped"


@pytest.mark.parametrize(
    ("kind", "called"),
    [("quiet_hours", "quiet hours"), ("rate_limit", "rate limit"), ("Capacity", "capacity"), (None, "no abort_type")],
)
def test_any_other_abort_is_left_out_by_name(kind: str | None, called: str, tmp_path: Path) -> None:
    assert _left_out(tmp_path, ABORT, message(3, "cat", abort_type=kind)) == {f"{ABORT} ({called})": 1}


def test_a_retry_is_no_attempt(tmp_path: Path) -> None:
    assert _left_out(tmp_path, RETRY, message(4, "dan", retry_type="webhook")) == {RETRY: 1}


def test_enrolment_in_the_control_group_is_a_control_row(tmp_path: Path) -> None:
    row = _only(tmp_path, ENROLLED, happened(5, "eve", campaign_id="spring", send_id="s1"))
    assert (row["outcome"], row["control_group_type"], row["instance_id"]) == ("control_group", "campaign", "s1")


def test_an_entry_into_a_canvas_is_a_control_row_where_it_says_so(tmp_path: Path) -> None:
    entry = happened(6, "fay", canvas_id="welcome", canvas_variation_id="v", in_control_group=True)
    row = _only(tmp_path, ENTRY, entry)
    assert (row["campaign_id"], row["outcome"], row["instance_id"]) == ("welcome", "control_group", "2026-04-01")
    other = _left_out(tmp_path / "other", ENTRY, {**entry, "in_control_group": False})
    assert other == {f"{ENTRY}, not in the control group": 1}


@pytest.mark.parametrize(
    ("event_type", "campaign"), [(CONVERSION, {"campaign_id": "spring"}), (CANVAS_CONVERSION, {"canvas_id": "spring"})]
)
def test_a_conversion_that_braze_counted_is_kept_beside(
    event_type: str, campaign: dict[str, str], tmp_path: Path
) -> None:
    row = _only(tmp_path, event_type, happened(7, "ann", **campaign, conversion_behavior_index=0))
    assert row == {
        "vendor": "braze",
        "number_id": "id-7",
        "campaign_id": "spring",
        "metric": "Conversions (A)",
        "our_metric": "converted_users",
        "occurred_at": row["occurred_at"],
        "value": 1,
    }
    assert "ann" not in map(str, row.values())


@pytest.mark.parametrize(
    ("index", "metric", "ours", "goal"),
    [
        (1, "Conversions (B)", "converted_users", "B"),
        (None, "Conversions", None, None),
        (99, "Conversions", None, None),
    ],
)
def test_which_of_the_behaviors_of_a_campaign_was_shown_is_said_where_it_is_known(
    index: int | None, metric: str, ours: str | None, goal: str | None, tmp_path: Path
) -> None:
    row = _only(tmp_path, CONVERSION, happened(7, "ann", campaign_id="spring", conversion_behavior_index=index))
    assert (row["metric"], row.get("our_metric"), row.get("goal")) == (metric, ours, goal)


def test_a_custom_event_is_an_event_with_its_properties(tmp_path: Path) -> None:
    row = _only(tmp_path, CUSTOM_EVENT, happened(8, "ann", name="Order Placed", properties='{"value": 41.50}'))
    assert row == {
        "event_id": "id-8",
        "user_id": "ann",
        "event_name": "Order Placed",
        "occurred_at": _at(8),
        "attributes": '{"value":41.50}',
    }


def test_a_purchase_is_an_event_with_what_was_bought(tmp_path: Path) -> None:
    bought = happened(9, "ann", product_id="shoe", price=19.99, currency="USD", properties='{"price": 1, "size": 42}')
    row = _only(tmp_path, PURCHASE, bought)
    assert row["event_name"] == "behaviors.Purchase"
    assert json.loads(str(row["attributes"]), parse_float=str) == {
        "price": "19.99",
        "size": 42,
        "product_id": "shoe",
        "currency": "USD",
    }


def test_a_purchase_of_the_http_connector_may_have_a_quantity(tmp_path: Path) -> None:
    bought = happened(9, "ann", product_id="shoe", price=5, currency="USD", quantity=2, properties={})
    json_lines(tmp_path / "events.jsonl", [http_event(PURCHASE, bought)])
    (row,) = _read(tmp_path).rows["events"]
    assert json.loads(str(row["attributes"]))["quantity"] == 2


BOUGHT = {"product_id": "shoe", "price": 5, "currency": "USD"}


@pytest.mark.parametrize("given", [{"order_value": 41.50, "int": 7}, '{"order_value":41.50,"int":7}'])
def test_the_http_connector_has_names_of_its_own_for_attributes(given: object, tmp_path: Path) -> None:
    events = [
        http_event(CUSTOM_EVENT, happened(1, "ann", name="Order Placed", custom_properties=given)),
        http_event(PURCHASE, happened(2, "ann", **BOUGHT, purchase_properties=given)),
        {"event_type": CUSTOM_EVENT, **happened(3, "ann"), "properties": {"name": "Seen", "custom_properties": given}},
        {"event_type": CUSTOM_EVENT, **happened(4, "ann", name="Flat", custom_properties=given)},
        {**http_event(CUSTOM_EVENT, happened(5, "ann", name="Seen", custom_properties=given)), "event_type": None},
        {**http_event(PURCHASE, happened(6, "ann", purchase_properties=given)), "event_type": None},
    ]
    json_lines(tmp_path / "events.jsonl", events)
    read = _read(tmp_path)
    assert (read.rejected, read.unknown["events"]) == ([], set())
    attributes = [json.loads(str(row["attributes"]), parse_float=str) for row in read.rows["events"]]
    assert {(float(found["order_value"]), found["int"]) for found in attributes} == {(41.5, 7)}
    assert attributes[1]["product_id"] == "shoe"


@pytest.mark.parametrize("name", ["string", "int", "double", "boolean"])
def test_a_single_attribute_that_is_called_like_a_type_stays_one(name: str, tmp_path: Path) -> None:
    http = http_event(CUSTOM_EVENT, happened(1, "ann", name="Seen", custom_properties={name: 5}))
    flat = http_event(CUSTOM_EVENT, happened(2, "ann", name="Seen", properties={name: 5}))
    json_lines(tmp_path / "events.jsonl", [http, flat])
    assert [row["attributes"] for row in _read(tmp_path).rows["events"]] == [f'{{"{name}":5}}'] * 2


def test_attributes_under_several_names_come_together(tmp_path: Path) -> None:
    both = {"name": "Seen", "properties": {"a": 1}, "custom_properties": '{"b": 2}'}
    bad = [{**both, "custom_properties": given} for given in ("{", "[]", 7)]
    events = [http_event(CUSTOM_EVENT, happened(n, "ann", **each)) for n, each in enumerate((both, *bad))]
    json_lines(tmp_path / "events.jsonl", events)
    read = _read(tmp_path)
    assert [row["attributes"] for row in read.rows["events"]] == ['{"a":1,"b":2}']
    assert [(row["row"], str(row["reason"])[:17]) for row in read.rejected] == [
        (2, "attributes is not"),
        (3, "attributes is not"),
        (4, "attributes is not"),
    ]


@pytest.mark.parametrize(
    ("given", "currency", "text"),
    [
        ("19.989999771118164", "USD", "19.99"),
        ("19.989999771118164", " usd ", "19.99"),
        ("1234567.875", "USD", "1234567.88"),
        ("0.10000000149011612", "EUR", "0.10"),
        ("1500.0", "JPY", "1500"),
        ("1.2339999675750732", "KWD", "1.234"),
        ("27.10580062866211", "CLF", "27.1058"),
        ("-5.0", "USD", "-5.00"),
        ("3e-05", "USD", "0.00"),
        ("2.5", None, "2.50"),
        ("2.5", "no such", "2.50"),
    ],
)
def test_a_price_has_the_decimals_of_its_currency(given: str, currency: str | None, text: str) -> None:
    rounded = round_price(Number(given), currency)
    assert (rounded, type(rounded)) == (text, Number)


@pytest.mark.parametrize("given", [None, "", "free", "1e400", True])
def test_what_is_no_price_stays_as_it_is(given: object) -> None:
    assert round_price(given, "USD") is given


def test_an_orphan_is_an_identity(tmp_path: Path) -> None:
    assert _only(tmp_path, ORPHAN, happened(10, "old", orphaned_by_id="new")) == {
        "user_id": "old",
        "merged_into": "new",
    }


def test_events_of_other_kinds_are_counted_by_name(tmp_path: Path) -> None:
    other = "users.messages.email.Send"
    currents(tmp_path, other, pl.DataFrame({"id": ["1", "2"], "time": [NOON, NOON]}))
    json_lines(tmp_path / "events.ndjson", [http_event(other, happened(1, "ann"))])
    read = _read(tmp_path)
    assert (read.rows, read.rejected, read.left_out) == ({}, [], {other: 3})


def test_names_without_end_are_counted_together(tmp_path: Path) -> None:
    json_lines(tmp_path / "events.jsonl", [{"event_type": f"users.Odd{n}", **happened(n, "ann")} for n in range(150)])
    left_out = _read(tmp_path).left_out
    assert (len(left_out), left_out["other kinds of events"]) == (101, 50)


@pytest.mark.parametrize(
    ("more", "instance"),
    [
        ({"dispatch_id": "d", "send_id": "s"}, "d"),
        ({"send_id": "s"}, "s"),
        ({}, "2026-04-01"),
        ({"canvas_step_id": "step"}, "step 2026-04-01"),
    ],
)
def test_the_instance_is_the_dispatch_or_what_comes_nearest(
    more: Mapping[str, object], instance: str, tmp_path: Path
) -> None:
    assert _only(tmp_path, SEND, happened(1, "ann", campaign_id="spring", **more))["instance_id"] == instance


def test_files_of_an_old_schema_lack_fields(tmp_path: Path) -> None:
    rows = frame_of(SEND, [message(1, "ann")]).select("id", "user_id", "time", "campaign_id")
    currents(tmp_path, SEND, rows)
    (row,) = _read(tmp_path).rows["deliveries"]
    assert (row["instance_id"], row["response_code"]) == ("2026-04-01", 200)


def test_fields_whose_type_has_changed_are_read(tmp_path: Path) -> None:
    drifted = frame_of(
        FAILURE,
        [message(1, "ann", http_status_code="503", is_terminal="true", webhook_duration=12.0)],
        time=pl.Float64,
        http_status_code=pl.String,
        is_terminal=pl.String,
        webhook_duration=pl.Float64,
    )
    currents(tmp_path, FAILURE, drifted)
    currents(tmp_path, PURCHASE, frame_of(PURCHASE, [happened(2, "ann", price=9.99, currency="USD")], price=pl.Float64))
    read = _read(tmp_path)
    (failure,), (purchase,) = read.rows["deliveries"], read.rows["events"]
    assert (failure["occurred_at"], failure["response_code"], failure["duration_ms"]) == (_at(1), 503, 12)
    assert json.loads(str(purchase["attributes"])) == {"price": 9.99, "currency": "USD"}
    assert read.rejected == []


def test_fields_that_are_not_documented_are_named(tmp_path: Path) -> None:
    currents(tmp_path, SEND, frame_of(SEND, [message(1, "ann")]).with_columns(pl.lit("x").alias("sparkle")))
    json_lines(tmp_path / "events.jsonl", [http_event(CUSTOM_EVENT, happened(1, "a", name="Seen", glitter=1))])
    assert _read(tmp_path).unknown == {
        "deliveries": {"sparkle"},
        "events": {"glitter"},
        "identities": set(),
        "vendor_stats": set(),
    }


def test_a_bad_row_is_rejected_with_its_number_and_its_text(tmp_path: Path) -> None:
    rows = [
        happened(1, "ann", name="Seen"),
        happened(2, "bob", name="Seen", properties="{"),
        {**happened(3, "cat", name="Seen"), "time": -5},
        {**happened(4, "", name="Seen"), "user_id": None},
    ]
    currents(tmp_path, CUSTOM_EVENT, rows)
    read = _read(tmp_path)
    assert len(read.rows["events"]) == 1
    assert [(row["row"], row["reason"]) for row in read.rejected] == [
        (2, "attributes is not JSON: Expecting property name enclosed in double quotes"),
        (3, "occurred_at is outside the years 1970 to 2200"),
        (4, "user_id is missing"),
    ]
    assert [json.loads(str(row["raw"]))["id"] for row in read.rejected] == ["id-2", "id-3", "id-4"]


def test_a_row_without_dispatch_and_time_is_rejected_for_its_time(tmp_path: Path) -> None:
    odd = (None, "soon", -1, True)
    json_lines(
        tmp_path / "events.jsonl", [http_event(SEND, {**message(1, "a", dispatch_id=None), "time": t}) for t in odd]
    )
    assert [str(row["reason"]).split()[0] for row in _read(tmp_path).rejected] == ["occurred_at"] * 4


def test_a_bad_line_is_rejected_with_its_number_and_its_text(tmp_path: Path) -> None:
    lines = [http_event(SEND, message(1, "ann")), "{", "", "7", {"id": "x"}, http_event(SEND, happened(2, "bob"))]
    json_lines(tmp_path / "events.jsonl", lines)
    read = _read(tmp_path)
    assert len(read.rows["deliveries"]) == 1
    reasons = {row["row"]: row["reason"] for row in read.rejected}
    assert reasons == {
        2: "not JSON: Expecting property name enclosed in double quotes",
        4: "not a JSON object",
        5: "event_type is missing",
        6: "campaign_id is missing",
    }
    assert {row["raw"] for row in read.rejected} >= {"{", "7", '{"id": "x"}'}


def test_bytes_that_are_not_text_cost_only_their_line(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "events.json", [http_event(SEND, message(1, "ann"))])
    path.write_bytes(path.read_bytes() + b'{"id": "\xff"}\n')
    read = _read(tmp_path)
    assert len(read.rows["deliveries"]) == 1
    assert [(row["row"], row["reason"]) for row in read.rejected] == [(2, "not UTF-8")]


def _wrapped(fields: Mapping[str, object]) -> dict[str, object]:
    """An event as Avro's own JSON writes it."""
    names = {str: "string", int: "int", float: "float", bool: "boolean"}
    return {name: value if name == "id" else {names[type(value)]: value} for name, value in fields.items()}


@pytest.mark.parametrize("name", ["events.json", "events.jsonl", "events.ndjson", "events.json.gz", "events.jsonl.gz"])
def test_unions_of_avro_json_are_unwrapped(name: str, tmp_path: Path) -> None:
    event = {"event_type": FAILURE, **_wrapped(message(1, "ann", http_status_code=404, is_terminal=True))}
    json_lines(tmp_path / name, [event, {**event, "id": "other"}])
    assert [row["response_code"] for row in _read(tmp_path).rows["deliveries"]] == [404, 404]


def _documents(events: Sequence[object]) -> dict[str, str]:
    return {
        "array.json": json.dumps(events),
        "batch.json": json.dumps({"events": events}, indent=2),
        "batches.jsonl": "".join(json.dumps({"events": [event]}) + "\n" for event in events),
        "lines.json": "".join(json.dumps(event) + "\n" for event in events),
        "single.json": json.dumps(events[0], indent=2),
    }


def test_a_document_may_hold_several_events(tmp_path: Path) -> None:
    events = [http_event(SEND, message(number, "ann\u2028")) for number in range(3)]
    counts = {}
    for name, text in _documents(events).items():
        (tmp_path / name).write_text(text)
        counts[name] = len(_read(tmp_path / name).rows["deliveries"])
    assert counts == {"array.json": 3, "batch.json": 3, "batches.jsonl": 3, "lines.json": 3, "single.json": 1}


def _bodies(events: Sequence[object]) -> dict[str, str]:
    """Files of several documents, each with all of `events`, which are three."""
    one, two, three = events
    bodies = [{"events": [one]}, {"events": [two, three]}]
    pretty = [json.dumps(event, indent=2) for event in events]
    return {
        "bodies.json": json.dumps(bodies),
        "bodies.jsonl": json.dumps(bodies) + "\n",
        "pretty-bodies.ndjson": json.dumps(bodies, indent=1),
        "lists.json": json.dumps([[one], [[two]], three]),
        "lists-in-a-body.json": json.dumps({"events": [[one, two], {"events": [three]}]}),
        "pretty-in-turn.json": "\n".join(pretty),
        "pretty-in-turn.jsonl": "\n\n".join(pretty),
        "without-a-break.json": "".join(pretty),
        "on-one-line.jsonl": "".join(map(json.dumps, events)),
        "pretty-and-not.json": f"{pretty[0]}\n{json.dumps(two)}\n{pretty[2]}",
        "marked.json": "".join(f"\ufeff{each}\n" for each in pretty),
        "marked.jsonl": "".join(f"\ufeff{json.dumps(each)}\n" for each in events),
        "array-a-line.jsonl": "[\n" + ",\n".join(map(json.dumps, events)) + "\n]\n",
        "returns.json": "\r\n".join("\r\n".join(each.split("\n")) for each in pretty),
    }


@pytest.mark.parametrize("name", sorted(_bodies([0, 0, 0])))
def test_bodies_come_in_lists_and_documents_one_after_another(name: str, tmp_path: Path) -> None:
    events = [http_event(SEND, message(number, "ann\u2028")) for number in range(3)]
    (tmp_path / name).write_bytes(_bodies(events)[name].encode())
    read = _read(tmp_path)
    assert [row["request_id"] for row in read.rows["deliveries"]] == ["id-0", "id-1", "id-2"]
    assert read.rejected == []


def test_the_folder_tells_the_type_of_events_that_do_not(tmp_path: Path) -> None:
    json_lines(tmp_path / f"event_type={SEND}" / "a.jsonl", [message(1, "ann"), "nothing"])
    json_lines(tmp_path / f"{CUSTOM_EVENT}.jsonl", [happened(2, "ann", name="Seen")])
    read = _read(tmp_path)
    assert {table: len(rows) for table, rows in read.rows.items()} == {"deliveries": 1, "events": 1}
    assert [(row["row"], row["file"]) for row in read.rejected] == [(2, f"event_type={SEND}/a.jsonl")]


def test_a_loose_avro_file_says_what_it_holds_in_itsheader(tmp_path: Path) -> None:
    frame_of(ABORT, [message(1, "ann", abort_type="liquid")]).write_avro(
        tmp_path / "part-0.avro", compression="deflate", name=f"dataexport.GCS.inner.{ABORT}"
    )
    assert [row["outcome"] for row in _read(tmp_path).rows["deliveries"]] == ["personalization_failed"]


@pytest.mark.parametrize("event_type", sorted(FIELDS))
def test_the_fields_of_a_loose_file_tell_its_type(event_type: str, tmp_path: Path) -> None:
    names = FIELDS[event_type].split()
    assert set(names) <= DOCUMENTED
    assert recognize(names) == event_type
    frame_of(event_type, [happened(1, "ann")]).write_avro(tmp_path / "part-0.avro")
    read = _read(tmp_path)
    assert len(read.rejected) + sum(map(len, read.rows.values())) + read.left_out.total() == 1


@pytest.mark.parametrize(
    "names", [["id", "time"], ["id", "user_id", "time", "abort_type", "ip_pool"], ["dispatch_id", "email"]]
)
def test_a_loose_file_that_could_be_anything_is_counted_and_the_others_are_read(
    names: list[str], tmp_path: Path
) -> None:
    pl.DataFrame({name: ["x", "y"] for name in names}).write_avro(tmp_path / "part-0.avro")
    pl.DataFrame({name: ["x"] for name in names}).write_avro(tmp_path / "part-1.avro", name="Row")
    json_lines(tmp_path / "a.jsonl", [http_event(SEND, message(1, "ann"))])
    read = _read(tmp_path)
    assert (len(read.rows["deliveries"]), read.rejected) == (1, [])
    assert read.left_out == {
        "events of a type that nothing says: part-0.avro": 2,
        "events of a type that nothing says: Row": 1,
    }


@pytest.mark.parametrize("codec", ["null", "zstandard", "no such"])
@pytest.mark.parametrize("name", [SEND.replace("webhook", "rcs"), "dataexport.S3.inner.users.messages.line2.Send"])
def test_a_type_that_is_no_row_is_counted_whatever_is_in_its_file(name: str, codec: str, tmp_path: Path) -> None:
    odd = {"id": ({"type": "map", "values": {"type": "array", "items": "long"}}, b"\x00")}
    path = tmp_path / "loose.avro"
    path.write_bytes(avro_file(name, odd, codec=codec))
    (called,) = _read(tmp_path).left_out.items()
    assert (called[0].endswith("Send"), called[1]) == (True, 1)
    path.write_bytes(avro_file(name, odd, codec=codec)[:-1])
    with pytest.raises(UnreadableInputError, match=r"^loose\.avro: is damaged or not a readable Avro file$"):
        _read(tmp_path)


@pytest.mark.parametrize("keep", [0, 3, 20, -30, -5])
def test_a_damaged_file_is_an_error_that_names_it(keep: int, tmp_path: Path) -> None:
    path = currents(tmp_path, SEND, [message(number, "ann") for number in range(9)])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UnreadableInputError, match=rf"^event_type={SEND}/\S+\.avro: is damaged") as wrong:
        _read(tmp_path)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "content", [b"", b"Obj", b"Obj\x01\x02", b"Obj\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"]
)
def test_a_damaged_header_is_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "loose.avro").write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"^loose\.avro: is damaged"):
        _read(tmp_path)


@pytest.mark.parametrize(
    "named", [{"name": f"inner.{SEND}"}, {"name": "Send", "namespace": "dataexport.S3.inner.users.messages.webhook"}]
)
def test_a_header_names_its_record_in_either_way(named: Mapping[str, str], tmp_path: Path) -> None:
    schema = {"type": "record", **named, "fields": [{"name": "id", "type": "string"}]}
    (tmp_path / "loose.avro").write_bytes(header(schema))
    (reading,) = braze.find_readings([tmp_path])
    assert reading.tables == ("deliveries",)


@pytest.mark.parametrize("content", [header("string"), header({}), header({}, length=-1), header({}, length=10_000)])
def test_a_header_of_no_record_is_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "loose.avro").write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"^loose\.avro: is damaged or not an Avro file of records"):
        _read(tmp_path)


def test_a_damaged_gzip_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "events.ndjson.gz", [http_event(SEND, message(n, "ann")) for n in range(99)])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableInputError, match=r"^events\.ndjson\.gz: the gzip data is damaged"):
        _read(tmp_path)


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "campaigns.json").write_text("[]")
    json_lines(tmp_path / ".hidden" / "events.jsonl", [])
    with pytest.raises(UnreadableInputError, match=r"holds no Currents file; their names end in \.avro"):
        _read(tmp_path)
    with pytest.raises(UnreadableInputError, match=r"absent: No such file"):
        _read(tmp_path / "absent")


def test_files_are_found_wherever_they_are_given(tmp_path: Path) -> None:
    path = currents(tmp_path, SEND, [message(1, "ann")])
    name = path.as_posix()[path.as_posix().index("event_type=") :]
    assert [_read(given).names for given in (tmp_path, path.parent, path)] == [[name]] * 3
    assert _read(path).rows == _read(tmp_path).rows


def test_folders_of_other_days_are_skipped_with_a_day_of_margin(tmp_path: Path) -> None:
    paths = [currents(tmp_path, SEND, [message(n, "ann")], hour=f"2026-04-{n:02}-23") for n in range(1, 8)]
    loose = json_lines(tmp_path / "events.jsonl", [])
    odd = currents(tmp_path, SEND, [message(9, "ann")], hour="2026-99-99-99")
    kept = select_files([tmp_path], date(2026, 4, 3), date(2026, 4, 5))
    assert set(kept) == {*paths[1:6], loose, odd}
    assert set(select_files([tmp_path], date(2026, 4, 7), None)) == {*paths[5:], loose, odd}
    assert set(select_files([tmp_path], None, date(2026, 4, 1))) == {*paths[:2], loose, odd}
    with pytest.raises(UnreadableInputError, match="no date= folder lies between"):
        select_files(paths, date(2026, 5, 1), None)


def test_what_no_file_of_the_export_tells_is_a_gap(tmp_path: Path) -> None:
    currents(tmp_path, SEND, [message(1, "ann")])
    assert _read(tmp_path).gaps == set(Gap)
    currents(tmp_path, ABORT, [message(2, "bob", abort_type="quiet_hours")])
    assert _read(tmp_path).gaps == {Gap.FAILED_RESPONSES, Gap.CONTROL_GROUPS}
    currents(tmp_path, FAILURE, [message(3, "bob", is_terminal=False)])
    currents(tmp_path, ENROLLED, [happened(4, "cat", campaign_id="spring")])
    assert _read(tmp_path).gaps == set()


def test_an_export_of_events_alone_has_no_gaps(tmp_path: Path) -> None:
    currents(tmp_path, CUSTOM_EVENT, [happened(1, "ann", name="Seen")])
    assert _read(tmp_path).gaps == set()

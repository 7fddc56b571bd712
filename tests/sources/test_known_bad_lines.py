"""Two hundred bad lines of many kinds among twenty thousand: exactly those are set aside, each with its reason."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from source_files import read_bytes, reasons

LINES = 20_000
BAD = 200


def json_line(number: int, **changes: object) -> bytes:
    row = {
        "event_id": f"e{number}",
        "user_id": f"{number % 700:04}",
        "event_name": "Order Placed",
        "occurred_at": 1_772_355_600 + number,
        "attributes": {"order_value": number / 100, "category": "shoes, red"},
    }
    return json.dumps({**row, **changes}, ensure_ascii=False).encode()


JSON_FLAWS: dict[str, Callable[[int], bytes]] = {
    "event_id is missing": lambda n: json_line(n, event_id=None),
    "event_name is missing": lambda n: json_line(n, event_name=""),
    "user_id must be text": lambda n: json_line(n, user_id=1.5),
    "user_id is longer than 128 characters": lambda n: json_line(n, user_id="u" * 129),
    "user_id contains a NUL character": lambda n: json_line(n, user_id="a\0b"),
    "user_id is not Unicode text": lambda n: json_line(n, user_id="HERE").replace(b"HERE", rb"\ud800"),
    "occurred_at has no time zone or offset": lambda n: json_line(n, occurred_at="2026-03-01T09:00:00"),
    "occurred_at is not a time": lambda n: json_line(n, occurred_at="yesterday"),
    "occurred_at is missing": lambda n: json_line(n, occurred_at=None),
    "occurred_at is outside the years 1970 to 2200": lambda n: json_line(n, occurred_at=1.7e12),
    "attributes is not a JSON object": lambda n: json_line(n, attributes=[1]),
    "attributes is not Unicode text": lambda n: json_line(n, attributes={"a": "HERE"}).replace(b"HERE", rb"\udfff"),
    "not UTF-8": lambda n: json_line(n, user_id="HERE").replace(b"HERE", b"caf\xe9"),
    "not JSON: Expecting ',' delimiter": lambda n: json_line(n)[:-1],
    "not JSON: Extra data": lambda n: json_line(n) * 2,
    "not JSON: Expecting value": lambda _: b"event_id,user_id",
    "not a JSON object": lambda _: b"[]",
    "nested deeper than 100 levels": lambda n: json_line(n, attributes=json.loads('{"a":' * 101 + "1" + "}" * 101)),
}


def csv_line(*, number: int, **changes: str) -> bytes:
    row = {
        "campaign_id": "spring-sale",
        "instance_id": f"i{number % 9}",
        "user_id": f"{number % 700:04}",
        "occurred_at": f"2026-03-01T{number % 24:02}:00:00+02:00",
        "outcome": "requested",
        "response_code": "200",
        "error_text": '"said ""no"", twice"' if number % 3 else "",
    }
    return ",".join({**row, **changes}.values()).encode()


CSV_HEADER = b"campaign_id,instance_id,user_id,occurred_at,outcome,response_code,error_text"
CSV_FLAWS: dict[str, Callable[[int], bytes]] = {
    "campaign_id is missing": lambda n: csv_line(number=n, campaign_id=""),
    "user_id is missing": lambda n: csv_line(number=n, user_id=""),
    "user_id is longer than 128 characters": lambda n: csv_line(number=n, user_id="u" * 129),
    "user_id contains a NUL character": lambda n: csv_line(number=n, user_id="a\0b"),
    "instance_id is missing": lambda n: csv_line(number=n, instance_id='""'),
    "occurred_at is missing": lambda n: csv_line(number=n, occurred_at=""),
    "occurred_at is not a time": lambda n: csv_line(number=n, occurred_at="01.03.2026"),
    "occurred_at has no time zone or offset": lambda n: csv_line(number=n, occurred_at="2026-03-01 09:00"),
    "occurred_at is outside the years 1970 to 2200": lambda n: csv_line(number=n, occurred_at="1e999"),
    "outcome must be one of frequency_capped, control_group, personalization_failed, requested": lambda n: csv_line(
        number=n, outcome="sent"
    ),
    "response_code is not a number": lambda n: csv_line(number=n, response_code="OK"),
    "response_code is not a whole number": lambda n: csv_line(number=n, response_code="200.5"),
    "response_code is out of range": lambda n: csv_line(number=n, response_code="1000"),
    "3 fields where the header has 7": lambda _: b"a,b,c",
    "8 fields where the header has 7": lambda n: csv_line(number=n) + b",more",
    "broken CSV quoting": lambda n: csv_line(number=n, error_text='"no" way'),
    "a bare carriage return in a field": lambda n: csv_line(number=n, user_id="a\rb"),
    "not UTF-8": lambda n: csv_line(number=n, user_id="HERE").replace(b"HERE", b"caf\xe9"),
}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("name", "header", "good", "flaws"),
    [
        ("events.jsonl", b"", json_line, JSON_FLAWS),
        ("deliveries.csv", CSV_HEADER, lambda number: csv_line(number=number), CSV_FLAWS),
    ],
)
def test_exactly_the_bad_lines_are_rejected_each_with_its_reason(  # four of them are one case
    name: str,
    header: bytes,
    good: Callable[[int], bytes],
    flaws: dict[str, Callable[[int], bytes]],
    ending: bytes,
    tmp_path: Path,
) -> None:
    assert len(flaws) >= 15
    chance = Random(7)
    planned = dict(zip(sorted(chance.sample(range(2, LINES + 1), BAD)), list(flaws) * BAD, strict=False))
    lines = [flaws[planned[n]](n) if n in planned else good(n) for n in range(2, LINES + 1)]
    extract = read_bytes(ending.join([header, *lines, b""]), tmp_path, name)
    assert reasons(extract) == planned
    assert extract.read == LINES - 1
    assert set(extract.rejected["file"]) == {name}

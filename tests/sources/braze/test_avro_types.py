"""Currents in Avro: compressed in every way, and with values that have a logical type."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from avro_files import avro_file, in_avro, text_in_avro
from currents_files import CUSTOM_EVENT, PURCHASE, SEND, frame_of, happened, message

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.braze import exports as braze
from analytics_core.sources.rows.batches import ConvertedRows, convert_batch

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())
LONG_TEXT = "seen " * 500


def read(path: Path) -> ConvertedRows:
    """The only batch of the only file."""
    (reading,) = braze.find_readings([path])
    ((table, batch),) = reading.batches()
    return convert_batch(table, batch, reading.name)


def logical(kind: str, of: str = "long", **more: object) -> dict[str, object]:
    return {"type": of, "logicalType": kind, **more}


def seen_at(directory: Path, kind: object, value: bytes) -> ConvertedRows:
    """A custom event whose `time` is of some type."""
    fields = {
        "id": ("string", text_in_avro("e1")),
        "user_id": (["null", "string"], in_avro(1) + text_in_avro("ann")),
        "name": ("string", text_in_avro("Seen")),
        "time": (kind, value),
    }
    directory.mkdir(exist_ok=True)
    (directory / "loose.avro").write_bytes(avro_file(CUSTOM_EVENT, fields))
    return read(directory)


@pytest.mark.parametrize("compression", ["uncompressed", "deflate", "snappy"])
def test_files_are_read_however_they_are_compressed(
    compression: Literal["uncompressed", "deflate", "snappy"], tmp_path: Path
) -> None:
    said = f'{{"a":"{LONG_TEXT}"}}'
    events = [happened(number, f"user-{number}", name="Seen", properties=said) for number in range(9)]
    path = tmp_path / "loose.avro"
    frame_of(CUSTOM_EVENT, events).write_avro(path, compression=compression, name=CUSTOM_EVENT)
    assert (path.stat().st_size < 9 * len(LONG_TEXT)) == (compression != "uncompressed")
    rows = read(tmp_path).rows
    assert rows["user_id"].to_list() == [f"user-{number}" for number in range(9)]
    assert set(rows["attributes"]) == {said}


def test_a_damaged_snappy_block_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "loose.avro"
    events = [message(number, "ann") for number in range(9)]
    frame_of(SEND, events).write_avro(path, compression="snappy", name=SEND)
    content = bytearray(path.read_bytes())
    content[-60:-20] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"^loose\.avro: is damaged or not a readable Avro file$"):
        read(tmp_path)


@pytest.mark.parametrize("codec", ["zstandard", "bzip2", "x\n\x1b[31m" + "y" * 99])
def test_another_compression_is_named_in_one_line(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "loose.avro"
    path.write_bytes(avro_file(SEND, {"id": ("string", text_in_avro("e1"))}, codec=codec))
    with pytest.raises(UnreadableInputError) as wrong:
        read(tmp_path)
    said = str(wrong.value)
    assert said.startswith(f"loose.avro: is compressed with {codec[:20]!a}")
    assert said.endswith("; only null, deflate, snappy can be read")
    assert said.isprintable()
    assert len(said) < 120


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", SECONDS),
        ("long", SECONDS),
        (logical("timestamp-millis"), SECONDS * 1_000),
        (logical("timestamp-micros"), SECONDS * 1_000_000),
    ],
    ids=["seconds", "seconds as long", "timestamp-millis", "timestamp-micros"],
)
@pytest.mark.parametrize("is_optional", [False, True])
def test_a_time_is_read_whatever_its_type(kind: object, value: int, *, is_optional: bool, tmp_path: Path) -> None:
    if is_optional:
        found = seen_at(tmp_path, ["null", kind], in_avro(1) + in_avro(value))
    else:
        found = seen_at(tmp_path, kind, in_avro(value))
    assert found.rows["occurred_at"].to_list() == [NOON]


def test_fractions_of_a_second_are_kept(tmp_path: Path) -> None:
    found = seen_at(tmp_path, logical("timestamp-micros"), in_avro(SECONDS * 1_000_000 + 123_456))
    assert found.rows["occurred_at"].to_list() == [NOON.replace(microsecond=123_456)]


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (logical("local-timestamp-millis"), SECONDS * 1_000, "occurred_at has no time zone or offset"),
        (logical("local-timestamp-micros"), SECONDS * 1_000_000, "occurred_at has no time zone or offset"),
        (logical("date", "int"), SECONDS // 86_400, "occurred_at has no time zone or offset"),
        (logical("time-micros"), 1_000_000, "occurred_at is not a time"),
        (logical("timestamp-nanos"), SECONDS * 10**9, "occurred_at is outside the years 1970 to 2200"),
        (logical("timestamp-millis"), -1, "occurred_at is outside the years 1970 to 2200"),
    ],
    ids=["local millis", "local micros", "date", "time of day", "nanos", "before 1970"],
)
def test_what_is_no_instant_is_rejected_and_not_guessed(kind: object, value: int, reason: str, tmp_path: Path) -> None:
    found = seen_at(tmp_path, kind, in_avro(value))
    assert found.rows.is_empty()
    assert found.rejected["reason"].to_list() == [reason]


def test_the_day_stands_in_for_the_dispatch_where_times_have_a_type(tmp_path: Path) -> None:
    fields = {
        **{name: ("string", text_in_avro(text)) for name, text in (("id", "r1"), ("user_id", "ann"))},
        "campaign_id": ("string", text_in_avro("spring")),
        "time": (logical("timestamp-millis"), in_avro(SECONDS * 1_000 + 1)),
    }
    (tmp_path / "loose.avro").write_bytes(avro_file(SEND, fields))
    assert read(tmp_path).rows.select("instance_id", "outcome").rows() == [("2026-04-01", "requested")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (logical("decimal", "bytes", precision=9, scale=3), text_in_avro(b"\x4e\x15")),
        (logical("decimal", "fixed", precision=9, scale=3, size=4, name="price_type"), b"\0\0\x4e\x15"),
    ],
    ids=["bytes", "fixed"],
)
def test_an_exact_price_is_rounded_to_the_decimals_of_its_currency(kind: object, value: bytes, tmp_path: Path) -> None:
    fields = {
        **{name: ("string", text_in_avro(text)) for name, text in (("id", "e1"), ("user_id", "ann"))},
        "product_id": (logical("uuid", "string"), text_in_avro("5f3c0000-0000-0000-0000-000000000000")),
        "currency": ({"type": "enum", "name": "currencies", "symbols": ["EUR", "USD"]}, in_avro(1)),
        "price": (kind, value),
        "time": ("int", in_avro(SECONDS)),
    }
    (tmp_path / "loose.avro").write_bytes(avro_file(PURCHASE, fields))
    product = '"product_id":"5f3c0000-0000-0000-0000-000000000000"'
    assert read(tmp_path).rows["attributes"].to_list() == [f'{{{product},"price":19.99,"currency":"USD"}}']

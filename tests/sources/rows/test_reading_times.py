"""Times in every accepted spelling, and why the others are none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from source_files import EVENT, Json, csv_of, jsonl_of, read_text, reasons

from analytics_core.domain.errors import RowError
from analytics_core.sources.rows.instants import microseconds

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T09:00:00Z", NINE),
        ("2026-03-01T09:00:00z", NINE),
        ("2026-03-01t09:00:00Z", NINE),
        ("2026-03-01 09:00:00Z", NINE),
        ("2026-03-01T09:00Z", NINE),
        ("20260301T090000Z", NINE),
        (" 2026-03-01T09:00:00Z\t", NINE),
        ("2026-03-01T11:00:00+02:00", NINE),
        ("2026-03-01T11:00:00+0200", NINE),
        ("2026-03-01T11:00:00+02", NINE),
        ("2026-03-01T05:30:00-03:30", NINE),
        ("2026-03-01T09:00:00-00:00", NINE),
        ("2026-03-02T08:59:00+23:59", NINE),
        ("2026-03-01T09:00:00.5Z", NINE.replace(microsecond=500_000)),
        ("2026-03-01T09:00:00,5Z", NINE.replace(microsecond=500_000)),
        ("2026-03-01T09:00:00.123456Z", NINE.replace(microsecond=123_456)),
        ("2026-03-01T09:00:00.1234564999Z", NINE.replace(microsecond=123_456)),
        ("2026-03-01T09:00:00.1234565Z", NINE.replace(microsecond=123_456)),
        ("2026-03-01T09:00:00.1234565000001Z", NINE.replace(microsecond=123_457)),
        ("2026-03-01T09:00:00.1234575Z", NINE.replace(microsecond=123_458)),
        ("2026-03-01T08:59:59.9999999Z", NINE),
        ("1772355600", NINE),
        ("1772355600.0", NINE),
        ("1772355600.123456", NINE.replace(microsecond=123_456)),
        ("1772355600.1234565", NINE.replace(microsecond=123_456)),
        ("1772355600.1234575", NINE.replace(microsecond=123_458)),
        ("1.7723556e9", NINE),
        ("+1772355600", NINE),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1970-01-01T01:00:00+01:00", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2200-12-31T23:59:59.999999Z", datetime(2200, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_time_is_exact_to_the_microsecond_in_text_of_any_format(text: str, instant: datetime, tmp_path: Path) -> None:
    rows = [{**EVENT, "occurred_at": text}]
    for name, content in (("events.jsonl", jsonl_of(rows)), ("events.csv", csv_of(rows, list(EVENT)))):
        extract = read_text(content, tmp_path / name, name)
        assert extract.rows["occurred_at"].to_list() == [instant]


NO_ZONE = "occurred_at has no time zone or offset"
NO_TIME = "occurred_at is not a time"
FAR = "occurred_at is outside the years 1970 to 2200"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-01T09:00:00", NO_ZONE),
        ("2026-03-01 09:00:00.5", NO_ZONE),
        ("2026-03-01", NO_ZONE),
        ("2026-02-30T09:00:00Z", NO_TIME),
        ("2026-03-01T24:00:00Z", NO_TIME),
        ("2026-03-01T23:59:60Z", NO_TIME),
        ("2026-03-01T09:00:00+24:00", NO_TIME),
        ("2026-03-01T09:00:00+02:60", NO_TIME),
        ("2026-03-01T09:00:00 Europe/Berlin", NO_TIME),
        ("0000-01-01T00:00:00Z", NO_TIME),
        ("٢٠٢٦-03-01T09:00:00Z", NO_TIME),
        ("01.03.2026 09:00", NO_TIME),
        ("yesterday", NO_TIME),
        ("NaN", NO_TIME),
        ("inf", NO_TIME),
        ("1_772_355_600", NO_TIME),
        ("0x10", NO_TIME),
        ("1e99999", NO_TIME),
        ("-1", FAR),
        ("1e999", FAR),
        ("1772355600000", FAR),
        ("1969-12-31T23:59:59.999999Z", FAR),
        ("1970-01-01T00:00:00+00:01", FAR),
        ("2200-12-31T23:59:59.9999999Z", FAR),
        ("2201-01-01T00:00:00Z", FAR),
        ("9999-12-31T23:59:59-23:59", FAR),
    ],
)
def test_what_is_no_time_is_rejected_with_its_reason_in_text_of_any_format(
    text: str, reason: str, tmp_path: Path
) -> None:
    rows = [{**EVENT, "occurred_at": text}]
    assert reasons(read_text(jsonl_of(rows), tmp_path / "jsonl")) == {1: reason}
    assert reasons(read_text(csv_of(rows, list(EVENT)), tmp_path / "csv", "events.csv")) == {2: reason}


@pytest.mark.parametrize("token", ["true", "[1]", "{}", "NaN", "-Infinity", "1e999", "-1"])
def test_json_values_that_are_no_time_are_rejected(token: str, tmp_path: Path) -> None:
    extract = read_text(jsonl_of([{**EVENT, "occurred_at": Json(token)}]), tmp_path)
    assert reasons(extract)[1] in {NO_TIME, FAR}


def test_json_numbers_are_epoch_seconds_read_digit_by_digit(tmp_path: Path) -> None:
    tokens = ("1772355600", "1772355600.000001", "1772355600.123456499999999", "1.7723556E+9")
    extract = read_text(jsonl_of([{**EVENT, "occurred_at": Json(token)} for token in tokens]), tmp_path)
    microseconds_of = [instant.microsecond for instant in extract.rows["occurred_at"]]
    assert microseconds_of == [0, 1, 123_456, 0]


def test_a_fraction_of_a_million_digits_is_rounded_once() -> None:
    assert microseconds("at", "0.0000005" + "0" * 1_000_000) == 0
    assert microseconds("at", "0.0000005" + "0" * 1_000_000 + "1") == 1
    assert microseconds("at", "1970-01-01T00:00:00.0000005" + "0" * 1_000_000 + "1Z") == 1


def test_the_reason_names_the_column_and_not_the_value() -> None:
    with pytest.raises(RowError, match=r"^ready_at is not a time$"):
        microseconds("ready_at", "secret")

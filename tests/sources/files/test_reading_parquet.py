"""Parquet: every type a column may have."""

import importlib
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from source_files import DELIVERY, EVENT, IDENTITY, Extract, read_file, read_only_file, reasons

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.finding.canonical_files import find_files

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
TICKS = {"ms": 10**3, "us": 10**6, "ns": 10**9}


def with_column(row: dict[str, str], column: pl.Series) -> pl.DataFrame:
    return pl.DataFrame([row] * len(column)).with_columns(column)


def read_frame(frame: pl.DataFrame, directory: Path, table: str = "events") -> Extract:
    frame.write_parquet(directory / f"{table}.parquet")
    return read_only_file(directory)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "+02:00"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps_with_a_zone_are_instants(unit: str, zone: str, tmp_path: Path) -> None:
    ticks = pl.Series("occurred_at", [int(NINE.timestamp()) * TICKS[unit]])
    times = ticks.cast(pl.Datetime(unit, zone))
    extract = read_frame(with_column(EVENT, times), tmp_path)
    assert extract.rows["occurred_at"].to_list() == [NINE]


def test_nanoseconds_are_rounded_half_to_even(tmp_path: Path) -> None:
    ticks = pl.Series("occurred_at", [499, 500, 501, 1_499, 1_500, 1_501]).cast(pl.Datetime("ns", "UTC"))
    extract = read_frame(with_column(EVENT, ticks), tmp_path)
    assert extract.rows["occurred_at"].to_physical().to_list() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("zone", ["+05:30", "-03:30", "Z", "Mars/Phobos"])
def test_instants_do_not_depend_on_what_the_zone_database_knows(zone: str, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="only pyarrow writes zones that Polars does not know")
    columns = {name: arrow.array([value]) for name, value in EVENT.items()}
    columns["occurred_at"] = arrow.array([NINE], arrow.timestamp("us", zone))
    importlib.import_module("pyarrow.parquet").write_table(arrow.table(columns), tmp_path / "events.parquet")
    assert read_only_file(tmp_path).rows["occurred_at"].to_list() == [NINE]
    assert "POLARS_IGNORE_TIMEZONE_PARSE_ERROR" not in os.environ


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps_without_a_zone_are_rejected(unit: str, tmp_path: Path) -> None:
    times = pl.Series("occurred_at", [NINE.replace(tzinfo=None)], pl.Datetime(unit))
    extract = read_frame(with_column(EVENT, times), tmp_path)
    assert reasons(extract) == {1: "occurred_at has no time zone or offset"}
    assert '"occurred_at":"2026-03-01T09:00:00.000000000"' in extract.rejected["raw"].item()


def test_days_are_no_times(tmp_path: Path) -> None:
    extract = read_frame(with_column(EVENT, pl.Series("occurred_at", [date(2026, 3, 1)])), tmp_path)
    assert reasons(extract) == {1: "occurred_at has no time zone or offset"}


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_timestamps_no_calendar_reaches_are_rejected(unit: str, tmp_path: Path) -> None:
    extremes = pl.Series("occurred_at", [2**63 - 1, -(2**63), -1]).cast(pl.Datetime(unit, "UTC"))
    extract = read_frame(with_column(EVENT, extremes), tmp_path)
    assert set(reasons(extract).values()) == {"occurred_at is outside the years 1970 to 2200"}
    assert extract.read == 3


def test_a_product_that_would_wrap_around_into_this_century_is_rejected(tmp_path: Path) -> None:
    wrapping = pl.Series("occurred_at", [18_446_744_073_709_552 + 1_772_355_600_000]).cast(pl.Datetime("ms", "UTC"))
    extract = read_frame(with_column(EVENT, wrapping), tmp_path)
    assert reasons(extract) == {1: "occurred_at is outside the years 1970 to 2200"}


def test_dates_no_calendar_reaches_are_kept_as_raw_text(tmp_path: Path) -> None:
    frame = with_column({**EVENT, "occurred_at": "never"}, pl.Series("day", [2**31 - 1], pl.Int32).cast(pl.Date))
    assert '"day":"2147483647"' in read_frame(frame, tmp_path).rejected["raw"].item()


def test_numbers_are_epoch_seconds(tmp_path: Path) -> None:
    seconds = pl.Series("occurred_at", [1772355600.25, 1772355600.123456, float("nan"), 1e300])
    extract = read_frame(with_column(EVENT, seconds), tmp_path)
    assert [instant.microsecond for instant in extract.rows["occurred_at"]] == [250_000, 123_456]
    assert set(reasons(extract)) == {3, 4}


def test_decimals_are_epoch_seconds_too(tmp_path: Path) -> None:
    seconds = pl.Series("occurred_at", [Decimal("1772355600.1234565")])
    extract = read_frame(with_column(EVENT, seconds), tmp_path)
    assert extract.rows["occurred_at"].to_list() == [NINE.replace(microsecond=123_456)]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt64, pl.Int128, pl.Categorical, pl.Enum(["7"]), pl.String])
def test_ids_may_be_whole_numbers_or_categories(dtype: pl.DataType, tmp_path: Path) -> None:
    ids = pl.Series("user_id", ["7"]).cast(pl.Int8).cast(dtype) if dtype in {pl.Int8, pl.UInt64, pl.Int128} else None
    column = pl.Series("user_id", ["7"], dtype) if ids is None else ids
    assert read_frame(with_column(EVENT, column), tmp_path).rows["user_id"].to_list() == ["7"]


@pytest.mark.parametrize("value", [7.0, True, Decimal("7.0"), [7], {"id": "7"}])
def test_ids_of_any_other_type_are_rejected(value: object, tmp_path: Path) -> None:
    extract = read_frame(with_column(EVENT, pl.Series("user_id", [value])), tmp_path)
    assert reasons(extract) == {1: "user_id must be text"}


def test_bytes_are_text_where_they_are_utf8(tmp_path: Path) -> None:
    extract = read_frame(with_column(EVENT, pl.Series("user_id", ["zoë".encode(), b"\xff"])), tmp_path)
    assert extract.rows["user_id"].to_list() == ["zoë"]
    assert reasons(extract) == {2: "user_id is not Unicode text"}


def test_a_column_of_nulls_is_a_column_without_values(tmp_path: Path) -> None:
    frame = with_column(DELIVERY, pl.Series("response_code", [None], pl.Null))
    assert read_frame(frame, tmp_path, "deliveries").rows["response_code"].to_list() == [None]
    extract = read_frame(with_column(DELIVERY, pl.Series("user_id", [None], pl.Null)), tmp_path, "deliveries")
    assert reasons(extract) == {1: "user_id is missing"}


def test_codes_may_be_floats_and_nan_is_none(tmp_path: Path) -> None:
    codes = pl.Series("response_code", [200.0, float("nan"), None, 200.5, float("inf")])
    extract = read_frame(with_column(DELIVERY, codes), tmp_path, "deliveries")
    assert extract.rows["response_code"].to_list() == [200, None, None]
    assert reasons(extract) == {4: "response_code is not a whole number", 5: "response_code is not a number"}


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.Decimal(10, 3)])
def test_durations_are_rounded_half_to_even(dtype: pl.DataType, tmp_path: Path) -> None:
    durations = pl.Series("duration_ms", [0.5, 1.5, 12.25, 12.75]).cast(dtype)
    durations = durations.extend(pl.Series([None]).cast(dtype))
    extract = read_frame(with_column(DELIVERY, durations), tmp_path, "deliveries")
    assert extract.rows["duration_ms"].to_list() == [0, 2, 12, 13, None]


def test_a_duration_of_nan_is_none(tmp_path: Path) -> None:
    extract = read_frame(with_column(DELIVERY, pl.Series("duration_ms", [float("nan")])), tmp_path, "deliveries")
    assert extract.rows["duration_ms"].to_list() == [None]


def test_personalization_errors_may_be_structs_or_text(tmp_path: Path) -> None:
    structs = [[{"category": "user_attribute", "attribute": "a"}, {"category": "unknown", "attribute": None}], [], None]
    extract = read_frame(with_column(DELIVERY, pl.Series("personalization_errors", structs)), tmp_path, "deliveries")
    expected = [structs[0], None, None]
    assert extract.rows["personalization_errors"].to_list() == expected
    texts = ["user_attribute:a|unknown", "[]", None]
    extract = read_frame(with_column(DELIVERY, pl.Series("personalization_errors", texts)), tmp_path, "deliveries")
    assert extract.rows["personalization_errors"].to_list() == expected


def attributes_of(columns: dict[str, object], directory: Path) -> str | None:
    frame = pl.DataFrame([EVENT]).with_columns(**{f"attributes.{name}": value for name, value in columns.items()})
    return read_frame(frame, directory).rows["attributes"].item()


def test_columns_of_single_attributes_become_json_values_of_their_type(tmp_path: Path) -> None:
    columns = {
        "text": pl.lit("a"),
        "empty": pl.lit(""),
        "count": pl.lit(3, pl.UInt64),
        "price": pl.lit(19.99),
        "vip": pl.lit(value=True),
        "absent": pl.lit(None, pl.String),
    }
    assert attributes_of(columns, tmp_path) == '{"text":"a","empty":"","count":3,"price":19.99,"vip":true}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pl.lit('say "x"\n'), '{"a":"say \\"x\\"\\n"}'),
        (pl.lit("zoë"), '{"a":"zoë"}'),
        (pl.lit(1e16), '{"a":1e+16}'),
        (pl.lit(1e-5), '{"a":1e-05}'),
        (pl.lit(5e-324), '{"a":5e-324}'),
        (pl.lit(-0.0), '{"a":-0.0}'),
        (pl.lit(0.1, pl.Float32), '{"a":0.1}'),
        (pl.lit(float("nan")), '{"a":"NaN"}'),
        (pl.lit(float("-inf")), '{"a":"-Infinity"}'),
        (pl.lit(Decimal("1.50")), '{"a":1.50}'),
        (pl.lit(2**100, pl.Int128), '{"a":1267650600228229401496703205376}'),
        (pl.lit(date(2026, 3, 1)), '{"a":"2026-03-01"}'),
        (pl.lit(NINE), '{"a":"2026-03-01T09:00:00.000000000+00:00"}'),
        (pl.lit(timedelta(seconds=90)), '{"a":"PT1M30S"}'),
        (pl.lit(pl.Series([["x", None]])), '{"a":["x",null]}'),
        (pl.struct(b=1.5, c=pl.lit(None)), '{"a":{"b":1.5,"c":null}}'),
        (pl.struct(t=pl.lit(NINE)), '{"a":{"t":"2026-03-01 09:00:00+00:00"}}'),
        (pl.lit(None), None),
    ],
)
def test_values_of_unusual_types_keep_their_digits(value: pl.Expr, text: str | None, tmp_path: Path) -> None:
    assert attributes_of({"a": value}, tmp_path) == text


def test_columns_of_single_attributes_win_over_the_object(tmp_path: Path) -> None:
    frame = pl.DataFrame([{**EVENT, "attributes": '{"a": 1, "b": 2}', "attributes.a": "x", "attributes.c": "y"}])
    assert read_frame(frame, tmp_path).rows["attributes"].item() == '{"a":"x","b":2,"c":"y"}'


def test_structs_beyond_the_depth_of_objects_are_rejected(tmp_path: Path) -> None:
    deep = pl.lit(1)
    for _ in range(100):
        deep = pl.struct(a=deep)
    extract = read_frame(pl.DataFrame([EVENT]).with_columns(deep.alias("attributes.a")), tmp_path)
    assert reasons(extract) == {1: "attributes is nested deeper than 100 levels"}


def test_a_struct_is_an_object(tmp_path: Path) -> None:
    frame = pl.DataFrame([EVENT]).with_columns(attributes=pl.struct(a=1, b=pl.lit("x")))
    assert read_frame(frame, tmp_path).rows["attributes"].item() == '{"a":1,"b":"x"}'


def test_bad_rows_are_numbered_from_one_across_batches(tmp_path: Path) -> None:
    bad = {1, 100_000, 100_001, 250_000}
    ids = pl.Series("event_id", [None if row in bad else f"e{row}" for row in range(1, 250_001)])
    extract = read_frame(pl.DataFrame([EVENT]).drop("event_id").join(ids.to_frame(), how="cross"), tmp_path)
    assert set(reasons(extract)) == bad
    assert extract.read == 250_000


def test_the_raw_row_is_kept_as_json(tmp_path: Path) -> None:
    extract = read_frame(pl.DataFrame([{**EVENT, "occurred_at": None, "n": 1.5}]), tmp_path)
    assert extract.rejected["raw"].item() == (
        '{"event_id":"e1","user_id":"u1","event_name":"Seen","occurred_at":null,"n":1.5}'
    )


def test_a_value_nobody_can_show_rejects_no_row_that_is_read_without_it(tmp_path: Path) -> None:
    far = pl.Series("nested", [[2**62]] * 2).cast(pl.List(pl.Datetime("us")))
    good = {**EVENT, "attributes": '{"needs": "\\u0061 second look"}'}
    frame = pl.DataFrame([good, {**good, "occurred_at": "never"}]).with_columns(far)
    extract = read_frame(frame, tmp_path)
    assert extract.rows["attributes"].to_list() == ['{"needs":"a second look"}']
    assert reasons(extract) == {2: "occurred_at is not a time"}
    assert extract.rejected["raw"].item().startswith('{"event_id":"e1","user_id":"u1"')


def test_a_value_nobody_can_read_rejects_its_row(tmp_path: Path) -> None:
    far = pl.Series([[2**62]]).cast(pl.List(pl.Datetime("us")))
    extract = read_frame(pl.DataFrame([EVENT]).with_columns(far.alias("attributes.far")), tmp_path)
    assert reasons(extract) == {1: "contains a value that cannot be read"}


def test_unknown_columns_are_named(tmp_path: Path) -> None:
    frame = pl.DataFrame([{**IDENTITY, "note": 1, "attributes.a": 2}])
    assert read_frame(frame, tmp_path, "identities").unknown_columns == ("attributes.a", "note")


def test_a_parent_directory_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    directory = tmp_path / "user_id=intruder"
    directory.mkdir()
    assert read_frame(pl.DataFrame([EVENT]), directory).rows["user_id"].item() == "u1"


def test_a_missing_column_is_an_error_that_names_it(tmp_path: Path) -> None:
    pl.DataFrame([EVENT]).drop("user_id").write_parquet(tmp_path / "events.parquet")
    (source,) = find_files(tmp_path)
    with pytest.raises(UnreadableInputError, match=r"^events\.parquet: has no column user_id$"):
        read_file(source)


def damaged(good: bytes) -> dict[str, bytes]:
    return {
        "empty": b"",
        "no Parquet at all": b"event_id,user_id\n",
        "only marks": b"PAR1PAR1",
        "cut short": good[: len(good) // 2],
        "footer length out of bounds": good[:-8] + b"\xff\xff\xff\x7fPAR1",
        "footer overwritten": good[:-40] + b"\xff" * 32 + good[-8:],
        "pages overwritten": good[:4] + b"\xff" * 60 + good[64:],
    }


@pytest.mark.parametrize("kind", damaged(b"").keys())
def test_a_damaged_file_is_an_error_that_names_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    pl.DataFrame([EVENT] * 100).write_parquet(path)
    path.write_bytes(damaged(path.read_bytes())[kind])
    (source,) = find_files(tmp_path)
    with pytest.raises(UnreadableInputError, match=r"^events\.parquet: is damaged"):
        read_file(source)


def test_a_panic_inside_the_reader_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polars panics are no Exceptions; damaged files can cause them."""

    def panic(*_: object, **__: object) -> None:
        raise pl.exceptions.PanicException

    pl.DataFrame([EVENT]).write_parquet(tmp_path / "events.parquet")
    (source,) = find_files(tmp_path)
    monkeypatch.setattr(pl, "scan_parquet", panic)
    with pytest.raises(UnreadableInputError, match=r"^events\.parquet: is damaged"):
        read_file(source)

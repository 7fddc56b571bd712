"""Customer.io's warehouse sync: every table, every metric, and files that are not quite as described."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from customerio_files import (
    at,
    delivery,
    metric,
    output,
    person,
    subject,
    workspace_with_campaign,
    write_campaign,
    write_table,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.domain.settings import App
from analytics_core.snapshot.documents import as_json
from analytics_core.sources.customerio.exports import find_readings
from analytics_core.sources.customerio.outcomes import ANSWERED, UNANSWERED
from analytics_core.sources.rows.batches import convert_batch
from analytics_core.workspace import TableCounts, Workspace, create_workspace


def _read(*paths: Path) -> tuple[dict[str, list[dict[str, object]]], list[tuple[object, ...]], dict[str, int]]:
    """All of an export: rows by table, rejected rows (file, row, reason), what was left out."""
    rows: dict[str, list[dict[str, object]]] = {}
    rejected: list[tuple[object, ...]] = []
    left_out: dict[str, int] = {}
    for reading in find_readings(paths):
        for table, batch in reading.batches():
            settled = convert_batch(table, batch, reading.name)
            rows.setdefault(table, []).extend(settled.rows.to_dicts())
            rejected += settled.rejected.select("file", "row", "reason").rows()
        for what, times in reading.left_out.items():
            left_out[what] = left_out.get(what, 0) + times
    return rows, rejected, left_out


def _one(directory: Path, **more: object) -> dict[str, object]:
    """The canonical row of one metric of one delivery."""
    write_table(directory, "deliveries", [delivery("d1", "i-ann", "s1")])
    write_table(directory, "metrics", [metric("m1", "d1", **{"name": "sent", "clock": "10:00:00", **more})])  # type: ignore[arg-type]
    rows, rejected, _ = _read(directory)
    assert rejected == []
    (row,) = rows["deliveries"]
    return row


def _said(row: Mapping[str, object]) -> tuple[object, object]:
    return row["outcome"], row["response_code"]


def _rejections(workspace: Workspace) -> list[str]:
    files = (workspace.directory / "rejected").glob("*.jsonl")
    return [json.loads(line)["reason"] for file in files for line in file.read_text().splitlines()]


def test_a_campaign_worked_out_by_hand(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    workspace.import_export("customerio", [write_campaign(tmp_path / "export")])
    snapshot = as_json(workspace.snapshot("7"))
    performance = snapshot["performance"]
    assert performance["attempted"] == {"unique": 3, "total": 4}
    assert performance["sent"] == {"unique": 1, "total": 2}
    assert performance["failed"] == {"unique": 2, "total": 2}
    # Two for d1, because what was sent and then delivered is one request; two for d2; one for d4.
    assert performance["request_attempts"] == 5
    assert (performance["converted_users"], performance["conversion_rate"]) == (1, 0.5)
    assert performance["revenue"] == "20.00"
    assert performance["uplift"] == -0.5
    funnel = {stage["stage"]: stage["total"] for stage in snapshot["funnel"]}
    # Who was removed by a frequency cap or held back is only known of some, so the segment is not known.
    assert funnel == {"users_in_segment": None, "after_frequency_cap": 4, "after_personalization": 3, "sent": 2}
    assert {error["reason"]: error["total"] for error in snapshot["errors"]} == {
        "control_group": 1,
        "frequency_capped": 1,
        "personalization_failed": 1,
        "response_503": 1,
    }
    categories = {error["category"]: error["total"] for error in snapshot["personalization_errors"]}
    assert (categories["user_attribute"], categories["unknown"]) == (1, 0)


def test_what_is_no_row_is_counted_by_name(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    summary = workspace.import_export("customerio", [write_campaign(tmp_path / "export")])
    assert summary.tables["deliveries"] == TableCounts(8, 8, 0, 0)
    assert summary.tables["identities"] == TableCounts(4, 4, 0, 0)
    assert summary.tables["vendor_stats"] == TableCounts(1, 1, 0, 0)
    assert summary.left_out == {
        "metrics of deliveries that are not webhooks or are not in these files": 2,
        "deliveries of type email": 1,
        "webhook deliveries that have not been attempted yet": 1,
        "metric delivered": 1,
        "webhook steps without a delivery: person left the campaign": 1,
    }
    assert summary.gaps == ("control_groups", "frequency_cap")
    assert summary.unknown_columns == {}


def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = write_campaign(tmp_path / "export")
    workspace.import_export("customerio", [export])
    before = as_json(workspace.snapshot("7")), workspace.fingerprint
    again = workspace.import_export("customerio", [export])
    assert again.tables["deliveries"] == TableCounts(8, 0, 8, 0)
    assert again.tables["identities"] == TableCounts(4, 0, 4, 0)
    assert (as_json(workspace.snapshot("7")), workspace.fingerprint) == before


def test_what_a_later_sync_says_is_added(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = write_campaign(tmp_path / "export")
    workspace.import_export("customerio", [export])
    write_table(
        export, "metrics", [metric("m11", "d2", "sent", "10:20:00"), metric("m12", "d5", "sent", "09:30:00")], 2
    )
    summary = workspace.import_export("customerio", [export])
    assert summary.tables["deliveries"] == TableCounts(10, 2, 8, 0)
    assert "webhook deliveries that have not been attempted yet" not in summary.left_out
    assert workspace.snapshot("7").performance.sent.total == 4


def test_what_was_left_out_for_want_of_another_file_comes_with_that_file(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = write_campaign(tmp_path / "export")
    late = tmp_path / "late"
    late.mkdir()
    write_table(export, "deliveries", [delivery("other", "i-ann", "s9")], 2)
    for table in ("deliveries", "subjects"):
        (export / f"{table}_v4_1_1.parquet").rename(late / f"{table}_v4_1_1.parquet")
    summary = workspace.import_export("customerio", [export])
    assert summary.tables["deliveries"] == TableCounts(2, 0, 0, 2)
    assert summary.left_out["metrics of deliveries that are not webhooks or are not in these files"] == 10
    summary = workspace.import_export("customerio", [export, late])
    assert summary.tables["deliveries"] == TableCounts(8, 8, 0, 0)
    assert workspace.import_export("customerio", [late, export]).tables["deliveries"] == TableCounts(8, 0, 8, 0)


@pytest.mark.parametrize("name", ["sent", "delivered", " Sent "])
def test_an_answered_request_is_a_success_even_where_no_code_is_given(tmp_path: Path, name: str) -> None:
    row = _one(tmp_path, name=name)
    assert _said(row) == ("requested", 200)
    assert row["request_id"] == "d1"


def test_what_was_sent_and_delivered_was_answered_when_it_was_sent(tmp_path: Path) -> None:
    write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1")])
    write_table(tmp_path, "metrics", [metric("m2", "d1", "delivered", "10:00:09")], 1)
    write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00")], 2)
    rows, _, left_out = _read(tmp_path)
    assert [row["occurred_at"] for row in rows["deliveries"]] == [datetime(2026, 4, 1, 10, 0, tzinfo=UTC)]
    assert left_out == {"metric delivered": 1}


@pytest.mark.parametrize("name", ["attempted", "failed", "bounced", "dropped", "undeliverable"])
def test_a_request_that_was_not_answered_has_no_code(tmp_path: Path, name: str) -> None:
    row = _one(tmp_path, name=name, reason="connection refused after 200 ms")
    assert _said(row) == ("requested", None)
    assert row["error_text"] == "connection refused after 200 ms"
    assert row["request_id"] == f"{name}:m1"


@pytest.mark.parametrize("name", ["opened", "clicked", "drafted", "spammed", "unsubscribed"])
def test_what_happens_besides_requests_is_counted_only(tmp_path: Path, name: str) -> None:
    write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1")])
    write_table(
        tmp_path, "metrics", [metric("m1", "d1", name, "10:00:00"), metric("m2", "d1", "teleported", "10:00:00")]
    )
    rows, rejected, left_out = _read(tmp_path)
    assert (rows, rejected) == ({}, [])
    assert left_out[f"metric {name}"] == 1
    assert left_out["unknown metric teleported"] == 1


def test_a_conversion_that_customerio_counted_is_kept_beside_without_its_user(tmp_path: Path) -> None:
    write_table(
        tmp_path, "deliveries", [delivery("d1", "i-ann", "s1"), delivery("d2", "i-bob", "s2", delivery_type="email")]
    )
    told = [("m1", "d1", " Converted "), ("m2", "d2", "converted"), (None, "d1", "converted")]
    write_table(tmp_path, "metrics", [metric(event, about, name, "10:00:00") for event, about, name in told])
    rows, rejected, left_out = _read(tmp_path)
    (row,) = rows["vendor_stats"]
    assert (row["vendor"], row["number_id"], row["campaign_id"]) == ("customerio", "m1", "7")
    assert (row["metric"], row["our_metric"], row["value"]) == ("converted", "converted_users", 1)
    assert not any("ann" in str(value) for value in row.values())
    assert "deliveries" not in rows
    assert [reason for _, _, reason in rejected] == ["event_id is missing"]
    assert left_out["metrics of deliveries that are not webhooks or are not in these files"] == 1


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("503 Service Unavailable", 503),
        ("webhook returned 404", 404),
        ("HTTP/1.1 429 Too Many Requests", 429),
        ("status code: 500", 500),
        ("Response code (401)", 401),
        ("error 418", 418),
        ("order 500 was refused", None),
        ("timed out after 300 ms", None),
        ("status 5000", None),
        ("", None),
    ],
)
def test_a_code_is_read_where_the_reason_says_that_it_is_one(tmp_path: Path, reason: str, code: int | None) -> None:
    assert _said(_one(tmp_path, name="failed", reason=reason)) == ("requested", code)


def test_a_success_with_another_code_keeps_it(tmp_path: Path) -> None:
    assert _said(_one(tmp_path, reason="status 202")) == ("requested", 202)


@pytest.mark.parametrize(
    ("reason", "category", "attribute"),
    [
        ("Liquid error: customer.first_name", "user_attribute", "first_name"),
        ("liquid syntax in {{ event.product }}", "event_attribute", "product"),
        ("Liquid syntax error", "unknown", None),
    ],
)
def test_a_liquid_error_is_failed_personalization(
    tmp_path: Path, reason: str, category: str, attribute: object
) -> None:
    row = _one(tmp_path, name="failed", reason=reason)
    assert _said(row) == ("personalization_failed", None)
    assert row["personalization_errors"] == [{"category": category, "attribute": attribute}]


def test_a_message_limit_is_a_frequency_cap(tmp_path: Path) -> None:
    assert _said(_one(tmp_path, name="undeliverable", reason="Message limit reached")) == ("frequency_capped", None)


def test_of_attempt_and_failure_at_one_instant_the_failure_counts(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = tmp_path / "export"
    write_table(export, "deliveries", [delivery("d1", "i-ann", "s1")])
    tried = metric("z", "d1", "attempted", "10:00:00"), metric("a", "d1", "failed", "10:00:00", reason="status 500")
    write_table(export, "metrics", tried)
    workspace.import_export("customerio", [export])
    assert [error["reason"] for error in as_json(workspace.snapshot("7"))["errors"]] == ["response_500"]


@pytest.mark.parametrize(
    ("ids", "campaign", "instance"),
    [
        ({}, "7", "s1/3"),
        ({"trigger_id": 12}, "7", "12/3"),
        ({"action_id": None}, "7", "s1"),
        ({"subject_id": None, "event_id": "e9"}, "7", "e9/3"),
        ({"campaign_id": None, "newsletter_id": 5}, "newsletter-5", "s1/3"),
        ({"campaign_id": None, "transactional_message_id": 4, "subject_id": None}, "transactional-4", "d1/3"),
    ],
)
def test_campaign_and_run_of_a_delivery(tmp_path: Path, ids: dict[str, object], campaign: str, instance: str) -> None:
    write_table(tmp_path, "deliveries", [{**delivery("d1", "i-ann", "s1"), **ids}])
    write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00")])
    rows, _, _ = _read(tmp_path)
    (row,) = rows["deliveries"]
    assert (row["campaign_id"], row["instance_id"]) == (campaign, instance)


def test_the_newest_version_of_a_row_counts_whichever_file_it_is_in(tmp_path: Path) -> None:
    write_table(tmp_path, "deliveries", [delivery("d1", "i-old", "s1", seq_num=5)], 2)
    write_table(tmp_path, "deliveries", [delivery("d1", "i-new", "s1", seq_num=9)], 1)
    write_table(tmp_path, "metrics", [metric("m1", "d1", "failed", "10:00:00", seq_num=9)], 1)
    write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00", seq_num=2)], 2)
    write_table(tmp_path, "people", [person("i-new", "new"), person("i-new", "older", updated_at=at("07:00:00"))])
    rows, _, left_out = _read(tmp_path)
    assert [(row["user_id"], row["response_code"]) for row in rows["deliveries"]] == [("i-new", None)]
    assert rows["identities"] == [{"user_id": "i-new", "merged_into": "new"}]
    assert [left_out[f"older versions of {table}"] for table in ("deliveries", "metrics", "people")] == [1, 1, 1]


def test_an_output_without_a_delivery_says_why_nothing_was_sent(tmp_path: Path) -> None:
    write_table(
        tmp_path,
        "outputs",
        [
            output("o1", "s1", "Message limit reached"),
            output("o2", "s2", "in the control group"),
            output("o3", "s1", "Liquid error in customer.city", output_type="webhook_action"),
            output("o4", "s1", None),
            output("o5", "s1", "Message limit reached", output_type="email"),
            output("o6", "s1", "Message limit reached", draft=True),
            output("o7", "lost", "Message limit reached"),
        ],
    )
    write_table(tmp_path, "subjects", [subject("s1", "i-ann"), subject("s2", "i-bob", trigger_id=8)])
    rows, rejected, left_out = _read(tmp_path)
    said = [(row["outcome"], row["instance_id"], row["user_id"], row["request_id"]) for row in rows["deliveries"]]
    assert said == [
        ("frequency_capped", "s1/3", "i-ann", "output:o1"),
        ("control_group", "8/3", "i-bob", "output:o2"),
        ("personalization_failed", "s1/3", "i-ann", "output:o3"),
    ]
    assert rows["deliveries"][1]["control_group_type"] == "campaign"
    assert rejected == [("outputs_v4_1_1.parquet", 7, "its subject is not in the files")]
    assert left_out == {"webhook steps without a delivery: none": 1}


def test_many_different_explanations_are_counted_together(tmp_path: Path) -> None:
    write_table(tmp_path, "outputs", [output(f"o{n}", "s1", f"because of {n:03}") for n in range(50)])
    _, _, left_out = _read(tmp_path)
    assert len(left_out) == 21
    assert left_out["webhook steps without a delivery: (others)"] == 30


def test_people_are_known_by_the_id_that_you_gave_them(tmp_path: Path) -> None:
    people = [person("i-ann", "ann"), person("i-bob", None), person("cat", "cat"), person(None, "dan")]
    write_table(tmp_path, "people", people)
    rows, rejected, left_out = _read(tmp_path)
    assert rows["identities"] == [{"user_id": "i-ann", "merged_into": "ann"}]
    assert rejected == [("people_v4_1_1.parquet", 4, "user_id is missing")]
    assert left_out == {"people without an id of your own": 2}


def test_rows_that_lack_something_are_rejected_with_their_number(tmp_path: Path) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = tmp_path / "export"
    write_table(
        export,
        "deliveries",
        [delivery("d1", "i-ann", "s1"), delivery("d2", None, "s2"), delivery("d3", "i-cat", "s3", campaign_id=None)],
    )
    write_table(
        export,
        "metrics",
        [
            metric("m1", "d1", "sent", "10:00:00"),
            metric("m2", "d2", "sent", "10:00:00"),
            metric("m3", "d3", "sent", "10:00:00"),
            metric("m4", None, "sent", "10:00:00"),
            metric("m5", "d1", None, "10:00:00"),
            {**metric("m6", "d1", "failed", "10:00:00"), "created_at": None},
            {**metric("m7", "d1", "failed", "10:00:00"), "created_at": datetime(1900, 1, 1)},  # noqa: DTZ001 - as in files
        ],
    )
    summary = workspace.import_export("customerio", [export])
    assert summary.tables["deliveries"] == TableCounts(7, 1, 0, 6)
    assert _rejections(workspace) == [
        "user_id is missing",
        "campaign_id is missing",
        "delivery_id is missing",
        "metric is missing",
        "occurred_at is missing",
        "occurred_at is outside the years 1970 to 2200",
    ]


_TEXTS = st.one_of(st.none(), st.sampled_from(["", "x" * 129, "a\0b", "7", "Liquid customer.a", "limit", "status 404"]))


@pytest.mark.no_cover
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*ANSWERED, *UNANSWERED]),
            _TEXTS,
            _TEXTS,
            _TEXTS,
            st.datetimes(datetime(1, 1, 1)),  # noqa: DTZ001 - as in files
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=15, deadline=None)
def test_column_by_column_and_row_by_row_agree(given_rows: list[tuple[str, str, str, str, datetime]]) -> None:
    with TemporaryDirectory() as directory:
        deliveries = [delivery(f"d{n}", row[1], row[2]) for n, row in enumerate(given_rows)]
        metrics = [
            {**metric(f"m{n}", f"d{n}", row[0], "10:00:00", reason=row[3]), "created_at": row[4]}
            for n, row in enumerate(given_rows)
        ]
        write_table(Path(directory), "deliveries", deliveries)
        write_table(Path(directory), "metrics", metrics)
        for reading in find_readings([Path(directory)]):
            for table, batch in reading.batches():
                distrusted = replace(batch, exact=pl.repeat(value=False, n=len(batch.numbers), eager=True))
                fast, slow = convert_batch(table, batch, "file"), convert_batch(table, distrusted, "file")
                assert_frame_equal(fast.rows, slow.rows)
                assert_frame_equal(fast.rejected, slow.rejected)


_INSTANT = datetime(2026, 4, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "times",
    [
        pl.Series([_INSTANT]).dt.replace_time_zone(None).cast(pl.Datetime("ns")),
        pl.Series([_INSTANT]).dt.replace_time_zone(None).cast(pl.Datetime("ms")),
        pl.Series([_INSTANT.astimezone(ZoneInfo("America/New_York"))]),
        pl.Series([int(_INSTANT.timestamp())]),
        pl.Series([int(_INSTANT.timestamp())], dtype=pl.Int32),
        pl.Series([float(_INSTANT.timestamp())]),
        pl.Series([int(_INSTANT.timestamp()) * 10**3]),
        pl.Series([int(_INSTANT.timestamp()) * 10**6]),
        pl.Series([int(_INSTANT.timestamp()) * 10**9]),
        pl.Series(["2026-04-01T10:00:00Z"]),
        pl.Series(["2026-04-01 10:00:00.000"]),
        pl.Series(["2026-04-01T06:00:00-04:00"]),
    ],
    ids=lambda series: str(series.dtype) + str(series[0]),
)
def test_times_are_read_whatever_their_type(tmp_path: Path, times: pl.Series) -> None:
    write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1")])
    path = write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "01:00:00")])
    pl.read_parquet(path).with_columns(times.alias("created_at")).write_parquet(path)
    rows, rejected, _ = _read(tmp_path)
    assert rejected == []
    assert [row["occurred_at"] for row in rows["deliveries"]] == [_INSTANT]


@pytest.mark.parametrize("dtype", [pl.Int32, pl.Float64, pl.String, pl.Decimal(38, 0), pl.UInt64])
def test_ids_are_read_whatever_their_type(tmp_path: Path, dtype: pl.DataType) -> None:
    write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00")])
    path = write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1", trigger_id=12)])
    ids = pl.col("campaign_id", "action_id", "trigger_id", "seq_num").cast(dtype)
    pl.read_parquet(path).with_columns(ids).write_parquet(path)
    rows, _, _ = _read(tmp_path)
    assert [(row["campaign_id"], row["instance_id"]) for row in rows["deliveries"]] == [("7", "12/3")]


def test_columns_that_older_exports_lack_are_empty_and_new_ones_are_named(tmp_path: Path) -> None:
    deliveries = write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1")])
    pl.read_parquet(deliveries).select(
        "delivery_id", "delivery_type", "internal_customer_id", "subject_id", "campaign_id"
    ).write_parquet(deliveries)
    metrics = write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00")])
    pl.read_parquet(metrics).drop("reason", "seq_num").with_columns(pl.lit(1).alias("brand_new")).write_parquet(metrics)
    rows, rejected, _ = _read(tmp_path)
    assert rejected == []
    assert [row["instance_id"] for row in rows["deliveries"]] == ["s1"]
    workspace = create_workspace(tmp_path / "workspace", App(timezone="UTC"))
    assert workspace.import_export("customerio", [tmp_path]).unknown_columns == {"deliveries": ("brand_new",)}


def test_files_are_found_by_name_or_by_folder_in_folders_of_any_depth(tmp_path: Path) -> None:
    made = write_campaign(tmp_path / "made")
    other = tmp_path / "export" / "2026" / "04"
    for table in ("deliveries", "metrics"):
        (other / table).mkdir(parents=True)
        (made / f"{table}_v4_1_1.parquet").rename(other / table / "part-0.parquet")
    (other / "attributes_v4_1_1.parquet").write_bytes(b"is not read")
    (other / "notes.txt").write_text("nor is this")
    rows, _, _ = _read(tmp_path / "export", made / "people_v4_1_1.parquet")
    assert (len(rows["deliveries"]), len(rows["identities"])) == (6, 4)
    assert "outputs" not in {reading.name for reading in find_readings([tmp_path / "export"])}


def test_a_file_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    made = write_campaign(tmp_path)
    assert len(find_readings([made, made / "metrics_v4_1_1.parquet"])) == 4


@pytest.mark.parametrize("table", ["deliveries", "metrics", "outputs", "subjects", "people"])
@pytest.mark.parametrize("content", [b"PAR1 this is no parquet PAR1", b"", b"PAR1"])
def test_a_damaged_file_is_one_line_and_nothing_is_kept(tmp_path: Path, table: str, content: bytes) -> None:
    workspace = workspace_with_campaign(tmp_path)
    export = write_campaign(tmp_path / "export")
    (export / f"{table}_v4_1_2.parquet").write_bytes(content)
    before = workspace.fingerprint
    with pytest.raises(UnreadableInputError, match=rf"^{table}_v4_1_2\.parquet: is damaged"):
        workspace.import_export("customerio", [export])
    assert workspace.fingerprint == before


def test_a_file_with_damaged_pages_is_one_line(tmp_path: Path) -> None:
    export = write_campaign(tmp_path)
    path = export / "metrics_v4_1_1.parquet"
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=r"metrics_v4_1_1\.parquet"):
        _read(export)


def test_what_cannot_be_an_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match="nowhere: No such file or directory"):
        find_readings([tmp_path / "nowhere"])
    with pytest.raises(UnreadableInputError, match=r"no table of a Customer\.io export"):
        find_readings([tmp_path])
    write_table(tmp_path, "metrics", [metric("m1", "d1", "sent", "10:00:00")])
    with pytest.raises(UnreadableInputError, match="metrics but no deliveries"):
        find_readings([tmp_path])
    path = write_table(tmp_path, "deliveries", [delivery("d1", "i-ann", "s1")])
    pl.read_parquet(path).drop("internal_customer_id").write_parquet(path)
    with pytest.raises(UnreadableInputError, match=r"deliveries_v4_1_1\.parquet: has no column internal_customer_id"):
        _read(tmp_path)

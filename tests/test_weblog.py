"""A public web log, counted by hand (plain Python on the written rows) and by the product."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from benches.weblog import delivery, main

from analytics_core.domain.settings import App
from analytics_core.snapshot.snapshot import Counts, Snapshot
from analytics_core.workspace import create_workspace

LOG = Path(__file__).parent / "data" / "apache_logs.gz"
FAILED = {304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2}

Row = dict[str, str | int]


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("weblog") / "canonical"
    main([str(LOG), str(directory)])
    return directory


@pytest.fixture(scope="module")
def rows(canonical: Path) -> list[Row]:
    lines = (canonical / "deliveries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def snapshot(canonical: Path) -> Snapshot:
    workspace = create_workspace(canonical.parent / "workspace", app=App(name="Web log"))
    workspace.import_canonical(canonical)
    (snapshot,) = workspace.snapshots()
    return snapshot


def test_every_line_of_the_log_is_one_request_of_its_own(rows: list[Row]) -> None:
    assert len(rows) == 10_000
    assert len({row["instance_id"] for row in rows}) == 10_000
    assert len({row["request_id"] for row in rows}) == 10_000
    assert {row["outcome"] for row in rows} == {"requested"}


def test_the_rows_answer_as_the_log_does(rows: list[Row]) -> None:
    assert Counter(row["response_code"] for row in rows) == {200: 9_126, **FAILED}


def test_the_rows_name_as_many_clients_as_the_log_does(rows: list[Row]) -> None:
    assert len({row["user_id"] for row in rows}) == 1_753
    assert len({row["user_id"] for row in rows if row["response_code"] == 200}) == 1_671
    assert len({row["user_id"] for row in rows if row["response_code"] != 200}) == 210


def test_the_product_counts_what_was_attempted_sent_and_failed(snapshot: Snapshot) -> None:
    assert snapshot.performance.attempted == Counts(unique=1_753, total=10_000)
    assert snapshot.performance.sent == Counts(unique=1_671, total=9_126)
    assert snapshot.performance.failed == Counts(unique=210, total=874)
    assert snapshot.performance.request_attempts == 10_000


def test_the_product_finds_every_request_in_the_segment(snapshot: Snapshot) -> None:
    assert snapshot.funnel[0].unique == 1_753
    assert snapshot.funnel[0].total == 10_000
    assert snapshot.reconciliation.users_in_segment == 10_000


def test_the_product_breaks_the_failures_down_by_response_code(snapshot: Snapshot) -> None:
    assert {error.reason: error.total for error in snapshot.errors} == {
        f"response_{code}": number for code, number in FAILED.items()
    }


def test_the_product_finds_no_conversion_where_the_goal_never_happens(snapshot: Snapshot) -> None:
    assert snapshot.performance.converted_users == 0
    assert snapshot.performance.conversion_rate == 0


def test_a_time_is_read_with_its_offset_and_in_any_language() -> None:
    row = delivery(7, r'10.0.0.1 - - [31/May/2015:23:05:03 -0430] "GET /a\"b HTTP/1.1" 200 12 "-" "a \"quoted\" agent"')
    assert row is not None
    assert row["occurred_at"] == "2015-05-31T23:05:03-04:30"
    assert row["endpoint"] == r"GET /a\"b HTTP/1.1"


@pytest.mark.parametrize("line", ["", "hello", '10.0.0.1 - - [31/Mai/2015:23:05:03 +0000] "GET / HTTP/1.1" 200 12'])
def test_a_line_in_another_format_is_no_row(line: str) -> None:
    assert delivery(1, line) is None


def test_a_line_in_another_format_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.gz"
    with gzip.open(log, "wt") as file:
        file.write('nonsense\n10.0.0.1 - - [31/May/2015:23:05:03 +0000] "GET / HTTP/1.1" 200 12\n')
    main([str(log), str(tmp_path / "out")])
    assert len((tmp_path / "out" / "deliveries.jsonl").read_text().splitlines()) == 1
    assert "line 1 is not in the combined log format" in capsys.readouterr().err

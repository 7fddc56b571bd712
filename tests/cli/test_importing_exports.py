"""`import customerio` and `import table`: output, exit codes, and what a dry run leaves alone."""

import json
from pathlib import Path

import polars as pl
import pytest

from commands import Run

MAPPING = """\
table = "deliveries"

[columns]
campaign_id = "campaign"
user_id = "person"
occurred_at = "when"

[constants]
instance_id = "1"
outcome = "requested"

[times]
occurred_at = {format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}
"""


@pytest.fixture
def workspace(tmp_path: Path, run: Run) -> Path:
    directory = tmp_path / "own"
    assert run("init", directory, "--timezone", "UTC")[0] == 0
    return directory


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two good rows and one whose time is none."""
    (tmp_path / "mapping.toml").write_text(MAPPING)
    path = tmp_path / "log.csv"
    path.write_text("campaign,person,when\nspring,ann,01.04.2026 12:00\nspring,bob,soon\nspring,cat,01.04.2026 12:01\n")
    return path


def _files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_customerio_says_what_it_took_in_and_what_it_left_out(tmp_path: Path, run: Run, workspace: Path) -> None:
    delivery = {"delivery_id": "d", "delivery_type": "webhook", "internal_customer_id": "i", "campaign_id": 7}
    metric = {"event_id": "m", "delivery_id": "d", "metric": "sent", "created_at": 1775037600}
    export = tmp_path / "export"
    export.mkdir()
    pl.DataFrame([delivery]).write_parquet(export / "deliveries_v4_1_1.parquet")
    more = [{"event_id": "c", "metric": "converted"}, {"event_id": "x", "created_at": -1}]
    pl.DataFrame([metric, *({**metric, **other} for other in more)]).write_parquet(export / "metrics_v4_1_1.parquet")
    code, out, err = run("import", "customerio", export, "-w", workspace, "--strict")
    assert code == 1
    counted = [line.split() for line in out.splitlines()]
    assert ["deliveries", "2", "1", "0", "1"] in counted
    assert ["vendor_stats", "1", "1", "0", "0"] in counted
    assert "left out" not in out
    assert (
        "This export does not record control groups, frequency cap; those figures are shown as unknown, not 0." in out
    )
    assert "1 row rejected; the reasons are in " in err
    code, out, err = run("import", "customerio", tmp_path / "none", "-w", workspace)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_a_table_is_taken_in(tmp_path: Path, run: Run, workspace: Path, table: Path) -> None:
    arguments = ("import", "table", table, "--mapping", tmp_path / "mapping.toml", "-w", workspace, "--json")
    code, out, _ = run(*arguments)
    assert code == 0
    assert json.loads(out)["tables"] == {"deliveries": {"read": 3, "accepted": 2, "duplicates": 0, "rejected": 1}}
    assert run(*arguments, "--strict")[0] == 1


def test_a_dry_run_shows_what_would_arrive_and_writes_nothing(
    tmp_path: Path, run: Run, workspace: Path, table: Path
) -> None:
    before = _files(workspace)
    arguments = ("import", "table", table, "--mapping", tmp_path / "mapping.toml", "-w", workspace, "--dry-run")
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert out == (
        "First 2 of 2 rows of deliveries\n"
        "campaign_id  instance_id  user_id  occurred_at                outcome\n"
        "───────────  ───────────  ───────  ─────────────────────────  ─────────\n"
        "spring       1            ann      2026-04-01 10:00:00+00:00  requested\n"
        "spring       1            cat      2026-04-01 10:01:00+00:00  requested\n"
        "\n"
        "Would be rejected\n"
        "Reason                                         Rows\n"
        "─────────────────────────────────────────────  ────\n"
        "occurred_at is not a time like %d.%m.%Y %H:%M     1\n"
        "\n"
        "First 1 of them\n"
        "file     row  reason                                         raw\n"
        "───────  ───  ─────────────────────────────────────────────  ───────────────\n"
        "log.csv  3    occurred_at is not a time like %d.%m.%Y %H:%M  spring,bob,soon\n"
        "\n"
        "read 3, good 2, rejected 1; nothing was written\n"
    )
    assert _files(workspace) == before
    assert run(*arguments, "--strict")[0] == 1


def test_a_dry_run_needs_no_workspace_and_can_be_a_document(
    tmp_path: Path, run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("import", "table", table, "--mapping", "mapping.toml", "--dry-run", "--json")
    found = json.loads(out)
    assert (code, found["read"], found["rejected"]) == (0, 3, 1)
    assert found["first_rows"][0]["occurred_at"] == "2026-04-01 10:00:00+00:00"
    assert found["reasons"] == {"occurred_at is not a time like %d.%m.%Y %H:%M": 1}
    assert found["first_rejected"][0]["row"] == 3
    assert not (tmp_path / "workspace").exists()


def test_a_dry_run_of_rows_that_are_all_good_speaks_of_no_rejects(tmp_path: Path, run: Run, table: Path) -> None:
    table.write_text("campaign,person,when\n" + "spring,ann,01.04.2026 12:00\n" * 12)
    _, out, _ = run("import", "table", table, "--mapping", tmp_path / "mapping.toml", "--dry-run")
    assert out.startswith("First 10 of 12 rows of deliveries\n")
    assert "rejected 0; nothing was written" in out
    assert "Would be" not in out


@pytest.mark.parametrize("dry", [True, False])
def test_a_wrong_mapping_is_one_line_and_exit_code_2(
    tmp_path: Path, run: Run, workspace: Path, table: Path, *, dry: bool
) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING.replace('user_id = "person"', ""))
    arguments = ["import", "table", table, "--mapping", tmp_path / "mapping.toml", "-w", workspace]
    code, out, err = run(*arguments, *(["--dry-run"] if dry else []))
    assert (code, out) == (2, "")
    assert err == "error: mapping.toml: user_id of deliveries is not mapped; every row needs it\n"


def test_a_table_without_a_mapping_is_wrong_use(run: Run, table: Path) -> None:
    code, _, err = run("import", "table", table)
    assert code == 2
    assert "--mapping" in err

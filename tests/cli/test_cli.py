"""The command: names, output and exit codes other programs rely on."""

import json
from pathlib import Path

import pytest

from analytics_core import package_version
from commands import Run


def _rows(directory: Path, table: str, rows: list[dict[str, object]]) -> None:
    (directory / f"{table}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """One campaign: ann was sent and bought for 12.50 a minute later; bob's request failed; one row is broken."""
    directory = tmp_path / "export"
    directory.mkdir()
    goal = {"goal_id": "g", "name": "Buy", "event_name": "Order", "revenue": {"attribute": "v", "currency": "USD"}}
    campaign = {"campaign_id": "spring", "name": "Spring 🌱", "delivery_type": "one_time", "goals": [goal]}
    (directory / "campaigns.json").write_text(json.dumps([campaign]))
    base = {"campaign_id": "spring", "instance_id": "1", "outcome": "requested"}
    at = "2026-04-01T10:00:00Z"
    _rows(
        directory,
        "deliveries",
        [
            {**base, "user_id": "ann", "occurred_at": at, "request_id": "r1", "response_code": 200},
            {**base, "user_id": "bob", "occurred_at": at, "request_id": "r2", "response_code": 202},
            {**base, "user_id": "cat", "occurred_at": "yesterday", "request_id": "r3"},
        ],
    )
    order = {"event_id": "e1", "user_id": "ann", "event_name": "Order", "occurred_at": "2026-04-01T10:01:00Z"}
    _rows(directory, "events", [{**order, "attributes": {"v": 12.5}}])
    return directory


@pytest.fixture
def workspace(tmp_path: Path, run: Run, export: Path) -> Path:
    directory = tmp_path / "own"
    assert run("init", directory, "--timezone", "America/New_York")[0] == 0
    assert run("import", "canonical", export, "-w", directory)[0] == 0
    return directory


def _wrong(answer: tuple[int, str, str]) -> str:
    """The one line a wrong command gets."""
    code, out, err = answer
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def test_an_import_says_what_became_of_every_row(tmp_path: Path, run: Run, export: Path) -> None:
    run("init", tmp_path / "w", "--timezone", "UTC")
    code, out, _ = run("import", "canonical", export, "-w", tmp_path / "w", "--json")
    assert code == 0
    assert json.loads(out)["tables"] == {
        "campaigns": {"read": 1, "accepted": 1, "duplicates": 0, "rejected": 0},
        "deliveries": {"read": 3, "accepted": 2, "duplicates": 0, "rejected": 1},
        "events": {"read": 1, "accepted": 1, "duplicates": 0, "rejected": 0},
    }


def test_rejected_rows_are_an_error_only_when_asked_for(tmp_path: Path, run: Run, export: Path) -> None:
    run("init", tmp_path / "w", "--timezone", "UTC")
    code, out, err = run("import", "canonical", export, "-w", tmp_path / "w", "--strict")
    assert code == 1
    assert "deliveries" in out
    assert "1 row rejected; the reasons are in " in err


def test_metrics_prints_one_snapshot_a_line(run: Run, workspace: Path) -> None:
    code, out, err = run("metrics", "spring", "-w", workspace, "--json")
    assert (code, err) == (0, "")
    (document,) = map(json.loads, out.splitlines())
    assert document["campaign_id"] == "spring"
    assert document["performance"]["sent"] == {"unique": 1, "total": 1}
    assert document["performance"]["revenue"] == "12.50"


@pytest.mark.parametrize(
    ("options", "sent", "converted"),
    [
        ((), 1, 1),
        (("--success-codes", "200,202"), 2, 1),
        (("--success-codes", "202"), 1, 0),
        (("--window", "1m"), 1, 1),
        (("--window", "0.01h"), 1, 0),
        (("--as-of", "2026-04-01T06:00:30-04:00"), 1, 0),
        (("--model", "last_interaction", "--instance-credit", "every"), 1, 1),
        (("--instance-credit", "first"), 1, 1),
        (("--matured-only",), 0, 0),
        (("--matured-only", "--window", "1m"), 1, 1),
    ],
)
def test_options_override_the_settings(
    run: Run, workspace: Path, options: tuple[str, ...], sent: int, converted: int
) -> None:
    code, out, _ = run("metrics", "--all", "-w", workspace, "--json", *options)
    performance = json.loads(out)["performance"]
    assert code == 0
    assert (performance["sent"]["total"], performance["converted_users"]) == (sent, converted)


def test_metrics_on_a_terminal_are_tables(run: Run, workspace: Path) -> None:
    code, out, _ = run("metrics", "spring", "-w", workspace)
    assert code == 0
    for text in ("Spring 🌱 (spring)", "Converted users", "$12.50", "Users in segment", "202"):
        assert text in out


def test_campaigns_are_one_line_each(run: Run, workspace: Path) -> None:
    code, out, _ = run("campaigns", "-w", workspace, "--json")
    assert code == 0
    assert json.loads(out) == {
        "campaign_id": "spring",
        "name": "Spring 🌱",
        "delivery_type": "one_time",
        "stated_status": None,
        "status": None,
        "sent": 1,
        "conversion_rate": 1.0,
        "revenue": "12.50",
        "currency": "USD",
        "uplift": None,
        "uplift_interval": None,
        "uplift_verdict": None,
    }
    _, text, _ = run("campaigns", "-w", workspace)
    assert "spring" in text
    assert "100.0%" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing command"),
        (("analyse",), "No such command"),
        (("metrics", "sprin"), "no campaign 'sprin'; the workspace has 'spring'. Did you mean 'spring'?"),
        (("metrics",), "name at least one campaign, or use --all"),
        (("metrics", "spring", "--window", "soon"), "--window 'soon' is not a valid duration"),
        (("metrics", "spring", "--model", "x"), "Invalid value for '--model': 'x' is not one of 'all_interactions'"),
        (("metrics", "spring", "--window", "0h"), "--window '0h' is not a valid duration"),
        (("metrics", "spring", "--as-of", "2026-04-01"), "not a valid timestamp"),
        (("metrics", "spring", "--as-of", "2026-04-01T10:00:00"), "with an offset"),
        (("metrics", "spring", "--as-of", "9999-12-31T23:59:59-04:00"), "out of range"),
        (("metrics", "spring", "--as-of", "0001-01-01T00:00:00+04:00"), "out of range"),
        (("metrics", "spring", "--model", "first_touch"), "--model"),
        (("metrics", "spring", "--success-codes", "200;202"), "not response codes"),
        (("report", "nobody"), "no campaign 'nobody'"),
        (("import", "canonical", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_command_gets_one_clear_line(run: Run, workspace: Path, arguments: tuple[str, ...], said: str) -> None:
    options = ("-w", workspace) if arguments else ()
    assert said in _wrong(run(*arguments, *options))


def test_a_bug_is_one_line_without_data_and_says_how_to_see_more(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("row of user ann")

    monkeypatch.setattr("analytics_core.cli.commands.show_campaigns", broken)
    line = _wrong(run("campaigns", "-w", workspace))
    assert "unexpected RuntimeError" in line
    assert "ann" not in line


def test_a_directory_that_is_no_workspace_is_one_clear_line(tmp_path: Path, run: Run) -> None:
    assert "no workspace in" in _wrong(run("campaigns", "-w", tmp_path))


def test_own_data_never_lands_in_the_demo_by_accident(
    tmp_path: Path, run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONNECTOR_ANALYTICS_WORKSPACE", raising=False)
    assert "no workspace of your own" in _wrong(run("import", "canonical", export))


def test_the_workspace_may_be_named_by_the_environment(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_ANALYTICS_WORKSPACE", str(workspace))
    assert json.loads(run("campaigns", "--json")[1])["campaign_id"] == "spring"


def test_a_demo_never_replaces_somebody_s_files(tmp_path: Path, run: Run, workspace: Path) -> None:
    assert "other than a demo workspace" in _wrong(run("demo", workspace))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("mine")
    assert "other than a demo workspace" in _wrong(run("demo", tmp_path / "notes"))


def test_init_refuses_an_unknown_time_zone(tmp_path: Path, run: Run) -> None:
    assert "no time zone 'Mars/Olympus'" in _wrong(run("init", tmp_path / "w", "--timezone", "Mars/Olympus"))
    assert "currency" in _wrong(run("init", tmp_path / "w", "--timezone", "UTC", "--currency", "dollars"))
    assert not (tmp_path / "w").exists()


def test_an_unreadable_file_is_one_clear_line(tmp_path: Path, run: Run, workspace: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "events.parquet").write_bytes(b"no parquet")
    assert "events.parquet" in _wrong(run("import", "canonical", broken, "-w", workspace))


def test_the_command_says_its_version(run: Run) -> None:
    assert run("--version") == (0, f"connector-analytics {package_version()}\n", "")

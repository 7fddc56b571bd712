"""The command about the past: which imports there were, and what was known after each."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from canonical_files import delivery, event, write_export
from typer.testing import CliRunner

from analytics_core.cli.commands import app
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App
from analytics_core.reporting import open_report
from analytics_core.store import commits
from analytics_core.workspace import create_workspace

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Run = Callable[..., str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two imports, on 1 and 2 May at noon UTC: a send, then another with an order of each; New York's time."""
    times = iter([NOON, NOON + timedelta(days=1)])
    monkeypatch.setattr(commits, "_now", lambda: next(times))
    made = create_workspace(tmp_path / "workspace", App(timezone="America/New_York"))
    made.import_canonical(write_export(tmp_path / "first", deliveries=[delivery("ann", 0)]))
    orders = [event("ann", 0), event("bob", 1)]
    made.import_canonical(write_export(tmp_path / "second", deliveries=[delivery("bob", 1)], events=orders))
    return made.directory


@pytest.fixture
def run(workspace: Path) -> Run:
    """Runs a command on the workspace; what it prints, or the error it ends with."""

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout

    return call


def test_imports_are_listed_with_the_time_to_ask_for(run: Run) -> None:
    lines = run("imports").splitlines()
    assert lines[1].split()[:4] == ["No.", "Imported", "at", "Files"]
    assert lines[3].split()[:4] == ["1", "2026-05-01T08:00:00.000000-04:00", "1", "1"]
    assert lines[4].split()[:5] == ["2", "2026-05-02T08:00:00.000000-04:00", "2", "1", "2"]
    assert lines[3].endswith("1 definition")
    assert lines[4].endswith("Wed 1 Apr 2026, 07:01 EDT")


def test_imports_are_listed_as_json(run: Run) -> None:
    first, second = map(json.loads, run("imports", "--json").splitlines())
    assert first == {
        "number": 1,
        "at": "2026-05-01T12:00:00.000000+00:00",
        "act": "import",
        "undoes": None,
        "undone": False,
        "files": 1,
        "names": ["deliveries.jsonl"],
        "rows": {"deliveries": 1},
        "definitions": 1,
        "rejected": 0,
        "latest_at": "2026-04-01T10:00:00+00:00",
        "people_erased": 0,
        "by": None,
    }
    assert second["rows"] == {"deliveries": 1, "events": 2}
    assert second["latest_at"] == "2026-04-01T11:01:00+00:00"


def test_the_list_fits_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    exact = run("imports").splitlines()
    assert exact[1].split() == ["No.", "Imported", "at", *["Files", "Deliveries", "Events", "Latest", "row", "Note"]]
    assert exact[3].split()[1] == "2026-05-01T08:00:00.000000-04:00"
    monkeypatch.setenv("COLUMNS", "80")
    short = run("imports").splitlines()
    assert short[1].split() == exact[1].split()
    assert short[3].split() == ["1", "2026-05-01", "08:00", "1", "1", "2026-04-01", "1", "definition"]
    assert short[4].split() == ["2", "2026-05-02", "08:00", "2", "1", "2", "2026-04-01"]
    assert " ".join(short[5:]) == (
        "Times are in America/New_York; --json, or a wider terminal, has them as --known-at takes them. "
    )
    for lines, width in ((exact, 120), (short, 80)):
        assert max(map(len, lines)) <= width


def test_a_list_of_nothing_fits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    create_workspace(tmp_path / "empty")
    done = CliRunner().invoke(app, ["imports", "--workspace", str(tmp_path / "empty")])
    assert "None yet." in done.stdout.splitlines()
    assert max(map(len, done.stdout.splitlines())) <= 60


def test_where_nothing_was_imported_the_list_says_so(tmp_path: Path) -> None:
    create_workspace(tmp_path / "empty")
    done = CliRunner().invoke(app, ["imports", "--workspace", str(tmp_path / "empty")])
    assert "None yet." in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("at", "sent", "converted"),
    [("2026-05-01T08:00:00-04:00", 1, 0), ("2026-05-02T11:59:59Z", 1, 0), ("2026-05-02T12:00:00Z", 2, 2)],
)
def test_metrics_are_those_that_were_known_then(run: Run, at: str, sent: int, converted: int) -> None:
    performance = json.loads(run("metrics", "spring", "--json", "--known-at", at))["performance"]
    assert (performance["sent"]["total"], performance["converted_users"]) == (sent, converted)


def test_the_time_is_said_wherever_numbers_are_for_a_person(run: Run) -> None:
    at = "2026-05-01T12:00:00+00:00"
    said = (
        "Known at: Fri 1 May 2026, 08:00 EDT (2026-05-01T08:00:00-04:00); "
        "rows imported later are not counted, and campaigns are as they are defined today."
    )
    for command in (
        ("metrics", "spring"),
        ("explain", "spring", "sent"),
        ("explain", "spring", "sent", "--user", "ann"),
    ):
        assert run(*command, "--known-at", at).splitlines()[0] == said
        assert "Known at" not in run(*command)


def test_an_explanation_knows_no_later_row(run: Run) -> None:
    known = ("--known-at", "2026-05-01T12:00:00Z")
    assert json.loads(run("explain", "spring", "sent", "--json", *known))["behind"]["rows"] == 1
    with pytest.raises(AnalyticsError, match="this user has no rows in the workspace"):
        run("explain", "spring", "sent", "--user", "bob", *known)


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ("2026-04-30T00:00:00Z", r"nothing was imported yet at 2026-04-30T00:00:00\+00:00; the first import was at"),
        ("2026-04-30", "--known-at '2026-04-30' is not a valid timestamp"),
        ("yesterday", "--known-at 'yesterday' is not a valid timestamp"),
        ("9999-01-01T00:00:00Z", "--known-at '9999-01-01T00:00:00Z' is out of range"),
    ],
)
@pytest.mark.parametrize("command", [("metrics", "spring"), ("report", "spring"), ("explain", "spring", "sent")])
def test_a_time_at_which_nothing_can_be_looked_at_is_one_line(
    run: Run, command: tuple[str, ...], at: str, problem: str
) -> None:
    with pytest.raises(AnalyticsError, match=problem) as refused:
        run(*command, "--known-at", at)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_report_of_the_past_says_so_and_is_told_from_todays(
    run: Run, workspace: Path, tmp_path: Path, jobs: str
) -> None:
    output = ("--output", str(tmp_path / "reports"), "--resume", "--jobs", jobs)
    page, index = tmp_path / "reports" / "spring.html", tmp_path / "reports" / "index.html"
    run("report", "spring", *output)
    assert "Known at" not in page.read_text() + index.read_text()
    run("report", "spring", *output, "--known-at", "2026-05-01T12:00:00Z")
    assert "2026-05-01T08:00:00-04:00" in page.read_text()
    assert "Known at" in index.read_text()
    run("report", "spring", *output, "--known-at", "2026-05-01T13:00:00Z")
    assert "2026-05-01T09:00:00-04:00" in page.read_text()
    assert open_report(workspace, "spring", known_at="2026-05-01T13:00:00Z").notes.html in page.read_text()

"""`--since` and `--until`: days of the app's zone, both included, for every command that computes."""

import json
from datetime import date
from pathlib import Path

import pytest

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import App, Settings
from analytics_core.reporting import open_report
from analytics_core.snapshot.snapshot import Period
from analytics_core.views.forms.numbers import period_text
from analytics_core.workspace import create_workspace, open_workspace
from commands import Run
from worlds import tiny_campaign


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Ann is sent late on 31 March in New York, bob and cat on 1 and 2 April; ann and bob buy 13 hours later."""
    told = tiny_campaign().sent("ann", at="2026-04-01 03:30", instance="1")
    told = told.sent("bob", at="2026-04-01 14:00", instance="2").sent("cat", at="2026-04-02 14:00", instance="3")
    told = (
        told.bought("ann", at="2026-04-01 16:30")
        .bought("bob", at="2026-04-02 03:00")
        .bought("cat", at="2026-04-02 15:00")
    )
    made = create_workspace(tmp_path / "workspace", App(timezone="America/New_York"))
    made.import_canonical(told.write(tmp_path / "export", fmt="jsonl"))
    return made.directory


@pytest.mark.parametrize(
    ("options", "sent", "period"),
    [
        ((), 3, None),
        (("--since", "2026-04-01"), 2, {"since": "2026-04-01", "until": None}),
        (("--until", "2026-03-31"), 1, {"since": None, "until": "2026-03-31"}),
        (("--since", "2026-04-01", "--until", "2026-04-01"), 1, {"since": "2026-04-01", "until": "2026-04-01"}),
        (("--since", "2030-01-01"), 0, {"since": "2030-01-01", "until": None}),
    ],
)
def test_only_rows_of_the_period_count(
    run: Run, workspace: Path, options: tuple[str, ...], sent: int, period: dict[str, str | None] | None
) -> None:
    code, out, _ = run("metrics", "spring", "-w", workspace, "--json", *options)
    found = json.loads(out)
    assert (code, found["performance"]["sent"]["total"], found["performance"]["converted_users"]) == (0, sent, sent)
    assert found["period"] == period


def test_an_explanation_is_of_the_period_too(run: Run, workspace: Path) -> None:
    _, out, _ = run("explain", "spring", "converted_users", "-w", workspace, "--since", "2026-04-02", "--json")
    found = json.loads(out)
    assert (found["value"], found["settings"]["period"]) == (1, {"since": "2026-04-02", "until": None})
    assert [(one["fate"], one["events"]) for one in found["near_misses"]["fates"]] == [("outside_period", 2)]


def test_people_read_of_the_period_wherever_numbers_are(run: Run, workspace: Path, tmp_path: Path) -> None:
    asked = ("--since", "2026-03-31", "--until", "2026-04-01")
    said = "; rows of Tue 31 Mar 2026 to Wed 1 Apr 2026 only."
    assert said in run("metrics", "spring", "-w", workspace, *asked)[1]
    assert said in run("explain", "spring", "sent", "-w", workspace, *asked)[1]
    assert run("report", "spring", "-w", workspace, "--output", tmp_path / "reports", *asked)[0] == 0
    for page in ("spring.html", "index.html"):
        assert said[3:] in (tmp_path / "reports" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-03-01", "2026-03-31", "Sun 1 Mar 2026 to Tue 31 Mar 2026"),
        ("2026-03-01", "2026-03-01", "Sun 1 Mar 2026"),
        ("2026-03-01", None, "Sun 1 Mar 2026 and later"),
        (None, "2026-03-31", "Tue 31 Mar 2026 and earlier"),
    ],
)
def test_a_period_is_written_as_people_say_it(since: str | None, until: str | None, text: str) -> None:
    days = [date.fromisoformat(day) if day else None for day in (since, until)]
    assert period_text(*days) == text


@pytest.mark.parametrize("command", [("metrics", "spring"), ("explain", "spring", "sent"), ("report", "spring")])
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--since", "2026-04-02", "--until", "2026-04-01"), "begins on 2026-04-02, after its last day, 2026-04-01"),
        (("--since", "yesterday"), "--since 'yesterday' is not a valid date"),
        (("--until", "2026-02-30"), "--until '2026-02-30' is not a valid date"),
        (("--until", "9999-12-31"), "is not a valid date from 1970 to 2200"),
        (("--until", ""), "--until '' is not a valid date"),
    ],
)
def test_what_is_no_period_is_one_line(
    run: Run, workspace: Path, command: tuple[str, ...], options: tuple[str, ...], problem: str
) -> None:
    code, out, err = run(*command, "-w", workspace, *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert problem in err


def test_a_report_takes_every_option_that_changes_the_rules(run: Run, workspace: Path, tmp_path: Path) -> None:
    """As many processes and a fresh run with --resume say the same."""
    options = (
        *("--window", "12h", "--model", "last_interaction", "--instance-credit", "first"),
        *("--success-codes", "200,202", "--matured-only", "--as-of", "2026-04-10T00:00:00Z"),
        *("--since", "2026-04-01", "--until", "2026-04-02"),
    )
    output = tmp_path / "reports"
    for more in ((), ("--resume",), ("--jobs", "2")):
        assert run("report", "--all", "-w", workspace, "--output", output, *options, *more)[0] == 0
        page = (output / "spring.html").read_text(encoding="utf-8")
        for words in (
            "window 12 hours",
            "last interaction",
            "first eligible",
            "200, 202",
            "only matured",
            "1 Apr 2026",
        ):
            assert words in page
    plain = run("report", "--all", "-w", workspace, "--output", output, "--resume")
    assert plain[0] == 0
    assert "only matured" not in (output / "spring.html").read_text(encoding="utf-8")


def test_the_period_is_a_setting_of_the_api(workspace: Path) -> None:
    rules = Settings(since=date(2026, 4, 1), until=date(2026, 4, 1))
    opened = open_workspace(workspace)
    assert opened.snapshot("spring", rules).period == Period(date(2026, 4, 1), date(2026, 4, 1))
    assert "Wed 1 Apr 2026 only" in open_report(workspace, "spring", rules).notes.html
    with pytest.raises(AnalyticsError, match="after its last day"):
        Settings(since=date(2026, 4, 2), until=date(2026, 4, 1))


def test_days_are_sought_in_whatever_time_zone_the_app_has(run: Run, tmp_path: Path) -> None:
    told = tiny_campaign().sent("ann", at="2026-04-01 03:30")
    made = create_workspace(tmp_path / "utc", App(timezone="UTC"))
    made.import_canonical(told.write(tmp_path / "export", fmt="csv"))
    _, out, _ = run("metrics", "spring", "-w", made.directory, "--json", "--since", "2026-04-01")
    assert json.loads(out)["performance"]["sent"]["total"] == 1

"""`connector-analytics explain`: a number down to its rows, and why a user counts or does not."""

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from canonical_files import delivery, event, write_export
from rich.cells import cell_len

from analytics_core.domain.settings import App
from analytics_core.workspace import create_workspace
from commands import Run
from worlds import World, tiny_campaign
from worlds.story import PURCHASE

Explain = Callable[..., str]
HOSTILE = '=cmd|"x"'
AT_TEN = "2026-03-02 10:00"


def story() -> World:
    """Ann is sent and buys twice, bob's request fails, cat is held back, dan is sent and buys too late."""
    goal = {**PURCHASE, "revenue": {"attribute": "order_value", "currency": "USD"}}
    seen = {"goal_id": "seen", "name": "Seen it", "event_name": "Seen"}
    told = tiny_campaign(name="Spring 🌱", goals=[goal, seen]).sent("ann").requested("bob", 500).requested("bob", 404)
    told = told.held_back("cat").sent("dan").not_personalized("eve", "user_attribute").capped("fay")
    told = told.bought("ann", at=AT_TEN, order_value=12.5).bought("ann", at="2026-03-02 11:00", order_value="none")
    told = told.bought("bob", at=AT_TEN).bought("cat", at=AT_TEN).bought("dan", at="2026-03-03 21:03")
    return told.event("ann", "Seen", at=AT_TEN).declared("run", 8).merged("annie", "ann").bought("annie", at=AT_TEN)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with the story."""
    return workspace_of(story(), tmp_path)


def workspace_of(told: World, directory: Path) -> Path:
    made = create_workspace(directory / "own", app=told.app)
    made.import_canonical(told.write(directory / "export", fmt="jsonl"))
    return made.directory


@pytest.fixture
def explain(run: Run, place: Path) -> Explain:
    """What `explain spring` says; it has to succeed and say nothing on stderr."""

    def call(*arguments: object) -> str:
        code, out, err = run("explain", "spring", *arguments, "-w", place)
        assert (code, err) == (0, "")
        return out

    return call


def test_no_line_is_wider_than_a_terminal_of_80_columns(explain: Explain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for metric in ("uplift", "incremental_revenue", "sample_ratio", "conversion_events", "failed", "unaccounted"):
        for options in (("--rows", "20"), ("--user", "ann"), ("--user", "cat")):
            text = explain(metric, *options)
            wide = [line for line in text.splitlines() if cell_len(line) > 80]
            assert wide == [], (metric, options)
            # What became of a row, and when, is never cut; only names and ids are.
            assert not re.search(r"\d{4}-\d\d-\d\d[^\n]{0,20}\N{HORIZONTAL ELLIPSIS}", text), (metric, options)


def test_near_misses_with_times_to_the_microsecond_fit_a_terminal_of_80_columns(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id of the event is what gives way; who it was, and what became of it, is never cut."""
    late = [
        event(f"u-000{n}", n, event_id=f"e-00000{n}", occurred_at=f"2026-03-{27 + n}T08:17:15.326001Z")
        for n in range(5)
    ]
    rows = [delivery(f"u-000{n}", n) for n in range(5)]
    workspace = create_workspace(tmp_path / "workspace", App(timezone="America/New_York"))
    workspace.import_canonical(write_export(tmp_path / "in", deliveries=rows, events=late))
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run("explain", "spring", "conversion_events", "--rows", "5", "-w", workspace.directory)
    assert (code, [line for line in out.splitlines() if cell_len(line) > 80]) == (0, [])
    assert "Not shown at this width: Event, Instance." in out
    assert "u-0004  1 d 1 h before the first send\n" in out


def document(explain: Explain, *arguments: object) -> dict[str, Any]:
    return json.loads(explain(*arguments, "--json"))


def test_an_explanation_says_what_the_number_means_and_what_went_in(explain: Explain) -> None:
    out = explain("conversion_rate")
    for text in (
        "Spring 🌱 (spring)",
        "Conversion rate (CVR): 50.0% (of total sent)",
        "Share of sent requests",
        "Formula: Conversion rate (CVR) = Converted users / Sent (total)",
        "Goal: Purchase (purchase), events named 'Order Placed'",
        "Attribution window 36 hours; all interactions",
        "As of: Tue 3 Mar 2026, 21:03 UTC",
        "Rows behind it: 3 credits",
        "These are the numerator's rows.",
        "Events that almost counted",
        "1  The event happened after the attribution window had closed, less than one window late.",
    ):
        assert text in out
    assert "Converted users      1\n" in out
    assert "Sent (total)         2\n" in out
    assert "event-" not in out


def test_rows_are_shown_when_they_are_asked_for(explain: Explain) -> None:
    out = explain("revenue", "--rows", 2)
    assert "Total campaign revenue: $12.50" in out
    assert "The first 2 of 3" in out
    assert "2026-03-02 10:00:00+00:00 event-0 ann run 2026-03-02 09:00:00+00:00 1 h $12.50" in " ".join(out.split())
    assert "1 h  no value" in out
    assert "control user" in out
    assert "3 min after the window" in explain("revenue", "--rows", 3)
    assert "event-1 " not in out


@pytest.mark.parametrize(
    ("metric", "users"),
    [
        ("sent", ["ann", "dan"]),
        ("failed", ["bob", "eve"]),
        ("response_404", ["bob"]),
        ("response_500", []),
        ("control_group", ["cat"]),
        ("frequency_capped", ["fay"]),
        ("personalization_failed", ["eve"]),
        ("user_attribute", ["eve"]),
        ("undefined", []),
        ("after_personalization", ["ann", "bob", "dan"]),
        ("active_targets", ["cat"]),
        ("control_converted_users", ["cat"]),
        ("converted_people", ["ann", "ann", "ann"]),
    ],
)
def test_the_users_behind_a_number(explain: Explain, metric: str, users: list[str]) -> None:
    found = document(explain, metric, "--rows", 99)
    assert sorted(row["user_id"] for row in found["rows"]) == users
    assert found["behind"]["rows"] == len(users)


def test_the_json_has_everything_the_text_has(explain: Explain) -> None:
    found = document(explain, "failed", "--rows", 1)
    assert (found["value"], found["unique_value"], found["goal"]) == (2, 2, None)
    assert [(part["name"], part["value"]) for part in found["inputs"]] == [
        ("failed_responses", 1),
        ("personalization_failed", 1),
    ]
    assert found["settings"]["as_of"] == "2026-03-03T21:03:00+00:00"
    assert (found["behind"]["grain"], found["behind"]["number"]) == ("audience_row", 2)
    assert found["rows"] == [
        {
            "clock_at": "2026-03-02T09:00:00+00:00",
            "instance_id": "run",
            "user_id": "bob",
            "standing": "failed_response",
            "response_code": 404,
            "request_attempts": 2,
            "control_group_type": None,
            "contaminated": False,
            "window_ends_at": "2026-03-03T21:00:00+00:00",
            "matured": True,
        }
    ]
    assert found["near_misses"] is None


def test_money_and_delays_are_exact_in_json(explain: Explain) -> None:
    found = document(explain, "average_order_value", "--rows", 1)
    assert (found["value"], [part["value"] for part in found["inputs"]]) == ("4.166667", ["12.50", 3])
    assert (found["behind"]["number"], document(explain, "revenue")["behind"]["number"]) == (None, "12.50")
    (credit,) = found["rows"]
    assert (credit["amount"], credit["amount_note"], credit["delay_seconds"]) == ("12.50", None, 3600.0)
    assert [miss["fate"] for miss in found["near_misses"]["fates"]] == [
        "control_user",
        "not_sent",
        "after_window",
    ]


def test_percentiles_of_the_time_to_convert_have_the_rows_of_the_median(explain: Explain) -> None:
    median = document(explain, "median_seconds_to_convert", "--rows", 9)
    # Ann bought one, one and two hours after the send.
    for percent, seconds in ((75, 5400.0), (90, 6480.0), (95, 6840.0)):
        found = document(explain, f"p{percent}_seconds_to_convert", "--rows", 9)
        assert (found["value"], found["rows"], found["near_misses"]) == (seconds, median["rows"], median["near_misses"])
        assert found["behind"]["note"].startswith(f"The number is the {percent}th percentile of the rows' delays")
    assert "90th percentile of time to convert: 1 h 48 min (over conversion events)" in explain(
        "p90_seconds_to_convert"
    )
    assert document(explain, "p75_seconds_to_convert", "--goal", "seen")["value"] == 3600.0


def test_another_goal_may_be_asked_about(explain: Explain) -> None:
    found = document(explain, "converted_users", "--goal", "seen", "--rows", 9)
    assert (found["goal"]["goal_id"], found["value"]) == ("seen", 1)
    assert [row["event_id"] for row in found["rows"]] == ["event-5"]
    assert "not the primary goal" in explain("converted_users", "--goal", "seen")
    assert document(explain, "revenue", "--goal", "seen")["value"] is None
    assert "Total campaign revenue: –" in explain("revenue", "--goal", "seen")  # noqa: RUF001 - an en dash is undefined


@pytest.mark.parametrize(
    ("options", "value", "verdicts"),
    [
        ((), 1, {"control_user": 1, "not_sent": 1, "after_window": 1}),
        (("--window", "37h"), 2, {"control_user": 1, "not_sent": 1}),
        (("--success-codes", "200,404"), 2, {"control_user": 1, "after_window": 1}),
        (("--as-of", "2026-03-02T09:30:00Z"), 0, {"after_as_of": 3}),
        (
            ("--matured-only", "--as-of", "2026-03-02T12:00:00Z"),
            0,
            {"not_matured": 3, "control_user": 1, "not_sent": 1},
        ),
    ],
)
def test_options_override_the_settings(
    explain: Explain, options: tuple[str, ...], value: int, verdicts: dict[str, int]
) -> None:
    found = document(explain, "converted_users", *options)
    assert found["value"] == value
    assert {miss["fate"]: miss["events"] for miss in found["near_misses"]["fates"]} == verdicts


def test_csv_has_all_rows_and_says_so(run: Run, place: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    code, out, err = run("explain", "spring", "revenue", "--csv", path, "--rows", 1, "-w", place)
    assert (code, err) == (0, f"3 rows written to {path}\n")
    assert "The first 1 of 3" in out
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["event_id"], row["amount"], row["amount_note"]) for row in rows] == [
        ("event-0", "12.500000", ""),
        ("event-6", "", "without_value"),
        ("event-1", "", "without_value"),
    ]
    assert rows[0]["occurred_at"] == "2026-03-02T10:00:00.000000+00:00"
    assert float(rows[0]["delay_seconds"]) == 3600
    assert [found.name for found in tmp_path.iterdir() if "rows.csv" in found.name] == ["rows.csv"]


def test_csv_of_no_rows_is_a_heading(run: Run, place: Path, tmp_path: Path) -> None:
    assert run("explain", "spring", "response_503", "--csv", tmp_path / "none.csv", "-w", place)[0] == 0
    assert (tmp_path / "none.csv").read_text().splitlines()[0].startswith("clock_at,instance_id,user_id,standing")


def test_csv_cells_that_a_spreadsheet_would_run_are_guarded(run: Run, tmp_path: Path) -> None:
    users = [HOSTILE, "+1", "-1", "@x", " =1", "plain", 'a,"b']
    told = tiny_campaign()
    for user in users:
        told = told.sent(user).bought(user, at=AT_TEN, order_value=-3)
    place, path = workspace_of(told, tmp_path), tmp_path / "rows.csv"
    assert run("explain", "spring", "revenue", "--csv", path, "-w", place)[0] == 0
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["user_id"] for row in rows) == sorted(
        [f"'{HOSTILE}", "'+1", "'-1", "'@x", "' =1", "plain", 'a,"b']
    )
    assert {row["amount"] for row in rows} == {"-3.000000"}


def test_a_csv_that_cannot_be_written_is_one_line_and_leaves_nothing(run: Run, place: Path, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "rows.csv"
    code, out, err = run("explain", "spring", "sent", "--csv", path, "-w", place)
    assert (code, out) == (2, "")
    assert err == f"error: cannot write {path}: No such file or directory\n"


@pytest.mark.parametrize(
    ("user", "metric", "sentence"),
    [
        ("ann", "converted_users", "This user counts in Converted users with 3 credits on 1 instance."),
        ("ann", "sent", "This user counts in Sent with 1 audience row."),
        (
            "ann",
            "failed",
            "This user does not count in Failed: their 1 audience row stands as sent.",
        ),
        (
            "bob",
            "converted_users",
            "This user does not count in Converted users: not sent (404); only sent deliveries convert.",
        ),
        (
            "cat",
            "revenue",
            (
                "This user does not count in Total campaign revenue: not sent (control group); only sent deliveries"
                " convert."
            ),
        ),
        (
            "dan",
            "conversion_rate",
            (
                "This user counts in Sent, the denominator of Conversion rate (CVR), but not in the numerator: their"
                " nearest event happened after the attribution window had closed, less than one window late."
            ),
        ),
        (
            "eve",
            "converted_users",
            (
                "This user does not count in Converted users: not sent (personalization failed); only sent deliveries"
                " convert."
            ),
        ),
        (
            "dan",
            "converted_people",
            (
                "This user does not count in Converted people: their nearest event happened after the attribution"
                " window had closed, less than one window late."
            ),
        ),
        (
            "bob",
            "sent_rate",
            (
                "This user counts in Attempted, the denominator of Sent rate, but not in the numerator: their 1"
                " audience row stands as response 404."
            ),
        ),
        ("cat", "control_converted_users", "This user counts in Control converted users with 1 event on 1 instance."),
        (
            "ann",
            "events_in_other_currency",
            ("This user does not count in Events in another currency: none of their credited events is one it counts."),
        ),
        (
            "ann",
            "unaccounted",
            "Nobody counts in Unaccounted by name: it is made of users that no logged row accounts for.",
        ),
    ],
)
def test_a_user_s_path_ends_in_one_sentence(explain: Explain, user: str, metric: str, sentence: str) -> None:
    assert explain(metric, "--user", user).splitlines()[-1] == sentence


def test_a_user_s_path_shows_every_row_and_event(explain: Explain) -> None:
    out = explain("converted_users", "--user", "bob")
    for text in ("requested", "500", "404", "response 404", "2026-03-03 21:00:00+00:00", "not sent (response 404)"):
        assert text in out
    for other in ("ann", "cat", "dan"):
        assert other not in out


def test_merged_ids_are_one_person_and_said_to_be(explain: Explain) -> None:
    out = explain("converted_users", "--user", "annie")
    assert "Merged ids: 'annie' and 'ann' are one person, 'ann'." in out
    found = document(explain, "converted_users", "--user", "annie")
    assert (found["asked_id"], found["user_id"], found["merged_ids"]) == ("annie", "ann", ["annie"])
    assert found["counted"] == 3
    assert document(explain, "sent", "--user", "ann")["merged_ids"] == ["annie"]


def test_a_user_without_a_row_in_the_campaign_never_qualified(run: Run, tmp_path: Path) -> None:
    told = tiny_campaign().sent("ann").bought("zoe", at=AT_TEN)
    _, out, _ = run("explain", "spring", "converted_users", "--user", "zoe", "-w", workspace_of(told, tmp_path))
    assert "no row says that they qualified for an instance of the campaign by the as-of time" in out
    assert "in no window and not near one" in out


def test_only_matured_rows_count_where_that_is_asked(explain: Explain) -> None:
    out = explain("sent", "--user", "ann", "--matured-only", "--as-of", "2026-03-02T12:00:00Z")
    assert out.splitlines()[-1].endswith("; only matured rows count, and 1 of their rows has not matured.")


@pytest.mark.parametrize("asked", ["nobody", HOSTILE, ""])
def test_an_unknown_user_is_one_line_that_does_not_repeat_the_id(run: Run, place: Path, asked: str) -> None:
    code, out, err = run("explain", "spring", "sent", "--user", asked, "-w", place)
    assert (code, out, err) == (2, "", "error: this user has no rows in the workspace\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sprin", "sent"), "no campaign 'sprin'"),
        (("spring", "sents"), "no metric 'sents'"),
        (("spring", "sent", "--goal", "purchas"), "no goal 'purchas'"),
        (("spring",), "Missing argument"),
        (("spring", "sent", "--rows", "0"), "--rows"),
        (("spring", "sent", "--user", "ann", "--csv", "x.csv"), "leave out --rows and --csv"),
        (("spring", "sent", "--window", "soon"), "is not a valid duration"),
    ],
)
def test_a_wrong_question_gets_one_clear_line(run: Run, place: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run("explain", *arguments, "-w", place)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert "ann" not in err


def test_hostile_names_stay_on_their_line(run: Run, tmp_path: Path) -> None:
    name = "a\nb\u202ec\x1b[31m"
    goal = {**PURCHASE, "name": name, "event_name": name, "filters": [{"attribute": name, "op": "exists"}]}
    told = tiny_campaign(name=name, goals=[goal]).sent("ann\x1b", instance="\u202ei").event("ann\x1b", name, at=AT_TEN)
    place = workspace_of(told, tmp_path)
    for options in (("--rows", 5), ("--user", "ann\x1b")):
        code, out, _ = run("explain", "spring", "converted_users", *options, "-w", place)
        assert code == 0
        assert "filter not fulfilled" in out
        assert not {"\x1b", "\u202e"} & set(out)


def test_a_campaign_nobody_was_sent_explains_its_nothing(run: Run, tmp_path: Path) -> None:
    place = workspace_of(tiny_campaign(), tmp_path)
    for metric in ("sent", "conversion_rate", "uplift", "unaccounted", "matured_share", "revenue"):
        code, out, _ = run("explain", "spring", metric, "--rows", 3, "-w", place)
        assert code == 0
        assert "There are no rows yet." in out
        assert "Rows behind it: 0 " in out


def test_the_page_about_explaining_shows_what_the_command_says_on_the_demo(run: Run, demo_workspace: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "explaining.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```console\n\$ connector-analytics (.+)\n((?:.*\n)*?)```$", page, re.MULTILINE)
    assert len(examples) == 5
    for command, shown in examples:
        code, out, err = run(*shlex.split(command), "-w", demo_workspace)
        assert (code, err) == (0, "")
        assert out == shown

"""A row that lies far after all others is named wherever numbers look from it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analytics_core.domain.settings import App, LatestRow, Settings
from analytics_core.reporting import open_report
from analytics_core.store.commits import ImportedFile
from analytics_core.store.formats import read_commit, write_commit
from analytics_core.workspace import create_workspace, open_workspace
from commands import Run
from report_sections import every_section
from worlds import World, tiny_campaign
from worlds.story import instant

MONDAY_TEN = instant("2026-03-02 10:00")
SAID = (
    "Latest row: One row, from events/part-00.jsonl, is dated Mon 30 Dec 2199, 63,490 days after all others, and"
    " numbers are as of that row; use --as-of 2026-03-02T05:00:00-05:00 to look from the latest of the others."
)
STORY = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00")
LATE = STORY.event("zed", "Page View", at="2199-12-31 00:00")


def imported(told: World, directory: Path, *more: World) -> Path:
    """A workspace in New York's time, made by one import a world; files of the second are called alike."""
    made = create_workspace(directory / "workspace", App(timezone="America/New_York"))
    for number, world in enumerate((told, *more)):
        made.import_canonical(world.write(directory / f"export{number}", fmt="jsonl", parts=1))
    return made.directory


@pytest.fixture
def late(tmp_path: Path) -> Path:
    return imported(LATE, tmp_path)


def test_people_read_of_it_before_the_numbers(run: Run, late: Path) -> None:
    for command in (("metrics", "--all"), ("explain", "spring", "sent")):
        code, out, err = run(*command, "-w", late)
        assert (code, err) == (0, "")
        assert out.startswith(f"{SAID}\n\n")


def test_programs_read_the_numbers_and_people_the_warning(run: Run, late: Path) -> None:
    for command in (("metrics", "--all", "--json"), ("explain", "spring", "sent", "--json"), ("campaigns", "--json")):
        code, out, err = run(*command, "-w", late)
        assert (code, err) == (0, f"{SAID}\n")
        json.loads(out)


def test_whoever_asks_for_an_instant_is_not_warned(run: Run, late: Path) -> None:
    code, out, err = run("metrics", "spring", "-w", late, "--as-of", "2026-03-02T05:00:00-05:00", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["as_of"], found["data_quality"]["matured_share"]) == ("2026-03-02T10:00:00+00:00", 0.0)


def test_the_import_says_it_at_once(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w", "--timezone", "America/New_York")
    export = LATE.write(tmp_path / "export", fmt="jsonl", parts=1)
    assert run("import", "canonical", export, "-w", tmp_path / "w")[2] == f"{SAID}\n"


def test_reports_and_the_command_that_makes_them_say_it(run: Run, late: Path, tmp_path: Path) -> None:
    code, _, err = run("report", "spring", "-w", late, "--output", tmp_path / "reports")
    assert code == 0
    assert f"{SAID}\n" in err
    words = SAID.removeprefix("Latest row: ")
    assert words in (tmp_path / "reports" / "spring.html").read_text(encoding="utf-8")
    assert words in "".join(section.html for section in every_section(open_report(late, "spring")))
    told = every_section(open_report(late, "spring", Settings(as_of=MONDAY_TEN)))
    assert words not in "".join(section.html for section in told)


@pytest.mark.parametrize(
    ("at", "far"),
    [("2026-04-01 10:00", False), ("2026-04-01 10:00:00.000001", True), ("2026-03-02 10:00", False)],
)
def test_more_than_thirty_days_are_far(tmp_path: Path, at: str, *, far: bool) -> None:
    found = open_workspace(imported(STORY.event("zed", "Page View", at=at), tmp_path)).latest_row()
    assert found is not None
    assert (found.at, found.others_until, found.is_far) == (instant(at), MONDAY_TEN, far)


def test_a_late_delivery_is_a_row_like_any_other(tmp_path: Path) -> None:
    found = open_workspace(imported(STORY.sent("bob", at="2027-03-02 10:00"), tmp_path)).latest_row()
    assert found == LatestRow(instant("2027-03-02 10:00"), MONDAY_TEN, "deliveries/part-00.jsonl")


def test_with_fewer_than_two_rows_there_are_no_others(tmp_path: Path) -> None:
    assert open_workspace(imported(tiny_campaign(), tmp_path / "none")).latest_row() is None
    assert open_workspace(imported(tiny_campaign().sent("ann"), tmp_path / "one")).latest_row() is None


def test_rows_of_several_imports_are_the_others_of_each_other(tmp_path: Path) -> None:
    later = replace(STORY, events=LATE.events[1:], deliveries=())
    workspace = open_workspace(imported(STORY, tmp_path, later))
    assert workspace.latest_row() == LatestRow(instant("2199-12-31 00:00"), MONDAY_TEN, "events/part-00.jsonl")
    before = workspace.imports()[0].at + timedelta(microseconds=0)
    found = open_workspace(workspace.directory, known_at=before).latest_row()
    assert found == LatestRow(MONDAY_TEN, instant("2026-03-02 09:00"), "events/part-00.jsonl")


def _without_latest(file: ImportedFile) -> ImportedFile:
    return replace(file, records=tuple(replace(record, latest=()) for record in file.records))


def test_where_the_records_do_not_say_it_the_rows_do(run: Run, late: Path) -> None:
    """Records of imports by an earlier version have no instants."""
    (commit,) = late.rglob("commit.json")
    known = read_commit(commit.read_text(), "")
    history = tuple(replace(each, files=tuple(map(_without_latest, each.files))) for each in known.history)
    commit.write_text(write_commit(replace(known, history=history)))
    assert run("metrics", "--all", "-w", late)[1].startswith(SAID.replace("events/part-00.jsonl", "import 1"))


def test_repeated_and_rejected_rows_are_no_rows(tmp_path: Path) -> None:
    export = STORY.write(tmp_path / "export", fmt="jsonl", parts=1)
    with (export / "events" / "part-00.jsonl").open("a") as file:
        row = {
            "event_id": "event-0",
            "user_id": "ann",
            "event_name": "Order Placed",
            "occurred_at": "2199-12-31T00:00:00Z",
        }
        file.write(json.dumps(row) + "\n")
    made = create_workspace(tmp_path / "workspace")
    made.import_canonical(export)
    found = made.latest_row()
    assert found is not None
    assert found.at == MONDAY_TEN == datetime.fromisoformat("2026-03-02T10:00:00+00:00")

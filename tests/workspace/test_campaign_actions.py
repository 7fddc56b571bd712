"""Many people at one campaign book: nothing is lost, nothing is half done, and the history says how it came about."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from canonical_files import CAMPAIGN

from analytics_core.campaigns.lifecycle import Action, Role, judge
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.store.settings import SETTINGS_FILE
from analytics_core.workspace import Workspace, create_workspace
from analytics_core.workspace.campaigns.actions import act_on_campaign, duplicate_campaign, edit_campaign
from analytics_core.workspace.campaigns.history import list_changes_since_approval, read_history
from postgresql import new_database, serving

LEE = "lee@acme.example"
KINDS = ("one_time", "periodic", "event_triggered")


def _definitions(number: int) -> list[dict[str, object]]:
    later = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    goal = {**CAMPAIGN["goals"][0], "is_primary": True}
    return [
        {
            **CAMPAIGN,
            "campaign_id": f"c{place}",
            "name": f"Campaign {place}",
            "status": "draft",
            "delivery_type": KINDS[place % 3],
            "schedule": {"starts_at" if place % 3 == 0 else "ends_at": later},
            "approval": {"required": place % 2 == 0, "approvers": [LEE]},
            "goals": [goal],
        }
        for place in range(number)
    ]


def _make(directory: Path, number: int, url: str | None = None) -> Path:
    made = create_workspace(directory / "workspace")
    if url:
        settings = made.directory / SETTINGS_FILE
        text = settings.read_text(encoding="utf-8")
        settings.write_text(
            text.replace('campaigns = "sqlite:///campaigns.db"', f'campaigns = "{url}"'), encoding="utf-8"
        )
    export = directory / "export"
    export.mkdir()
    (export / "campaigns.json").write_text(json.dumps(_definitions(number)), encoding="utf-8")
    Workspace(made.directory).import_canonical(export)
    return made.directory


def do_anything(workspace: Path, seed: int, times: int) -> int:
    """Random actions on random campaigns; how many were done. Whatever is refused is refused in words."""
    chance, opened, done = random.Random(seed), Workspace(workspace), 0
    actions = [action for action in Action if action not in {Action.REFRESH, Action.DUPLICATE}]
    ids = [campaign.campaign_id for campaign in opened.campaigns()]
    for turn in range(times):
        campaign_id, action, by = chance.choice(ids), chance.choice(actions), chance.choice(["mia", LEE])
        try:
            if action is Action.EDIT:
                told = f"Edit {seed} {turn}"
                edit_campaign(opened, campaign_id, by, lambda now, told=told: now.model_copy(update={"team": told}))
            else:
                act_on_campaign(opened, campaign_id, action, by)
            done += 1
        except AnalyticsError as error:
            if "cannot be" not in str(error) and "cannot change" not in str(error):
                raise
    return done


def _replay(workspace: Workspace) -> int:
    """Follow every campaign's history by the table alone: each step is allowed and leads where the book says."""
    steps = 0
    for campaign in workspace.campaigns():
        entries = workspace.history(campaign.campaign_id)
        assert [entry.version for entry in entries] == [*range(1, len(entries) + 1)]
        states = [Campaign.model_validate_json(entry.definition or "") for entry in entries]
        for before, entry, after in zip(states, entries[1:], states[1:], strict=False):
            approvers = before.approval.approvers if before.approval else ()
            role = Role.APPROVER if entry.by in approvers else Role.OTHER
            effect = judge(before.delivery_type, before.status, Action(entry.act), role).effect
            assert effect is not None, (entry.act, before.status)
            assert entry.act != "edit" or before.team != after.team
            steps += 1
        assert states[-1] == campaign
    return steps


WORKER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from test_campaign_actions import do_anything
print(do_anything(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
"""


def _work_at_once(workspace: Path, people: int, times: int) -> int:
    tests = str(Path(__file__).parent), str(Path(__file__).parents[1])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(workspace), str(seed), str(times), *tests],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(people)
    ]
    told = [worker.communicate() for worker in running]
    assert [err for _, err in told if err] == []
    return sum(int(out) for out, _ in told)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("people", "times"), [(3, 15), pytest.param(8, 1000, marks=pytest.mark.long)])
def test_people_at_once_lose_nothing(
    tmp_path: Path, kind: str, people: int, times: int, request: pytest.FixtureRequest
) -> None:
    url = new_database(request.getfixturevalue("server")) if kind == "postgresql" else None
    workspace = _make(tmp_path, 50 if times > 100 else 6, url)
    done = _work_at_once(workspace, people, times)
    opened = Workspace(workspace)
    assert done > 0
    assert _replay(opened) == done
    assert opened._book.find_faults(opened._store.commit()) == []


@pytest.mark.parametrize("instants", [3, pytest.param(30, marks=pytest.mark.long)])
def test_a_kill_leaves_no_half_action(tmp_path: Path, instants: int) -> None:
    workspace = _make(tmp_path, 6)
    chance, tests = random.Random(instants), (str(Path(__file__).parent), str(Path(__file__).parents[1]))
    for instant in range(instants):
        command = [sys.executable, "-c", WORKER, str(workspace), str(instant), "100000", *tests]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
            time.sleep(1.5 + chance.random())
            worker.kill()
        with closing(sqlite3.connect(workspace / "campaigns.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        opened = Workspace(workspace)
        _replay(opened)
        assert opened._book.find_faults(opened._store.commit()) == []


def test_a_locked_book_is_waited_for(tmp_path: Path) -> None:
    workspace = _make(tmp_path, 1)
    with closing(sqlite3.connect(workspace / "campaigns.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        tests = str(Path(__file__).parent), str(Path(__file__).parents[1])
        command = [sys.executable, "-c", WORKER, str(workspace), "1", "1", *tests]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
            time.sleep(1)
            holder.execute("ROLLBACK")
            out, err = worker.communicate()
    assert (out.strip() in {"0", "1"}, err) == (True, "")


def test_an_action_of_a_workspace_as_it_was_is_refused(tmp_path: Path) -> None:
    workspace = _make(tmp_path, 1)
    earlier = Workspace(workspace, known_at=datetime.now(UTC))
    with pytest.raises(AnalyticsError, match="cannot be changed"):
        act_on_campaign(earlier, "c0", Action.SUBMIT, "mia")


def test_a_book_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    workspace = _make(tmp_path, 1)
    book = workspace / "campaigns.db"
    book.replace(tmp_path / "kept.db")
    book.mkdir()
    with pytest.raises(AnalyticsError, match=r"campaign book .*campaigns\.db"):
        act_on_campaign(Workspace(workspace), "c0", Action.SUBMIT, "mia")
    assert [*book.iterdir()] == []


def test_a_duplicate_has_numbers_of_its_own_and_a_history_of_one_entry(tmp_path: Path) -> None:
    opened = Workspace(_make(tmp_path, 1))
    made = duplicate_campaign(opened, "c0", "mia")
    assert made.campaign.campaign_id == "c0-copy"
    assert [entry.act for entry in read_history(opened, "c0-copy")] == ["duplicate"]
    assert opened.snapshot("c0-copy").performance.sent.total == 0
    assert duplicate_campaign(opened, "c0-copy", "mia").campaign.campaign_id == "c0-copy-2"


def test_what_changed_since_the_approval_is_told_field_by_field(tmp_path: Path) -> None:
    opened = Workspace(_make(tmp_path, 1))
    act_on_campaign(opened, "c0", Action.SUBMIT, "mia")
    assert list_changes_since_approval(opened, "c0") is None
    act_on_campaign(opened, "c0", Action.APPROVE, LEE)
    assert list_changes_since_approval(opened, "c0") == ()
    edit_campaign(opened, "c0", "mia", lambda now: now.model_copy(update={"name": "Summer sale", "tags": ("a",)}))
    changes = list_changes_since_approval(opened, "c0")
    assert changes is not None
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("name", "Campaign 0", "Summer sale")
    ]
    assert opened.campaign("c0").status == "under_review"

"""A campaign that was never sent, on the terminal: its status and the reason, and no page of zeros."""

import json
from pathlib import Path

import pytest

from analytics_core.workspace import create_workspace
from commands import Run
from worlds import tiny_campaign
from worlds.story import PURCHASE

DECIDED = {"required": True, "approvers": ["lee"], "rejected_by": "lee", "comment": "Too early; ask again in May."}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """One campaign was sent to ada, who bought nothing; one was rejected, and one waits for its approval."""
    world = (
        tiny_campaign("sent", goals=[PURCHASE])
        .sent("ada")
        .with_campaign("no", name="Nothing yet", status="rejected", approval=DECIDED, goals=[PURCHASE])
        .with_campaign("wait", status="under_review", approval={"required": True, "approvers": ["lee"]})
    )
    created = create_workspace(tmp_path / "workspace")
    created.import_canonical(world.write(tmp_path / "export", fmt="jsonl"))
    return created.directory


def test_a_campaign_that_was_never_sent_is_one_block_with_the_reason(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run("metrics", "no", "wait", "-w", workspace)
    assert code == 0
    assert out == (
        "Nothing yet (no)\n"
        "Nothing was sent yet\n"
        "Status                    \N{MULTIPLICATION X} Rejected\n"
        "Why there are no numbers  Rejected by lee: "
        "\N{LEFT DOUBLE QUOTATION MARK}Too early; ask again in May.\N{RIGHT DOUBLE QUOTATION MARK}\n"
        "Numbers appear with the first imported row.\n\n"
        "wait (wait)\n"
        "Nothing was sent yet\n"
        "Status                    \N{CIRCLE WITH LEFT HALF BLACK} Under Review\n"
        "Why there are no numbers  It waits for an approval by lee.\n"
        "Numbers appear with the first imported row.\n\n"
    )


def test_numbers_of_other_campaigns_and_documents_stay(run: Run, workspace: Path) -> None:
    assert "Delivery funnel" in run("metrics", "sent", "-w", workspace)[1]
    document = json.loads(run("metrics", "no", "-w", workspace, "--json")[1])
    assert document["performance"]["sent"] == {"unique": 0, "total": 0}


def test_a_goal_without_events_is_no_reason_where_nothing_was_sent(run: Run, workspace: Path) -> None:
    note = "no event is called 'Order Placed'"
    assert note in run("metrics", "sent", "-w", workspace)[1]
    for answer in (run("metrics", "no", "-w", workspace), run("explain", "no", "sent", "-w", workspace)):
        assert note not in answer[1]
    listed = run("campaigns", "-w", workspace)[1]
    assert listed.rstrip().endswith("says it of sent.")


def test_what_a_period_leaves_out_is_not_said_to_be_missing(run: Run, workspace: Path) -> None:
    _, out, _ = run("metrics", "sent", "-w", workspace, "--since", "2027-01-01")
    assert "Nothing was sent that counts" in out
    assert "It has no row in the period Fri 1 Jan 2027 and later, as of " in out

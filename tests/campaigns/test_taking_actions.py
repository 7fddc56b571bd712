"""Actions one at a time: what becomes of a campaign, and the sentence where nothing may."""

from datetime import datetime
from typing import Any

import pytest

from analytics_core.campaigns.actions import (
    Deed,
    RefusedActionError,
    duplicate,
    edit,
    find_refusal,
    role_of,
    take_action,
)
from analytics_core.campaigns.fingerprint import hash_definition
from analytics_core.campaigns.lifecycle import Action, Role
from analytics_core.campaigns.review import Reviewed
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from defined_campaigns import HOUR, NOON, approval, approved, define

LEE = "lee@acme.example"


def _take(action: str, before: Reviewed, by: str = "mia", now: datetime = NOON, **said: Any) -> Reviewed:  # noqa: ANN401 - of a deed
    return take_action(before, Deed(Action(action), by, now, **said))


def _draft(**said: Any) -> Reviewed:  # noqa: ANN401 - any field of a definition
    return Reviewed(define(**{"status": "draft", "approval": approval(), **said}))


def test_the_way_of_a_campaign_that_is_approved() -> None:
    waits = _take("submit", _draft(schedule={"starts_at": NOON + HOUR}))
    assert (waits.campaign.status, waits.waits_since) == ("under_review", NOON)
    done = _take("approve", waits, by=" LEE@acme.example ", comment="Go")
    decided = done.campaign.approval
    assert decided is not None
    assert (done.campaign.status, done.waits_since) == ("scheduled", None)
    assert (decided.approved_by, decided.decided_at, decided.comment) == (" LEE@acme.example ", NOON, "Go")


def test_the_way_of_one_that_is_rejected_edited_and_submitted_again() -> None:
    rejected = _take("reject", _take("submit", _draft()), by=LEE, comment="Too long")
    assert rejected.campaign.status == "rejected"
    shorter = edit(rejected, rejected.campaign.model_copy(update={"name": "Shorter"}), Deed(Action.EDIT, "mia", NOON))
    assert (shorter.campaign.status, shorter.campaign.updated_by) == ("rejected", "mia")
    again = _take("submit", shorter, now=NOON + HOUR)
    assert again.campaign.approval is not None
    assert (again.campaign.status, again.campaign.approval.rejected_by) == ("under_review", None)
    assert again.campaign.approval.comment is None


def test_nobody_must_approve_what_needs_no_approval() -> None:
    assert _take("submit", _draft(approval=None)).campaign.status == "sending"
    later = _take("submit", _draft(approval=None, schedule={"starts_at": NOON + HOUR}))
    assert (later.campaign.status, later.waits_since) == ("scheduled", None)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"approval": {"required": True}}, "approval.approvers names nobody"),
        ({"schedule": {"starts_at": NOON}}, "its start has passed"),
        ({"delivery_type": "periodic", "schedule": {"ends_at": NOON}}, "its end has passed"),
        ({"name": "abc"}, "name: must have 5 to 256 characters"),
    ],
)
def test_what_cannot_be_submitted_says_why(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(AnalyticsError, match=reason):
        _take("submit", _draft(**said))


def test_a_decision_comes_from_an_approver_in_time_about_what_they_saw() -> None:
    waits = _take("submit", _draft(schedule={"starts_at": NOON + HOUR}))
    with pytest.raises(RefusedActionError, match="only its approvers may"):
        _take("approve", waits, by="mia")
    with pytest.raises(RefusedActionError, match="Not Sent because its sending time came before its approval"):
        _take("approve", waits, by=LEE, now=NOON + HOUR)
    with pytest.raises(RefusedActionError, match="was changed meanwhile"):
        _take("approve", waits, by=LEE, definition="0" * 64)
    seen = hash_definition(waits.campaign)
    assert _take("approve", waits, by=LEE, definition=seen).campaign.status == "scheduled"


def test_while_it_is_under_review_only_approvers_edit_and_it_stays_there() -> None:
    waits = _take("submit", _draft())
    renamed = waits.campaign.model_copy(update={"name": "Summer sale"})
    with pytest.raises(RefusedActionError, match="only its approvers may"):
        edit(waits, renamed, Deed(Action.EDIT, "mia", NOON))
    assert edit(waits, renamed, Deed(Action.EDIT, LEE, NOON)).campaign.status == "under_review"


def test_only_an_approver_does_without_an_approval() -> None:
    draft = _draft()
    without = Campaign.model_validate({**draft.campaign.model_dump(), "approval": {"approvers": [LEE]}})
    with pytest.raises(RefusedActionError, match="needs an approval"):
        edit(draft, without, Deed(Action.EDIT, "mia", NOON))
    assert edit(draft, without, Deed(Action.EDIT, LEE, NOON)).campaign.approval == without.approval


def test_an_edit_that_changes_nothing_leaves_no_trace() -> None:
    draft = _draft()
    assert edit(draft, draft.campaign.model_copy(), Deed(Action.EDIT, "mia", NOON)) is draft


def test_pause_resume_stop_and_withdraw() -> None:
    runs = Reviewed(define(status="active", delivery_type="periodic", approval=approved()))
    paused = _take("pause", runs)
    assert paused.campaign.status == "paused"
    resumed = _take("resume", paused)
    assert (resumed.campaign.status, resumed.campaign.approval) == ("active", runs.campaign.approval)
    with pytest.raises(RefusedActionError, match="cannot be stopped: it is Active, and a campaign is stopped while"):
        _take("stop", runs)
    assert _take("stop", Reviewed(define(status="sending"))).campaign.status == "stopped"
    assert _take("withdraw", _take("submit", _draft())).campaign.status == "draft"
    assert _take("refresh", runs) is runs


def test_a_refusal_says_what_holds_and_why() -> None:
    over = Reviewed(define(status="active", delivery_type="periodic", schedule={"ends_at": NOON}))
    assert find_refusal(over, Action.PAUSE, "mia", NOON) == (
        "campaign 'spring-sale' cannot be paused: it is Expired because its end has passed, and a periodic or"
        " event-triggered campaign is paused while it is Scheduled, Active or Sending"
    )
    unstated = find_refusal(Reviewed(define()), Action.STOP, "mia", NOON)
    assert unstated is not None
    assert "no status is stated" in unstated
    assert find_refusal(over, Action.DUPLICATE, "mia", NOON) is None


def test_a_duplicate_is_a_draft_with_all_secrets_and_no_past() -> None:
    original = define(
        name="x" * 250,
        status="sent",
        approval=approved(),
        updated_by="lee",
        request={"url": "https://u:p@acme.example", "headers": {"Authorization": "Bearer x"}},
    )
    copied = duplicate(original, {"spring-sale", "spring-sale-copy"}, Deed(Action.DUPLICATE, "mia", NOON)).campaign
    assert copied.campaign_id == "spring-sale-copy-2"
    assert copied.name == f"Duplicate - {'x' * 250}"[:256]
    assert (copied.status, copied.created_at, copied.created_by) == ("draft", NOON, "mia")
    assert (copied.updated_at, copied.updated_by, copied.request) == (None, None, original.request)
    assert copied.approval is not None
    assert (copied.approval.required, copied.approval.approved_by, copied.approval.decided_at) == (True, None, None)
    assert original.goals == copied.goals


def test_an_id_of_a_copy_fits_however_long_the_original_is() -> None:
    long = define(campaign_id="i" * 128)
    found = duplicate(long, {"i" * 128, "i" * 123 + "-copy"}, Deed(Action.DUPLICATE, "mia", NOON)).campaign.campaign_id
    assert found == "i" * 121 + "-copy-2"
    again = define(campaign_id="spring-sale-copy-7")
    assert duplicate(again, (), Deed(Action.DUPLICATE, "m", NOON)).campaign.campaign_id == "spring-sale-copy"


@pytest.mark.parametrize(("user", "role"), [("Lee@ACME.example", Role.APPROVER), ("mia", Role.OTHER), ("", Role.OTHER)])
def test_an_approver_is_one_who_is_listed(user: str, role: Role) -> None:
    assert role_of(define(approval=approval(approvers=[LEE, ""])), user) is role
    assert role_of(define(), user) is Role.OTHER

"""An approval is of a definition: what ends it, and which decisions of an import count."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics_core.campaigns.review import Reviewed, change_definition, import_definition
from analytics_core.domain.campaign import Campaign
from defined_campaigns import HOUR, NOON, approval, approved, define

LATER = NOON + HOUR
MUCH_LATER = NOON + 10 * HOUR


def _approved(**said: Any) -> Reviewed:  # noqa: ANN401 - any field of a definition
    return Reviewed(define(**{"status": "active", "delivery_type": "periodic", "approval": approved(), **said}))


def _told(reviewed: Reviewed) -> tuple[str | None, str | None, datetime | None]:
    """Status, who approved, since when it waits."""
    campaign = reviewed.campaign
    by = campaign.approval.approved_by if campaign.approval else None
    return campaign.status, by, reviewed.waits_since


def _changed(campaign: Campaign, **said: Any) -> Campaign:  # noqa: ANN401 - as above
    return Campaign.model_validate({**campaign.model_dump(), **said})


def test_an_edit_of_what_was_approved_brings_it_back_to_review() -> None:
    before = _approved()
    after = change_definition(before, _changed(before.campaign, name="Summer sale"), LATER)
    assert _told(after) == ("under_review", None, LATER)


def test_an_edit_of_tags_and_team_leaves_the_approval_alone() -> None:
    before = _approved()
    after = change_definition(before, _changed(before.campaign, tags=["a"], team="Growth"), LATER)
    assert _told(after) == ("active", "lee@acme.example", None)


@pytest.mark.parametrize("status", ["sent", "stopped", "expired", "not_sent", "draft", "rejected"])
def test_what_is_over_is_not_reviewed_again_but_loses_the_approval(status: str) -> None:
    before = _approved(status=status)
    after = change_definition(before, _changed(before.campaign, name="Summer sale"), LATER)
    assert _told(after) == (status, None, LATER)


def test_after_the_sending_time_nothing_is_reviewed() -> None:
    schedule = {"starts_at": NOON + HOUR}
    before = _approved(delivery_type="one_time", status="scheduled", schedule=schedule)
    renamed = _changed(before.campaign, name="Summer sale")
    assert change_definition(before, renamed, NOON).campaign.status == "under_review"
    assert change_definition(before, renamed, LATER).campaign.status == "scheduled"


def test_a_campaign_nobody_approved_is_edited_without_more() -> None:
    before = Reviewed(define(status="scheduled"))
    after = change_definition(before, _changed(before.campaign, name="Summer sale"), LATER)
    assert _told(after) == ("scheduled", None, None)


def test_an_import_of_a_new_campaign_is_taken_as_it_says() -> None:
    assert _told(import_definition(None, _approved().campaign, LATER)) == ("active", "lee@acme.example", None)


@pytest.mark.parametrize("status", ["active", "sending", "paused", "under_review", None])
def test_a_daily_import_of_status_and_update_leaves_an_approval_alone(status: str | None) -> None:
    before = _approved()
    brought = _changed(before.campaign, status=status, updated_at=MUCH_LATER, approval=None)
    expected = status if status in {"sending", "paused"} else "active"
    assert _told(import_definition(before, brought, MUCH_LATER)) == (expected, "lee@acme.example", None)


def test_an_import_that_changes_the_definition_ends_an_older_decision() -> None:
    before = _approved()
    brought = _changed(before.campaign, name="Summer sale")
    assert _told(import_definition(before, brought, LATER)) == ("under_review", None, LATER)


@pytest.mark.parametrize(
    ("decided", "updated", "counts"),
    [
        (LATER, LATER, True),
        (LATER, LATER + timedelta(seconds=1), False),
        (NOON, NOON, True),
        # Without a time of the change it was no earlier than the import that told of it.
        (LATER, None, False),
        (MUCH_LATER, None, True),
        (None, NOON, False),
    ],
)
def test_a_decision_counts_that_was_made_at_or_after_the_change(
    decided: datetime | None, updated: datetime | None, *, counts: bool
) -> None:
    before = _approved(approval=approved(at=NOON - HOUR))
    said = {**approved(by="sam@acme.example"), "decided_at": decided}
    brought = _changed(before.campaign, name="Summer sale", approval=said, updated_at=updated)
    status, by, _ = _told(import_definition(before, brought, MUCH_LATER))
    assert (status, by) == (("active", "sam@acme.example") if counts else ("under_review", None))


def test_what_waits_goes_on_waiting_when_the_old_decision_is_imported_again() -> None:
    waits = Reviewed(
        _changed(_approved().campaign, name="Summer sale", status="under_review", approval=approval()), LATER
    )
    again = _changed(waits.campaign, approval=approved(at=NOON), status="active")
    assert _told(import_definition(waits, again, MUCH_LATER)) == ("under_review", None, LATER)
    decided = _changed(again, approval=approved(at=MUCH_LATER))
    assert _told(import_definition(waits, decided, MUCH_LATER)) == ("active", "lee@acme.example", None)


def test_a_rejection_that_is_imported_later_wins_and_an_older_one_does_not() -> None:
    before = _approved()
    rejection = approval(rejected_by="sam@acme.example", decided_at=LATER)
    brought = _changed(before.campaign, status="rejected", approval=rejection)
    assert _told(import_definition(before, brought, LATER))[:2] == ("rejected", None)
    older = _changed(brought, status="under_review", approval={**rejection, "decided_at": NOON - HOUR})
    assert _told(import_definition(before, older, LATER))[:2] == ("active", "lee@acme.example")

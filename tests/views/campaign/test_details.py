"""What is said about a campaign rather than counted."""

import pytest

from analytics_core.domain.words import Status
from analytics_core.views.campaign.details import campaign_facts, period, status_text
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.pieces import FactSheet
from views.snapshots import INSTANCES, campaign

ZONE = "America/New_York"
EN_DASH = "\N{EN DASH}"


def facts(sheet: FactSheet) -> dict[str, str]:
    return {fact.label: fact.value for fact in sheet.facts}


def test_the_details_say_who_did_what_when() -> None:
    assert facts(campaign_facts(campaign(), ZONE)) == {
        "Campaign type": "Periodic",
        "Campaign ID": "spring-sale",
        "Status": "\N{BLACK CIRCLE} Active",
        "Team": "Growth",
        "Tags": "sale, spring",
        "Created": "Sun 1 Mar 2026, 04:00 EST by mia@acme.example",
        "Updated": "Mon 2 Mar 2026, 05:30 EST by lee@acme.example",
        "Approvers": "lee@acme.example, kim@acme.example",
        "Approved by": "lee@acme.example, Mon 2 Mar 2026, 06:00 EST",
    }


def test_what_is_not_declared_is_an_en_dash() -> None:
    empty = campaign(status=None, team=None, tags=[], created_at=None, created_by=None, updated_at=None, approval=None)
    made = facts(campaign_facts(empty, ZONE))
    assert {made[label] for label in ("Status", "Team", "Tags", "Created")} == {EN_DASH}
    assert made["Updated"] == "by lee@acme.example"
    assert made.keys().isdisjoint({"Approvers", "Approved by", "Rejected by", "Decision", "Comment"})


def test_a_rejection_is_told_with_its_comment() -> None:
    approval = {"required": True, "approvers": [], "rejected_by": "lee@acme.example", "comment": "too long"}
    made = facts(campaign_facts(campaign(approval=approval), ZONE))
    assert made["Approvers"] == EN_DASH
    assert made["Rejected by"] == "lee@acme.example"
    assert made["Comment"] == "too long"
    assert "Approved by" not in made


def test_a_rejection_says_when() -> None:
    approval = {"rejected_by": "lee@acme.example", "decided_at": "2026-03-02T11:00:00Z"}
    made = facts(campaign_facts(campaign(approval=approval, status="rejected"), ZONE))
    assert made["Rejected by"] == "lee@acme.example, Mon 2 Mar 2026, 06:00 EST"
    assert "Approvers" not in made


def test_a_decision_by_nobody_still_says_when() -> None:
    made = facts(campaign_facts(campaign(approval={"decided_at": "2026-03-02T11:00:00Z"}), ZONE))
    assert made["Decided"] == "Mon 2 Mar 2026, 06:00 EST"


def test_under_review_says_who_may_decide_and_that_nobody_has() -> None:
    approval = {"required": True, "approvers": ["lee@acme.example"]}
    made = facts(campaign_facts(campaign(approval=approval, status="under_review"), ZONE))
    assert made["Approvers"] == "lee@acme.example"
    assert made["Decision"] == "Not taken yet"
    assert "Decision" not in facts(campaign_facts(campaign(approval=approval, status="scheduled"), ZONE))


def test_every_status_has_an_icon_and_a_word_of_its_own() -> None:
    assert set(STATUSES) == set(Status)
    assert len({icon for icon, _ in STATUSES.values()}) == len(STATUSES)
    assert status_text(campaign(status="under_review")) == "\N{CIRCLE WITH LEFT HALF BLACK} Under Review"
    assert len(set(DELIVERY_TYPES.values())) == 3


def test_the_period_is_from_the_first_to_the_last_send() -> None:
    assert period(campaign(), ZONE, INSTANCES) == (f"Mon 2 Mar 2026, 09:00 EST {EN_DASH} Mon 30 Mar 2026, 10:12 EDT")
    assert period(campaign(), ZONE, INSTANCES[:1]) == f"Mon 2 Mar 2026, 09:00 EST {EN_DASH} 09:12 EST"


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        ({"starts_at": "2026-03-02T14:00:00Z"}, "since Mon 2 Mar 2026, 09:00 EST"),
        ({"ends_at": "2026-03-02T14:00:00Z"}, "until Mon 2 Mar 2026, 09:00 EST"),
        (None, EN_DASH),
    ],
)
def test_without_sends_the_period_is_the_schedules(schedule: dict[str, str] | None, text: str) -> None:
    assert period(campaign(schedule=schedule), ZONE) == text

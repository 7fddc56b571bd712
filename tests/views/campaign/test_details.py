"""What is said about a campaign rather than counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics_core.domain.words import Status
from analytics_core.views.campaign.details import campaign_facts, info_sheets, period, status_text
from analytics_core.views.campaign.timeline import InstanceTimes, timeline
from analytics_core.views.forms.labels import DELIVERY_TYPES, STATUSES
from analytics_core.views.forms.pieces import FactSheet
from analytics_core.views.forms.table import Table
from analytics_core.views.request.secret_shapes import MASK
from views.snapshots import INSTANCES, campaign

ZONE = "America/New_York"
EN_DASH = "\N{EN DASH}"


def facts(sheet: FactSheet | Table) -> dict[str, str]:
    assert isinstance(sheet, FactSheet)
    return {fact.label: fact.value for fact in sheet.facts}


def sheet(title: str, **changed: object) -> FactSheet | Table:
    return next(sheet for sheet in info_sheets(campaign(**changed), ZONE, INSTANCES) if sheet.title == title)


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
    assert made["Updated"] == f"{EN_DASH} by lee@acme.example"
    assert "Approvers" not in made


def test_a_rejection_is_told_with_its_comment() -> None:
    approval = {"required": True, "approvers": [], "rejected_by": "lee@acme.example", "comment": "too long"}
    made = facts(campaign_facts(campaign(approval=approval), ZONE))
    assert made["Approvers"] == EN_DASH
    assert made["Rejected by"] == "lee@acme.example"
    assert made["Comment"] == "too long"
    assert "Approved by" not in made


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


def test_the_info_page_has_its_parts_in_order() -> None:
    made = info_sheets(campaign(trigger="Cart abandoned"), ZONE, INSTANCES)
    assert [part.title for part in made] == [
        "Timeline",
        "Audience",
        "Trigger criteria",
        "Scheduling and delivery controls",
        "Conversion goals",
    ]
    bare = campaign(audience=None, schedule=None)
    assert [part.title for part in info_sheets(bare, ZONE)] == ["Conversion goals"]


def test_a_triggered_campaign_has_no_timeline() -> None:
    made = info_sheets(campaign(delivery_type="event_triggered"), ZONE, INSTANCES)
    assert "Timeline" not in [part.title for part in made]


def test_audience_and_schedule_are_told_in_words() -> None:
    audience = facts(sheet("Audience"))
    assert audience["Control group"] == "10%"
    assert audience["Global control group"] == "No"
    assert audience["Excluded"] == EN_DASH
    schedule = facts(sheet("Scheduling and delivery controls"))
    assert schedule["Requests per minute"] == "60,000"
    assert schedule["Ignores the frequency cap"] == "No"
    assert schedule["Starts"] == "Mon 2 Mar 2026, 09:00 EST"


def test_goals_show_their_conditions_and_a_p_on_the_primary_one() -> None:
    made = sheet("Conversion goals")
    assert isinstance(made, Table)
    assert [row.cells for row in made.rows] == [
        ("(P) Purchase", "Order Placed", 'category is "shoes"', "order_value (USD)"),
        ("Newsletter sign-up", "Signed Up", EN_DASH, EN_DASH),
    ]
    assert made.note == "(P) marks the primary goal. Attribution window: 36 hours."


def test_exactly_one_goal_is_primary_even_where_several_are_marked() -> None:
    goals = [{"goal_id": str(i), "name": str(i), "event_name": "e", "is_primary": True} for i in range(3)]
    made = sheet("Conversion goals", goals=goals)
    assert isinstance(made, Table)
    assert [row.cells[0] for row in made.rows] == ["(P) 0", "1", "2"]


def test_what_authors_wrote_is_masked_for_secrets() -> None:
    filters = [
        {"attribute": "email", "op": "is", "value": "ada@person.example"},
        {"attribute": "source", "op": "in", "value": ["sk_live_1234567890", "web"]},
        {"attribute": "coupon", "op": "exists"},
    ]
    goals = [{"goal_id": "g", "name": "G", "event_name": "e", "filters": filters}]
    made = sheet("Conversion goals", goals=goals)
    assert isinstance(made, Table)
    assert made.rows[0].cells[2] == f'email is {MASK} and source is one of ["{MASK}", "web"] and coupon exists'
    trigger = facts(sheet("Trigger criteria", trigger={"event": "Cart", "api_key": "hunter2"}))["Criteria"]
    assert '"event": "Cart"' in trigger
    assert "hunter2" not in trigger
    audience = facts(sheet("Audience", audience={"segment": "mail is ada@person.example"}))
    assert "ada" not in audience["Segment"]


def test_one_run_tells_each_stage_and_how_long_it_took() -> None:
    made = facts(timeline(INSTANCES[:1], ZONE))
    assert made["Segmentation query started"] == "Mon 2 Mar 2026, 08:40 EST"
    assert made["Segmentation query completed"] == "Mon 2 Mar 2026, 08:44 EST (after 4 min 30 s)"
    assert made["Campaign ready"] == "Mon 2 Mar 2026, 08:50 EST (after 5 min 30 s)"
    assert made["First request sent"] == "Mon 2 Mar 2026, 09:00 EST (after 5 s)"
    assert made["Last request sent"] == "Mon 2 Mar 2026, 09:12 EST (after 11 min 55 s)"


def test_stages_that_are_missing_or_out_of_order_claim_no_duration() -> None:
    made = facts(timeline([replace(INSTANCES[0], segmentation_started_at=None, ready_at=None)], ZONE))
    assert made["Segmentation query started"] == EN_DASH
    assert made["Segmentation query completed"] == "Mon 2 Mar 2026, 08:44 EST"
    assert made["First batch sent"] == "Mon 2 Mar 2026, 09:00 EST"
    backwards = replace(INSTANCES[0], last_sent_at=datetime(2026, 3, 2, 13, 0, tzinfo=UTC))
    assert facts(timeline([backwards], ZONE))["Last request sent"] == "Mon 2 Mar 2026, 08:00 EST"


def test_several_runs_are_a_table_latest_first_with_the_day_said_once() -> None:
    late = replace(INSTANCES[4], last_sent_at=datetime(2026, 3, 31, 5, 0, tzinfo=UTC))
    made = timeline([*INSTANCES[:4], late], ZONE)
    assert isinstance(made, Table)
    assert [row.cells[0] for row in made.rows] == [f"2026-03-{day:02}" for day in (30, 23, 16, 9, 2)]
    assert made.rows[0].cells[1:] == (
        "2,500",
        "Mon 30 Mar 2026",
        "09:40 EDT",
        "09:44 EDT",
        "09:50 EDT",
        "10:00 EDT",
        "10:00 EDT",
        "Tue 31 Mar 2026, 01:00 EDT",
    )
    assert made.note is None


def test_many_runs_show_the_latest_twenty_and_say_so() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    runs = [InstanceTimes(f"{day:03}", first_sent_at=start + timedelta(days=day)) for day in range(52)]
    made = timeline([*runs, InstanceTimes("none")], "UTC")
    assert isinstance(made, Table)
    assert [row.cells[0] for row in made.rows] == [f"{day:03}" for day in range(51, 31, -1)]
    assert made.note == "The latest 20 of 53 instances."

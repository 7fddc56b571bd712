"""What was declared about a campaign, in words, for each type of delivery."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.pieces import FactSheet
from analytics_core.views.forms.table import Table
from analytics_core.views.info.sheets import info_sheets
from analytics_core.views.page.pieces import info_pieces
from analytics_core.views.request.secret_shapes import MASK
from views.pages import assert_inert
from views.snapshots import HOSTILE, INSTANCES, campaign, empty_snapshot, legacy_snapshot, snapshot

EN_DASH = "\N{EN DASH}"
SCHEDULING = "Scheduling and delivery controls"


def seen_with(window_hours: float, made: Snapshot | None = None) -> Snapshot:
    made = made or snapshot()
    return replace(made, settings=replace(made.settings, window_hours=window_hours))


def titles(*instances: InstanceTimes, **changed: object) -> list[str]:
    return [sheet.title for sheet in info_sheets(campaign(**changed), snapshot(), instances)]


def facts(title: str, **changed: object) -> dict[str, str]:
    found = next(one for one in info_sheets(campaign(**changed), snapshot(), INSTANCES) if one.title == title)
    assert isinstance(found, FactSheet)
    return {fact.label: fact.value for fact in found.facts}


def goals(made: Snapshot | None = None, **changed: object) -> Table:
    found = info_sheets(campaign(**changed), made or snapshot(), INSTANCES)[-1]
    assert isinstance(found, Table)
    return found


def test_the_info_page_has_its_parts_in_order() -> None:
    assert titles(*INSTANCES, trigger="Cart abandoned") == [
        "Timeline",
        "Audience",
        "Trigger criteria",
        SCHEDULING,
        "Conversion goals",
    ]


@pytest.mark.parametrize(
    "nothing",
    [
        {"audience": None, "schedule": None, "trigger": None},
        {"audience": {}, "schedule": {}, "trigger": {}, "approval": {}},
    ],
)
def test_a_part_about_which_nothing_is_declared_is_left_out(nothing: dict[str, object]) -> None:
    assert titles(**nothing) == ["Conversion goals"]
    assert [one.title for one in info_sheets(campaign(**nothing), empty_snapshot())] == ["Conversion goals"]


@pytest.mark.parametrize(
    ("delivery_type", "has_timeline"), [("one_time", True), ("periodic", True), ("event_triggered", False)]
)
def test_only_what_has_publishing_stages_has_a_timeline(delivery_type: str, has_timeline: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    assert ("Timeline" in titles(*INSTANCES, delivery_type=delivery_type)) == has_timeline


def test_the_timeline_is_as_of_the_numbers() -> None:
    begun = snapshot(as_of=datetime(2026, 3, 2, 13, 42, tzinfo=UTC))
    made = info_sheets(campaign(delivery_type="one_time"), begun, INSTANCES[:1])[0]
    assert isinstance(made, FactSheet)
    assert made.facts[0].value == "Segmentation"


def test_the_audience_is_told_in_words() -> None:
    assert facts("Audience") == {
        "Segment": "Bought in the last 90 days",
        "Filters": "country is US",
        "Excluded": EN_DASH,
        "Control group": "10% of users are held out",
        "Global control group": "Its users are not held out",
    }
    everybody = facts("Audience", audience={"control_group_percent": 0, "global_control_group": True})
    assert everybody["Control group"] == "Nobody is held out"
    assert everybody["Global control group"] == "Its users are held out"
    assert facts("Audience", audience={"segment": "VIP"})["Control group"] == EN_DASH
    assert facts("Audience", audience={"control_group_percent": 0.5})["Control group"] == "0.5% of users are held out"


def test_the_schedule_of_a_periodic_campaign() -> None:
    assert facts(SCHEDULING) == {
        "Schedule": "Weekly: Mondays 09:00",
        "Starts": "Mon 2 Mar 2026, 09:00 EST",
        "Ends": "Mon 30 Mar 2026, 10:00 EDT",
        "Frequency cap": "2 per 7 days",
        "Requests per minute": "At most 60,000",
    }
    endless = facts(SCHEDULING, schedule={"kind": "daily", "starts_at": "2026-03-02T14:00:00Z"})
    assert (endless["Schedule"], endless["Ends"]) == ("Daily", "No end is declared")
    assert endless["Frequency cap"] == endless["Requests per minute"] == EN_DASH


def test_the_schedule_of_a_one_time_campaign_has_no_end_unless_it_is_declared() -> None:
    start = "2026-03-02T14:00:00Z"
    once = facts(SCHEDULING, delivery_type="one_time", schedule={"kind": "once", "starts_at": start})
    assert (once["Schedule"], once["Starts"]) == ("Once", "Mon 2 Mar 2026, 09:00 EST")
    assert "Ends" not in once
    assert "Ends" in facts(SCHEDULING, delivery_type="one_time", schedule={"ends_at": start})


@pytest.mark.parametrize("schedule", [{"kind": "asap"}, {"kind": "NOW", "frequency_cap": "1"}, {"frequency_cap": "1"}])
def test_a_one_time_campaign_without_a_start_is_sent_at_once(schedule: dict[str, str]) -> None:
    made = facts(SCHEDULING, delivery_type="one_time", schedule=schedule)
    assert made["Schedule"] == "At once"
    assert "Starts" not in made


def test_the_schedule_of_an_event_triggered_campaign() -> None:
    schedule = {"kind": "event", "detail": "as soon as a price drops", "starts_at": "2026-03-02T14:00:00Z"}
    made = facts(SCHEDULING, delivery_type="event_triggered", schedule=schedule)
    assert made["Schedule"] == "When triggered by an event: as soon as a price drops"
    assert made["Ends"] == "No end is declared"


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        ({"frequency_cap": "2 per 7 days"}, "2 per 7 days"),
        ({"frequency_cap": "2 per 7 days", "ignore_frequency_cap": True}, "Ignored (2 per 7 days)"),
        ({"ignore_frequency_cap": True}, "Ignored"),
        ({"kind": "daily"}, EN_DASH),
    ],
)
def test_the_frequency_cap_is_one_fact(schedule: dict[str, object], text: str) -> None:
    made = facts(SCHEDULING, schedule=schedule)
    assert made["Frequency cap"] == text
    assert not [label for label in made if "gnore" in label]


def test_goals_show_their_conditions_and_a_p_on_the_primary_one() -> None:
    made = goals()
    assert [row.cells for row in made.rows] == [
        ("(P) Purchase", "Order Placed", 'category is "shoes"', "order_value (USD)"),
        ("Newsletter sign-up", "Signed Up", EN_DASH, EN_DASH),
    ]
    assert made.note == "(P) marks the primary goal. Attribution window: 36 hours, the campaign's own."


def test_revenue_without_a_currency_is_in_the_apps() -> None:
    made = goals(goals=[{"goal_id": "g", "name": "G", "event_name": "e", "revenue": {"attribute": "price"}}])
    assert made.rows[0].cells[3] == "price (the app's currency)"


def test_exactly_one_goal_is_primary_even_where_several_are_marked() -> None:
    several = [{"goal_id": str(i), "name": str(i), "event_name": "e", "is_primary": True} for i in range(3)]
    assert [row.cells[0] for row in goals(goals=several).rows] == ["(P) 0", "1", "2"]


@pytest.mark.parametrize(
    ("declared", "holds", "text"),
    [
        (None, 24.0, "24 hours, from the settings."),
        (36, 36.0, "36 hours, the campaign's own."),
        (72, 1.0, "1 hour, from the settings, in place of the 72 hours it declares."),
    ],
)
def test_the_window_is_the_one_that_holds(declared: float | None, holds: float, text: str) -> None:
    made = goals(seen_with(holds), attribution_window_hours=declared)
    assert str(made.note).partition("Attribution window: ")[2] == text


@pytest.mark.parametrize(
    ("declared", "instead"), [(None, ""), (36, ""), (72, ", in place of the 72 hours it declares")]
)
def test_an_older_campaign_has_the_whole_info_page_and_one_window_of_36_hours(
    declared: float | None, instead: str
) -> None:
    definition = campaign(analytics_version="legacy", attribution_window_hours=declared)
    made = info_sheets(definition, seen_with(36.0, legacy_snapshot()), INSTANCES)
    assert [one.title for one in made] == ["Timeline", "Audience", SCHEDULING, "Conversion goals"]
    assert isinstance(made[-1], Table)
    assert str(made[-1].note).endswith(f"Attribution window: 36 hours, that of every older campaign{instead}.")


def test_what_authors_wrote_is_masked_for_secrets() -> None:
    filters = [
        {"attribute": "email", "op": "is", "value": "ada@person.example"},
        {"attribute": "source", "op": "in", "value": ["sk_live_1234567890", "web"]},
        {"attribute": "coupon", "op": "exists"},
    ]
    made = goals(goals=[{"goal_id": "g", "name": "G", "event_name": "e", "filters": filters}])
    assert made.rows[0].cells[2] == f'email is {MASK} and source is one of {MASK}, "web" and coupon exists'
    assert "ada" not in facts("Audience", audience={"segment": "mail is ada@person.example"})["Segment"]
    schedule = facts(
        SCHEDULING,
        schedule={"kind": "token=hunter2", "detail": "sk_live_1234567890", "frequency_cap": "AKIAABCDEFGHIJKLMNOP"},
    )
    assert not [text for text in ("hunter2", "sk_live", "AKIA") if text in str(schedule)]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("delivery_type", ["one_time", "periodic", "event_triggered"])
def test_hostile_texts_do_nothing(text: str, delivery_type: str) -> None:
    text = text[:1000]
    definition = campaign(
        delivery_type=delivery_type,
        audience={"segment": text, "filters": text, "excluded": text},
        trigger={"event": text, text: text},
        schedule={"kind": text, "detail": text, "frequency_cap": text, "ignore_frequency_cap": True},
        request={"url": text, "headers": {text: "{{ user.x }}"}, "body": "{{ user['" + text.replace("'", "") + "'] }}"},
    )
    for piece in info_pieces(definition, snapshot(), INSTANCES[:1]):
        assert_inert(piece)

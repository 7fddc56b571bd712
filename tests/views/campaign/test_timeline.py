"""The timeline: when each stage was reached, how long it took, and which one is the current."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics_core.domain.campaign import Campaign
from analytics_core.views.campaign.timeline import InstanceTimes, timeline
from analytics_core.views.forms.pieces import FactSheet
from analytics_core.views.forms.table import Table
from analytics_core.views.page.pieces import table_html
from views.pages import assert_inert
from views.snapshots import HOSTILE, INSTANCES, campaign

ZONE = "America/New_York"
EN_DASH = "\N{EN DASH}"
RUN = INSTANCES[0]
"""Segmentation from 08:40:00 to 08:44:30, ready at 08:50, first batch 09:00:00, first sent 09:00:05, last 09:12."""


def once(**changed: object) -> Campaign:
    return campaign(**{"delivery_type": "one_time", "status": "sent", **changed})


def facts(*runs: InstanceTimes, of: Campaign | None = None, as_of: datetime | None = None) -> dict[str, str]:
    made = timeline(of or once(), runs, timezone=ZONE, as_of=as_of)
    assert isinstance(made, FactSheet)
    return {fact.label: fact.value for fact in made.facts}


def table(*runs: InstanceTimes, of: Campaign | None = None, as_of: datetime | None = None) -> Table:
    made = timeline(of or campaign(), runs, timezone=ZONE, as_of=as_of)
    assert isinstance(made, Table)
    return made


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """A time of RUN's day, in New York."""
    return datetime(2026, 3, 2, hour + 5, minute, second, tzinfo=UTC)


def test_one_run_tells_its_stage_and_when_each_was_reached_and_how_long_it_took() -> None:
    assert facts(RUN) == {
        "Current stage": "Sent",
        "Segmentation query started": "Mon 2 Mar 2026, 08:40 EST",
        "Segmentation query completed": "Mon 2 Mar 2026, 08:44 EST\nafter 4 min 30 s",
        "Campaign ready": "Mon 2 Mar 2026, 08:50 EST\nafter 5 min 30 s",
        "First batch sent": "Mon 2 Mar 2026, 09:00 EST\nafter 10 min",
        "First request sent": "Mon 2 Mar 2026, 09:00 EST\nafter 5 s",
        "Last request sent": "Mon 2 Mar 2026, 09:12 EST\nafter 11 min 55 s",
    }


@pytest.mark.parametrize(
    ("as_of", "stage", "reached"),
    [
        (at(8, 39), "Not started", 0),
        (at(8, 40), "Segmentation", 1),
        (at(8, 44, 29), "Segmentation", 1),
        (at(8, 45), "Preparing", 2),
        (at(8, 50), "Ready", 3),
        (at(9, 0), "Sending", 4),
        (at(9, 11), "Sending", 5),
        (at(9, 12), "Sent", 6),
    ],
)
def test_what_is_later_than_the_numbers_has_not_happened(as_of: datetime, stage: str, reached: int) -> None:
    made = facts(RUN, as_of=as_of)
    assert made.pop("Current stage") == stage
    assert [value != EN_DASH for value in made.values()] == [True] * reached + [False] * (6 - reached)


def test_a_run_that_declares_no_time_has_no_stage() -> None:
    assert set(facts(InstanceTimes("once", 5)).values()) == {EN_DASH}


def test_the_campaign_knows_better_whether_a_last_send_was_the_last() -> None:
    assert facts(RUN, of=once(status="sending"))["Current stage"] == "Sending"
    assert facts(RUN, of=once(status="stopped"))["Current stage"] == "Stopped"
    assert facts(replace(RUN, last_sent_at=None), of=once(status="stopped"))["Current stage"] == "Stopped"
    # At that time it was still sending: its status is of today.
    assert facts(RUN, of=once(status="stopped"), as_of=at(9, 5))["Current stage"] == "Sending"
    assert facts(RUN, of=once(status="stopped"), as_of=at(8, 55))["Current stage"] == "Ready"
    assert facts(RUN, of=campaign(status="stopped"))["Current stage"] == "Sent"


def test_stages_that_are_missing_or_out_of_order_claim_no_duration() -> None:
    made = facts(replace(RUN, segmentation_started_at=None, ready_at=None))
    assert made["Segmentation query started"] == made["Campaign ready"] == EN_DASH
    assert made["Segmentation query completed"] == "Mon 2 Mar 2026, 08:44 EST"
    assert made["First batch sent"] == "Mon 2 Mar 2026, 09:00 EST"
    backwards = replace(RUN, last_sent_at=at(8, 0))
    assert facts(backwards)["Last request sent"] == "Mon 2 Mar 2026, 08:00 EST"


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        (None, "no start is scheduled"),
        ({"kind": "once"}, "no start is scheduled"),
        ({"kind": "ASAP"}, "it is sent at once"),
        ({"kind": "now", "starts_at": "2026-03-02T13:00:00Z"}, "it is sent at once"),
    ],
)
def test_a_campaign_sent_at_once_is_ready_when_it_is_sent_and_says_so(
    schedule: dict[str, str] | None, reason: str
) -> None:
    made = facts(replace(RUN, ready_at=None), of=once(schedule=schedule))
    assert (
        made["Campaign ready"] == f"Mon 2 Mar 2026, 09:00 EST\nafter 15 min 30 s; the first sending time, as {reason}"
    )
    assert made["First batch sent"] == "Mon 2 Mar 2026, 09:00 EST"
    only_first = InstanceTimes("once", first_sent_at=at(9, 7))
    assert facts(only_first, of=once(schedule=schedule))["Campaign ready"].startswith(
        "Mon 2 Mar 2026, 09:07 EST\nthe first"
    )


def test_ready_is_not_invented() -> None:
    at_once = once(schedule={"kind": "asap"})
    assert facts(RUN, of=at_once)["Campaign ready"] == "Mon 2 Mar 2026, 08:50 EST\nafter 5 min 30 s"
    unready = replace(RUN, ready_at=None)
    assert facts(unready, of=at_once, as_of=at(8, 59))["Campaign ready"] == EN_DASH
    assert facts(InstanceTimes("x", last_sent_at=at(9, 0)), of=at_once)["Campaign ready"] == EN_DASH


def test_several_runs_are_a_table_latest_first_with_stages_and_durations_and_the_day_said_once() -> None:
    late = replace(INSTANCES[4], last_sent_at=datetime(2026, 3, 31, 5, 0, tzinfo=UTC))
    made = table(*INSTANCES[:4], late)
    assert [row.cells[0] for row in made.rows] == [f"2026-03-{day:02}" for day in (30, 23, 16, 9, 2)]
    assert made.rows[0].cells[1:] == (
        "Sent",
        "2,500",
        "Mon 30 Mar 2026",
        "09:40 EDT",
        "09:44 EDT (4 min 30 s)",
        "09:50 EDT (5 min 30 s)",
        "10:00 EDT (10 min)",
        "10:00 EDT (5 s)",
        "Tue 31 Mar 2026, 01:00 EDT (14 h 59 min)",
    )
    assert made.note == "In brackets: how long after the step before."


def test_the_latest_run_may_be_under_way_while_the_others_are_sent() -> None:
    made = table(*INSTANCES[:2], as_of=datetime(2026, 3, 9, 14, 5, tzinfo=UTC))
    assert [row.cells[1] for row in made.rows] == ["Sending", "Sent"]
    assert [row.cells[-1] for row in made.rows] == [EN_DASH, "09:12 EST (11 min 55 s)"]


def test_runs_of_a_campaign_without_a_start_say_once_what_ready_is() -> None:
    unready = [replace(one, ready_at=None) for one in INSTANCES[:2]]
    made = table(*unready, of=campaign(schedule=None))
    assert [row.cells[6] for row in made.rows] == ["10:00 EDT (15 min 30 s)", "09:00 EST (15 min 30 s)"]
    assert str(made.note).endswith(" Ready is the first sending time, as no start is scheduled.")
    mixed = table(INSTANCES[0], unready[1], of=campaign(schedule=None))
    assert str(mixed.note).endswith(
        " Ready, where none is declared, is the first sending time, as no start is scheduled."
    )


def test_many_runs_show_the_latest_twenty_and_say_so() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    runs = [InstanceTimes(f"{day:03}", first_sent_at=start + timedelta(days=day)) for day in range(52)]
    made = table(*runs, InstanceTimes("none"))
    assert [row.cells[0] for row in made.rows] == [f"{day:03}" for day in range(51, 31, -1)]
    assert made.note == "The latest 20 of 53 instances."


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_instance_ids_do_nothing(text: str) -> None:
    assert_inert(table_html(table(replace(RUN, instance_id=text), INSTANCES[1])))

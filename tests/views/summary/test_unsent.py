"""What stands in the place of numbers where there are none: the reason is true of every status and under any rules."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.domain.words import Status
from analytics_core.snapshot.snapshot import Period
from analytics_core.views.summary.unsent import unsent_sheet, was_never_sent
from views.snapshots import campaign, empty_snapshot, snapshot

AS_OF = datetime(2026, 3, 30, 18, 5, tzinfo=UTC)
NONE = empty_snapshot(as_of=AS_OF)
LATER = Period(since=date(2026, 6, 1), until=date(2026, 6, 2))


def test_only_a_campaign_of_which_nothing_is_known_was_never_sent() -> None:
    assert was_never_sent(empty_snapshot())
    assert not was_never_sent(snapshot())
    assert not was_never_sent(empty_snapshot(reconciliation=replace(NONE.reconciliation, users_in_segment=12)))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("draft", "It is a draft that nobody has submitted."),
        ("under_review", "It waits for an approval by lee@acme.example or kim@acme.example."),
        ("scheduled", "It is scheduled; its start is Mon 2 Mar 2026, 09:00 EST."),
        ("rejected", "Rejected by \N{EN DASH} on Mon 2 Mar 2026, 06:00 EST."),
        ("not_sent", "It has no row, as of Mon 30 Mar 2026, 14:05 EDT."),
        ("paused", "It has no row, as of Mon 30 Mar 2026, 14:05 EDT."),
        (None, "It has no row, as of Mon 30 Mar 2026, 14:05 EDT."),
    ],
)
def test_the_status_says_why_there_are_no_numbers(status: str | None, reason: str) -> None:
    sheet = unsent_sheet(campaign(status=status), None, NONE)
    assert sheet.title == "Nothing was sent yet"
    assert {fact.label: fact.value for fact in sheet.facts}["Why there are no numbers"] == reason


def test_without_any_row_in_the_workspace_there_is_no_time_to_name() -> None:
    assert unsent_sheet(campaign(status="sent"), None, empty_snapshot()).facts[1].value == "It has no row."


def test_what_the_schedule_made_of_the_status_is_said() -> None:
    current = CurrentStatus(Status.NOT_SENT, Status.SCHEDULED, "its start has passed")
    (_, why, _) = unsent_sheet(campaign(status="not_sent"), current, NONE).facts
    assert why.value.endswith(" It is so because its start has passed.")


def test_what_the_rules_leave_out_is_not_said_to_be_missing() -> None:
    matured = replace(NONE.settings, matured_only=True)
    sheet = unsent_sheet(campaign(status="sent"), None, replace(NONE, period=LATER, settings=matured))
    assert sheet.title == "Nothing was sent that counts"
    period = "Mon 1 Jun 2026 to Tue 2 Jun 2026"
    assert sheet.facts[1].value == f"It has no matured row in the period {period}, as of Mon 30 Mar 2026, 14:05 EDT."
    assert sheet.note == "Numbers appear with the first row that counts."

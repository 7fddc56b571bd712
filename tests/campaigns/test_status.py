"""What time makes of a status."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics_core.campaigns.status import Sends, find_deadline, find_status, started_status
from defined_campaigns import HOUR, NOON, define

DAY = timedelta(days=1)


def _status(kind: str, status: str | None, now: datetime = NOON, sends: Sends = Sends(), **schedule: Any) -> str | None:  # noqa: ANN401, B008 - fields of a schedule; frozen
    campaign = define(delivery_type=kind, status=status, schedule=schedule or None)
    found = find_status(campaign, now, sends)
    assert (found.reason is None) == (found.status == found.stated)
    return found.status.value if found.status else None


@pytest.mark.parametrize(
    ("kind", "status", "schedule", "sends", "expected"),
    [
        ("one_time", "scheduled", {"starts_at": NOON + HOUR}, Sends(), "scheduled"),
        ("one_time", "scheduled", {"starts_at": NOON}, Sends(), "sending"),
        ("one_time", "scheduled", {"starts_at": NOON - 23 * HOUR}, Sends(has_rows=True), "sending"),
        ("one_time", "scheduled", {"starts_at": NOON - 24 * HOUR}, Sends(has_rows=True), "sent"),
        ("one_time", "scheduled", {"starts_at": NOON - 24 * HOUR}, Sends(), "not_sent"),
        ("one_time", "scheduled", {"starts_at": NOON - HOUR, "ends_at": NOON}, Sends(has_rows=True), "sent"),
        ("one_time", "sending", {"starts_at": NOON - 2 * DAY}, Sends(), "sent"),
        ("one_time", "sending", {}, Sends(), "sending"),
        ("one_time", "sending", {}, Sends(has_rows=True, last_sent_at=NOON - HOUR), "sent"),
        ("one_time", "sending", {}, Sends(has_rows=True, last_sent_at=NOON + HOUR), "sending"),
        ("one_time", "sending", {"starts_at": NOON - DAY, "ends_at": NOON + DAY}, Sends(has_rows=True), "sending"),
        ("one_time", "active", {"ends_at": NOON}, Sends(has_rows=True), "sent"),
        ("one_time", "under_review", {"starts_at": NOON}, Sends(), "not_sent"),
        ("one_time", "under_review", {"starts_at": NOON + HOUR}, Sends(), "under_review"),
        ("one_time", "draft", {"starts_at": NOON - DAY, "ends_at": NOON - HOUR}, Sends(), "draft"),
        ("one_time", None, {"starts_at": NOON - DAY}, Sends(), None),
        ("one_time", "stopped", {"starts_at": NOON - DAY}, Sends(), "stopped"),
        ("periodic", "scheduled", {"starts_at": NOON}, Sends(), "active"),
        ("periodic", "scheduled", {"starts_at": NOON - DAY, "ends_at": NOON}, Sends(), "expired"),
        ("periodic", "active", {"ends_at": NOON}, Sends(), "expired"),
        ("periodic", "active", {"ends_at": NOON + HOUR}, Sends(), "active"),
        ("periodic", "paused", {"ends_at": NOON}, Sends(), "expired"),
        ("periodic", "sending", {"ends_at": NOON}, Sends(), "expired"),
        ("periodic", "under_review", {"starts_at": NOON - DAY}, Sends(), "under_review"),
        ("event_triggered", "under_review", {"ends_at": NOON}, Sends(), "not_sent"),
        ("event_triggered", "rejected", {"ends_at": NOON - DAY}, Sends(), "rejected"),
        ("event_triggered", "expired", {"ends_at": NOON + DAY}, Sends(), "expired"),
    ],
)
def test_a_stated_status_holds_until_the_schedule_contradicts_it(
    kind: str, status: str | None, schedule: dict[str, Any], sends: Sends, expected: str | None
) -> None:
    assert _status(kind, status, NOON, sends, **schedule) == expected


def test_the_reason_is_that_of_the_last_move() -> None:
    campaign = define(status="scheduled", schedule={"starts_at": NOON - 2 * DAY})
    found = find_status(campaign, NOON, Sends(has_rows=True))
    assert (found.stated, found.status, found.reason) == ("scheduled", "sent", "its sending is over")


def test_what_may_be_sent_starts_by_its_schedule() -> None:
    later, once = {"starts_at": NOON + HOUR}, define()
    assert started_status(define(schedule=later), NOON) == "scheduled"
    assert started_status(once, NOON) == "sending"
    assert started_status(define(delivery_type="periodic"), NOON) == "active"
    assert started_status(define(delivery_type="event_triggered", schedule=later), NOON) == "scheduled"


def test_a_decision_must_come_before_the_sending_time_and_for_what_recurs_before_its_end() -> None:
    schedule = {"starts_at": NOON, "ends_at": NOON + DAY}
    assert find_deadline(define(schedule=schedule)) == NOON
    assert find_deadline(define(schedule=schedule, delivery_type="periodic")) == NOON + DAY
    assert find_deadline(define()) is None

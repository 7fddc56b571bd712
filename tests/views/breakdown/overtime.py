"""Trends and instances made by hand, whose numbers can be checked in the head."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from analytics_core.snapshot.snapshot import (
    Counts,
    CurvePoint,
    InstanceResult,
    Snapshot,
    TimeToConvert,
    TrendBucket,
    Trends,
)
from views.snapshots import goal, second_goal, snapshot

TIMES = TimeToConvert(
    median_seconds=3600.0,
    p75_seconds=7200.0,
    p90_seconds=14_400.0,
    p95_seconds=36_000.0,
    curve=tuple(CurvePoint(seconds=step * 6480.0, share=step / 20) for step in range(1, 21)),
)


def bucket(label: str, starts_at: datetime, number: int, **changed: object) -> TrendBucket:
    """`number` sent and a tenth of it failed, of whom a twentieth is both; a conversion for every ten sent."""
    made = TrendBucket(
        starts_at=starts_at,
        label=label,
        attempted=Counts(unique=number + number // 20, total=number + number // 10),
        sent=Counts(unique=number, total=number),
        failed=Counts(unique=number // 10, total=number // 10),
        converted_users=number // 10,
        converted_people=number // 10,
        conversion_events=number // 10 + 1,
        revenue=Decimal(number),
    )
    return replace(made, **changed)


def day(number: int, month: int = 3, sent: int = 100) -> TrendBucket:
    return bucket(f"2026-{month:02}-{number:02}", datetime(2026, month, number, 5, tzinfo=UTC), sent)


DAYS = (day(2, sent=100), day(3, sent=200), day(5, sent=40), day(30, sent=60))
HOURS = (
    bucket("2026-03-08T01:00-05:00", datetime(2026, 3, 8, 6, tzinfo=UTC), 100),
    bucket("2026-03-08T03:00-04:00", datetime(2026, 3, 8, 7, tzinfo=UTC), 200),
    bucket("2026-03-30T14:00-04:00", datetime(2026, 3, 30, 18, tzinfo=UTC), 300),
)
WEEKS = (bucket("2026-03-02", datetime(2026, 3, 2, 5, tzinfo=UTC), 340), day(30, sent=60))
MONTHS = (bucket("2026-03", datetime(2026, 3, 1, 5, tzinfo=UTC), 400),)
TRENDS = Trends(day=DAYS, hour=HOURS, week=WEEKS, month=MONTHS, cohort_day=DAYS[:2], hours_omitted=7)


def instance(name: str | None, sent: int, on: int) -> InstanceResult:
    return InstanceResult(
        instance_id=name,
        users_in_segment=2 * sent,
        attempted=sent + 5,
        sent=sent,
        failed=5,
        converted_users=sent // 10,
        conversion_events=sent // 10,
        revenue=Decimal(sent),
        unaccounted=0,
        first_sent_at=datetime(2026, 3, on, 14, tzinfo=UTC),
        last_sent_at=datetime(2026, 3, on, 14, 12, tzinfo=UTC),
    )


RUNS = (instance("first", 100, 2), instance("second", 300, 9), instance("third", 200, 16))


def over_time(**changed: object) -> Snapshot:
    """The campaign of `snapshot`, as of Monday 30 March 2026 at 14:05 in New York, with four days of trends."""
    goals = (goal(time_to_convert=TIMES), second_goal())
    return snapshot(**{"trends": TRENDS, "instances": RUNS, "goals": goals, **changed})

"""What happened when, in the app's time zone."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from oracle.audience import ATTEMPTED, AudienceRow
from oracle.conversions import Scope, converted_rows, counted_credits, money
from oracle.credits import Credit
from oracle.known import Row
from oracle.localtime import Bucket, day_of, hour_of, month_of, week_of

HOURS_LISTED = 336
Place = Callable[[datetime, str], Bucket]
Moment = Callable[[Credit], datetime]
Thing = TypeVar("Thing")


def trends(scope: Scope, goal: Row, timezone: str) -> Row:
    def counted(place: Place, moment: Moment = event_moment) -> list[Row]:
        rows = grouped((place(row.clock, timezone), row) for row in scope.rows if row.standing in ATTEMPTED)
        credits_ = grouped((place(moment(credit), timezone), credit) for credit in counted_credits(scope, goal))
        buckets = sorted({*rows, *credits_}, key=lambda bucket: bucket[1])
        return [bucket_document(scope, goal, bucket, rows[bucket], credits_[bucket]) for bucket in buckets]

    hours = counted(hour_of)
    return {
        "day": counted(day_of),
        "hour": hours[-HOURS_LISTED:],
        "hours_omitted": len(hours[:-HOURS_LISTED]),
        "week": counted(week_of),
        "month": counted(month_of),
        "cohort_day": counted(day_of, lambda credit: credit.row.clock),
    }


def event_moment(credit: Credit) -> datetime:
    moment: datetime = credit.event["occurred_at"]
    return moment


def grouped(pairs: Iterable[tuple[Bucket, Thing]]) -> dict[Bucket, list[Thing]]:
    groups: dict[Bucket, list[Thing]] = defaultdict(list)
    for bucket, thing in pairs:
        groups[bucket].append(thing)
    return groups


def bucket_document(scope: Scope, goal: Row, bucket: Bucket, rows: list[AudienceRow], credits_: list[Credit]) -> Row:
    people = {credit.row.user_id for credit in credits_}
    sent = [row for row in rows if row.standing == "sent"]
    label, start = bucket
    return {
        "starts_at": start.isoformat(),
        "label": label,
        "attempted": both_counts(rows),
        "sent": both_counts(sent),
        "failed": both_counts([row for row in rows if row.standing != "sent"]),
        "converted_users": len(people) if scope.is_legacy else converted_rows(credits_),
        "converted_people": len(people),
        "conversion_events": len(credits_),
        "revenue": money(scope, goal, credits_, 0)["revenue"],
    }


def both_counts(rows: list[AudienceRow]) -> Row:
    return {"unique": len({row.user_id for row in rows}), "total": len(rows)}

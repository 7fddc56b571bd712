"""What one goal of one campaign earned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from oracle.audience import AudienceRow
from oracle.credits import Attribution, Credit, window
from oracle.known import Row
from oracle.values import (
    MICROS,
    amount_micros,
    goal_currency,
    is_other_currency,
    revenue_value,
    share_of_money,
    sum_text,
)

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Scope:
    """A campaign and the audience rows its numbers count."""

    campaign: Row
    rows: list[AudienceRow]
    attribution: Attribution
    app_currency: str

    @cached_property
    def counted(self) -> set[AudienceRow]:
        return set(self.rows)

    @property
    def is_legacy(self) -> bool:
        return self.campaign.get("analytics_version") == "legacy"


def counted_credits(scope: Scope, goal: Row) -> list[Credit]:
    credits_ = scope.attribution.of_sent(scope.campaign["campaign_id"], goal["goal_id"])
    return [credit for credit in credits_ if credit.row in scope.counted]


def goal_document(scope: Scope, goal: Row, *, is_primary: bool) -> Row:
    credits_ = counted_credits(scope, goal)
    people = {credit.row.user_id for credit in credits_}
    converted = len(people) if scope.is_legacy else converted_rows(credits_)
    sent = sum(1 for row in scope.rows if row.standing == "sent")
    rate = converted / sent if sent else None
    return {
        "goal_id": goal["goal_id"],
        "name": goal["name"],
        "event_name": goal["event_name"],
        "is_primary": is_primary,
        "converted_users": converted,
        "converted_people": len(people),
        "conversion_events": len(credits_),
        "conversion_rate": rate,
        **money(scope, goal, credits_, converted),
        "median_seconds_to_convert": median_seconds(credits_),
        "time_to_convert": time_to_convert(credits_, window(scope.campaign, scope.attribution.settings)),
    }


def converted_rows(credits_: Iterable[Credit]) -> int:
    return len({(credit.row.instance_id, credit.row.user_id) for credit in credits_})


def money(scope: Scope, goal: Row, credits_: list[Credit], converted: int) -> Row:
    revenue = goal.get("revenue")
    without = other = rounded = total = 0
    for credit in credits_ if revenue else []:
        micros, is_rounded = amount_micros(credit.event, goal, scope.app_currency)
        total += micros
        rounded += is_rounded
        without += revenue_value(credit.event, revenue["attribute"]) is None
        other += is_other_currency(credit.event, goal_currency(goal, scope.app_currency))
    return {
        "revenue": sum_text(total) if revenue else None,
        "average_order_value": share_of_money(total, len(credits_)) if revenue else None,
        "average_revenue_per_user": share_of_money(total, converted) if revenue else None,
        "currency": goal_currency(goal, scope.app_currency) if revenue else None,
        "events_without_value": without,
        "events_in_other_currency": other,
        "events_with_rounded_value": rounded,
    }


def median_seconds(credits_: list[Credit]) -> float | None:
    waits = sorted((credit.event["occurred_at"] - credit.row.clock) // MICROSECOND for credit in credits_)
    if not waits:
        return None
    middle = len(waits) // 2
    if len(waits) % 2:
        return waits[middle] / 1_000_000
    return (waits[middle - 1] + waits[middle]) / 2_000_000


def time_to_convert(credits_: list[Credit], length: timedelta) -> Row | None:
    waits = sorted(credit.event["occurred_at"] - credit.row.clock for credit in credits_)
    if not waits:
        return None
    return {
        "median_seconds": percentile_seconds(waits, Fraction(1, 2)),
        "p75_seconds": percentile_seconds(waits, Fraction(3, 4)),
        "p90_seconds": percentile_seconds(waits, Fraction(9, 10)),
        "p95_seconds": percentile_seconds(waits, Fraction(19, 20)),
        "curve": [
            {
                "seconds": float(Fraction(length // MICROSECOND, MICROS) * twentieths / 20),
                "share": sum(1 for wait in waits if wait * 20 <= length * twentieths) / len(waits),
            }
            for twentieths in range(1, 21)
        ],
    }


def percentile_seconds(waits: list[timedelta], part: Fraction) -> float:
    rank = (len(waits) - 1) * part
    before = Fraction(waits[floor(rank)] // MICROSECOND)
    after = Fraction(waits[ceil(rank)] // MICROSECOND)
    return float((before + (after - before) * (rank - floor(rank))) / MICROS)

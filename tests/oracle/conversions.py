"""What one goal of one campaign earned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from oracle.audience import AudienceRow
from oracle.credits import Attribution, Credit, window
from oracle.inference import Arm, estimate
from oracle.known import Row
from oracle.values import MICROS, is_other_currency, revenue_value, rounded_micros, share_of_money, sum_text

SENT = {"sent"}
ATTEMPTED = {"sent", "failed_response", "personalization_failed"}
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Scope:
    """A campaign and the audience rows its numbers count."""

    campaign: Row
    rows: list[AudienceRow]
    attribution: Attribution
    app_currency: str

    @property
    def is_legacy(self) -> bool:
        return self.campaign.get("analytics_version") == "legacy"

    def reasoned(self, reason: str) -> list[AudienceRow]:
        """Rows that stand in one control group, matured or not as the scope says."""
        return [row for row in self.rows if row.reason == reason]


def counted_credits(scope: Scope, goal: Row) -> list[Credit]:
    counted = set(scope.rows)
    return [credit for credit in scope.attribution.of_sent(scope.campaign, goal) if credit.row in counted]


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
        "uplift": {
            "campaign": arm(scope, goal, "control_group"),
            "global": arm(scope, goal, "global_control_group"),
        },
    }


def converted_rows(credits_: Iterable[Credit]) -> int:
    return len({(credit.row.instance_id, credit.row.user_id) for credit in credits_})


def money(scope: Scope, goal: Row, credits_: list[Credit], converted: int) -> Row:
    revenue = goal.get("revenue")
    without = other = rounded = total = 0
    currency = revenue and (revenue.get("currency") or scope.app_currency)
    for credit in credits_ if revenue else []:
        value = revenue_value(credit.event, revenue["attribute"])
        is_other = is_other_currency(credit.event, currency)
        without += value is None
        other += is_other
        if value is not None and not is_other:
            micros, is_rounded = rounded_micros(value)
            total += micros
            rounded += is_rounded
    return {
        "revenue": sum_text(total) if revenue else None,
        "average_order_value": share_of_money(total, len(credits_)) if revenue else None,
        "average_revenue_per_user": share_of_money(total, converted) if revenue else None,
        "currency": currency,
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


def arm(scope: Scope, goal: Row, reason: str) -> Row | None:
    targets = [row for row in scope.attribution.audience(scope.campaign["campaign_id"]) if row.reason == reason]
    counted = set(scope.reasoned(reason))
    if scope.is_legacy or not counted:
        return None
    credits_ = [credit for credit in scope.attribution.of_rows(scope.campaign, goal, targets) if credit.row in counted]
    control = Arm((row.user_id for row in counted), users_converted(credits_))
    sent, attempted = (treated(scope, goal, words) for words in (SENT, ATTEMPTED))
    per_sent = estimate(sent, control)
    revenue = money(scope, goal, credits_, 0)["revenue"]
    return {
        "active_targets": len(counted),
        "converted_users": converted_rows(credits_),
        "conversion_rate": float(control.rate),
        "uplift": per_sent["uplift"],
        "interval": per_sent["interval"],
        "p_value": per_sent["p_value"],
        "intention_to_treat": estimate(attempted, control),
        "revenue_per_active_target": revenue and share_of_money(micros_of(revenue), len(counted)),
    }


def treated(scope: Scope, goal: Row, words: set[str]) -> Arm:
    counted = set(scope.rows)
    credits_ = [credit for credit in scope.attribution.of_sent(scope.campaign, goal) if credit.row in counted]
    return Arm((row.user_id for row in counted if row.standing in words), users_converted(credits_))


def users_converted(credits_: Iterable[Credit]) -> list[str]:
    return [user for _, user in {(credit.row.instance_id, credit.row.user_id) for credit in credits_}]


def micros_of(text: str) -> int:
    return int(Decimal(text).scaleb(6))

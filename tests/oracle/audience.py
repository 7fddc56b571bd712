"""Audience rows: one user who qualified for one instance, with what became of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from oracle.known import Row

ATTEMPTED = {"sent", "failed_response", "personalization_failed"}


@dataclass(frozen=True, eq=False)
class AudienceRow:
    """`clock` starts attribution; `seen_at` is the clock of the comparison: the earliest raw row, whatever it says.

    `drawn` is the control group the row was drawn into, also where it was requested anyway.
    """

    campaign_id: str
    instance_id: str
    user_id: str
    standing: str
    clock: datetime
    seen_at: datetime
    reason: str | None
    drawn: str | None
    blamed: frozenset[tuple[str, str | None]]
    attempts: int

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(category for category, _ in self.blamed)

    @property
    def is_contaminated(self) -> bool:
        return self.drawn is not None and self.standing in ATTEMPTED


def audience_rows(deliveries: list[Row], success_codes: Collection[int]) -> list[AudienceRow]:
    groups = defaultdict(list)
    for row in deliveries:
        groups[row["campaign_id"], row["instance_id"], row["user_id"]].append(row)
    return [collapsed(key, rows, success_codes) for key, rows in groups.items()]


def collapsed(key: tuple[str, str, str], rows: list[Row], success_codes: Collection[int]) -> AudienceRow:
    by_outcome = defaultdict(list)
    for row in rows:
        by_outcome[row["outcome"]].append(row)
    requested, control = by_outcome["requested"], by_outcome["control_group"]
    drawn_at, drawn = min(((row["occurred_at"], control_type(row)) for row in control), default=(None, None))
    blamed: frozenset[tuple[str, str | None]] = frozenset()
    if requested:
        standing, clock, reason = requested_standing(requested, success_codes)
    elif by_outcome["personalization_failed"]:
        standing = reason = "personalization_failed"
        clock = earliest(by_outcome["personalization_failed"])
        blamed = named_errors(by_outcome["personalization_failed"])
    elif control:
        standing, clock = "control_group", drawn_at
        reason = "control_group" if drawn == "campaign" else "global_control_group"
    else:
        standing = reason = "frequency_capped"
        clock = earliest(by_outcome["frequency_capped"])
    return AudienceRow(*key, standing, clock, earliest(rows), reason, drawn, blamed, len(requested))


def earliest(rows: list[Row]) -> datetime:
    return min(row["occurred_at"] for row in rows)


def requested_standing(attempts: list[Row], success_codes: Collection[int]) -> tuple[str, datetime, str | None]:
    successes = [row for row in attempts if row.get("response_code") in success_codes]
    if successes:
        return "sent", earliest(successes), None
    last = max(attempts, key=attempt_order)
    code = last.get("response_code")
    return "failed_response", last["occurred_at"], "no_response" if code is None else f"response_{code}"


def attempt_order(row: Row) -> tuple[datetime, bool, str, bool, int]:
    request, code = row.get("request_id"), row.get("response_code")
    return (row["occurred_at"], request is not None, request or "", code is not None, code or 0)


def control_type(row: Row) -> str:
    return row.get("control_group_type") or "campaign"


def named_errors(rows: list[Row]) -> frozenset[tuple[str, str | None]]:
    named: set[tuple[str, str | None]] = set()
    for row in rows:
        named |= {(error["category"], error["attribute"]) for error in row.get("personalization_errors") or []} or {
            ("unknown", None)
        }
    return frozenset(named)

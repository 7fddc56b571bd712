"""Audience rows: one user who qualified for one instance, with what became of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from oracle.known import Row


@dataclass(frozen=True)
class AudienceRow:
    campaign_id: str
    instance_id: str
    user_id: str
    standing: str
    clock: datetime
    reason: str | None
    blamed: frozenset[tuple[str, str | None]]
    is_contaminated: bool
    attempts: int

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(category for category, _ in self.blamed)


def audience_rows(deliveries: list[Row], success_codes: Collection[int]) -> list[AudienceRow]:
    groups = defaultdict(list)
    for row in deliveries:
        groups[row["campaign_id"], row["instance_id"], row["user_id"]].append(row)
    return [collapsed(key, rows, success_codes) for key, rows in groups.items()]


def collapsed(key: tuple[str, str, str], rows: list[Row], success_codes: Collection[int]) -> AudienceRow:
    by_outcome = defaultdict(list)
    for row in rows:
        by_outcome[row["outcome"]].append(row)
    requested = by_outcome["requested"]
    blamed: frozenset[tuple[str, str | None]] = frozenset()
    if requested:
        standing, clock, reason = requested_standing(requested, success_codes)
    elif by_outcome["personalization_failed"]:
        standing = reason = "personalization_failed"
        clock = max(row["occurred_at"] for row in by_outcome["personalization_failed"])
        blamed = named_errors(by_outcome["personalization_failed"])
    elif by_outcome["control_group"]:
        standing = "control_group"
        clock, kind = min((row["occurred_at"], control_type(row)) for row in by_outcome["control_group"])
        reason = "control_group" if kind == "campaign" else "global_control_group"
    else:
        standing = reason = "frequency_capped"
        clock = max(row["occurred_at"] for row in by_outcome["frequency_capped"])
    contaminated = bool(requested) and bool(by_outcome["control_group"])
    return AudienceRow(*key, standing, clock, reason, blamed, contaminated, len(requested))


def requested_standing(attempts: list[Row], success_codes: Collection[int]) -> tuple[str, datetime, str | None]:
    successes = [row["occurred_at"] for row in attempts if row.get("response_code") in success_codes]
    if successes:
        return "sent", min(successes), None
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

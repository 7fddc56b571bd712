"""What each instance did: the largest ones by name, the others summed up."""

from datetime import UTC, datetime

from oracle.audience import ATTEMPTED, AudienceRow
from oracle.conversions import Scope, converted_rows, counted_credits, money
from oracle.known import Row

LISTED = 366
NEVER = datetime.max.replace(tzinfo=UTC)


def instance_documents(scope: Scope, goal: Row, declared: list[Row]) -> Row:
    """The three keys about instances, and nothing unknown; `declared` are the campaign's instances rows that count."""
    sizes = {row["instance_id"]: row.get("users_in_segment") for row in declared}
    names = sizes.keys() | {row.instance_id for row in scope.rows}
    clocks = {name: min((row.clock for row in scope.rows if row.instance_id == name), default=NEVER) for name in names}
    largest = sorted(names, key=lambda name: (-sent_count(scope, name), clocks[name], name))
    listed = sorted(largest[:LISTED], key=lambda name: (clocks[name], name))
    rest = largest[LISTED:]
    return {
        "instances": [{"instance_id": name} | figures(scope, goal, {name}, sizes) for name in listed],
        "instances_omitted": len(rest),
        "instances_remainder": {"instance_id": None} | figures(scope, goal, set(rest), sizes) if rest else None,
        "unknown": [],
    }


def sent_count(scope: Scope, name: str) -> int:
    return sum(1 for row in scope.rows if row.instance_id == name and row.standing == "sent")


def figures(scope: Scope, goal: Row, names: set[str], sizes: dict[str, int | None]) -> Row:
    rows = [row for row in scope.rows if row.instance_id in names]
    attempted = [row for row in rows if row.standing in ATTEMPTED]
    sends = [row.clock for row in attempted if row.standing == "sent"]
    credits_ = [credit for credit in counted_credits(scope, goal) if credit.row.instance_id in names]
    unaccounted = sum(unlogged(rows, name, sizes.get(name)) for name in names)
    return {
        "users_in_segment": len(rows) + unaccounted,
        "attempted": len(attempted),
        "sent": len(sends),
        "failed": len(attempted) - len(sends),
        "converted_users": converted_rows(credits_),
        "conversion_events": len(credits_),
        "revenue": money(scope, goal, credits_, 0)["revenue"],
        "unaccounted": unaccounted,
        "first_sent_at": min(sends).isoformat() if sends else None,
        "last_sent_at": max(sends).isoformat() if sends else None,
    }


def unlogged(rows: list[AudienceRow], name: str, size: int | None) -> int:
    return max((size or 0) - sum(1 for row in rows if row.instance_id == name), 0)

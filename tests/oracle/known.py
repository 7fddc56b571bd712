"""What a computation knows: duplicates removed, merged users under one id, nothing later than `as_of`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

INSTANCE_TIMES = (
    "segmentation_started_at",
    "segmentation_completed_at",
    "ready_at",
    "first_batch_sent_at",
    "first_sent_at",
    "last_sent_at",
)


@dataclass(frozen=True)
class Known:
    as_of: datetime | None
    deliveries: list[Row]
    events: list[Row]
    instances: list[Row]


def known_rows(world_rows: dict[str, list[Row]], as_of: datetime | None) -> Known:
    names = final_ids(first_rows(world_rows.get("identities", []), ("user_id",)))
    deliveries = renamed(first_rows(world_rows.get("deliveries", []), ("request_id",)), names)
    events = renamed(first_rows(world_rows.get("events", []), ("event_id",)), names)
    instances = first_rows(world_rows.get("instances", []), ("campaign_id", "instance_id"))
    if as_of is None:
        as_of = max((row["occurred_at"] for row in deliveries + events), default=None)
    return Known(
        as_of=as_of if as_of is None else as_of.astimezone(UTC),
        deliveries=[row for row in deliveries if row["occurred_at"] <= as_of],
        events=[opened(row) for row in events if row["occurred_at"] <= as_of],
        instances=[row for row in instances if instance_exists(row, as_of)],
    )


def first_rows(rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    kept = []
    seen = set()
    for row in rows:
        values = tuple(row.get(column) for column in key)
        if values in seen:
            continue
        if None not in values:
            seen.add(values)
        kept.append(row)
    return kept


def final_ids(identities: list[Row]) -> dict[str, str]:
    step = {row["user_id"]: row["merged_into"] for row in identities}
    sound = {user: into for user, into in step.items() if not lies_on_cycle(user, step)}
    final = {}
    for user in sound:
        end = user
        while end in sound:
            end = sound[end]
        final[user] = end
    return final


def lies_on_cycle(user: str, step: dict[str, str]) -> bool:
    walked: set[str] = set()
    here = step[user]
    while here != user:
        if here not in step or here in walked:
            return False
        walked.add(here)
        here = step[here]
    return True


def renamed(rows: list[Row], names: dict[str, str]) -> list[Row]:
    return [row | {"user_id": names.get(row["user_id"], row["user_id"])} for row in rows]


def opened(event: Row) -> Row:
    attributes = event.get("attributes")
    if isinstance(attributes, str):
        attributes = json.loads(attributes, parse_float=Decimal)
    return event | {"attributes": attributes or {}}


def instance_exists(instance: Row, as_of: datetime | None) -> bool:
    times = [instance[name] for name in INSTANCE_TIMES if instance.get(name) is not None]
    return as_of is None or not times or min(times) <= as_of

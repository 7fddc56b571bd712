"""A world: campaign definitions and canonical rows in file order, told verb by verb.

Every verb returns a new world, so that a story reads from left to right and two stories can share a beginning.
Times are written like "2026-03-02 09:00" and mean UTC.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App
from analytics_core.tables.canonical import CanonicalTables
from worlds.files import write_world
from worlds.frames import canonical_tables

Row = dict[str, Any]
PURCHASE = {"goal_id": "purchase", "name": "Purchase", "event_name": "Order Placed"}
ORDER_VALUE = {"revenue": {"attribute": "order_value"}}
MONDAY = "2026-03-02 09:00"


def instant(at: str | datetime) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)


def compact(attributes: Row) -> str:
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class World:
    """What an import would read. `campaigns` are definitions as `campaigns.json` states them."""

    campaigns: tuple[Row, ...] = ()
    deliveries: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    instances: tuple[Row, ...] = ()
    identities: tuple[Row, ...] = ()
    app: App = field(default_factory=App)

    @property
    def rows(self) -> dict[str, list[Row]]:
        """The rows of each table in file order, duplicates still in."""
        return {
            "deliveries": list(self.deliveries),
            "events": list(self.events),
            "instances": list(self.instances),
            "identities": list(self.identities),
        }

    @property
    def campaigns_text(self) -> str:
        """The text of `campaigns.json`."""
        return json.dumps(self.campaigns, ensure_ascii=False)

    @property
    def book(self) -> tuple[Campaign, ...]:
        """The product's campaign definitions."""
        return tuple(Campaign.model_validate_json(json.dumps(campaign)) for campaign in self.campaigns)

    @property
    def plain_campaigns(self) -> list[Row]:
        """The definitions with exact decimals, as the oracle reads them."""
        return json.loads(self.campaigns_text, parse_float=Decimal)

    def tables(self) -> CanonicalTables:
        """The canonical tables a computation reads, duplicates removed."""
        return canonical_tables(self.rows)

    def write(self, directory: Path, *, fmt: str, parts: int = 2) -> Path:
        """Write canonical input files (`campaigns.json` and jsonl, csv or parquet) and return their directory."""
        write_world(self.campaigns_text, self.rows, directory, fmt=fmt, parts=parts)
        return directory

    def with_campaign(self, campaign_id: str, **definition: object) -> Self:
        defaults = {"name": campaign_id, "delivery_type": "periodic", "goals": [PURCHASE | ORDER_VALUE]}
        campaign = defaults | definition | {"campaign_id": campaign_id}
        return replace(self, campaigns=(*self.campaigns, campaign))

    def delivery(self, user: str, outcome: str, *, at: str = MONDAY, instance: str = "run", **more: object) -> Self:
        """One raw delivery row of the campaign named last, unless `campaign_id` says another."""
        row = {
            "campaign_id": self.campaigns[-1]["campaign_id"],
            "instance_id": instance,
            "user_id": user,
            "occurred_at": instant(at),
            "outcome": outcome,
        }
        return replace(self, deliveries=(*self.deliveries, row | more))

    def requested(self, user: str, code: int | None, **more: object) -> Self:
        """One request attempt with its response code; None where no response came."""
        request = {"request_id": f"request-{len(self.deliveries)}", "response_code": code}
        return self.delivery(user, "requested", **(request | more))

    def sent(self, user: str, **more: object) -> Self:
        return self.requested(user, 200, **more)

    def not_personalized(self, user: str, *categories: str, **more: object) -> Self:
        errors = [{"category": category, "attribute": "first_name"} for category in categories]
        return self.delivery(user, "personalization_failed", personalization_errors=errors, **more)

    def held_back(self, user: str, *, group: str | None = "campaign", **more: object) -> Self:
        return self.delivery(user, "control_group", control_group_type=group, **more)

    def capped(self, user: str, **more: object) -> Self:
        return self.delivery(user, "frequency_capped", **more)

    def event(self, user: str, name: str, *, at: str, **attributes: object) -> Self:
        row = {
            "event_id": f"event-{len(self.events)}",
            "user_id": user,
            "event_name": name,
            "occurred_at": instant(at),
            "attributes": compact(attributes) if attributes else None,
        }
        return replace(self, events=(*self.events, row))

    def bought(self, user: str, *, at: str, **attributes: object) -> Self:
        return self.event(user, "Order Placed", at=at, **attributes)

    def declared(self, instance: str, users: int | None, **times: str) -> Self:
        row = {"campaign_id": self.campaigns[-1]["campaign_id"], "instance_id": instance, "users_in_segment": users}
        moments = {name: instant(at) for name, at in times.items()}
        return replace(self, instances=(*self.instances, row | moments))

    def merged(self, user: str, into: str) -> Self:
        return replace(self, identities=(*self.identities, {"user_id": user, "merged_into": into}))


def tiny_campaign(campaign_id: str = "spring", **definition: object) -> World:
    """A world with one campaign: one goal `Order Placed` with revenue `order_value`, window 36 hours."""
    return World().with_campaign(campaign_id, **definition)

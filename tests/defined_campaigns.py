"""Campaigns for tests of what may be done with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_core.domain.campaign import Campaign

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def define(**said: Any) -> Campaign:  # noqa: ANN401 - any field of a definition
    """A campaign that may be submitted as it is, but for what is `said`."""
    fields: dict[str, Any] = {
        "campaign_id": "spring-sale",
        "name": "Spring sale",
        "delivery_type": "one_time",
        "goals": [{"goal_id": "g", "name": "Purchase", "event_name": "Order", "is_primary": True}],
    }
    return Campaign.model_validate({**fields, **said})


def approval(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """An approval that lee or sam must give."""
    return {"required": True, "approvers": ["lee@acme.example", "sam@acme.example"], **said}


def approved(by: str = "lee@acme.example", at: datetime = NOON) -> dict[str, Any]:
    """An approval that somebody gave."""
    return approval(approved_by=by, decided_at=at)

"""What the oracle says about a world."""

from typing import Any

from analytics_core.domain.settings import Settings
from oracle import snapshot_documents
from worlds.story import World


def opinion(told: World, settings: Settings | None = None) -> list[dict[str, Any]]:
    """The documents of all campaigns."""
    return snapshot_documents(told.rows, told.plain_campaigns, told.app, settings or Settings())


def first_goal(told: World, settings: Settings | None = None) -> dict[str, Any]:
    goal: dict[str, Any] = opinion(told, settings)[0]["goals"][0]
    return goal


def against_campaign_control(told: World, settings: Settings | None = None) -> dict[str, Any]:
    """The first goal's comparison with the campaign's own control group."""
    arm: dict[str, Any] = first_goal(told, settings)["uplift"]["campaign"]
    return arm

"""One small world for the explorer's tests: a campaign of every kind the page treats in its own way."""

from analytics_core.domain.settings import App
from worlds.story import ORDER_VALUE, PURCHASE, World

HOSTILE = '<script>alert("name")</script>'
REVIEW = {"goal_id": "review", "name": "<img src=x onerror=alert(1)>", "event_name": "Reviewed"}
MONDAY, TUESDAY = "2026-03-02 09:00", "2026-03-03 09:00"


def shop() -> World:
    """`spring` was sent to Ada twice and to Bo once, failed for Cy and Di; `old` is legacy; `evil` has a bad name."""
    return _evil(_old(_spring(World(app=App(name="Acme <b>Shop</b>", timezone="America/New_York")))))


def _spring(world: World) -> World:
    spring = world.with_campaign(
        "spring",
        name="Spring sale",
        status="active",
        team="Growth",
        tags=["sale"],
        goals=[PURCHASE | ORDER_VALUE | {"is_primary": True}, REVIEW],
        request={"url": "https://hooks.example/?key=hunter2", "headers": {"Authorization": "Bearer hunter2"}},
    )
    monday = spring.declared("mon", 10, first_sent_at=MONDAY).declared("tue", 5, first_sent_at=TUESDAY)
    monday = monday.declared("later", 5, first_sent_at="2026-04-01 09:00").declared("timeless", None)
    monday = monday.sent("ada", instance="mon").sent("bo", instance="mon")
    failed = monday.not_personalized("di", "user_attribute", instance="mon")
    tuesday = failed.sent("ada", at=TUESDAY, instance="tue").requested("cy", 404, at=TUESDAY, instance="tue")
    bought = tuesday.bought("ada", at="2026-03-02 10:00", order_value=12.5)
    return bought.event("bo", "Reviewed", at="2026-03-02 11:00")


def _old(world: World) -> World:
    return world.with_campaign("old", name="Old news", analytics_version="legacy", status="expired").sent("ada")


def _evil(world: World) -> World:
    return world.with_campaign("evil", name=HOSTILE, delivery_type="one_time").sent("bo")

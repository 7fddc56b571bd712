"""The same worlds at another time, in another zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worlds.story import Row, World


def moved(told: World, by: timedelta, timezone: str) -> World:
    """Every instant of the world later by `by`, looked at from `timezone`."""
    tables = ("deliveries", "events", "instances")
    return replace(
        told,
        app=replace(told.app, timezone=timezone),
        **{name: tuple(later(row, by) for row in getattr(told, name)) for name in tables},
    )


def later(row: Row, by: timedelta) -> Row:
    return {name: value + by if isinstance(value, datetime) else value for name, value in row.items()}


def since(start: datetime, moment: str) -> timedelta:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC) - start

"""Several worlds side by side in one: computed together, and yet none of them may notice the others."""

from collections.abc import Iterable
from dataclasses import replace

from analytics_core.domain.settings import App
from worlds.story import Row, World

IDS = ("campaign_id", "user_id", "merged_into", "request_id", "event_id")


def mark_of(number: int) -> str:
    """What the ids of a world begin with."""
    return f"{number:05}:"


def marked(told: World, number: int) -> World:
    """The same world under ids of its own, which are in the same order."""
    mark = mark_of(number)

    def own(rows: Iterable[Row]) -> tuple[Row, ...]:
        return tuple(row | {name: mark + row[name] for name in IDS if row.get(name) is not None} for row in rows)

    tables = ("campaigns", "deliveries", "events", "instances", "identities")
    return replace(told, **{name: own(getattr(told, name)) for name in tables})


def gathered(worlds: Iterable[World], app: App) -> World:
    """The campaigns and rows of all of them, as one app's."""
    told = list(worlds)
    tables = ("campaigns", "deliveries", "events", "instances", "identities")
    return World(**{name: tuple(row for each in told for row in getattr(each, name)) for name in tables}, app=app)

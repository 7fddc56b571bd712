"""What the product says about a world."""

from dataclasses import replace
from pathlib import Path

from analytics_core.domain.settings import Settings
from analytics_core.engines.local import compute_snapshots
from analytics_core.snapshot.documents import as_json
from analytics_core.tables.canonical import CanonicalTables
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace import create_workspace
from worlds.schema import read_back
from worlds.story import Row, World


def documents(world: World, settings: Settings | None = None) -> list[Row]:
    """The snapshot documents of all campaigns, after a round through JSON text; valid by the published schema."""
    return documents_from(world.tables(), world, settings or Settings())


def documents_from(tables: CanonicalTables | KeyedTables, world: World, settings: Settings) -> list[Row]:
    """The same, from tables that were made of the world before."""
    snapshots = compute_snapshots(tables, world.book, world.app, settings)
    return read_back(as_json(snapshot) for snapshot in snapshots)


def documents_by_import(
    world: World, directory: Path, *, fmt: str, settings: Settings | None = None, parts: int = 2
) -> list[Row]:
    """The same by way of files: written as `fmt`, imported into a new workspace, computed there."""
    workspace = create_workspace(directory / "workspace", app=world.app)
    workspace.import_canonical(world.write(directory / "export", fmt=fmt, parts=parts))
    return read_back(as_json(snapshot) for snapshot in workspace.snapshots(settings=settings))


def alone(world: World, campaign_id: str) -> World:
    """The same rows with a book of one campaign."""
    only = tuple(campaign for campaign in world.campaigns if campaign["campaign_id"] == campaign_id)
    return replace(world, campaigns=only)

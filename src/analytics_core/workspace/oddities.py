"""What the data shows where numbers are 0 or odd: looked for only where people read numbers."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from analytics_core.domain.settings import App, Settings
from analytics_core.explaining.oddities import Oddities
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace.workspace import Workspace

if TYPE_CHECKING:
    from analytics_core.engines.oddities import OddityFinder


def find_oddities(
    workspace: Workspace, snapshots: Iterable[Snapshot], settings: Settings | None = None
) -> dict[str, Oddities]:
    """What is odd about the campaigns of some Snapshots, by campaign id.

    Args:
        workspace: the Snapshots' own.
        snapshots: of campaigns of its book.
        settings: the rules that the Snapshots were computed by; None: the workspace's.
    """
    campaigns = {campaign.campaign_id: campaign for campaign in workspace.campaigns()}
    asked = [(campaigns[snapshot.campaign_id], snapshot) for snapshot in snapshots]
    as_of = (settings or workspace.settings).as_of
    if not asked:
        return {}

    def find(tables: KeyedTables) -> dict[str, Oddities]:
        return _finder_of(tables, workspace.app, as_of).find(asked)

    return workspace.compute_from_tables(find)


@lru_cache(maxsize=2)
def _finder_of(tables: KeyedTables, app: App, as_of: datetime | None) -> "OddityFinder":
    """What was looked at before is not looked at again, while the tables are the same."""
    from analytics_core.engines.oddities import OddityFinder  # noqa: PLC0415 - it loads what computes

    return OddityFinder(tables, app, as_of)

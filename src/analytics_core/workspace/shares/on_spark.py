"""The Snapshots of a workspace, counted in shares by Spark: a plan goes out, and each executor opens the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from analytics_core.domain.settings import Settings
from analytics_core.engines.shares.arrow import from_arrow, to_arrow
from analytics_core.engines.spark.running import Progress, run_shares
from analytics_core.engines.spark.session import Session
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace.shares.computing import PlannedComputation, make_plan
from analytics_core.workspace.shares.plan import format_plan, parse_plan

if TYPE_CHECKING:
    from analytics_core.workspace.workspace import Workspace

_ROWS = 16_000_000
"""About how many rows a share has where there are more shares than cores: fewer, and blocks of users are read twice."""
_MOST = 10_000


@dataclass(frozen=True)
class PlannedShares:
    """What executors do with the shares of a plan; opens the workspace where it is first asked.

    Attributes:
        plan: its text, so that an executor with another version of the package says so.
    """

    plan: str

    def count(self, number: int) -> bytes:
        """What one share counts, as Arrow."""
        return to_arrow(self._computation.count(number))

    def add(self, counted: Sequence[bytes]) -> bytes:
        """What several shares, or sums of them, counted together, as Arrow."""
        return to_arrow(self._computation.add([from_arrow(each) for each in counted]))

    @cached_property
    def _computation(self) -> PlannedComputation:
        return PlannedComputation(parse_plan(self.plan, "the plan"))


def compute_on_spark(
    workspace: "Workspace", ids: Sequence[str], settings: Settings, *, session: Session, progress: Progress
) -> tuple[Snapshot, ...]:
    """The Snapshots of campaigns by some rules, in the order of their ids; Spark counts, this process finishes.

    Args:
        workspace: executors find it in the same directory.
        ids: of its campaigns.
        settings: the rules.
        session: of Spark.
        progress: told how many shares are counted.

    Raises:
        AnalyticsError: an executor cannot do its work.
    """
    tables = workspace.tables()  # those that are used in place are followed before the state is pinned
    plan = make_plan(
        workspace.directory,
        workspace.app,
        settings,
        shares=choose_shares(tables, session.cores if session.is_local else 2 * session.cores),
        only=None if len(ids) == len(workspace.campaigns()) else ids,
        known_at=workspace.known_at,
    )
    work = PlannedShares(format_plan(plan))
    counted = run_shares(session, work, plan.division.shares, progress)
    return PlannedComputation(plan).finish(from_arrow(counted))


def choose_shares(tables: KeyedTables, least: int) -> int:
    """How many shares, of many rows more than the `least`: one for each core, two where a slow one may hold up all."""
    counts = pl.concat([frame.select(pl.len()) for frame in (tables.deliveries, tables.events)])
    rows: int = counts.sum().collect().item()
    return min(max(least, rows // _ROWS), _MOST)

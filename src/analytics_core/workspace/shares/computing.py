"""The three steps of a computation in shares: plan it, count a share, merge what all counted."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from analytics_core import package_version
from analytics_core.attribution.rules import NO_WEEK, Draws
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.local import Computation, build_context, finish_computation, prepare_computation
from analytics_core.engines.partials import Partial
from analytics_core.engines.shares.condensed import add_shares, count_share
from analytics_core.engines.shares.division import Division, divide_users
from analytics_core.engines.shares.instance_cut import InstanceCut, find_cut
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import KeyedTables
from analytics_core.workspace.shares.files import ShareFiles
from analytics_core.workspace.shares.plan import PinnedDraw, Plan
from analytics_core.workspace.shares.state import StateReader

S = TypeVar("S")
_NOBODY = range(0)
"""Whose rows it takes to add up what was counted."""


def make_plan(
    directory: Path,
    app: App,
    settings: Settings,
    *,
    shares: int,
    only: Collection[str] | None = None,
    known_at: datetime | None = None,
) -> Plan:
    """Pin the state of a workspace and the rules of a computation, and divide its users.

    Args:
        directory: of the workspace; tables that are used in place have been followed.
        app: whose campaigns these are.
        settings: the rules.
        shares: how many.
        only: ids of the campaigns that are wanted; None: all.
        known_at: pin what was known at this instant; None: what is known now.
    """
    reader = StateReader(directory)
    state, booked = reader.pin(known_at)
    campaigns = [each.campaign for each in booked]

    def compute(tables: KeyedTables) -> Plan:
        computation = prepare_computation(tables, campaigns, build_context(tables, app, settings), only=only)
        wanted = tuple(campaign.campaign_id for campaign in computation.wanted)
        definitions = {
            name: state.definitions[name] for name in (wanted if computation.is_alone else state.definitions)
        }
        return Plan(
            directory=str(directory),
            tables=reader.address,
            state=replace(state, definitions=definitions),
            app=app,
            settings=settings,
            as_of=computation.context.as_of,
            campaigns=None if only is None else wanted,
            draws=_pin_draws(computation.rules.draws),
            division=divide_users(computation.past, computation.rules, shares),
            package=package_version(),
        )

    return reader.compute(state, compute)


class PlannedComputation:
    """A computation that a plan describes, over the state that it pins.

    Args:
        plan: the plan.
        directory: of the workspace, which may lie elsewhere for this process; None: where the plan was made.
        shares: how many; another number than the plan's is divided anew, in the same way by everybody who asks for it.

    Raises:
        WorkspaceError: definitions that the plan pins are gone.
    """

    def __init__(self, plan: Plan, directory: Path | None = None, shares: int | None = None) -> None:
        self._plan = plan
        self._shares = shares or plan.division.shares
        self._reader = StateReader(directory or Path(plan.directory))
        self._reader.find(plan.state)
        self._booked = self._reader.campaigns(plan.state)

    def count(self, number: int) -> Partial:
        """What one share counts, by its number, from 0.

        Raises:
            WorkspaceError: the state that the plan pins is gone.
        """
        division = self._division
        return self._compute(
            lambda computation: count_share(computation, division, self._find_cut(computation), number),
            users=range(*division.bounds[number : number + 2]),
        )

    def merge(self, files: ShareFiles) -> tuple[Snapshot, ...]:
        """The Snapshots of the campaigns that were asked about, in the order of their ids, from what shares counted.

        Raises:
            WorkspaceError: the state that the plan pins is gone.
            AnalyticsError: a share is missing or damaged.
        """
        return self._finish(lambda cut: add_shares(list(files.read()), cut))

    def add(self, shares: Sequence[Partial]) -> Partial:
        """What several shares counted as one of the same kind, of which any can be added again, in any order.

        Raises:
            WorkspaceError: the state that the plan pins is gone.
        """
        return self._compute(lambda computation: add_shares(shares, self._find_cut(computation)), users=_NOBODY)

    def finish(self, counted: Partial) -> tuple[Snapshot, ...]:
        """The Snapshots that `merge` gives, from what all shares counted, added up.

        Raises:
            WorkspaceError: the state that the plan pins is gone.
        """
        return self._finish(lambda _: dict(counted))

    def _finish(self, add: Callable[[InstanceCut], dict[str, pl.DataFrame]]) -> tuple[Snapshot, ...]:
        entries = {each.campaign.campaign_id: each.entry for each in self._booked}
        found = self._compute(
            lambda computation: finish_computation(computation, add(self._find_cut(computation))), users=_NOBODY
        )
        return tuple(snapshot.with_entry(entries[snapshot.campaign_id]) for snapshot in found)

    @cached_property
    def _division(self) -> Division:
        """How users are divided into as many shares as are asked for."""
        planned = self._plan.division
        if self._shares == planned.shares:
            return planned
        return self._compute(lambda computation: divide_users(computation.past, computation.rules, self._shares))

    def _find_cut(self, computation: Computation) -> InstanceCut:
        return find_cut(computation.past, self._division.spread)

    def _compute(self, use: Callable[[Computation], S], users: range | None = None) -> S:
        plan, campaigns = self._plan, [each.campaign for each in self._booked]

        def compute(tables: KeyedTables) -> S:
            context = build_context(tables, plan.app, plan.settings)
            draws = _read_draws(plan, len(tables.campaigns))
            return use(prepare_computation(tables, campaigns, context, only=plan.campaigns, draws=draws))

        return self._reader.compute(plan.state, compute, users)


def _pin_draws(draws: Draws) -> tuple[PinnedDraw, ...]:
    """What is known of the campaigns that are compared."""
    rows = ((key, int(draws.week_ends[key]), bool(draws.whole[key])) for key in np.flatnonzero(draws.compared).tolist())
    return tuple(PinnedDraw(key, None if end == NO_WEEK else end, whole) for key, end, whole in rows)


def _read_draws(plan: Plan, campaigns: int) -> Draws:
    draws = Draws.none(campaigns)
    for each in plan.draws:
        draws.compared[each.campaign], draws.whole[each.campaign] = True, each.whole
        draws.week_ends[each.campaign] = NO_WEEK if each.week_end is None else each.week_end
    return draws

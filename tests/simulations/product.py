"""What the product says about simulated campaigns."""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from analytics_core.domain.settings import App, Settings
from analytics_core.engines.local import compute_snapshots
from analytics_core.snapshot.comparison import ArmUplift, AssignedUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import KeyedTables, add_keys
from simulations.regimes import Regime, Simulation, simulate

TOGETHER = 200
"""Campaigns of one computation."""


def figures_of(regime: Regime, draws: int, seed: int) -> pl.DataFrame:
    """The figures of `draws` campaigns of a regime, one row per campaign and basis."""
    firsts = range(0, draws, TOGETHER)
    return pl.concat([_computed(simulate(regime, min(TOGETHER, draws - first), seed, first)) for first in firsts])


def _computed(simulation: Simulation) -> pl.DataFrame:
    return look(simulation, add_keys(simulation.tables), simulation.settings)


def look(simulation: Simulation, tables: KeyedTables, settings: Settings) -> pl.DataFrame:
    """The figures of a simulation's campaigns, one row per campaign and basis."""
    found = compute_snapshots(tables, simulation.book, App(), settings, only=simulation.looked_at)
    return pl.DataFrame(list(_rows(found)), infer_schema_length=None)


def _rows(snapshots: Iterable[Snapshot]) -> Iterator[dict[str, Any]]:
    for snapshot in snapshots:
        uplift = snapshot.goals[0].uplift.campaign
        if uplift is not None:
            ratio = {"campaign": snapshot.campaign_id, "sample_ratio": snapshot.sample_ratio.p_value}
            control = {"control_rows": uplift.active_targets, "control_converted": uplift.converted_users}
            yield {**ratio, "basis": "sent", **control, **_figures(uplift)}
            control = uplift.assigned.control
            control = {"control_rows": control.rows, "control_converted": control.converted_users}
            yield {**ratio, "basis": "assigned", **control, **_figures(uplift.assigned)}


def _figures(uplift: ArmUplift | AssignedUplift) -> dict[str, Any]:
    return {
        "treated_rows": uplift.treated.rows,
        "treated_converted": uplift.treated.converted_users,
        "p_value": uplift.p_value,
        "verdict": uplift.verdict.value,
        "interval": uplift.interval,
        "difference": uplift.difference_interval,
        "incremental": uplift.incremental_conversions_interval,
        "always_valid": uplift.always_valid_interval,
        "revenue": uplift.revenue.p_value if uplift.revenue else None,
        "cut_revenue": uplift.revenue.cut.p_value if uplift.revenue else None,
    }

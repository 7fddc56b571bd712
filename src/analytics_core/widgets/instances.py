"""The runs of one campaign, for its timeline."""

from typing import TYPE_CHECKING

from analytics_core.views.timeline import InstanceTimes

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace


def instances_of(workspace: "Workspace", campaign_id: str) -> tuple[InstanceTimes, ...]:
    """One entry per instance the workspace declares for the campaign, in the order of their ids; times are UTC."""
    import polars as pl  # noqa: PLC0415 - the widgets load in a moment; what reads tables comes with the workspace

    rows = workspace.tables().instances.filter(pl.col("campaign_id") == campaign_id).drop("campaign_id")
    return tuple(InstanceTimes(**row) for row in rows.sort("instance_id").collect().iter_rows(named=True))

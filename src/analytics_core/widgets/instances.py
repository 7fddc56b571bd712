"""The runs of one campaign, for its timeline."""

from datetime import datetime
from typing import TYPE_CHECKING

from analytics_core.views.timeline import InstanceTimes

if TYPE_CHECKING:
    from analytics_core.workspace import Workspace


def instances_of(workspace: "Workspace", campaign_id: str, as_of: datetime | None) -> tuple[InstanceTimes, ...]:
    """One entry per instance of the campaign that had begun by `as_of`, in the order of their ids; times are UTC.

    An instance that gives no times has always begun; with `as_of` null all have.
    """
    import polars as pl  # noqa: PLC0415 - the widgets load in a moment; what reads tables comes with the workspace

    rows = workspace.tables().instances.filter(pl.col("campaign_id") == campaign_id).drop("campaign_id")
    found = (InstanceTimes(**row) for row in rows.sort("instance_id").collect().iter_rows(named=True))
    return tuple(run for run in found if not (as_of and run.started_at and run.started_at > as_of))

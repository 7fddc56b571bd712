"""The runs of campaigns, for the period and the timeline of their pages."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from analytics_core.views.campaign.timeline import InstanceTimes

Runs = dict[str, tuple[InstanceTimes, ...]]
_TIMES = pl.selectors.ends_with("_at")


def runs_of(instances: pl.LazyFrame, campaign_ids: Collection[str], as_of: datetime | None) -> Runs:
    """The instances of each campaign in the order of their ids, as they stood at `as_of` (null: all there are).

    An instance exists if the earliest of its times is not after `as_of`, or if it gives none; a campaign without
    instances has no entry.
    """
    begun = pl.min_horizontal(_TIMES)
    there = pl.lit(value=True) if as_of is None else begun.is_null() | (begun <= as_of)
    rows = instances.filter(pl.col("campaign_id").is_in(list(campaign_ids)), there)
    runs: dict[str, list[InstanceTimes]] = {}
    for row in rows.sort("campaign_id", "instance_id").collect().iter_rows(named=True):
        runs.setdefault(row.pop("campaign_id"), []).append(InstanceTimes(**row))
    return {campaign_id: tuple(found) for campaign_id, found in runs.items()}

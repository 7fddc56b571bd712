"""Times that stand beside the numbers: a workspace's latest row and what brought it, and the runs of campaigns."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from analytics_core.domain.settings import LatestRow
from analytics_core.store.commits import LATEST_KEPT, Commit
from analytics_core.tables.keys import KEY_COLUMNS, KeyedTables
from analytics_core.views.campaign.timeline import InstanceTimes

Runs = dict[str, tuple[InstanceTimes, ...]]
_TIMES = pl.selectors.ends_with("_at")


def latest_row(commit: Commit, tables: KeyedTables) -> LatestRow | None:
    """The latest delivery or event of a state; None where there are not at least two.

    The records of the imported files say it. Where some of them do not, because they were made before, or rows have
    been taken out since, the tables are looked at.
    """
    records = [record for record in commit.records if record.table in KEY_COLUMNS]
    found = sorted(
        ((datetime.fromisoformat(text), record.name) for record in records for text in record.latest), reverse=True
    )[:LATEST_KEPT]
    complete = all(record.latest for record in records if record.accepted)
    if not complete or [instant for instant, _ in found[:1]] != [tables.latest_at]:
        # The import after which no row was later.
        landed = next((landed for landed in commit.history if landed.latest_at == commit.latest_at), None)
        origin = f"import {landed.number}" if landed else "an import"
        rows = pl.concat([getattr(tables, table).select("occurred_at") for table in KEY_COLUMNS])
        latest = rows.top_k(LATEST_KEPT, by="occurred_at").collect()["occurred_at"].sort(descending=True)
        found = [(instant, origin) for instant in latest]
    if len(found) < LATEST_KEPT:
        return None
    (at, origin), (others_until, _) = found
    return LatestRow(at, others_until, origin)


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

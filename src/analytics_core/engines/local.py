"""One pass over a workspace's tables on this machine."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from analytics_core.attribution.audience import personalization_failures
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.totals import Sums, totals_of
from analytics_core.metrics.assemble import Frame, snapshot_of
from analytics_core.metrics.conversions import conversion_counts, delays_to_convert
from analytics_core.metrics.delivery import (
    active_targets,
    delivery_counts,
    error_counts,
    personalization_counts,
    unaccounted_counts,
)
from analytics_core.metrics.groundwork import Groundwork, groundwork
from analytics_core.metrics.snapshot import Snapshot
from analytics_core.tables.canonical import CanonicalTables
from analytics_core.tables.identities import merge_users


def compute_snapshots(
    tables: CanonicalTables, campaigns: Iterable[Campaign], app: App, settings: Settings
) -> tuple[Snapshot, ...]:
    """Every number of every campaign, in one computation.

    Args:
        tables: canonical tables, duplicates removed.
        campaigns: the whole book; attribution across campaigns needs all of them.
        app: time zone and currency.
        settings: the rules; `as_of` None means the latest instant of deliveries and events.

    Returns:
        One Snapshot per campaign, in the order of their ids.
    """
    book = sorted(campaigns, key=lambda campaign: campaign.campaign_id)
    frame = frame_of(tables, app, settings)
    return snapshots_of(groundwork(persons_of(tables), book, frame), book, frame)


def snapshots_of(ground: Groundwork, book: Iterable[Campaign], frame: Frame) -> tuple[Snapshot, ...]:
    """The Snapshots of `book`, in its order, from audience rows and credits."""
    sums = _sums(ground)
    return tuple(snapshot_of(campaign, totals_of(campaign.campaign_id, sums), frame) for campaign in book)


def frame_of(tables: CanonicalTables, app: App, settings: Settings) -> Frame:
    """What a computation looks through; its as-of instant is the latest in the data where none is asked for."""
    as_of = settings.as_of.astimezone(UTC) if settings.as_of else latest_instant(tables)
    return Frame(app=app, settings=settings, as_of=as_of)


def persons_of(tables: CanonicalTables) -> CanonicalTables:
    """The tables with merged users applied."""
    return merge_users(tables, tables.identities.select("user_id", "merged_into").collect().iter_rows())


def latest_instant(tables: CanonicalTables) -> datetime | None:
    """The latest `occurred_at` of deliveries and events; None where there are none."""
    newest = [frame.select(pl.col("occurred_at").max()) for frame in (tables.deliveries, tables.events)]
    found: datetime | None = pl.concat(newest).max().collect().item()
    return found


def _sums(ground: Groundwork) -> Sums:
    counted, credited = ground.counted, ground.credited
    return _collected(
        {
            "delivery": delivery_counts(counted),
            "all_delivery": delivery_counts(ground.every).select("campaign_id", "sent_total", "matured_sent_total"),
            "errors": error_counts(counted),
            "personalization": personalization_counts(personalization_failures(ground.tables.deliveries, counted)),
            "unaccounted": unaccounted_counts(ground.every, ground.declared),
            "active_targets": active_targets(counted),
            "conversions": conversion_counts(credited),
            "delays": delays_to_convert(credited),
        }
    )


def _collected(frames: Mapping[str, pl.LazyFrame]) -> Sums:
    collected = pl.collect_all(list(frames.values()))
    by_name: dict[str, Any] = {
        name: frame.partition_by("campaign_id", as_dict=True) for name, frame in zip(frames, collected, strict=True)
    }
    return Sums(**{name: {key: rows.to_dicts() for (key,), rows in parts.items()} for name, parts in by_name.items()})

"""One pass over a workspace's tables on this machine."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from analytics_core.attribution.audience import personalization_failures
from analytics_core.domain.campaign import Campaign
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.totals import Sums, totals_of
from analytics_core.metrics.arms import arm_conversions, arm_rows, arm_sizes
from analytics_core.metrics.assemble import Frame, snapshot_of
from analytics_core.metrics.calendar import Calendar, calendar_of
from analytics_core.metrics.closing import last_closings
from analytics_core.metrics.conversions import conversion_counts, delays_to_convert, steps_to_convert
from analytics_core.metrics.delivery import active_targets, delivery_counts, error_counts
from analytics_core.metrics.groundwork import Groundwork, groundwork
from analytics_core.metrics.instances import instance_counts, instance_deliveries, unaccounted_counts
from analytics_core.metrics.personalization import attribute_counts, category_counts, overlap_counts
from analytics_core.metrics.snapshot import Snapshot
from analytics_core.metrics.totals import CampaignTotals
from analytics_core.metrics.trends import trend_counts
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
    calendar = calendar_of(frame.app.timezone, frame.as_of)
    sums = _sums(ground, calendar)
    return tuple(snapshot_of(campaign, _totals(campaign, sums, frame, calendar), frame) for campaign in book)


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


def _totals(campaign: Campaign, sums: Sums, frame: Frame, calendar: Calendar) -> CampaignTotals:
    return totals_of(campaign, sums, calendar=calendar, window=frame.settings.window_of(campaign))


def _sums(ground: Groundwork, calendar: Calendar) -> Sums:
    counted, credited = ground.counted, ground.credited
    # What several counts start from is computed once: the optimizer alone finds few of these repetitions.
    arms = arm_rows(counted)
    failures = personalization_failures(ground.tables.deliveries, counted).cache()
    instances = instance_deliveries(counted, ground.declared).cache()
    return _collected(
        {
            "delivery": delivery_counts(counted),
            "all_delivery": delivery_counts(ground.every).select("campaign_id", "sent_total", "matured_sent_total"),
            "closings": last_closings(ground.every),
            "errors": error_counts(counted),
            "personalization": category_counts(failures),
            "overlap": overlap_counts(failures),
            "attributes": attribute_counts(failures),
            "unaccounted": unaccounted_counts(instances),
            "active_targets": active_targets(counted),
            "conversions": conversion_counts(credited),
            "delays": delays_to_convert(credited),
            "arm_sizes": arm_sizes(arms),
            "arm_conversions": arm_conversions(arms, credited),
            "steps": steps_to_convert(credited, ground.rules.campaigns),
            "trends": trend_counts(counted, credited, calendar),
            "instances": instance_counts(instances, credited),
        }
    )


def _collected(frames: Mapping[str, pl.LazyFrame]) -> Sums:
    collected = pl.collect_all(list(frames.values()))
    by_name: dict[str, Any] = {
        name: frame.partition_by("campaign_id", as_dict=True) for name, frame in zip(frames, collected, strict=True)
    }
    return Sums(**{name: {key: rows.to_dicts() for (key,), rows in parts.items()} for name, parts in by_name.items()})

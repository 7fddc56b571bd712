"""The numbers of vendors, from their rows: conversions counted, of stated numbers the newest."""

from collections.abc import Collection, Iterator
from datetime import datetime

import polars as pl

from analytics_core.domain.time import zone_named
from analytics_core.domain.words import ControlGroupType, Counting, Vendor
from analytics_core.metrics.vendor_reported import VendorNumber

_WHAT = ("campaign_id", "vendor", "metric", "our_metric", "counting", "goal", "control_group_type")
_IS_STATED = pl.col("occurred_at").is_null()


def read_vendor_numbers(
    rows: pl.LazyFrame, ids: Collection[str], as_of: datetime | None, timezone: str
) -> dict[str, list[VendorNumber]]:
    """What vendors say of campaigns, by campaign id; the order of the rows does not matter.

    Of several stated numbers for one thing the one counts whose period ends last; of those the one that starts first,
    and of those the greatest. One without a period is older than any with one.

    Args:
        rows: the table `vendor_stats`.
        ids: the campaigns that are wanted.
        as_of: conversions after it, and numbers about days after its day, do not exist; None: all do.
        timezone: in which the days are.
    """
    wanted = rows.filter(pl.col("campaign_id").is_in(list(ids)))
    if as_of is not None:
        last = pl.lit(as_of.astimezone(zone_named(timezone)).date())
        wanted = wanted.filter(
            (pl.col("occurred_at") <= as_of) | (_IS_STATED & (pl.col("ends_on") <= last).fill_null(value=True))
        )
    no_period = (pl.lit(None, pl.Date).alias("starts_on"), pl.lit(None, pl.Date).alias("ends_on"))
    conversions = wanted.filter(~_IS_STATED).group_by(_WHAT).agg(pl.col("value").sum())
    ordered = wanted.filter(_IS_STATED).sort(
        "ends_on", "starts_on", "value", descending=[True, False, True], nulls_last=True
    )
    firsts = (pl.col(name).first() for name in ("starts_on", "ends_on", "value"))
    newest = ordered.group_by(_WHAT, maintain_order=True).agg(*firsts, answers=pl.len())
    found: dict[str, list[VendorNumber]] = {}
    for campaign_id, stated in (*_read(conversions.with_columns(*no_period, answers=pl.lit(0))), *_read(newest)):
        found.setdefault(campaign_id, []).append(stated)
    return found


def _read(rows: pl.LazyFrame) -> Iterator[tuple[str, VendorNumber]]:
    for row in rows.collect().iter_rows(named=True):
        counting, group = row.pop("counting"), row.pop("control_group_type")
        yield (
            row.pop("campaign_id"),
            VendorNumber(
                **row | {"vendor": Vendor(row["vendor"])},
                counting=Counting(counting) if counting else None,
                control_group_type=ControlGroupType(group) if group else None,
            ),
        )

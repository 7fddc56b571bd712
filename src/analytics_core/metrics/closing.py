"""When the last attribution window closes: from then on a campaign's numbers are final."""

import polars as pl

from analytics_core.attribution.audience import stands
from analytics_core.domain.words import Standing


def last_closings(audience: pl.LazyFrame) -> pl.LazyFrame:
    """The latest end of a sent delivery's window, an instant.

    Args:
        audience: audience rows, matured or not.

    Returns:
        One row per campaign with sent deliveries, unordered: `last_send_closes_at`.
    """
    sent = audience.filter(stands(Standing.SENT))
    return sent.group_by("campaign_id").agg(last_send_closes_at=(pl.col("clock") + pl.col("window")).max())

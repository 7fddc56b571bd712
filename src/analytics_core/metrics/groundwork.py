"""The ground all numbers stand on: audience rows and credits of one computation, lazily.

Whatever counts and whatever explains a count starts here, so that both see the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from analytics_core.attribution.audience import audience_rows
from analytics_core.attribution.credits import CreditRules, credits_of
from analytics_core.attribution.rules import Rules, rules_of
from analytics_core.domain.campaign import Campaign
from analytics_core.metrics.assemble import Frame
from analytics_core.tables.canonical import CanonicalTables

_INSTANCE_TIMES = [
    "segmentation_started_at",
    "segmentation_completed_at",
    "ready_at",
    "first_batch_sent_at",
    "first_sent_at",
    "last_sent_at",
]


@dataclass(frozen=True, slots=True)
class Groundwork:
    """What one computation counts.

    Attributes:
        tables: deliveries, events and instances as they stood at the as-of instant.
        rules: campaigns, goals and conditions.
        every: all audience rows; one per campaign, instance and user.
        every_credit: all credits; one per event, goal and arm (and instance, where every delivery is credited).
        matured_only: whether only matured rows count.
    """

    tables: CanonicalTables
    rules: Rules
    every: pl.LazyFrame
    every_credit: pl.LazyFrame
    matured_only: bool

    @property
    def counted(self) -> pl.LazyFrame:
        """The audience rows that count."""
        return self.every.filter("matured") if self.matured_only else self.every

    @property
    def credited(self) -> pl.LazyFrame:
        """The credits that count."""
        return self.every_credit.filter("matured") if self.matured_only else self.every_credit

    @property
    def declared(self) -> pl.LazyFrame:
        """The instances whose declared size counts: none where only matured rows do."""
        return self.tables.instances.filter(not self.matured_only)

    def of_campaign(self, campaign_id: str) -> Self:
        """The same rows, of one campaign only."""
        own = pl.col("campaign_id") == campaign_id
        tables = replace(
            self.tables, deliveries=self.tables.deliveries.filter(own), instances=self.tables.instances.filter(own)
        )
        return replace(self, tables=tables, every=self.every.filter(own), every_credit=self.every_credit.filter(own))


def groundwork(tables: CanonicalTables, book: Sequence[Campaign], frame: Frame) -> Groundwork:
    """Lay the ground for one computation.

    Args:
        tables: canonical tables, duplicates removed, merged users applied.
        book: the campaigns that take part; attribution across campaigns needs all of them.
        frame: the app, the rules and the resolved as-of instant.
    """
    settings = frame.settings
    # Many counts start from these; left to itself the optimizer computes them anew for each.
    past = _as_of(tables, frame)
    rules = rules_of(book, settings, app_currency=frame.app.currency)
    every = audience_rows(
        past.deliveries,
        rules.campaigns,
        success_codes=settings.success_codes,
        as_of=pl.lit(frame.as_of, pl.Datetime("us", "UTC")),
    ).cache()
    credit_rules = CreditRules(settings.attribution_model, settings.instance_credit)
    every_credit = credits_of(every, past.events, rules, credit_rules=credit_rules).cache()
    return Groundwork(past, rules, every, every_credit, settings.matured_only)


def _as_of(tables: CanonicalTables, frame: Frame) -> CanonicalTables:
    """The tables as they stood: rows after the as-of instant do not exist."""
    if frame.as_of is None:
        return tables
    past = pl.col("occurred_at") <= frame.as_of
    begun = pl.min_horizontal(_INSTANCE_TIMES)
    return replace(
        tables,
        deliveries=tables.deliveries.filter(past),
        events=tables.events.filter(past),
        instances=tables.instances.filter(begun.is_null() | (begun <= frame.as_of)),
    )

"""The ground all numbers stand on, as people read it: audience rows and credits of one computation, with their ids.

Counts are made from the same rows by key; explanations start here.
"""

from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from analytics_core.attribution.rules import Kept

AUDIENCE_KEY = ["campaign_id", "instance_id", "user_id"]


@dataclass(frozen=True, slots=True)
class Groundwork:
    """What one computation counts.

    Attributes:
        every: all audience rows; one per campaign, instance and user: `standing`, `became` (`sent`, or the reason it
            was not, as in the contract), `clock`, `response_code` of the last attempt (null without a response),
            `control_group_type` it was drawn into (null for none), `request_attempts`, `contaminated`, `window`,
            `matured`, `in_period`.
        every_credit: all credits; one per event and goal (and instance, where every delivery is credited): ids,
            `clock`, `occurred_at`, `matured`, `in_period`, `amount` (exact, null where the event adds none),
            `without_value`, `other_currency`, `rounded`.
        competing: the audience rows of campaigns with control groups as comparisons see them: ids, `standing`,
            `control_group_type`, `contaminated`, `cell` (see `comparison.Cell`), `clock`, `window_ends_at` (where the
            user's next row begins, if that is earlier), `counts`.
        belonging: one row per event and goal that belongs to one of these: the columns of the row, and of the event
            those that credits have.
        failures: what could not be filled in: one row per failed audience row, `category` and `attribute`.
        instances: canonical instances as they stood at the as-of instant.
        kept: which rows count.
    """

    every: pl.LazyFrame
    every_credit: pl.LazyFrame
    competing: pl.LazyFrame
    belonging: pl.LazyFrame
    failures: pl.LazyFrame
    instances: pl.LazyFrame
    kept: Kept

    @property
    def counted(self) -> pl.LazyFrame:
        """The audience rows that count."""
        return self.every.filter(self._counts)

    @property
    def credited(self) -> pl.LazyFrame:
        """The credits that count."""
        return self.every_credit.filter(self._counts)

    @property
    def declared(self) -> pl.LazyFrame:
        """The instances whose declared size counts: none where only matured rows do."""
        return self.instances.filter(not self.kept.matured_only)

    @property
    def _counts(self) -> pl.Expr:
        return pl.col("in_period") & (pl.col("matured") | (not self.kept.matured_only))

    def of_campaign(self, campaign_id: str) -> Self:
        """The same rows, of one campaign only."""
        own = pl.col("campaign_id") == campaign_id
        return replace(
            self,
            every=self.every.filter(own),
            every_credit=self.every_credit.filter(own),
            competing=self.competing.filter(own),
            belonging=self.belonging.filter(own),
            failures=self.failures.filter(own),
            instances=self.instances.filter(own),
        )

"""The ground all numbers stand on, as people read it: audience rows and credits of one computation, with their ids.

Counts are made from the same rows by key; explanations start here.
"""

from dataclasses import dataclass, replace
from typing import Self

import polars as pl

AUDIENCE_KEY = ["campaign_id", "instance_id", "user_id"]


@dataclass(frozen=True, slots=True)
class Groundwork:
    """What one computation counts.

    Attributes:
        every: all audience rows; one per campaign, instance and user: `standing`, `became` (`sent`, or the reason it
            was not, as in the contract), `clock`, `response_code` of the last attempt (null without a response),
            `control_group_type` (null but for control rows), `request_attempts`, `contaminated`, `window`, `matured`.
        every_credit: all credits; one per event, goal and arm (and instance, where every delivery is credited): ids,
            `arm`, `clock`, `occurred_at`, `matured`, `amount` (exact, null where the event adds none), `without_value`,
            `other_currency`, `rounded`.
        failures: what could not be filled in: one row per failed audience row, `category` and `attribute`.
        instances: canonical instances as they stood at the as-of instant.
        matured_only: whether only matured rows count.
    """

    every: pl.LazyFrame
    every_credit: pl.LazyFrame
    failures: pl.LazyFrame
    instances: pl.LazyFrame
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
        return self.instances.filter(not self.matured_only)

    def of_campaign(self, campaign_id: str) -> Self:
        """The same rows, of one campaign only."""
        own = pl.col("campaign_id") == campaign_id
        return replace(
            self,
            every=self.every.filter(own),
            every_credit=self.every_credit.filter(own),
            failures=self.failures.filter(own),
            instances=self.instances.filter(own),
        )

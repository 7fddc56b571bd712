"""The ground all numbers stand on, as people read it: audience rows and credits of one computation, with their ids.

Counts are made from the same rows by key; explanations start here.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np
import polars as pl

from analytics_core.attribution.rules import Kept
from analytics_core.counting.calendar import Calendar
from analytics_core.domain.time import EPOCH, MICROSECOND
from analytics_core.snapshot.parts import InstancePart, Part

INSTANCE_KEY = ["campaign_id", "instance_id"]
AUDIENCE_KEY = [*INSTANCE_KEY, "user_id"]


class LeftOut(StrEnum):
    """Why an audience row does not count, whatever became of it."""

    OUTSIDE_PERIOD = "outside_period"
    NOT_MATURED = "not_matured"


@dataclass(frozen=True, slots=True)
class ReadableRows:
    """What one computation counts.

    Attributes:
        every: all audience rows; one per campaign, instance and user: `standing`, `became` (`sent`, or the reason it
            was not, as in the contract), `clock`, `response_code` of the last attempt (null without a response),
            `control_group_type` it was drawn into (null for none), `request_attempts`, `contaminated`, `window`,
            `matured`, `in_period`.
        every_credit: all credits; one per event and goal (and instance, where every delivery is credited): ids,
            `clock`, `occurred_at`, `matured`, `in_period`, `amount` (exact, null where the event adds none),
            `without_value`, `other_currency`, `rounded`.
        competing: the audience rows as comparisons of arms see them: ids, `standing`, `response_code`,
            `control_group_type`, `contaminated`, `window`, `cell` (see `comparison.Cell`), `clock`, `matured`,
            `in_period`, `window_ends_at` (where the user's next row begins, if that is earlier).
        belonging: one row per event and goal that belongs to one of these: the columns of the row, and of the event
            those that credits have.
        failures: what could not be filled in: one row per failed audience row, `category` and `attribute`.
        instances: canonical instances as they stood at the as-of instant, with `in_period`.
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
        return self.every.filter(self.counts)

    @property
    def credited(self) -> pl.LazyFrame:
        """The credits that count."""
        return self.every_credit.filter(self.counts)

    @property
    def compared(self) -> pl.LazyFrame:
        """The rows that count in comparisons, of any outcome."""
        return self.competing.filter(self.counts)

    @property
    def compared_events(self) -> pl.LazyFrame:
        """The events that belong to them."""
        return self.belonging.filter(self.counts)

    @property
    def seen(self) -> pl.LazyFrame:
        """The audience rows of the period, matured or not."""
        return self.every.filter(self._asked_about)

    @property
    def declared(self) -> pl.LazyFrame:
        """The instances whose declared size counts: none where only matured rows do."""
        return self.instances.filter(self._asked_about, not self.kept.matured_only)

    @property
    def _asked_about(self) -> pl.Expr:
        return pl.col("in_period") | (not self.kept.has_period)

    @property
    def counts(self) -> pl.Expr:
        """Whether a row counts, by its own columns."""
        return self._asked_about & (pl.col("matured") | (not self.kept.matured_only))

    def split_left_out(self) -> dict[LeftOut, Self]:
        """The rows that do not count, by why, as if they did; only what could leave any out."""
        outside = {LeftOut.OUTSIDE_PERIOD: ~pl.col("in_period")} if self.kept.has_period else {}
        unripe = {LeftOut.NOT_MATURED: self._asked_about & ~pl.col("matured")} if self.kept.matured_only else {}
        kept = Kept(matured_only=False, since=None, until=None)
        return {why: replace(self._where(rows), kept=kept) for why, rows in {**outside, **unripe}.items()}

    def _where(self, condition: pl.Expr) -> Self:
        return replace(
            self,
            every=self.every.filter(condition),
            every_credit=self.every_credit.filter(condition),
            competing=self.competing.filter(condition),
            belonging=self.belonging.filter(condition),
        )

    def of_part(self, part: Part, calendar: Calendar) -> Self:
        """The same rows, with the audience rows and the credits of one part of the campaign only."""
        return replace(
            self,
            every=self.every.filter(is_within(part, calendar, of_event=False)),
            every_credit=self.every_credit.filter(is_within(part, calendar, of_event=True)),
        )

    def of_campaign(self, campaign_id: str) -> Self:
        """The same rows, of one campaign only."""
        own = pl.col("campaign_id") == campaign_id
        return replace(self._where(own), failures=self.failures.filter(own), instances=self.instances.filter(own))


def is_within(part: Part, calendar: Calendar, *, of_event: bool) -> pl.Expr:
    """Whether a row with its `instance_id`, its `clock` and, `of_event`, its `occurred_at` is of a part."""
    if isinstance(part, InstancePart):
        return pl.col("instance_id") == part.instance_id
    time, grain = "occurred_at" if of_event and not part.by_send else "clock", part.grain
    (key,) = calendar.buckets(np.array([(part.starts_at - EPOCH) // MICROSECOND]))[grain]

    def compare(moments: pl.Series) -> pl.Series:
        return pl.Series(calendar.buckets(moments.to_physical().fill_null(0).to_numpy())[grain] == key)

    return pl.col(time).is_not_null() & pl.col(time).map_batches(compare, return_dtype=pl.Boolean)

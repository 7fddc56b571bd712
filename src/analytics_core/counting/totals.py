"""The sums of one campaign, out of which its Snapshot is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from analytics_core.counting.arm_tables import ArmTables
from analytics_core.counting.instances import InstanceTable
from analytics_core.snapshot.snapshot import Counts, TimeToConvert, Trends


@dataclass(frozen=True, slots=True)
class GoalTotals:
    """Credits of one goal, summed. `time_to_convert` is None without credits."""

    conversion_events: int = 0
    converted_users: int = 0
    converted_people: int = 0
    revenue: Decimal = Decimal(0)
    events_without_value: int = 0
    events_in_other_currency: int = 0
    events_with_rounded_value: int = 0
    time_to_convert: TimeToConvert | None = None


@dataclass(frozen=True, slots=True)
class DrawTotals:
    """Who was drawn into the campaign's control group (see `arms.count_draws`): users by first rows, and rows."""

    users: int = 0
    users_drawn: int = 0
    assigned: int = 0
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class CampaignTotals:
    """Everything counted for one campaign.

    Attributes:
        counts: by name (`attempted`, `sent`, …), unique and total; absent means none.
        request_attempts: raw requested rows.
        errors: by reason; only reasons that occur.
        personalization: by category; only categories that occur.
        overlap: by exact combination of categories; only combinations that occur.
        attributes: by attribute and category, the most frequent ones.
        attributes_omitted: how many others there are.
        unaccounted: declared users beyond the rows logged.
        goals: by goal id; goals without credits have no entry.
        draws: who was drawn into the campaign's control group.
        arms: what comparisons with control groups are made of.
        matured_share: of all sent deliveries; None without any.
        last_send_closes_at: when the last window of a sent delivery closes, matured or not; None without any.
        trends: what happened when.
        instances: what each instance did.
        gaps: what its exports cannot say (see `domain.words.Gap`).
    """

    counts: Mapping[str, Counts] = field(default_factory=dict)
    request_attempts: int = 0
    errors: Mapping[str, Counts] = field(default_factory=dict)
    personalization: Mapping[str, Counts] = field(default_factory=dict)
    overlap: Mapping[tuple[str, ...], Counts] = field(default_factory=dict)
    attributes: Mapping[tuple[str, str], Counts] = field(default_factory=dict)
    attributes_omitted: int = 0
    unaccounted: int = 0
    goals: Mapping[str, GoalTotals] = field(default_factory=dict)
    draws: DrawTotals = DrawTotals()
    arms: ArmTables = field(default_factory=ArmTables)
    matured_share: float | None = None
    last_send_closes_at: datetime | None = None
    trends: Trends = field(default_factory=Trends)
    instances: InstanceTable = field(default_factory=InstanceTable)
    gaps: tuple[str, ...] = ()

    def count(self, name: str) -> Counts:
        """A delivery count by name; zeros where nothing was counted."""
        return self.counts.get(name, Counts())

    def goal(self, goal_id: str) -> GoalTotals:
        """One goal's credits; zeros where there are none."""
        return self.goals.get(goal_id, GoalTotals())

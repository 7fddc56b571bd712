"""Which event is credited to which audience row, for which goal."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from oracle.audience import AudienceRow
from oracle.known import Row
from oracle.rules import Rules
from oracle.values import satisfies

LEGACY_HOURS = 36.0


@dataclass(frozen=True)
class Credit:
    row: AudienceRow
    event: Row


def window_hours(campaign: Row, settings: Rules) -> float:
    if campaign.get("analytics_version") == "legacy":
        return LEGACY_HOURS
    if settings.window_hours is not None:
        return float(settings.window_hours)
    return float(campaign.get("attribution_window_hours") or settings.default_window_hours)


def window(campaign: Row, settings: Rules) -> timedelta:
    return timedelta(hours=window_hours(campaign, settings))


def eligible(theirs: Iterable[AudienceRow], event: Row, length: timedelta) -> list[AudienceRow]:
    """Those of the user's rows whose window holds the event."""
    return [row for row in theirs if row.clock <= event["occurred_at"] <= row.clock + length]


def credited(rows: list[AudienceRow], instance_credit: str) -> list[AudienceRow]:
    if instance_credit == "every" or not rows:
        return rows
    choose = min if instance_credit == "first" else max
    return [choose(rows, key=lambda row: (row.clock, row.instance_id))]


class Attribution:
    """Credits of all campaigns of the book; `audience` maps a campaign id to its audience rows."""

    def __init__(
        self,
        campaigns: list[Row],
        audience: Callable[[str], list[AudienceRow]],
        events: list[Row],
        settings: Rules,
    ) -> None:
        self.campaigns = campaigns
        self.audience = audience
        self.events = events
        self.settings = settings
        self.sent_to = cache(self.sent_to)
        self.of_sent = cache(self.of_sent)

    def sent_to(self, campaign_id: str) -> Mapping[str, list[AudienceRow]]:
        """The sent rows of each user."""
        rows = defaultdict(list)
        for row in self.audience(campaign_id):
            if row.standing == "sent":
                rows[row.user_id].append(row)
        return rows

    def eligible(self, campaign: Row, event: Row) -> list[AudienceRow]:
        theirs = self.sent_to(campaign["campaign_id"]).get(event["user_id"], [])
        return eligible(theirs, event, window(campaign, self.settings))

    def winner(self, event: Row) -> str | None:
        """The campaign with the latest eligible delivery, whichever of its deliveries is credited."""
        competing = [
            (row.clock, row.campaign_id)
            for campaign in self.campaigns
            if any(satisfies(event, goal) for goal in campaign["goals"])
            for row in self.eligible(campaign, event)
        ]
        return max(competing)[1] if competing else None

    def of_sent(self, campaign_id: str, goal_id: str) -> list[Credit]:
        campaign = next(found for found in self.campaigns if found["campaign_id"] == campaign_id)
        goal = next(found for found in campaign["goals"] if found["goal_id"] == goal_id)
        found = []
        for event in [event for event in self.events if satisfies(event, goal)]:
            chosen = credited(self.eligible(campaign, event), self.settings.instance_credit)
            if chosen and self.keeps(campaign_id, event):
                found += [Credit(row, event) for row in chosen]
        return found

    def keeps(self, campaign_id: str, event: Row) -> bool:
        return self.settings.attribution_model != "last_interaction" or self.winner(event) == campaign_id

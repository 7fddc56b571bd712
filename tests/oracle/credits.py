"""Which event is credited to which audience row, for which goal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

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


def eligible(rows: Iterable[AudienceRow], event: Row, length: timedelta) -> list[AudienceRow]:
    theirs = [row for row in rows if row.user_id == event["user_id"]]
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

    def sent_rows(self, campaign_id: str) -> list[AudienceRow]:
        return [row for row in self.audience(campaign_id) if row.standing == "sent"]

    def winner(self, event: Row) -> str | None:
        best = None
        for campaign in self.campaigns:
            if not any(satisfies(event, goal) for goal in campaign["goals"]):
                continue
            campaign_id = campaign["campaign_id"]
            for row in eligible(self.sent_rows(campaign_id), event, window(campaign, self.settings)):
                best = max(best or (row.clock, campaign_id), (row.clock, campaign_id))
        return best and best[1]

    def of_sent(self, campaign: Row, goal: Row) -> list[Credit]:
        credits_ = self.of_rows(campaign, goal, self.sent_rows(campaign["campaign_id"]))
        if self.settings.attribution_model == "last_interaction":
            return [credit for credit in credits_ if self.winner(credit.event) == campaign["campaign_id"]]
        return credits_

    def of_rows(self, campaign: Row, goal: Row, rows: list[AudienceRow]) -> list[Credit]:
        length = window(campaign, self.settings)
        found = []
        for event in [event for event in self.events if satisfies(event, goal)]:
            chosen = credited(eligible(rows, event, length), self.settings.instance_credit)
            found += [Credit(row, event) for row in chosen]
        return found

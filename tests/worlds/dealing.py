"""Deals the rows of a generated world."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import count
from random import Random

from worlds import spellings
from worlds.story import Row
from worlds.times import LATE, START, STEP, TICK

CODES = (*(200,) * 7, 201, 204, 404, 500, 503, None)
WINDOW_HOURS = (0, 0, 0.1, 0.1, 1.5, 1.5, 7.25, 24, 36, 36, 48)
OUTCOMES = (*("requested",) * 10, *("control_group",) * 5, "personalization_failed", *("frequency_capped",) * 2)
CATEGORIES = ("user_attribute", "event_attribute", "campaign_attribute", "undefined", "unknown")
TIMES = ("segmentation_started_at", "ready_at", "first_sent_at", "last_sent_at")


class Dealer:
    """Deals rows to a handful of users from one source of chance."""

    def __init__(self, chance: Random, users: list[str]) -> None:
        self.chance = chance
        self.users = users
        self.request_ids = (f"r{n}" for n in count())
        self.event_ids = (f"e{n}" for n in count())
        self.popular_moments = [self.fresh_moment() for _ in range(self.chance.choice((1, 2, 4)))]

    def moment(self) -> datetime:
        return self.chance.choice(self.popular_moments) if self.happens(0.7) else self.fresh_moment()

    def fresh_moment(self) -> datetime:
        return START + STEP * self.chance.randint(0, 14) + TICK * self.chance.choice((0, 0, 0, 0, 1, -1))

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def deliveries_of(self, campaign_id: str) -> list[Row]:
        rows = []
        for instance_id in self.chance.sample(spellings.INSTANCE_IDS, k=self.chance.choice((1, 2, 3, 4))):
            moment = self.moment() + (LATE if self.happens(0.12) else timedelta())
            for user in self.users:
                if self.happens(0.7):
                    rows += self.audience_row(campaign_id, instance_id, user, moment)
        return rows

    def audience_row(self, campaign_id: str, instance_id: str, user: str, moment: datetime) -> list[Row]:
        """One raw row, or several that repeat an outcome or contradict each other."""
        start = moment if self.happens(0.6) else self.moment()
        outcomes = self.outcomes()
        place = {"campaign_id": campaign_id, "instance_id": instance_id, "user_id": user}
        return [place | {"occurred_at": self.near(start)} | self.outcome(outcome) for outcome in outcomes]

    def outcomes(self) -> list[str]:
        """Mostly one, now and then several of a kind or of any; or held back, and tried all the same."""
        if self.happens(0.05):
            return ["control_group", self.chance.choice(("requested", "personalization_failed"))]
        first = self.chance.choice(OUTCOMES)
        again = [first if self.happens(0.6) else self.chance.choice(OUTCOMES) for _ in range(self.chance.randint(1, 3))]
        return [first, *(again if self.happens(0.3) else [])]

    def near(self, moment: datetime) -> datetime:
        return moment + self.chance.choice((0, 0, 0, 1, 2)) * STEP

    def outcome(self, outcome: str) -> Row:
        row: Row = {"outcome": outcome, "request_id": None}
        if outcome == "requested":
            row["request_id"] = None if self.happens(0.05) else next(self.request_ids)
            row["response_code"] = self.chance.choice(CODES)
        if outcome == "control_group":
            row["control_group_type"] = self.chance.choice(("campaign", "campaign", "global", None))
        if outcome == "personalization_failed":
            row["personalization_errors"] = self.personalization_errors()
        return row

    def personalization_errors(self) -> list[Row] | None:
        categories = self.chance.choices(CATEGORIES, k=self.chance.choice((0, 1, 1, 2, 3)))
        if not categories:
            return self.chance.choice((None, []))
        return [
            {"category": name, "attribute": self.chance.choice(("first_name", "naïve", None))} for name in categories
        ]

    def event(self, campaigns: tuple[Row, ...], deliveries: list[Row]) -> Row:
        """An event that often falls on a delivery's instant, on the end of a window, or one microsecond beside."""
        row = self.chance.choice(deliveries) if deliveries else None
        if row is None or self.happens(0.2):
            user, moment = self.chance.choice([*self.users, "merged"]), self.moment()
        else:
            user = row["user_id"]
            hours = timedelta(hours=self.chance.choice(WINDOW_HOURS))
            moment = row["occurred_at"] + hours + TICK * self.chance.choice((-1, 0, 0, 0, 1))
        return {
            "event_id": next(self.event_ids),
            "user_id": user,
            "event_name": self.event_name(campaigns),
            "occurred_at": moment,
            "attributes": self.attributes(wanted_values(campaigns)),
        }

    def event_name(self, campaigns: tuple[Row, ...]) -> str:
        goals = [goal["event_name"] for campaign in campaigns for goal in campaign["goals"]]
        return self.chance.choice(goals) if self.happens(0.85) else self.chance.choice(spellings.EVENT_NAMES)

    def attributes(self, wanted: dict[str, list[object]]) -> str | None:
        if self.happens(0.1):
            return self.chance.choice((None, "{}"))
        names = [name for name in spellings.ATTRIBUTES if self.happens(0.8)]
        fields = {name: self.value(wanted.get(name, [])) for name in names}
        if self.happens(0.85):
            fields["order_value"] = self.chance.choice(spellings.MONEY * 3 + spellings.HOSTILE_MONEY)
        if self.happens(0.3):
            fields["currency"] = self.chance.choice(spellings.CURRENCIES)
        pairs = (f"{json.dumps(name, ensure_ascii=False)}:{value}" for name, value in fields.items())
        return "{" + ",".join(pairs) + "}"

    def value(self, wanted: list[object]) -> str:
        """Any value, or one like those that filters want of this attribute."""
        if wanted and self.happens(0.6):
            return self.chance.choice(spellings.twins(self.chance.choice(wanted)))
        if self.happens(0.4):
            return self.chance.choice(spellings.LOOKALIKES)
        return self.chance.choice(spellings.VALUES * 3 + spellings.EXTREME_VALUES)

    def instances(self, campaign_ids: list[str]) -> list[Row]:
        names = (*campaign_ids, *campaign_ids[:1], "ghost")
        places = [(name, instance_id) for name in names for instance_id in spellings.INSTANCE_IDS]
        return [self.instance(*place) for place in places if self.happens(0.35)]

    def instance(self, campaign_id: str, instance_id: str) -> Row:
        size = self.chance.choice((None, 0, 1, 3, 5, 8, 100))
        together = self.moment() if self.happens(0.5) else None
        times = {name: together or self.moment() for name in TIMES if self.happens(0.3)}
        return {"campaign_id": campaign_id, "instance_id": instance_id, "users_in_segment": size} | times

    def identities(self) -> list[Row]:
        """Few merges: into another user, into an id never logged, in chains, given twice, now and then in a circle."""
        targets = [*self.users, "merged"]
        merges = self.chance.choice((0, 0, 1, 2, 3))
        rows = [
            {"user_id": self.chance.choice(targets), "merged_into": self.chance.choice(targets)} for _ in range(merges)
        ]
        return [row for row in rows if row["user_id"] != row["merged_into"]]


def wanted_values(campaigns: tuple[Row, ...]) -> dict[str, list[object]]:
    """What the goals' filters compare each attribute with."""
    wanted: dict[str, list[object]] = defaultdict(list)
    for condition in [found for campaign in campaigns for goal in campaign["goals"] for found in goal["filters"]]:
        value = condition["value"]
        wanted[condition["attribute"]] += value if condition["op"] in {"in", "not_in"} else [value]
    return wanted

"""Seeded worlds with enough people that a comparison of arms has something to say."""

from datetime import datetime, timedelta
from random import Random

from analytics_core.domain.settings import App
from worlds import spellings
from worlds.definitions import campaign_definition
from worlds.story import Row, World
from worlds.times import STEP, TICK, noon_of

EVENT_NAMES = ("Order Placed", "Seen")
RATES = (
    (0.04, 0.04),
    (0.06, 0.1),
    (0.2, 0.15),
    (0.3, 0.3),
    (0.5, 0.2),
    (0.2, 0.5),
    (0.4, 0),
    (0, 0.4),
    (1, 0.85),
)
"""How many of the sent and of those held back buy."""
AMOUNTS = (
    ("10",),
    ("10", "12.5", "20", "250"),
    ("5", "10", '"99.99"', "-10", "1000"),
    ("1", "0.000001", "-0.5", "1.0000005", '"NaN"', "3"),
)
OFTEN, NOW_AND_THEN = 0.1, 0.04
FEASTS = 0.3


def crowd(seed: int) -> World:
    """One campaign of 60 to 150 people: a few instances, arms kept or drawn anew, hardly anything hostile."""
    return Crowd(Random(f"crowd {seed}")).world()


def names(count: int) -> list[str]:
    return [f"p{n:03}" for n in range(count)]


class Crowd:
    """Deals the rows of one campaign to many people."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.people = names(chance.choice((62, 90, 120, 150)))
        self.held_share = chance.choice((0.1, 0.4, 0.5, 0.5))
        self.global_share = chance.choice((0, 0, 0, 0.1, 0.5, 1))
        self.is_redrawn = chance.random() < 0.5
        self.days = chance.choice(((0,), (0, 1), (0, 7), (0, 7), (0, 0, 8), (0, 9)))
        self.rates = {name: chance.choice(RATES) for name in EVENT_NAMES}
        self.amounts = chance.choice(AMOUNTS)
        self.delays = (timedelta(), TICK, timedelta(hours=1), STEP, 5 * STEP, 7 * STEP)
        self.draws: dict[str, Row] = {}
        if chance.random() < FEASTS:
            self.make_a_feast()

    def make_a_feast(self) -> None:
        """Nearly everyone spends, in both arms: sums enough that the greatest are cut."""
        self.people, self.days = names(130), (0, 2)
        self.is_redrawn, self.held_share, self.global_share = True, 0.5, 0
        self.rates[EVENT_NAMES[0]] = (0.95, 0.9)
        self.amounts = tuple(f"{cents / 100}" for cents in self.chance.sample(range(1, 100_000), k=60))
        self.delays = (timedelta(), TICK)

    def world(self) -> World:
        campaign = self.campaign()
        starts = [noon_of(day) + STEP * self.chance.choice((0, 0, 1)) for day in self.days]
        deliveries = [
            row
            for number, start in enumerate(starts)
            for person in self.people
            if self.happens(0.95)
            for row in self.audience_row(f"run {number}", person, start)
        ]
        events = [event for row in deliveries for event in self.events(row)]
        deliveries += self.early_birds(starts[0])
        self.chance.shuffle(deliveries)
        return World(
            campaigns=(campaign,),
            deliveries=tuple(row | {"campaign_id": campaign["campaign_id"]} for row in deliveries),
            events=tuple(event | {"event_id": f"e{n}"} for n, event in enumerate(events)),
            instances=tuple(self.instance(campaign, number, start) for number, start in enumerate(starts)),
            identities=tuple(self.identities()),
            app=App(timezone=self.chance.choice(spellings.TIMEZONES), currency="USD"),
        )

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def campaign(self) -> Row:
        goals = [
            {"goal_id": f"goal-{n}", "name": name, "event_name": name, "revenue": {"attribute": "order_value"}}
            for n, name in enumerate(EVENT_NAMES[: self.chance.randint(1, 2)])
        ]
        audience = {"control_group_percent": self.chance.choice((None, round(100 * self.held_share), 10))}
        own = {"analytics_version": "current", "goals": goals, "audience": audience}
        return campaign_definition(self.chance, "crowd") | own

    def audience_row(self, instance_id: str, person: str, start: datetime) -> list[Row]:
        """One person's raw rows of one instance; events look at the first."""
        drawn = self.draw() if self.is_redrawn else self.draws.setdefault(person, self.draw())
        place = {"instance_id": instance_id, "user_id": person, "occurred_at": start}
        if self.happens(OFTEN):
            return [place | {"outcome": "frequency_capped"}]
        if drawn:
            again = [place | self.request(200) | {"occurred_at": start + STEP}] if self.happens(NOW_AND_THEN) else []
            unfilled = {"outcome": "personalization_failed", "personalization_errors": None}
            return [place | drawn, *again, *([place | unfilled] if self.happens(NOW_AND_THEN) else [])]
        if self.happens(OFTEN):
            codes = self.chance.choice(((500, 200), (404,), (None, 201)))
            return [place | self.request(code) | {"occurred_at": start + STEP * n} for n, code in enumerate(codes)]
        return [place | self.request(200)]

    def early_birds(self, start: datetime) -> list[Row]:
        """Now and then the first of all rows, which the first week is counted from, is a capped one."""
        capped = {"instance_id": "early", "user_id": self.people[0], "outcome": "frequency_capped"}
        return [capped | {"occurred_at": start - self.chance.choice((TICK, STEP))}] if self.happens(0.6) else []

    def draw(self) -> Row:
        if not self.happens(self.held_share):
            return {}
        group = "global" if self.happens(self.global_share) else self.chance.choice(("campaign", None))
        return {"outcome": "control_group", "control_group_type": group}

    def request(self, code: int | None) -> Row:
        return {"outcome": "requested", "response_code": code}

    def events(self, row: Row) -> list[Row]:
        is_held = row["outcome"] == "control_group"
        names = [name for name in EVENT_NAMES if self.happens(self.rates[name][is_held])]
        return [self.event(row, name) for name in names for _ in range(self.chance.choice((1, 1, 2)))]

    def event(self, row: Row, name: str) -> Row:
        return {
            "user_id": row["user_id"],
            "event_name": name,
            "occurred_at": row["occurred_at"] + self.chance.choice(self.delays),
            "attributes": f'{{"order_value":{self.chance.choice(self.amounts)}}}',
        }

    def instance(self, campaign: Row, number: int, start: datetime) -> Row:
        place = {"campaign_id": campaign["campaign_id"], "instance_id": f"run {number}"}
        return place | {"users_in_segment": self.chance.choice((None, 50, 150)), "ready_at": start - TICK}

    def identities(self) -> list[Row]:
        return [
            {"user_id": person, "merged_into": self.people[0]}
            for person in self.people[1:]
            if self.happens(NOW_AND_THEN)
        ]

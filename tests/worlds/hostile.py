"""Seeded worlds full of collisions: few users, a coarse grid of times, ties, retries, duplicates, odd values."""

from datetime import timedelta
from functools import cache
from random import Random

from analytics_core.domain.settings import App
from worlds import spellings
from worlds.crowds import crowd
from worlds.dealing import Dealer
from worlds.definitions import campaign_definition
from worlds.story import Row, World

DUPLICATE_SHARE = 0.08


CROWDS = 13


@cache
def world(seed: int) -> World:
    """A small hostile world, now and then a crowd; the same seed deals the same world on any machine."""
    return crowd(seed) if seed % CROWDS == 0 else hostile_world(Random(seed))


def hostile_world(chance: Random) -> World:
    """Few users, and everything that can collide."""
    ids = chance.sample(spellings.CAMPAIGN_IDS, k=chance.randint(1, 4))
    campaigns = tuple(campaign_definition(chance, campaign_id) for campaign_id in ids)
    dealer = Dealer(chance, chance.sample(spellings.USERS, k=chance.choice((1, 2, 3, 5, 8))))
    deliveries = [row for campaign in campaigns for row in dealer.deliveries_of(campaign["campaign_id"])]
    deliveries += dealer.deliveries_of("ghost") if chance.random() < 0.3 else []
    chance.shuffle(deliveries)
    events = [dealer.event(campaigns, deliveries) for _ in range(chance.choice((0, 5, 20, 40, 60)))]
    return World(
        campaigns=campaigns,
        deliveries=tuple(with_duplicates(chance, deliveries, "request_id")),
        events=tuple(with_duplicates(chance, events, "event_id")),
        instances=tuple(dealer.instances(ids)),
        identities=tuple(dealer.identities()),
        app=App(timezone=chance.choice(spellings.TIMEZONES), currency=chance.choice(("USD", "EUR", "usd", " Eur"))),
    )


def with_duplicates(chance: Random, rows: list[Row], key: str) -> list[Row]:
    """Rows with some keys given twice, the second time with another row's content, before or after the first."""
    found = list(rows)
    for row in rows:
        if row[key] is not None and chance.random() < DUPLICATE_SHARE:
            other = chance.choice(rows)
            later = other["occurred_at"] + timedelta(hours=chance.choice((-6, 0, 6)))
            found.insert(chance.randint(0, len(found)), other | {key: row[key], "occurred_at": later})
    return found

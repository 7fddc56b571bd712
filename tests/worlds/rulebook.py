"""Settings for generated worlds: every combination comes round."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from worlds.story import World
from worlds.times import LATE, WEEK

CREDITING = tuple(product(AttributionModel, InstanceCredit))
OTHERS = tuple(
    product(
        (frozenset({200}), frozenset({200, 201})),
        (None, 1.5, 48.0),
        (False, True),
        (False, True),
    )
)
PERIODS = 0.35
A_WEEK_ON = 0.6


def rules_of(seed: int, world: World) -> Settings:
    """The combination of settings that is this seed's turn; an `as_of` lies in the middle of this world's rows."""
    return rules_for_all_credits(seed, world)[seed // len(OTHERS) % len(CREDITING)]


def rules_for_all_credits(seed: int, world: World) -> list[Settings]:
    """Every attribution model with every instance credit, the other settings being those whose turn it is."""
    codes, hours, looks_back, matured_only = OTHERS[seed % len(OTHERS)]
    rules = Settings(success_codes=codes, window_hours=hours, matured_only=matured_only)
    chance = Random(seed)
    rules = rules.looking_from(instant_within(chance, world, rules)) if looks_back else rules
    rules = of_some_days(chance, world, rules) if chance.random() < PERIODS else rules
    return [replace(rules, attribution_model=model, instance_credit=credit) for model, credit in CREDITING]


def of_some_days(chance: Random, world: World, rules: Settings) -> Settings:
    """The same rules for a period between the days of two rows, open at either end now and then."""
    if not world.deliveries:
        return rules
    zone = ZoneInfo(world.app.timezone)
    days = sorted(row["occurred_at"].astimezone(zone).date() for row in chance.choices(world.deliveries, k=2))
    since, until = (day if chance.random() < 0.8 else None for day in days)
    return replace(rules, since=since, until=until)


def instant_within(chance: Random, world: World, rules: Settings) -> datetime | None:
    """A row's very instant, the end of the window or of the week it may have opened, or one microsecond before."""
    rows = world.deliveries + world.events
    if not rows:
        return None
    row = max(chance.choices(rows, k=2), key=lambda row: row["occurred_at"])
    windows = [rules.window_of(found) for found in world.book if found.campaign_id == row.get("campaign_id")]
    after = chance.choice([timedelta(), *windows, *windows])
    if windows and chance.random() < A_WEEK_ON:
        row, after = min(rows, key=lambda row: row["occurred_at"]), windows[0] + chance.choice((WEEK, WEEK, LATE))
    return row["occurred_at"] + after - timedelta(microseconds=chance.choice((0, 0, 1)))

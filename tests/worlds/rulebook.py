"""Settings for generated worlds: every combination comes round."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from random import Random

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from worlds.story import World

CREDITING = tuple(product(AttributionModel, InstanceCredit))
OTHERS = tuple(
    product(
        (frozenset({200}), frozenset({200, 201})),
        (None, 1.5, 48.0),
        (False, True),
        (False, True),
    )
)


def rules_of(seed: int, world: World) -> Settings:
    """The combination of settings that is this seed's turn; an `as_of` lies in the middle of this world's rows."""
    return rules_for_all_credits(seed, world)[seed // len(OTHERS) % len(CREDITING)]


def rules_for_all_credits(seed: int, world: World) -> list[Settings]:
    """Every attribution model with every instance credit, the other settings being those whose turn it is."""
    codes, hours, looks_back, matured_only = OTHERS[seed % len(OTHERS)]
    rules = Settings(success_codes=codes, window_hours=hours, matured_only=matured_only)
    rules = rules.looking_from(instant_within(Random(seed), world, rules)) if looks_back else rules
    return [replace(rules, attribution_model=model, instance_credit=credit) for model, credit in CREDITING]


def instant_within(chance: Random, world: World, rules: Settings) -> datetime | None:
    """A row's very instant, or the very end of the window it may have opened, or one microsecond before either."""
    rows = world.deliveries + world.events
    if not rows:
        return None
    row = max(chance.choices(rows, k=2), key=lambda row: row["occurred_at"])
    windows = [rules.window_of(found) for found in world.book if found.campaign_id == row.get("campaign_id")]
    after = chance.choice([timedelta(), *windows, *windows])
    return row["occurred_at"] + after - timedelta(microseconds=chance.choice((0, 0, 1)))

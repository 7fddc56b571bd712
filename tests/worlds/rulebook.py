"""Settings for generated worlds: every combination comes round."""

from datetime import datetime, timedelta
from itertools import product
from random import Random

from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AttributionModel, InstanceCredit
from worlds.story import World

COMBINATIONS = tuple(
    product(
        AttributionModel,
        InstanceCredit,
        (frozenset({200}), frozenset({200, 201})),
        (None, 1.5, 48.0),
        (False, True),
        (False, True),
    )
)


def rules_of(seed: int, world: World) -> Settings:
    """The combination of settings that is this seed's turn; an `as_of` lies in the middle of this world's rows."""
    model, credit, codes, hours, looks_back, matured_only = COMBINATIONS[seed % len(COMBINATIONS)]
    rules = Settings(
        attribution_model=model,
        instance_credit=credit,
        success_codes=codes,
        window_hours=hours,
        matured_only=matured_only,
    )
    return rules.looking_from(instant_within(Random(seed), world, rules)) if looks_back else rules


def instant_within(chance: Random, world: World, rules: Settings) -> datetime | None:
    """A row's very instant, or the very end of the window it may have opened, or one microsecond before either."""
    rows = world.deliveries + world.events
    if not rows:
        return None
    row = max(chance.choices(rows, k=2), key=lambda row: row["occurred_at"])
    windows = [rules.window_of(found) for found in world.book if found.campaign_id == row.get("campaign_id")]
    after = chance.choice([timedelta(), *windows, *windows])
    return row["occurred_at"] + after - timedelta(microseconds=chance.choice((0, 0, 1)))

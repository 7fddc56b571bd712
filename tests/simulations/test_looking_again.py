"""Looking at campaigns without effect every day: the always-valid interval seldom leaves out zero at any look."""

from dataclasses import replace

import polars as pl
import pytest

from analytics_core.tables.keys import add_keys
from simulations.laws import Size, check, share, sizes
from simulations.product import look
from simulations.regimes import Regime, simulate
from simulations.rows import DAY, kept, redrawn, triggered
from simulations.tables import instant

HELD = {"redrawn": redrawn, "kept": kept}
DAYS = 60
FIRST = 9
"""The first day at whose beginning the first week has matured."""


def looks(regime: Regime, campaigns: int, seed: int, every: int) -> pl.DataFrame:
    """What is seen of campaigns at the beginning of each day, one row per look and campaign."""
    simulation = simulate(regime, campaigns, seed)
    tables = add_keys(simulation.tables)
    days = [instant(day * DAY) for day in range(FIRST, DAYS + 1, every)]
    found = pl.concat([look(simulation, tables, replace(simulation.settings, as_of=day)) for day in days])
    return found.filter(pl.col("basis") == "sent")


def ever_outside(seen: pl.DataFrame) -> pl.DataFrame:
    """By campaign, whether either interval left out zero at any look."""
    low, high = pl.col("always_valid").list.get(0), pl.col("always_valid").list.get(1)
    return seen.group_by("campaign").agg(
        always_valid=((low > 0) | (high < 0)).any(),
        plain=(pl.col("p_value") < 0.05).any(),
        looks=pl.col("always_valid").count(),
    )


@pytest.mark.parametrize("size", sizes(12, 120))
@pytest.mark.parametrize("name", HELD)
def test_looking_every_day_seldom_finds_an_effect_where_there_is_none(name: str, size: Size) -> None:
    regime = Regime(rows=triggered, users=500, days=DAYS, held=HELD[name])
    found = ever_outside(looks(regime, size.draws, 300 + len(name), every=13 if size.few else 1))
    outside = [share("ever outside", found["always_valid"], 0.05), share("the plain one", found["plain"], 1.0)]
    check(f"{found['looks'].max()} looks, {name}", outside, size)

"""Campaigns without any effect: no uplift on the whole, and seldom a false alarm."""

import polars as pl
import pytest

from simulations.behaviour import even
from simulations.laws import Size, check, no_effect, sizes
from simulations.product import figures_of
from simulations.regimes import Regime
from simulations.rows import kept, triggered, triggered_unevenly

REGIMES = {
    "daily, redrawn": Regime(),
    "daily, redrawn, users alike": Regime(rates=even),
    "triggered, redrawn": Regime(rows=triggered, users=600),
    "triggered, redrawn, users alike": Regime(rows=triggered, users=600, rates=even),
    "daily, kept": Regime(held=kept),
    "daily, kept, users alike": Regime(held=kept, rates=even),
}
PARETO = {
    "Pareto triggers, kept": Regime(rows=triggered_unevenly, held=kept, users=1_500),
    "Pareto triggers, kept, users alike": Regime(rows=triggered_unevenly, held=kept, users=1_500, rates=even),
}
DISTURBED = {
    "rivals, last interaction": Regime(rivals=True),
    "10 % failures": Regime(failing=0.1),
    "10 % retried": Regime(retried=0.1),
}
CAPPED = {
    "cap of 24 h, redrawn": Regime(cap_hours=24, days=14),
    "cap of 48 h, redrawn": Regime(cap_hours=48, days=14),
    "cap of 168 h, redrawn": Regime(cap_hours=168, days=14, users=800),
}
CAPPED_AND_KEPT = {
    "cap of 24 h, kept": Regime(cap_hours=24, days=14, held=kept),
    "cap of 48 h, kept": Regime(cap_hours=48, days=14, held=kept),
    "cap of 168 h, kept": Regime(cap_hours=168, days=14, held=kept),
}
SEEDS = {name: seed for seed, name in enumerate([*REGIMES, *PARETO, *DISTURBED, *CAPPED, *CAPPED_AND_KEPT])}


def hold_against_the_law(name: str, regime: Regime, size: Size, tolerance: float = 0.04) -> None:
    figures = figures_of(regime, size.draws, SEEDS[name])
    for basis in ("sent", "assigned"):
        check(f"{name} ({basis})", no_effect(figures.filter(pl.col("basis") == basis), tolerance), size)


@pytest.mark.parametrize("size", sizes(16))
@pytest.mark.parametrize("name", REGIMES)
def test_campaigns_without_effect_seem_to_have_none(name: str, size: Size) -> None:
    hold_against_the_law(name, REGIMES[name], size)


@pytest.mark.parametrize("size", sizes(16))
@pytest.mark.parametrize("name", PARETO)
def test_so_they_do_where_few_users_have_most_of_the_triggers(name: str, size: Size) -> None:
    hold_against_the_law(name, PARETO[name], size)


@pytest.mark.parametrize("size", sizes(16))
@pytest.mark.parametrize("name", DISTURBED)
def test_so_they_do_where_others_compete_or_requests_fail(name: str, size: Size) -> None:
    hold_against_the_law(name, DISTURBED[name], size)


@pytest.mark.parametrize("size", sizes(16))
@pytest.mark.parametrize("name", CAPPED)
def test_so_they_do_where_a_send_keeps_back_later_ones(name: str, size: Size) -> None:
    hold_against_the_law(name, CAPPED[name], size)


@pytest.mark.parametrize("size", sizes(16))
@pytest.mark.parametrize("name", CAPPED_AND_KEPT)
def test_so_they_nearly_do_where_the_control_group_is_kept_besides(name: str, size: Size) -> None:
    """The last rows' windows are not cut by a next one, and more of the held ones are last rows."""
    hold_against_the_law(name, CAPPED_AND_KEPT[name], size, tolerance=0.06)

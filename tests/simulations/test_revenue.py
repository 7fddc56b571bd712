"""Revenue of campaigns without effect, with log-normal order values: seldom a false alarm."""

import polars as pl
import pytest

from simulations.laws import Size, check, share, sizes
from simulations.product import figures_of
from simulations.regimes import Regime
from simulations.rows import kept, redrawn

HELD = {"redrawn": redrawn, "kept": kept}


@pytest.mark.parametrize("size", sizes(24))
@pytest.mark.parametrize("name", HELD)
def test_revenue_without_effect_seldom_seems_to_have_one(name: str, size: Size) -> None:
    figures = figures_of(Regime(held=HELD[name], valued=True), size.draws, 200 + len(name))
    sent = figures.filter(pl.col("basis") == "sent")
    columns = {"whole": sent["revenue"], "cut": sent["cut_revenue"]}
    check(f"revenue, {name}", [share(f"{kind}, p < 0.05", p < 0.05, 0.07) for kind, p in columns.items()], size)

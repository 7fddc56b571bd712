"""Campaigns with an effect: the intervals hold it as often as they say.

One request in ten fails and has no effect: what the sent gained is the whole effect, what the assigned did is nine
tenths of it.
"""

import polars as pl
import pytest

from simulations.behaviour import CONVERTING
from simulations.laws import Measured, Size, check, share, sizes
from simulations.product import figures_of
from simulations.regimes import Regime
from simulations.rows import kept, redrawn

LEAST, MOST = 0.93, 0.985
FAILING = 0.1
HELD = {"redrawn": redrawn, "kept": kept}


def covers(name: str, interval: pl.Series, truth: pl.Expr, figures: pl.DataFrame) -> Measured:
    """How often an interval holds the truth; nothing bounds one without a high end."""
    low, high = pl.lit(interval).list.get(0), pl.lit(interval).list.get(1)
    held = (low <= truth) & (high.is_null() | (truth <= high))
    return share(name, figures.select(held.alias(name))[name], MOST, LEAST)


def coverage(figures: pl.DataFrame, gain: float) -> list[Measured]:
    """Of one basis: how often the intervals hold a true relative gain."""
    difference = CONVERTING * gain
    return [
        covers("ratio covered", figures["interval"], pl.lit(gain), figures),
        covers("difference", figures["difference"], pl.lit(difference), figures),
        covers("incremental", figures["incremental"], pl.col("treated_rows") * difference, figures),
    ]


@pytest.mark.parametrize("size", sizes(24))
@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("ratio", [1.5, 0.5])
def test_the_intervals_hold_the_effect_there_is(ratio: float, name: str, size: Size) -> None:
    regime = Regime(held=HELD[name], failing=FAILING, ratio=ratio)
    figures = figures_of(regime, size.draws, int(100 * ratio) + len(name))
    for basis, reached in {"sent": 1, "assigned": 1 - FAILING}.items():
        of_basis = figures.filter(pl.col("basis") == basis)
        check(f"{ratio} times, {name} ({basis})", coverage(of_basis, reached * (ratio - 1)), size)

"""What has to hold for the figures of many campaigns, and by how much chance alone may miss it.

The bounds are the law, `docs/decisions` has the reasons. The long tests hold the measured figures themselves against
it, and draw so many campaigns that a product well within the law is hardly ever measured outside: at 1,000 draws the
binomial standard error of a share of 5 % is 0.7 %, so that 2 % and 8 % are four of them away, and of the 0.1 % of
sample-ratio alarms it is 0.1 %, so that 0.3 % are two away. Pooled uplifts have standard errors of 0.5 to 1.4 %.

The short tests draw too few for that. They take a figure that chance would miss a bound by, were the true figure at
the bound: within three standard errors of an uplift; of a share, what a binomial count reaches with a chance above
RARE. So 8 % may be 5 of 16 draws, which still tells the 92-100 % of a comparison that is wrong.

Seeds are fixed: what passes once passes always.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
import pytest

SLACK = 3
"""Standard errors that short tests allow an uplift beside a bound."""
RARE = 0.00135
"""The chance of a normal deviate beyond SLACK, on one side."""


@dataclass(frozen=True)
class Size:
    """How many campaigns are drawn, and whether too few to hold their figures against the law as they are."""

    draws: int
    few: bool = False


def sizes(few: int, many: int = 1_000, *marks: pytest.MarkDecorator) -> tuple[object, ...]:
    """Parameters of a test that is run with few draws and, marked as long and by `marks`, with many."""
    long = pytest.param(Size(many), marks=[pytest.mark.long, *marks], id="many")
    return pytest.param(Size(few, few=True), id="few"), long


class Measured(Protocol):
    """A figure with bounds."""

    def holds(self, *, few: bool) -> bool:
        """Whether it is within its bounds, or where draws are few, not far from them."""


@dataclass(frozen=True)
class Share:
    """A share of draws: in how many something happened."""

    name: str
    happened: int
    draws: int
    least: float
    most: float

    def holds(self, *, few: bool) -> bool:
        if not few:
            return self.least * self.draws <= self.happened <= self.most * self.draws
        chances = [_chance(count, self.draws, self.least) for count in range(self.happened + 1)]
        below = [_chance(count, self.draws, self.most) for count in range(self.happened)]
        return math.fsum(chances) > RARE and 1 - math.fsum(below) > RARE

    def __str__(self) -> str:
        bounds = f"{100 * self.least:g} to {100 * self.most:g} %"
        return f"{self.name} {100 * self.happened / self.draws:.2f} % ({bounds})"


@dataclass(frozen=True)
class PooledUplift:
    """The uplift of all campaigns' rows together, and its standard error."""

    uplift: float
    error: float
    tolerance: float

    def holds(self, *, few: bool) -> bool:
        return abs(self.uplift) <= self.tolerance + (SLACK * self.error if few else 0)

    def __str__(self) -> str:
        return f"uplift {100 * self.uplift:+.2f} ± {100 * self.error:.2f} % (within {100 * self.tolerance:g} %)"


def _chance(count: int, draws: int, chance: float) -> float:
    return math.comb(draws, count) * chance**count * (1 - chance) ** (draws - count)


def share(name: str, where: pl.Series, most: float, least: float = 0.0) -> Share:
    """A share of draws; a draw that says nothing is none of them."""
    return Share(name, int(where.sum()), len(where), least, most)


def pooled_uplift(figures: pl.DataFrame, tolerance: float) -> PooledUplift:
    """The uplift of all campaigns' rows together; its standard error by what each campaign adds to it."""
    counts = {name: figures[name].to_numpy() for name in figures.columns if name.startswith(("treated", "control"))}
    treated = counts["treated_converted"].sum() / counts["treated_rows"].sum()
    control = counts["control_converted"].sum() / counts["control_rows"].sum()
    added = _added(counts, "treated", treated) - _added(counts, "control", control)
    return PooledUplift(treated / control - 1, treated / control * math.sqrt(float((added**2).sum())), tolerance)


def _added(counts: dict[str, np.ndarray], arm: str, rate: float) -> np.ndarray:
    """What each campaign adds to the logarithm of an arm's pooled rate."""
    converted, rows = counts[f"{arm}_converted"], counts[f"{arm}_rows"]
    return (converted - rate * rows) / converted.sum()


def no_effect(figures: pl.DataFrame, tolerance: float) -> list[Measured]:
    """The law of campaigns without effect, of one basis."""
    return [
        pooled_uplift(figures, tolerance),
        share("p < 0.05", figures["p_value"] < 0.05, 0.08, 0.02),
        share("up", figures["verdict"] == "up", 0.04),
        share("down", figures["verdict"] == "down", 0.04),
        share("sample-ratio alarms", figures["sample_ratio"] < 0.001, 0.003),
    ]


def check(title: str, measured: list[Measured], size: Size) -> None:
    """Print what was measured, and hold it against the law."""
    print(f"{title}, {size.draws} draws: " + ", ".join(map(str, measured)))  # noqa: T201 - the figures are the point
    wrong = [str(figure) for figure in measured if not figure.holds(few=size.few)]
    assert not wrong, f"{title}: {wrong}"

"""The tests and intervals on campaigns whose truth is known: how often they are wrong, over many draws.

Every draw is seeded, so a failure is a changed formula and never chance. The regimes are those by which the method was
chosen: thin control groups, rare conversions, users with few and with very many rows, kept and redrawn.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, median

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics_core.domain.words import Verdict
from analytics_core.statistics.amounts import UserAmounts, compare_amounts
from analytics_core.statistics.comparison import compare_arms
from analytics_core.statistics.sequence import always_valid_interval
from analytics_core.statistics.user_counts import UserCounts

pytestmark = pytest.mark.long

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Chance = np.random.Generator
Rows = Callable[[Chance, int], Ints]

DRAWS = 1000
RATIOS = (0.5, 1.0, 1.5, 2.0)
MOST = 0.5  # no user's rate is above, so that twice it still is a rate


def counted(treated: Ints, treated_hits: Ints, control: Ints, control_hits: Ints) -> UserCounts:
    """One entry per user; users without a row are left out."""
    there = treated + control > 0
    columns = (column[there].astype(np.int64) for column in (treated, treated_hits, control, control_hits))
    return UserCounts(*columns, np.ones(int(there.sum()), np.int64))


@dataclass(frozen=True)
class Single:
    """Every user has one row."""

    treated: int
    control: int
    rate: float

    def draw(self, chance: Chance, ratio: float) -> UserCounts:
        x, y = chance.binomial(self.treated, ratio * self.rate), chance.binomial(self.control, self.rate)
        rows = [(1, 1, 0, 0, x), (1, 0, 0, 0, self.treated - x), (0, 0, 1, 1, y), (0, 0, 1, 0, self.control - y)]
        return UserCounts(*np.array(rows, np.int64).T)


@dataclass(frozen=True)
class Repeated:
    """Users with many rows, each user with a rate of its own: log-normal, cut at MOST."""

    users: int
    share: float
    rows: Rows
    redrawn: bool
    middle: float = 0.05
    sigma: float = 0.5

    @property
    def rate(self) -> float:
        """The mean of the users' rates."""
        middle, cut = math.log(self.middle) - self.sigma**2 / 2, math.log(MOST)
        below = NormalDist(middle + self.sigma**2, self.sigma).cdf(cut)
        return self.middle * below + MOST * (1 - NormalDist(middle, self.sigma).cdf(cut))

    def propensities(self, chance: Chance) -> Floats:
        return np.minimum(self.middle * np.exp(chance.normal(-(self.sigma**2) / 2, self.sigma, self.users)), MOST)

    def arms(self, chance: Chance) -> tuple[Ints, Ints]:
        rows = self.rows(chance, self.users)
        if self.redrawn:
            control = chance.binomial(rows, self.share)
        else:
            control = np.where(chance.permutation(self.users) < round(self.share * self.users), rows, 0)
        return rows - control, control

    def draw(self, chance: Chance, ratio: float) -> UserCounts:
        own = self.propensities(chance)
        a, b = self.arms(chance)
        return counted(a, chance.binomial(a, ratio * own), b, chance.binomial(b, own))


def ten(_: Chance, users: int) -> Ints:
    return np.full(users, 10)


def pareto(power: float) -> Rows:
    return lambda chance, users: np.clip(np.ceil(chance.pareto(power, users)), 1, 500).astype(np.int64)


REGIMES: dict[str, Single | Repeated] = {
    "190+10, 5 %": Single(190, 10, 0.05),
    "950+50, 5 %": Single(950, 50, 0.05),
    "475+25, 10 %": Single(475, 25, 0.1),
    "900+100, 5 %": Single(900, 100, 0.05),
    "9500+500, 0.2 %": Single(9500, 500, 0.002),
    "20000+2000, 0.2 %": Single(20_000, 2000, 0.002),
    "20000+2000, 0.05 %": Single(20_000, 2000, 0.0005),
    "9000+1000, 5 %": Single(9000, 1000, 0.05),
    "ten instances, kept 5 % of 300": Repeated(300, 0.05, ten, redrawn=False),
    "ten instances, kept 10 % of 1000": Repeated(1000, 0.1, ten, redrawn=False),
    "ten instances, redrawn 10 % of 1000": Repeated(1000, 0.1, ten, redrawn=True),
    "ten instances, redrawn, rates log-normal with sigma 1": Repeated(1000, 0.1, ten, redrawn=True, sigma=1.0),
    "Pareto 1.2, kept 10 % of 1000": Repeated(1000, 0.1, pareto(1.2), redrawn=False),
    "Pareto 1.2, redrawn 10 % of 1000": Repeated(1000, 0.1, pareto(1.2), redrawn=True),
    "Pareto 2, kept 5 % of 600": Repeated(600, 0.05, pareto(2.0), redrawn=False),
}


@dataclass
class Tally:
    """What came of the draws of one regime at one ratio; counts of draws."""

    draws: int = 0
    rejected: int = 0
    ratio_covered: int = 0
    difference_covered: int = 0
    incremental_covered: int = 0
    up: int = 0
    down: int = 0

    def add(self, counts: UserCounts, ratio: float, rate: float) -> None:
        found = compare_arms(counts)
        if found.p_value is None or found.interval is None or found.difference_interval is None:
            return
        assert found.incremental_interval is not None
        high = math.inf if found.interval[1] is None else found.interval[1]
        effect = (ratio - 1) * rate
        self.draws += 1
        self.rejected += found.p_value < 0.05
        self.ratio_covered += found.interval[0] <= ratio - 1 <= high
        self.difference_covered += found.difference_interval[0] <= effect <= found.difference_interval[1]
        expected = effect * found.treated.rows
        self.incremental_covered += found.incremental_interval[0] <= expected <= found.incremental_interval[1]
        self.up += found.verdict is Verdict.UP
        self.down += found.verdict is Verdict.DOWN

    def share(self, figure: str) -> float:
        return getattr(self, figure) / self.draws


def tally(regime: Single | Repeated, ratio: float, draws: int, seed: int = 20) -> Tally:
    chance, found = np.random.default_rng(seed), Tally()
    for _ in range(draws):
        found.add(regime.draw(chance, ratio), ratio, regime.rate)
    return found


@pytest.mark.parametrize("name", REGIMES)
def test_a_test_without_effect_rejects_and_intervals_cover_as_often_as_they_say(name: str) -> None:
    for ratio in RATIOS:
        found = tally(REGIMES[name], ratio, DRAWS)
        assert found.draws > 0.99 * DRAWS
        for figure in ("ratio_covered", "difference_covered", "incremental_covered"):
            assert 0.93 <= found.share(figure) <= 0.985, (figure, ratio)
        if ratio == 1:
            assert 0.02 <= found.share("rejected") <= 0.065
            assert max(found.share("up"), found.share("down")) <= 0.04


REVENUE = ("950+50, 5 %", "9000+1000, 5 %", "ten instances, kept 10 % of 1000", "Pareto 2, kept 5 % of 600")


def with_amounts(counts: UserCounts, sigma: float, chance: Chance) -> tuple[UserCounts, UserAmounts]:
    """Every converted row brings a log-normal amount."""
    each = [np.repeat(column, counts.users) for column in (counts.treated_rows, counts.treated_converted)]
    each += [np.repeat(column, counts.users) for column in (counts.control_rows, counts.control_converted)]
    a, x, b, y = (column[(each[1] + each[3]) > 0] for column in each)
    sums = []
    for hits in (x, y):
        amounts = chance.lognormal(3, sigma, int(hits.sum()))
        owners = np.repeat(np.arange(len(hits)), hits)
        sums.append([np.bincount(owners, values, len(hits)) for values in (amounts, amounts**2)])
    return counts, UserAmounts(a, b, sums[0][0], sums[1][0], sums[0][1], sums[1][1])


def reject_revenue(regime: Single | Repeated, sigma: float, draws: int, seed: int = 21) -> float:
    chance = np.random.default_rng(seed)
    p_values = [compare_amounts(*with_amounts(regime.draw(chance, 1.0), sigma, chance)).p_value for _ in range(draws)]
    return sum(p_value is not None and p_value < 0.05 for p_value in p_values) / draws


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("name", REVENUE)
def test_equal_revenue_is_rarely_told_apart(name: str, sigma: float) -> None:
    assert reject_revenue(REGIMES[name], sigma, 600) <= 0.07


DAYS = 67
Looks = Callable[[Chance, float], Iterator[UserCounts]]


def look_at_new_users(users: int, rate: float) -> Looks:
    """A campaign that sends to new users every day, a tenth of them held out; what counts after each day."""

    def looks(chance: Chance, ratio: float) -> Iterator[UserCounts]:
        control = chance.binomial(users, 0.1, DAYS)
        cells = [chance.binomial(users - control, ratio * rate), chance.binomial(control, rate)]
        x, y, b = (np.cumsum(column) for column in (*cells, control))
        a = np.cumsum(users - control)
        for day in range(DAYS):
            rows = [
                (1, 1, 0, 0, x[day]),
                (1, 0, 0, 0, a[day] - x[day]),
                (0, 0, 1, 1, y[day]),
                (0, 0, 1, 0, b[day] - y[day]),
            ]
            yield UserCounts(*np.array(rows, np.int64).T)

    return looks


def look_at_the_same_users(users: Repeated) -> Looks:
    """A campaign that sends to the same users every day; `users.rows` is not looked at."""

    def looks(chance: Chance, ratio: float) -> Iterator[UserCounts]:
        own, kept = users.propensities(chance), chance.random(users.users) < users.share
        columns = np.zeros((4, users.users), np.int64)
        for _ in range(DAYS):
            control = chance.random(users.users) < users.share if users.redrawn else kept
            hits = chance.random(users.users) < own * np.where(control, 1, ratio)
            columns += np.array([~control, ~control & hits, control, control & hits])
            yield counted(*columns)

    return looks


KEPT = Repeated(300, 0.1, ten, redrawn=False, middle=0.03, sigma=1.0)
REDRAWN = replace(KEPT, redrawn=True)
DAILY: dict[str, tuple[Looks, float]] = {
    "300 new users a day": (look_at_new_users(300, 0.05), 0.05),
    "the same 300 users, kept": (look_at_the_same_users(KEPT), KEPT.rate),
    "the same 300 users, redrawn": (look_at_the_same_users(REDRAWN), REDRAWN.rate),
}


def outside_at_any_look(name: str, ratio: float, draws: int, seed: int = 22) -> tuple[float, float]:
    """How often the true difference is outside at any of 60 looks: of the always valid and of the plain interval."""
    (campaign, rate), chance = DAILY[name], np.random.default_rng(seed)
    outside = np.zeros(2)
    for _ in range(draws):
        looks = list(campaign(chance, ratio))
        always = [always_valid_interval(look, looks[6]) for look in looks[7:]]
        plain = [compare_arms(look).difference_interval for look in looks[7::6]]
        outside += [leave_out(always, (ratio - 1) * rate), leave_out(plain, (ratio - 1) * rate)]
    return outside[0] / draws, outside[1] / draws


def leave_out(intervals: Sequence[tuple[float, float] | None], truth: float) -> bool:
    return any(ends is not None and not ends[0] <= truth <= ends[1] for ends in intervals)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", DAILY)
def test_an_always_valid_interval_holds_at_sixty_looks_together(name: str, ratio: float) -> None:
    outside, plainly = outside_at_any_look(name, ratio, 100)
    assert outside <= 0.05 < plainly, "a plain interval looked at only every sixth day already errs more often"


def power_at_smallest_detectable(regime: Single | Repeated, draws: int, seed: int = 23) -> float:
    """How often an effect of the size that is said to be detectable is detected."""
    chance = np.random.default_rng(seed)
    sizes = [compare_arms(regime.draw(chance, 1.0)).smallest_detectable_uplift for _ in range(101)]
    uplift = median(size for size in sizes if size is not None)
    return tally(regime, 1 + uplift, draws, seed).share("rejected")


@pytest.mark.parametrize("name", ["900+100, 5 %", "9000+1000, 5 %", "ten instances, redrawn 10 % of 1000"])
def test_the_smallest_detectable_uplift_is_seen_in_four_of_five_campaigns(name: str) -> None:
    assert 0.76 <= power_at_smallest_detectable(REGIMES[name], 1000) <= 0.87

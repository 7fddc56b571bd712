"""How sure a comparison of two arms is: users as units, one score test for ratio, difference and amounts of money.

An arm is what each of its rows holds: 1 or 0 for converted or not, or an amount of money, whole numbers in both cases.
Converted rows are amounts whose squares are themselves, so the recipe's formulas for money hold for them unchanged.
What is countable stays a fraction; only the restricted rates, the variances and Student's t are floating point.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from scipy.optimize import brentq
from scipy.special import ndtri, stdtr, stdtrit

ALPHA = 0.05
POWER = 0.8
NOTHING = 1e-12  # of the variances' sum: what is left where they cancel each other
K = -2 * math.log(ALPHA) + math.log(-2 * math.log(ALPHA)) + 1
EXACT = {"xtol": 1e-15, "rtol": 1e-14, "maxiter": 500}

Rows = Mapping[str, Sequence[int]]
Pairs = tuple[tuple[str, tuple[int, ...]], ...]
Interval = tuple[float, float]
OpenInterval = tuple[float, float | None]


class Arm:
    """What each user's rows in one arm hold."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.size = sum(len(held) for held in rows.values())
        self.total = sum(sum(held) for held in rows.values())
        self.squares = sum(one * one for held in rows.values() for one in held)

    @property
    def mean(self) -> Fraction:
        return Fraction(self.total, self.size)

    @property
    def rows_squared(self) -> int:
        return sum(len(held) ** 2 for held in self.rows.values())

    @property
    def effective_users(self) -> Fraction:
        return Fraction(self.size**2, self.rows_squared)

    @property
    def scale(self) -> Fraction | None:
        """Sum of squares over sum: 1 where rows are converted or not."""
        return Fraction(self.squares, self.total) if self.total > 0 else None

    def times_size(self, user: str, other: int) -> list[int]:
        """How far each of a user's rows is from the mean, times the size of the arm and another number."""
        return [(one * self.size - self.total) * other for one in self.rows.get(user, ())]


def correlation(*arms: Arm) -> Fraction:
    """How alike a user's rows are, over the arms together."""
    common = math.prod(arm.size for arm in arms)
    above, spread, paired = Fraction(0), 0, 0
    for user in {user for arm in arms for user in arm.rows}:
        away = [one for arm in arms for one in arm.times_size(user, common // arm.size)]
        own = sum(one * one for one in away)
        spread += own
        if len(away) > 1:
            above += Fraction(sum(away) ** 2 - own, len(away) - 1)
            paired += len(away)
    if not spread or not paired:
        return Fraction(0)
    found = above * sum(arm.size for arm in arms) / (spread * paired)
    return min(max(found, Fraction(0)), Fraction(1))


def going_with_size(treated: Arm, control: Arm) -> Fraction:
    """How alike a user's rows are because of how many there are, over both arms together."""
    numbers, away, spread = [], [], 0
    for user in treated.rows.keys() | control.rows.keys():
        rows = treated.times_size(user, control.size) + control.times_size(user, treated.size)
        numbers.append(len(rows))
        away.append(sum(rows))
        spread += sum(one * one for one in rows)
    total, squares = sum(numbers), sum(number**2 for number in numbers)
    if not spread or squares == total:
        return Fraction(0)
    products = [one * (number * total - squares) for one, number in zip(away, numbers, strict=True)]
    of_different_users = Fraction(sum(products) ** 2 - sum(one * one for one in products), total**2)
    variance, pairs = Fraction(spread, total), squares - total
    return min(max(of_different_users / (squares * variance * pairs), Fraction(0)), Fraction(1))


@dataclass(frozen=True)
class Variances:
    treated: float
    control: float
    both: float

    @property
    def is_nothing(self) -> bool:
        return self.both <= NOTHING * (self.treated + self.control)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two arms, each with at least one row."""

    treated: Arm
    control: Arm

    @cached_property
    def scale(self) -> Fraction:
        """What amounts are divided by; no mean is more of it than 1, so that no interval leaves its difference out."""
        total = self.treated.total + self.control.total
        if total <= 0:
            return Fraction(1)
        return max(Fraction(self.treated.squares + self.control.squares, total), self.treated.mean, self.control.mean)

    @cached_property
    def shares(self) -> tuple[Fraction, Fraction]:
        """Both arms' means as parts of the scale; rates where rows are converted or not."""
        return self.treated.mean / self.scale, self.control.mean / self.scale

    @cached_property
    def rates(self) -> tuple[float, float]:
        return float(self.shares[0]), float(self.shares[1])

    @cached_property
    def difference(self) -> float:
        return float(self.shares[0] - self.shares[1])

    @cached_property
    def correlations(self) -> tuple[float, float]:
        pooled = correlation(self.treated, self.control)
        return float(max(pooled, correlation(self.treated))), float(max(pooled, correlation(self.control)))

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """Rows of independent users that would tell as much."""
        arms = zip((self.treated, self.control), self.correlations, self.other_rows, strict=True)
        going = 0.8 * float(going_with_size(self.treated, self.control))
        one, other = (
            arm.size / max(1 + rho * (arm.rows_squared / arm.size - 1), 1 + going * others) for arm, rho, others in arms
        )
        return one, other

    @cached_property
    def together(self) -> int:
        """Pairs of rows of one user, one of each arm."""
        both = self.treated.rows.keys() & self.control.rows.keys()
        return sum(len(self.treated.rows[user]) * len(self.control.rows[user]) for user in both)

    @cached_property
    def other_rows(self) -> tuple[float, float]:
        """How many other rows of its user a row has on average, over both arms, without those in the other arm."""
        rows, both = self.treated.size + self.control.size, 2 * self.together
        others = Fraction(self.treated.rows_squared + self.control.rows_squared + both, rows) - 1
        one, other = (others - Fraction(self.together, arm.size) for arm in (self.treated, self.control))
        return float(one), float(other)

    @cached_property
    def factor(self) -> float:
        return sum(self.sizes) / (sum(self.sizes) - 1)

    @cached_property
    def freedom(self) -> tuple[float, float]:
        return float(self.treated.effective_users - 1), float(self.control.effective_users - 1)

    @cached_property
    def shared(self) -> float:
        """What users in both arms take from the variance, for unit spreads."""
        return math.sqrt(math.prod(self.correlations)) * self.together / (self.treated.size * self.control.size)

    @cached_property
    def spreads(self) -> tuple[float, float]:
        one, other = (max(self.scale, arm.scale or self.scale) / self.scale for arm in (self.treated, self.control))
        return float(one), float(other)

    def variances(self, treated: float, control: float, weight: float = 1) -> Variances:
        """Of rate less `weight` times rate, were these the arms' rates."""
        one = max(self.spreads[0] * treated - treated**2, 0.0)
        other = max(self.spreads[1] * control - control**2, 0.0) * weight**2
        first, second = self.factor * one / self.sizes[0], self.factor * other / self.sizes[1]
        return Variances(first, second, first + second - 2 * self.factor * math.sqrt(one * other) * self.shared)

    def at_difference(self, difference: float) -> Variances:
        control = restricted(self.rates, self.sizes, (1, difference))
        return self.variances(min(max(control + difference, 0), 1), control)

    def at_ratio(self, ratio: float) -> Variances:
        control = restricted(self.rates, self.sizes, (ratio, 0))
        return self.variances(min(ratio * control, 1), control, ratio)

    def p_value(self, away: float, found: Variances) -> float:
        if away == 0:
            return 1.0
        if found.is_nothing:
            return 0.0
        return float(2 * stdtr(self.degrees(found), -abs(away) / math.sqrt(found.both)))

    def degrees(self, found: Variances) -> float:
        parts = found.treated**2 / self.freedom[0] + found.control**2 / self.freedom[1]
        return (found.treated + found.control) ** 2 / parts

    def p_of_difference(self, difference: float) -> float:
        away = self.difference - difference
        return self.p_value(away, self.at_difference(difference))

    def p_of_ratio(self, ratio: float) -> float:
        return self.p_value(self.rates[0] - ratio * self.rates[1], self.at_ratio(ratio))

    @property
    def is_lonely(self) -> bool:
        """One effective user in an arm."""
        return min(self.treated.effective_users, self.control.effective_users) <= 1

    @cached_property
    def is_even(self) -> bool:
        """Users vary, but are shared so evenly that nothing does between the arms."""
        without_effect = self.at_difference(0)
        return without_effect.is_nothing and without_effect.treated + without_effect.control > 0

    @property
    def is_silent(self) -> bool:
        """There is no interval."""
        return self.is_lonely or self.is_even


def compared(treated: Rows, control: Rows) -> Comparison:
    """The comparison of two arms; the same one for the same arms, for what was found out about it once is kept."""
    return kept_comparison(*(tuple((user, tuple(held)) for user, held in arm.items()) for arm in (treated, control)))


@lru_cache(maxsize=128)
def kept_comparison(treated: Pairs, control: Pairs) -> Comparison:
    return Comparison(Arm(dict(treated)), Arm(dict(control)))


def restricted(rates: Interval, sizes: Interval, line: Interval) -> float:
    """The control arm's likeliest rate, the treated arm's being `line[0]` times it plus `line[1]`.

    Where the likelihood is no longer rising: its slope, times whatever it is divided by, so that no end is endless.
    """
    slope, shift = line
    hits, misses = sizes[0] * rates[0], sizes[0] * (1 - rates[0])
    held_hits, held_misses = sizes[1] * rates[1], sizes[1] * (1 - rates[1])
    if line == (1, 0):
        return (hits + held_hits) / sum(sizes)
    if not shift:
        hits, held_hits = 0.0, hits + held_hits

    def rise(control: float) -> float:
        treated = slope * control + shift
        one, two = treated if hits else 1.0, 1 - treated if misses else 1.0
        three, four = control if held_hits else 1.0, 1 - control if held_misses else 1.0
        own = hits * slope * two * three * four - misses * slope * one * three * four
        return own + held_hits * one * two * four - held_misses * one * two * three

    low, high = max(0.0, -shift), min(1.0, (1 - shift) / slope if slope else 1.0)
    if low >= high or rise(low) <= 0:
        return low
    return high if rise(high) >= 0 else float(brentq(rise, low, high, **EXACT))


@lru_cache(maxsize=128)
def p_value(told: Comparison) -> float | None:
    if told.is_lonely or (told.is_even and told.difference != 0):
        return None
    return told.p_of_difference(0)


@lru_cache(maxsize=128)
def difference_interval(told: Comparison) -> Interval | None:
    if told.is_silent:
        return None
    return ends(lambda value: told.p_of_difference(value) - ALPHA, -1.0, told.difference, 1.0)


def ends(inside: Callable[[float], float], low: float, middle: float, high: float) -> Interval:
    """Where a function that is positive in the middle gets negative on either side."""
    return crossing(inside, middle, low), crossing(inside, middle, high)


def crossing(inside: Callable[[float], float], start: float, end: float) -> float:
    if inside(end) >= 0 or start == end:
        return end
    return float(brentq(inside, start, end, **EXACT))


@lru_cache(maxsize=128)
def ratio_interval(told: Comparison) -> OpenInterval | None:
    """Low and high of the uplift; no high where the control arm has not converted at all."""
    if told.is_silent:
        return None

    def inside(ratio: float) -> float:
        return told.p_of_ratio(ratio) - ALPHA

    treated, control = told.rates
    if not control:
        return (crossing(inside, unlikely_high(inside), 0.0) - 1 if treated else -1.0), None
    middle = treated / control
    top = max(2 * middle, 1.0)
    while inside(top) > 0:
        top *= 2
    return (crossing(inside, middle, 0.0) - 1 if treated else -1.0), crossing(inside, middle, top) - 1


def unlikely_high(inside: Callable[[float], float]) -> float:
    """A ratio so high that control without a conversion is no surprise."""
    top = 1.0
    while inside(top) < 0:
        top *= 2
    return top


@lru_cache(maxsize=128)
def always_valid_interval(told: Comparison, first_week: Comparison) -> Interval | None:
    """The differences that no look at the data, however often one looks, has left out.

    Where these lie in pieces: the piece that holds the observed difference, and all up to the end of the piece that
    holds 0, if one does.
    """
    if told.is_silent:
        return None

    def inside(difference: float) -> float:
        away = abs(told.difference - difference)
        return reach(told.at_difference(difference), first_week.at_difference(difference)) - away if away else 1.0

    low, high = told.difference, told.difference
    if inside(0.0) >= 0:
        low, high = min(low, 0.0), max(high, 0.0)
    return stepped(inside, low, -1.0), stepped(inside, high, 1.0)


def reach(now: Variances, then: Variances) -> float:
    if now.is_nothing:
        return 0.0
    if then.is_nothing:
        return math.inf
    ratio = K * then.both / now.both
    return math.sqrt(now.both * (ratio + 1) / ratio * math.log((ratio + 1) / ALPHA**2))


def stepped(inside: Callable[[float], float], start: float, end: float) -> float:
    """The first end of the piece that holds `start`, found step by step."""
    steps = 64
    before = start
    for step in range(1, steps + 1):
        here = start + (end - start) * step / steps
        if inside(here) < 0:
            return float(brentq(inside, before, here, **EXACT))
        before = here
    return end


@lru_cache(maxsize=128)
def smallest_detectable_uplift(told: Comparison) -> float | None:
    control = told.rates[1]
    if min(told.freedom) <= 0 or not 0 < control < 1:
        return None

    def seen(ratio: float) -> float:
        pooled = control * (told.sizes[0] * ratio + told.sizes[1]) / sum(told.sizes)
        null, unrestricted = told.variances(pooled, pooled), told.variances(ratio * control, control)
        if null.is_nothing:
            return math.nan
        needed = stdtrit(told.degrees(null), 1 - ALPHA / 2) * math.sqrt(null.both)
        return control * (ratio - 1) - needed - ndtri(POWER) * math.sqrt(max(unrestricted.both, 0.0))

    most = 1 / control
    return float(brentq(seen, 1.0, most, **EXACT)) - 1 if seen(most) >= 0 else None


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each adjusted for how many there are."""
    ranked = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    greatest = 0.0
    for rank, (p, place) in enumerate(ranked):
        greatest = max(greatest, min(1.0, p * (len(ranked) - rank)))
        adjusted[place] = greatest
    return adjusted

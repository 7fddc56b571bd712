"""How sure an uplift is, from lists of users: no sums shared with the product, statistics by scipy."""

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from scipy import stats

from oracle.known import Row

User = str
PerUser = dict[User, int]


def estimate(treated: "Arm", control: "Arm") -> Row:
    """Uplift, interval and p-value of one arm over another, users as units."""
    rate, reference = treated.rate, control.rate
    uplift = None if rate is None or not reference else (float(rate) - float(reference)) / float(reference)
    interval, p_value = interval_and_p_value(treated, control)
    return {
        "conversion_rate": None if rate is None else float(rate),
        "uplift": uplift,
        "interval": interval,
        "p_value": p_value,
    }


class Arm:
    """Rows and converted rows of each user of an arm."""

    def __init__(self, users: Iterable[User], converted: Iterable[User]) -> None:
        self.rows: PerUser = Counter(users)
        self.converted: PerUser = Counter(converted)
        self.size = sum(self.rows.values())

    @property
    def rate(self) -> Fraction | None:
        return Fraction(sum(self.converted.values()), self.size) if self.size else None

    def residual(self, user: User) -> Fraction:
        return (self.converted.get(user, 0) - self.rate * self.rows.get(user, 0)) / self.size

    @property
    def variance(self) -> Fraction:
        users = len(self.rows)
        return Fraction(users, users - 1) * sum(self.residual(user) ** 2 for user in self.rows)


def interval_and_p_value(treated: Arm, control: Arm) -> tuple[list[float] | None, float | None]:
    if min(len(treated.rows), len(control.rows)) < 2:
        return None, None
    shared = treated.rows.keys() & control.rows.keys()
    covariance = sum(treated.residual(user) * control.residual(user) for user in shared)
    spread = treated.variance + control.variance - 2 * covariance
    if spread <= 0:
        return None, None
    difference = abs(treated.rate - control.rate) / math.sqrt(spread)
    p_value = 2 * stats.t.sf(float(difference), welch(treated.variance, control.variance, treated, control))
    return interval(treated, control, covariance), float(p_value)


def interval(treated: Arm, control: Arm, covariance: Fraction) -> list[float] | None:
    if not treated.rate or not control.rate:
        return None
    one, other = treated.variance / treated.rate**2, control.variance / control.rate**2
    spread = one + other - 2 * covariance / (treated.rate * control.rate)
    if spread <= 0:
        return None
    half = stats.t.ppf(0.975, welch(one, other, treated, control)) * math.sqrt(spread)
    log_ratio = math.log(treated.rate / control.rate)
    return [math.exp(log_ratio - half) - 1, math.exp(log_ratio + half) - 1]


def welch(one: Fraction, other: Fraction, treated: Arm, control: Arm) -> float:
    return float((one + other) ** 2 / (one**2 / (len(treated.rows) - 1) + other**2 / (len(control.rows) - 1)))

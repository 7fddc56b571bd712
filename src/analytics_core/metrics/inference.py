"""How sure an uplift is: interval and p-value with the user as the unit.

A user may appear in many instances, so rows are not independent: rates are ratios of per-user sums, and their variance
comes from the delta method over users (Deng, Knoblich and Lu, "Applying the Delta Method in Metric Analytics", 2018).
A user may also appear in both arms (control groups are drawn anew for every instance), so the arms' covariance over
such users counts as well. Two-sided Welch t; the interval of the relative uplift is symmetric on the log scale.
"""

import math
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over the users of one arm: `rows` per user (n) and `converted` rows per user (y)."""

    users: int = 0
    rows: int = 0
    converted: int = 0
    rows_squared: int = 0
    converted_squared: int = 0
    rows_converted: int = 0

    @property
    def rate(self) -> float | None:
        """Converted rows per row; None without rows."""
        return self.converted / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Sums over users that are in both arms, of products of one arm's figure and the other's."""

    rows_rows: int = 0
    rows_converted: int = 0
    converted_rows: int = 0
    converted_converted: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms of one goal and the users they share."""

    treated: Moments
    control: Moments
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class Inference:
    """What can be said about a relative uplift; None where the data cannot say it."""

    interval: tuple[float, float] | None = None
    p_value: float | None = None


def infer(comparison: Comparison) -> Inference:
    """Interval (95 %) and p-value of the uplift of the treated arm over the control arm.

    Returns:
        Both None where an arm has fewer than two users or neither arm varies; the interval None where a rate is 0.
    """
    treated, control = comparison.treated, comparison.control
    if min(treated.users, control.users) < 2:  # noqa: PLR2004 - a variance needs two
        return Inference()
    rates = treated.converted / treated.rows, control.converted / control.rows
    users = treated.users, control.users
    variances, covariance = (_variance(treated), _variance(control)), _covariance(comparison)
    scale = variances[0] + variances[1] - 2 * covariance
    if scale <= 0:
        return Inference()
    p_value = 2 * _survival(abs(rates[0] - rates[1]) / math.sqrt(scale), _freedom(variances, users))
    return Inference(_interval(rates, variances, covariance, users), p_value)


def _variance(arm: Moments) -> float:
    """Delta-method variance of an arm's rate over its users, with Bessel's correction."""
    n, y = arm.rows, arm.converted
    # Kept in integers up to the division: where nobody varies, the sum of squares is exactly 0.
    squares = n * n * arm.converted_squared - 2 * y * n * arm.rows_converted + y * y * arm.rows_squared
    return squares * arm.users / ((arm.users - 1) * n**4)


def _covariance(comparison: Comparison) -> float:
    """Covariance of the two rates over the users who are in both arms."""
    treated, control, both = comparison.treated, comparison.control, comparison.overlap
    products = (
        treated.rows * control.rows * both.converted_converted
        - treated.rows * control.converted * both.converted_rows
        - treated.converted * control.rows * both.rows_converted
        + treated.converted * control.converted * both.rows_rows
    )
    return products / (treated.rows * control.rows) ** 2


def _interval(
    rates: tuple[float, float], variances: tuple[float, float], covariance: float, users: tuple[int, int]
) -> tuple[float, float] | None:
    if 0 in rates:
        return None
    relative = variances[0] / rates[0] ** 2, variances[1] / rates[1] ** 2
    scale = relative[0] + relative[1] - 2 * covariance / (rates[0] * rates[1])
    if scale <= 0:
        return None
    half = math.exp(_quantile((1 + CONFIDENCE) / 2, _freedom(relative, users)) * math.sqrt(scale))
    ratio = rates[0] / rates[1]
    return ratio / half - 1, ratio * half - 1


def _freedom(variances: tuple[float, float], users: tuple[int, int]) -> float:
    """Welch-Satterthwaite degrees of freedom."""
    whole = variances[0] + variances[1]
    parts = variances[0] ** 2 / (users[0] - 1) + variances[1] ** 2 / (users[1] - 1)
    return whole**2 / parts


def _survival(statistic: float, freedom: float) -> float:
    from scipy.special import stdtr  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

    return float(stdtr(freedom, -statistic))


def _quantile(share: float, freedom: float) -> float:
    from scipy.special import stdtrit  # noqa: PLC0415 - costs start-up time, and few campaigns have control groups

    return float(stdtrit(freedom, share))


def sample_ratio_p_value(observed: int, others: int, declared: float) -> float | None:
    """Chi-squared p-value of drawing `observed` of `observed + others` rows at the `declared` share.

    None where the share leaves nothing to test: no rows, or a declared share of 0 or 1.
    """
    rows = observed + others
    if not rows or not 0 < declared < 1:
        return None
    deviation = observed - rows * declared
    return math.erfc(abs(deviation) / math.sqrt(2 * rows * declared * (1 - declared)))

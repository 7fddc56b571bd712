"""Whether a control group has the share it was declared to have: an exact binomial test, fast for any size."""

import math

_SAME = 1e-7
"""Outcomes whose chances differ by a smaller share are equally likely, as in `scipy.stats.binomtest`."""

_SERIES_FROM = 16


def sample_ratio_p_value(observed: int, users: int, declared: float) -> float | None:
    """Two-sided p-value of `observed` of `users` at the `declared` share: the chance of all outcomes no likelier.

    None where there is nothing to test: no users, or a declared share of 0 or 1.
    """
    if not users or not 0 < declared < 1:
        return None
    if observed > users * declared:
        observed, declared = users - observed, 1 - declared
    opposite = _find_opposite(observed, users, declared)
    return min(_sum_up_to(observed, users, declared) + _sum_up_to(users - opposite, users, 1 - declared), 1.0)


def _find_opposite(observed: int, users: int, declared: float) -> int:
    """The least count above the mean that is no likelier than `observed`, which is not above it; users + 1 if none."""
    bound = _log_chance(observed, users, declared) + _SAME
    below, found = max(observed, math.ceil(users * declared) - 1), users + 1
    while found - below > 1:
        middle = (below + found) // 2
        below, found = (below, middle) if _log_chance(middle, users, declared) <= bound else (middle, found)
    return found


def _sum_up_to(count: int, users: int, share: float) -> float:
    """The chance of at most `count`."""
    from scipy.special import betainc  # noqa: PLC0415 - costs start-up time, and few campaigns declare a share

    if count < 0:
        return 0.0
    return float(betainc(users - count, count + 1, 1 - share)) if count < users else 1.0


def _log_chance(count: int, users: int, share: float) -> float:
    """The logarithm of the binomial chance of `count`, exact to some twelve digits for millions of users.

    Deviances and Stirling's errors in place of factorials (Loader, "Fast and accurate computation of binomial
    probabilities", 2000).
    """
    rest = users - count
    if not count or not rest:
        return users * (math.log(share) if count else math.log1p(-share))
    errors = _stirling_error(users) - _stirling_error(count) - _stirling_error(rest)
    deviances = _deviance(count, users * share) + _deviance(rest, users * (1 - share))
    return errors - deviances + math.log(users / (2 * math.pi * count * rest)) / 2


def _deviance(count: int, mean: float) -> float:
    """`count * log(count / mean) + mean - count`."""
    beyond = (count - mean) / mean
    return mean * ((1 + beyond) * math.log1p(beyond) - beyond)


def _stirling_error(count: int) -> float:
    """The logarithm of `count!` less Stirling's formula; `count` 1 or more."""
    if count < _SERIES_FROM:
        return math.lgamma(count + 1) - ((count + 0.5) * math.log(count) - count + math.log(2 * math.pi) / 2)
    square = 1 / (count * count)
    return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / count

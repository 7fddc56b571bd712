"""Tables of users for the tests: written down, or drawn with few and many rows, kept apart and shared."""

from itertools import product

import numpy as np

from analytics_core.statistics.user_counts import UserCounts

User = tuple[int, int, int, int]
"""Treated rows and converted, control rows and converted."""

RATES = tuple(product((0.0, 0.03, 0.4, 1.0), repeat=2))


def written(*rows: tuple[int, int, int, int, int]) -> UserCounts:
    """Rows of (treated rows, converted, control rows, converted, users)."""
    return UserCounts(*np.array(rows, np.int64).reshape(-1, 5).T)


def single(treated: int, treated_hits: int, control: int, control_hits: int) -> UserCounts:
    """Every user has one row."""
    return written(
        (1, 1, 0, 0, treated_hits),
        (1, 0, 0, 0, treated - treated_hits),
        (0, 0, 1, 1, control_hits),
        (0, 0, 1, 0, control - control_hits),
    )


def of_users(users: list[User]) -> UserCounts:
    """One entry per user."""
    return written(*((*user, 1) for user in users))


def drawn(seed: int) -> list[User]:
    """Users of one campaign; among the seeds are arms without and with nothing but conversions, kept and redrawn."""
    chance = np.random.default_rng(seed)
    rates = RATES[seed % len(RATES)]
    count = int(chance.integers(3, 120))
    rows = chance.integers(1, int(chance.choice([2, 4, 12])), count)
    redrawn = seed // len(RATES) % 2
    control = chance.binomial(rows, 0.3) if redrawn else np.where(chance.random(count) < 0.4, rows, 0)
    alike = chance.beta(0.5, 0.5, count) if seed % 3 else np.full(count, 0.5)
    hits = [
        chance.binomial(of, np.clip(rate * 2 * alike, 0, 1) if 0 < rate < 1 else rate)
        for of, rate in zip((rows - control, control), rates, strict=True)
    ]
    columns = (rows - control, hits[0], control, hits[1])
    return [tuple(user) for user in np.array(columns).T.tolist()]

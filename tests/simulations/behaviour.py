"""What users do: all by themselves, or because of what was sent to them."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulations.rows import DAY, WINDOW, Flags, Floats, Ints, Rows

CONVERTING = 0.1
"""How likely a row that was not reached converts where rows respond; about so, where users act by themselves."""

_EVENTS_A_DAY = 0.1
_LIKELIEST = 2 / 3
"""No row converts more likely without effect, so that one and a half times as likely is possible for all."""
_MEDIAN_ORDER = 3.5


@dataclass(frozen=True, eq=False)
class Events:
    """What users did: the user's number, and the instant."""

    user: Ints
    at: Ints


def even(_: Generator, users: int) -> Floats:
    """Events a day, the same for all users."""
    return np.full(users, _EVENTS_A_DAY)


def uneven(chance: Generator, users: int) -> Floats:
    """Events a day, log-normal over users, the logarithm's deviation 1; the mean is as in `even`."""
    return _EVENTS_A_DAY * np.exp(chance.normal(-0.5, 1, users))


def act_alike(chance: Generator, rates: Floats, until: int) -> Events:
    """Events of stationary Poisson processes: nothing depends on what was sent to whom."""
    user = np.repeat(np.arange(len(rates)), chance.poisson(rates * (until / DAY)))
    return Events(user, chance.integers(0, until, len(user)))


def respond(chance: Generator, rows: Rows, reached: Flags, ratio: float) -> Events:
    """At most one event a row, before the next; rows that were reached bring one `ratio` times as likely as others.

    Users differ in how likely they bring one (beta, CONVERTING on average).
    """
    mean = CONVERTING / _LIKELIEST
    likely = _LIKELIEST * chance.beta(1, 1 / mean - 1, rows.users)[rows.user]
    bringing = chance.random(len(rows)) < likely * np.where(reached, ratio, 1)
    at = rows.at[bringing] + chance.integers(0, rows.room(WINDOW)[bringing])
    return Events(rows.user[bringing], at)


def order_values(chance: Generator, orders: int) -> Ints:
    """Values of orders in cents: log-normal, the logarithm's deviation 1."""
    return np.ceil(100 * np.exp(chance.normal(_MEDIAN_ORDER, 1, orders))).astype(np.int64)

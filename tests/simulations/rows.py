"""Who qualifies for what and when, who is held out, and whom a cap removes.

Rows are in order of user and time. Times are microseconds since the simulation's first midnight.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOUR = 3_600 * 10**6
DAY = 24 * HOUR
WINDOW = 36 * HOUR
SHARE = 0.1
"""How much of the users or rows the control group is declared to be, and is."""

_MORNING = 10 * HOUR
_BATCH = HOUR // 2
"""How long one run's requests take; each goes out at a random instant of it."""
_PARETO, _MOST = 1.2, 500


@dataclass(frozen=True, eq=False)
class Rows:
    """Audience rows: the user's number, the instant, the instance's number, and how many users there are."""

    user: Ints
    at: Ints
    instance: Ints
    users: int

    def __len__(self) -> int:
        return len(self.user)

    def room(self, window: int) -> Ints:
        """How long after each row the user's next one begins, `window` at the most."""
        room = np.full(len(self), window)
        same = self.user[1:] == self.user[:-1]
        room[:-1][same] = np.minimum(room[:-1][same], np.diff(self.at)[same])
        return room


def daily(chance: Generator, users: int, days: int) -> Rows:
    """Every user qualifies for an instance every morning."""
    mornings = np.tile(np.arange(days) * DAY + _MORNING, users)
    at = mornings + chance.integers(0, _BATCH, users * days)
    return Rows(np.repeat(np.arange(users), days), at, np.tile(np.arange(days), users), users)


def triggered(chance: Generator, users: int, days: int) -> Rows:
    """Every user does what triggers the campaign once or more, three times on average, at any time."""
    return _at_any_time(chance, 1 + chance.poisson(2, users), days)


def triggered_unevenly(chance: Generator, users: int, days: int) -> Rows:
    """The same with numbers of triggers by Pareto's law: most users have one, a few have hundreds."""
    counts = (1 - chance.random(users)) ** (-1 / _PARETO)
    return _at_any_time(chance, np.minimum(counts, _MOST).astype(np.int64), days)


def _at_any_time(chance: Generator, counts: Ints, days: int) -> Rows:
    user = np.repeat(np.arange(len(counts)), counts)
    at = chance.integers(0, days * DAY, len(user))
    return Rows(user, at[np.lexsort((at, user))], np.arange(len(user)), len(counts))


def redrawn(chance: Generator, rows: Rows) -> Flags:
    """Which rows are held out where the control group is drawn anew for every instance."""
    return chance.random(len(rows)) < SHARE


def kept(chance: Generator, rows: Rows) -> Flags:
    """Which rows are held out where users stay in the control group or out of it."""
    return (chance.random(rows.users) < SHARE)[rows.user]


def capped(rows: Rows, held: Flags, hours: int) -> Flags:
    """Which rows of daily instances come too early after a send; a row that is held out keeps nothing back."""
    at, held = rows.at.reshape(rows.users, -1), held.reshape(rows.users, -1)
    found, free_from = np.zeros(at.shape, np.bool_), np.zeros(rows.users, np.int64)
    for day in range(at.shape[1]):
        found[:, day] = at[:, day] < free_from
        sent = ~found[:, day] & ~held[:, day]
        free_from[sent] = at[sent, day] + hours * HOUR
    return found.ravel()

"""From raw delivery rows to audience rows: one user in one instance, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import polars as pl

from analytics_core.arrays.packing import (
    Flags,
    Ints,
    find_run_starts,
    measure_runs,
    number_runs,
    order_by_time,
    order_values,
    pack,
    sum_runs,
)
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import ControlGroupType, Standing, require_every
from analytics_core.tables.keys import OUTCOMES

STANDINGS = require_every(
    Standing,
    (
        Standing.SENT,
        Standing.FAILED_RESPONSE,
        Standing.PERSONALIZATION_FAILED,
        Standing.CONTROL_GROUP,
        Standing.FREQUENCY_CAPPED,
    ),
)
"""Standings by number."""

SENT, FAILED_RESPONSE, PERSONALIZATION_FAILED, CONTROL_GROUP, FREQUENCY_CAPPED = range(len(STANDINGS))
NO_CODE = -1
CONTROLS = require_every(ControlGroupType, (None, ControlGroupType.CAMPAIGN, ControlGroupType.GLOBAL))
"""Control groups by number; 0 for rows that are not in one."""

REQUESTED, PERSONALIZATION, _CONTROL, _GLOBAL_CONTROL, _CAPPED = range(len(OUTCOMES))
_STANDING = np.array([FAILED_RESPONSE, PERSONALIZATION_FAILED, CONTROL_GROUP, CONTROL_GROUP, FREQUENCY_CAPPED], np.int8)
"""What a row by itself stands as, by outcome; a request that succeeded is *sent*."""
_CONTROL_GROUP = np.array([0, 0, 1, 2, 0], np.int8)
"""The control group of a row, by outcome."""
_NEVER, _LATE = np.iinfo(np.int64).min, np.iinfo(np.int64).max
_HIGHEST = np.iinfo(np.int16).max


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Audience rows as columns, in order of campaign, user, clock; at the same clock the smaller instance id first.

    Attributes:
        campaign: key of the campaign.
        user: number of the person.
        instance: key of the instance.
        clock: when the attribution window opens, microseconds since 1970 UTC.
        standing: what became of the row, by number in STANDINGS.
        code: response code of the last attempt; NO_CODE without a response. Of several attempts at one instant it is
            the one with the greatest request id, or simply the greatest code where the row was sent.
        drawn: which control group the row was drawn into, by number in CONTROLS, whatever became of it.
        attempts: request attempts.
        matured: the window has closed by the as-of instant.
        opened: the clock of the comparison of arms, the earliest of the row's raw rows: no later than `clock`.
    """

    campaign: Ints
    user: Ints
    instance: Ints
    clock: Ints
    standing: Ints
    code: Ints
    drawn: Ints
    attempts: Ints
    matured: Flags
    opened: Ints

    @property
    def contaminated(self) -> Flags:
        """The rows that were drawn into a control group, and for which a request was tried or should have been."""
        found: Flags = (self.drawn > 0) & (self.standing != CONTROL_GROUP)
        return found

    def __len__(self) -> int:
        return len(self.campaign)

    def at(self, places: Ints | Flags) -> Self:
        """The rows at `places`, or where it is true."""
        return type(self)(*(getattr(self, column.name)[places] for column in fields(self)))

    def columns(self, *names: str, where: Flags) -> dict[str, Ints]:
        """Some columns of the rows `where`."""
        places = np.flatnonzero(where)
        return {name: getattr(self, name)[places] for name in names}

    def user_starts(self) -> Ints:
        """Where the rows of each campaign and user begin."""
        return find_run_starts(self.campaign, self.user)


RawRows = pl.DataFrame
"""One row per raw delivery: `campaign`, `user`, `instance` (keys and numbers), `at` (microseconds), `outcome` (its
number in OUTCOMES), `code` (NO_CODE for none)."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Text that only few rows need.

    Attributes:
        with_request_ids: the raw rows of users, with their `request_id`.
        instance_order: for instance keys, a number each that is greater where the instance's id is.
    """

    with_request_ids: Callable[[Ints], RawRows]
    instance_order: Callable[[Ints], Ints]


def audience_of(rows: RawRows, rules: Rules, lookups: Lookups) -> Audience:
    """Collapse raw rows to audience rows and apply the success rule.

    Args:
        rows: raw rows of campaigns that take part, nothing after the as-of instant, in any order.
        rules: windows, success codes and the as-of instant.
        lookups: for attempts and deliveries that happened at the same instant.
    """
    campaign, user = rows["campaign"].to_numpy(), rows["user"].to_numpy()
    order = order_by_time(pack(campaign, user, int(user.max(initial=0)) + 1), rows["at"].to_numpy())
    ordered = rows if order is None else rows[order]
    repeated = _find_repeated(ordered)
    if not len(repeated):
        return _finalize(_singles(ordered, rules), rules, lookups)
    collapsed = _collapse(ordered[repeated], rules, lookups)
    # A collapsed row takes the place of the first of its raw rows; its clock may be later than that.
    firsts = repeated[collapsed.pop("first")]
    keep = np.ones(ordered.height, np.bool_)
    keep[repeated] = False
    keep[firsts] = True
    audience = _singles(ordered.filter(pl.Series(keep)), rules)
    places = (np.cumsum(keep) - 1)[firsts]
    for name, values in collapsed.items():
        getattr(audience, name)[places] = values
    return _finalize(audience, rules, lookups)


def _find_repeated(rows: RawRows) -> Ints:
    """The places of raw rows that are not alone in their audience row, ascending; `rows` are in order."""
    campaign, user, instance = (rows[name].to_numpy() for name in ("campaign", "user", "instance"))
    same_user = (campaign[1:] == campaign[:-1]) & (user[1:] == user[:-1])
    others = np.flatnonzero(_neighbours(same_user, len(user)))
    key = pack(user[others], instance[others], int(instance.max(initial=0)) + 1)
    order = order_values(key)
    ordered = key[order]
    return np.sort(others[order[_neighbours(ordered[1:] == ordered[:-1], len(key))]])


def _neighbours(alike: Flags, size: int) -> Flags:
    """Which of `size` rows are like the one before or the one after; `alike` says the former of each but the first."""
    found = np.zeros(size, np.bool_)
    found[1:] |= alike
    found[:-1] |= alike
    return found


def _singles(rows: RawRows, rules: Rules) -> Audience:
    """Every raw row as an audience row of its own; `matured` is not settled yet."""
    outcome, code, at = (rows[name].to_numpy() for name in ("outcome", "code", "at"))
    requested = outcome == REQUESTED
    standing = _STANDING[outcome]
    standing[requested & rules.success[code]] = SENT
    return Audience(
        campaign=rows["campaign"].to_numpy(),
        user=rows["user"].to_numpy(),
        instance=rows["instance"].to_numpy(),
        # Both are written to, and what Polars calls writable may be one memory for both.
        clock=at.copy(),
        standing=standing,
        code=np.where(requested, code, np.int16(NO_CODE)),
        drawn=_CONTROL_GROUP[outcome],
        attempts=requested.astype(np.int32),
        matured=np.zeros(len(outcome), np.bool_),
        opened=at.copy(),
    )


def _finalize(audience: Audience, rules: Rules, lookups: Lookups) -> Audience:
    """In final order, with maturity."""
    audience.matured[:] = audience.clock + rules.windows[audience.campaign] <= rules.as_of
    run = number_runs(audience.user_starts(), len(audience))
    places = order_finally(run, audience.clock, audience.instance, lookups)
    return audience if places is None else audience.at(places)


def order_finally(run: Ints, clock: Ints, instance: Ints, lookups: Lookups) -> Ints | None:
    """Positions that put rows in order of run, clock and instance id; None where they are.

    Args:
        run: the number of the campaign and user of each row, ascending.
        clock: a time each, in almost any order.
        instance: key of the instance.
        lookups: for rows of one user at the same instant.
    """
    unsettled = np.flatnonzero((run[1:] == run[:-1]) & (clock[1:] <= clock[:-1]))
    if not len(unsettled):
        return None
    touched = np.zeros(int(run[-1]) + 1, np.bool_)
    touched[run[unsettled]] = True
    rows = np.flatnonzero(touched[run])
    order = np.lexsort((lookups.instance_order(instance[rows]), clock[rows], run[rows]))
    places = np.arange(len(run))
    places[rows] = rows[order]
    return places


def _collapse(several: RawRows, rules: Rules, lookups: Lookups) -> dict[str, Ints]:
    """Columns of one Audience row each for several raw rows of it, and `first`, the place of the earliest of these."""
    user, instance = (several[name].to_numpy() for name in ("user", "instance"))
    order = np.lexsort((several["at"].to_numpy(), instance, user))
    runs = _Runs(several[order], find_run_starts(user[order], instance[order]))
    requested, control = runs.outcome == REQUESTED, _CONTROL_GROUP[runs.outcome] > 0
    sent_at = runs.earliest(requested & rules.success[runs.code])
    clocks = (
        sent_at,
        runs.latest(requested),
        runs.earliest(runs.outcome == PERSONALIZATION),
        runs.earliest(control),
        runs.earliest(runs.outcome == _CAPPED),
    )
    # The outcomes win over each other in the order of the standings.
    happened = np.stack([clock != _NEVER for clock in clocks])
    standing = happened.argmax(axis=0)
    drawn = np.where(happened[CONTROL_GROUP], runs.first_group(control, clocks[CONTROL_GROUP]), np.int8(0))
    return {
        "first": runs.lowest(order),
        "clock": np.stack(clocks)[standing, np.arange(len(standing))],
        "standing": standing.astype(np.int8),
        "code": runs.last_code(requested, clocks[FAILED_RESPONSE], standing != SENT, lookups),
        "drawn": drawn,
        "attempts": sum_runs(requested, runs.starts),
        "opened": runs.lowest(runs.at),
    }


class _Runs:
    """Raw rows in order of user, instance and time, and where the rows of each audience row begin."""

    def __init__(self, rows: RawRows, starts: Ints) -> None:
        self.starts = starts
        self.user, self.instance, self.at = (rows[name].to_numpy() for name in ("user", "instance", "at"))
        self.outcome, self.code = rows["outcome"].to_numpy(), rows["code"].to_numpy()

    def lowest(self, values: Ints) -> Ints:
        """The lowest value of each run."""
        return np.minimum.reduceat(values, self.starts)

    def earliest(self, where: Flags) -> Ints:
        """The earliest time of each run's rows `where`; NEVER without."""
        found = self.lowest(np.where(where, self.at, _LATE))
        return np.where(found == _LATE, _NEVER, found)

    def latest(self, where: Flags) -> Ints:
        """The latest time of each run's rows `where`; NEVER without."""
        return np.maximum.reduceat(np.where(where, self.at, _NEVER), self.starts)

    def first_group(self, control: Flags, first: Ints) -> Ints:
        """The group of each run's first control row; of several at the same instant a campaign's comes first."""
        is_first = control & (self.at == self._along(first))
        return self.lowest(np.where(is_first, _CONTROL_GROUP[self.outcome], np.int8(len(CONTROLS))))

    def last_code(self, requested: Flags, last: Ints, matters: Flags, lookups: Lookups) -> Ints:
        """The code of each run's last attempt; NO_CODE without.

        Attempts at one instant are told apart by request id, then code, so that file order never matters; by code alone
        where it does not matter, because reading request ids takes long.
        """
        is_last = requested & (self.at == self._along(last))
        highest = np.maximum.reduceat(np.where(is_last, self.code, np.int16(NO_CODE)), self.starts)
        lowest = self.lowest(np.where(is_last, self.code, np.int16(_HIGHEST)))
        unclear = np.flatnonzero((lowest < highest) & matters)
        if len(unclear):
            places = self.starts[unclear]
            whose = pl.DataFrame({"user": self.user[places], "instance": self.instance[places]})
            rows = lookups.with_request_ids(self.user[places]).filter(pl.col("outcome") == REQUESTED)
            ordered = rows.sort("at", "request_id", "code", nulls_last=False)
            codes = ordered.group_by("user", "instance").agg(pl.col("code").last())
            highest[unclear] = whose.join(codes, on=["user", "instance"], maintain_order="left")["code"].to_numpy()
        return highest

    def _along(self, values: Ints) -> Ints:
        """One value a run, for each of its rows."""
        return np.repeat(values, measure_runs(self.starts, len(self.at)))

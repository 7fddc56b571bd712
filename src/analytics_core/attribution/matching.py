"""Which events fall into which deliveries' windows.

Events of one name are sorted by user and time, and each delivery finds its own by binary search among its user's: no
pair is ever built that does not count. Windows of one campaign have one length. So where only the latest eligible
delivery is credited, a delivery's window ends where the next one's begins: an event that came too late for the latest
delivery did for all. Where only the first is, a delivery's window begins after the one before has closed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from analytics_core.attribution.audience import CONTROL_GROUP, CONTROLS, SENT, Audience
from analytics_core.attribution.packing import (
    Flags,
    Ints,
    first_not_before,
    order_of,
    run_sizes,
    run_starts,
    spread,
    time_order,
    within_runs,
)
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import InstanceCredit

ARMS = len(CONTROLS)
"""Arms by number: 0 sent deliveries, then the control groups by their number in CONTROLS."""


@dataclass(frozen=True, slots=True, eq=False)
class Happenings:
    """Events as columns: `name` (key of the event's name), `user` (number of the person), `at` (microseconds)."""

    name: Ints
    user: Ints
    at: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Events within windows: `row` of the audience, `event` by its place among the events given; in any order."""

    row: Ints
    event: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """Rows that can be credited: where they stand in the audience, whose they are, and their windows, both ends in."""

    row: Ints
    user: Ints
    opens: Ints
    closes: Ints


def eligible_pairs(audience: Audience, events: Happenings, rules: Rules) -> Pairs:
    """Every event with each delivery that may be credited with it, goals' filters and other campaigns left aside.

    Args:
        audience: audience rows, in their order.
        events: events of any names, nothing after the as-of instant.
        rules: windows, goals, and which eligible deliveries of one campaign are credited.

    Returns:
        One pair per event and credited delivery, within each campaign and arm.
    """
    windows = _windows(audience, rules)
    campaigns = np.searchsorted(audience.campaign[windows.row], np.arange(len(rules.windows) + 1))
    people = int(max(audience.user.max(initial=0), events.user.max(initial=0))) + 1
    timeline = _Timeline(people)
    found = [Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for name, places in _by_name(events, _relevant(audience, events, rules, people)):
        whose = np.unique(rules.goals.campaign[rules.goals.event == name])
        slices = [slice(campaigns[key], campaigns[key + 1]) for key in whose]
        with timeline.of(events.user[places], events.at[places]):
            pairs = _within(windows, slices, timeline)
        found.append(Pairs(windows.row[pairs.row], places[pairs.event]))
    return Pairs(np.concatenate([pairs.row for pairs in found]), np.concatenate([pairs.event for pairs in found]))


def _windows(audience: Audience, rules: Rules) -> _Windows:
    row = np.flatnonzero((audience.standing == SENT) | (audience.standing == CONTROL_GROUP))
    opens = audience.clock[row]
    closes = opens + rules.windows[audience.campaign[row]]
    if rules.instance_credit is not InstanceCredit.EVERY:
        control, person = audience.control[row], within_runs(audience.user_starts(), len(audience))[row]
        for arm in range(ARMS):
            _take_turns(closes, opens, _followed(person, np.flatnonzero(control == arm)), rules.instance_credit)
    return _Windows(row, audience.user[row], opens, closes)


def _followed(person: Ints, arm: Ints) -> tuple[Ints, Ints]:
    """Those of an arm's windows, at these places, that the same campaign and user has a next one after; and that one.

    The persons 4, 4, 4 and 5 at the places 0, 1, 2 and 3 give the places 0 and 1, and after them 1 and 2.
    """
    same = np.flatnonzero(person[arm[1:]] == person[arm[:-1]])
    return arm[same], arm[same + 1]


def _take_turns(closes: Ints, opens: Ints, followed: tuple[Ints, Ints], credit: InstanceCredit) -> None:
    """Shorten windows so that none of the same campaign and user lies over the next."""
    here, following = followed
    match credit:
        case InstanceCredit.LATEST:
            closes[here] = np.minimum(closes[here], opens[following] - 1)
        case InstanceCredit.FIRST:
            opens[following] = np.maximum(opens[following], closes[here] + 1)
        case InstanceCredit.EVERY:
            pass


def _relevant(audience: Audience, events: Happenings, rules: Rules, people: int) -> Flags:
    """Events of names that goals ask for, by users that have audience rows."""
    names = np.zeros(rules.events, np.bool_)
    names[rules.goals.event] = True
    has_rows = np.zeros(people, np.bool_)
    has_rows[audience.user] = True
    return names[events.name] & has_rows[events.user]


def _by_name(events: Happenings, relevant: Flags) -> Iterator[tuple[int, Ints]]:
    """The places of the relevant events of each name."""
    places = np.flatnonzero(relevant)
    name = events.name[places]
    if (name[1:] < name[:-1]).any():
        places = places[order_of(name)]
        name = events.name[places]
    starts = run_starts(name)
    for start, end in zip(starts, starts + run_sizes(starts, len(places)), strict=True):
        yield int(name[start]), places[start:end]


class _Timeline:
    """Events of one name in order of user and time, and where each user's begin.

    Args:
        people: how many numbers of people there are.
    """

    def __init__(self, people: int) -> None:
        # Kept from name to name and cleared user by user: most names are of few users.
        self._first = np.full(people, -1, np.int32)

    @contextmanager
    def of(self, user: Ints, at: Ints) -> Iterator[None]:
        """Hold the events of one name."""
        order = time_order(user, at)
        self.place = np.arange(len(user)) if order is None else order
        self.at = at[self.place]
        whose = user[self.place]
        starts = run_starts(whose)
        sizes = run_sizes(starts, len(whose))
        self._end = np.repeat(starts + sizes, sizes)
        self._first[whose[starts]] = starts
        yield
        self._first[whose[starts]] = -1

    def overlapping(self, windows: _Windows, part: slice) -> tuple[Ints, Ints, Ints]:
        """Windows that do not end before their user's first event nor begin after the last, and where these lie.

        Returns:
            Places of windows, and of the user's events the first position and the one after the last.
        """
        user = windows.user[part]
        first = self._first[user]
        rows = np.flatnonzero(first >= 0)
        first = first[rows]
        rows += part.start
        end = self._end[first]
        near = np.flatnonzero((windows.closes[rows] >= self.at[first]) & (windows.opens[rows] <= self.at[end - 1]))
        return rows[near], first[near], end[near]


def _within(windows: _Windows, slices: Sequence[slice], timeline: _Timeline) -> Pairs:
    """Pairs of some slices of the windows and the events of a timeline; both by place there."""
    found = [timeline.overlapping(windows, part) for part in slices]
    rows, low, high = (np.concatenate(columns) for columns in zip(*found, strict=True))
    start = first_not_before(timeline.at, windows.opens[rows], low, high)
    hit = np.flatnonzero(timeline.at[start] <= windows.closes[rows])
    rows, start, high = rows[hit], start[hit], high[hit]
    counts = first_not_before(timeline.at, windows.closes[rows] + 1, start, high) - start
    return Pairs(np.repeat(rows, counts), timeline.place[spread(start, counts)])

"""Which events fall into which deliveries' windows.

Events of one name are sorted by user and time, and each delivery finds its own by binary search among its user's: no
pair is ever built that does not count. Windows of one campaign have one length. So where only the latest eligible
delivery is credited, a delivery's window ends where the next one's begins: an event that came too late for the latest
delivery did for all. So do all windows in a comparison of arms, where rows of every outcome have one. Where only the
first eligible delivery is credited, a delivery's window begins after the one before has closed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import numpy as np

from analytics_core.attribution.audience import SENT, Audience
from analytics_core.attribution.comparison import Competitors
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
    """Rows that events can belong to: where they stand, whose they are, and their windows, both ends in.

    Windows are in order of campaign; `firsts` has where each campaign's begin, by its key, and at last their number.
    """

    row: Ints
    user: Ints
    opens: Ints
    closes: Ints
    firsts: Ints

    def at(self, where: Flags, campaign: Ints, rules: Rules) -> Self:
        """The windows `where`; `campaign` is that of each row."""
        if where.all():
            return self
        row = self.row[where]
        return type(self)(row, self.user[where], self.opens[where], self.closes[where], _firsts(campaign[row], rules))


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Events within windows, goals' filters and other campaigns left aside.

    Attributes:
        eligible: one pair per event and delivery that may be credited with it; `row` is of the audience.
        belonging: one pair per event and the row of a compared campaign it belongs to; `row` is of the competitors.
    """

    eligible: Pairs
    belonging: Pairs


def match_events(audience: Audience, competitors: Competitors, events: Happenings, rules: Rules) -> Matches:
    """Every event with the deliveries that may be credited with it, and with the rows it belongs to in comparisons.

    Args:
        audience: audience rows, in their order.
        competitors: those of compared campaigns, in theirs.
        events: events of any names, nothing after the as-of instant.
        rules: windows, goals, and which eligible deliveries of one campaign are credited.
    """
    deliveries, competing = _delivery_windows(audience, rules), _competing_windows(competitors, rules)
    # Most deliveries have the same window in both: what falls into it is looked for once.
    alike = _find_alike(deliveries, competing, competitors.row, len(audience))
    both = (deliveries.at(~alike.deliveries, audience.campaign, rules), competing)
    people = int(max(audience.user.max(initial=0), events.user.max(initial=0))) + 1
    timeline = _Timeline(people)
    none = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    found: tuple[list[Pairs], list[Pairs]] = ([none], [none])
    for name, places in _by_name(events, _relevant(audience, events, rules, people)):
        whose = np.unique(rules.goals.campaign[rules.goals.event == name])
        with timeline.of(events.user[places], events.at[places]):
            for windows, pairs in zip(both, found, strict=True):
                within = _within(windows, whose, timeline)
                pairs.append(Pairs(windows.row[within.row], places[within.event]))
    belonging = _together(found[1])
    eligible = np.flatnonzero(alike.competing[belonging.row])
    found[0].append(Pairs(competitors.row[belonging.row[eligible]], belonging.event[eligible]))
    return Matches(_together(found[0]), belonging)


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Which deliveries have the very window that they have as competitors, by place among either."""

    deliveries: Flags
    competing: Flags


def _find_alike(deliveries: _Windows, competing: _Windows, row: Ints, rows: int) -> _Alike:
    """Compare windows; `row` is the audience row of each competitor, of so many `rows`."""
    found = _Alike(np.zeros(len(deliveries.row), np.bool_), np.zeros(len(row), np.bool_))
    if not len(row):
        return found
    place = np.full(rows, -1, np.int64)
    place[deliveries.row] = np.arange(len(deliveries.row))
    its = place[row]
    rival = np.flatnonzero(its >= 0)
    its = its[rival]
    same = (deliveries.opens[its] == competing.opens[rival]) & (deliveries.closes[its] == competing.closes[rival])
    found.deliveries[its[same]] = True
    found.competing[rival[same]] = True
    return found


def _together(pairs: Sequence[Pairs]) -> Pairs:
    return Pairs(np.concatenate([some.row for some in pairs]), np.concatenate([some.event for some in pairs]))


def _delivery_windows(audience: Audience, rules: Rules) -> _Windows:
    """The windows of sent deliveries, as credits see them."""
    row = np.flatnonzero(audience.standing == SENT)
    opens = audience.clock[row]
    closes = opens + rules.windows[audience.campaign[row]]
    _take_turns(closes, opens, within_runs(audience.user_starts(), len(audience))[row], rules.instance_credit)
    return _Windows(row, audience.user[row], opens, closes, _firsts(audience.campaign[row], rules))


def _competing_windows(rows: Competitors, rules: Rules) -> _Windows:
    """The windows of rows of every outcome, as comparisons of arms see them."""
    closes = rows.clock + rules.windows[rows.campaign]
    _end_at_next(closes, rows.clock, rows.person)
    return _Windows(np.arange(len(rows)), rows.user, rows.clock, closes, _firsts(rows.campaign, rules))


def _firsts(campaign: Ints, rules: Rules) -> Ints:
    return np.searchsorted(campaign, np.arange(len(rules.windows) + 1))


def _take_turns(closes: Ints, opens: Ints, person: Ints, credit: InstanceCredit) -> None:
    """Shorten deliveries' windows so that each event falls into that of the one that is credited with it."""
    match credit:
        case InstanceCredit.LATEST:
            _end_at_next(closes, opens, person)
        case InstanceCredit.FIRST:
            _begin_after_previous(closes, opens, person)
        case InstanceCredit.EVERY:
            pass


def _begin_after_previous(closes: Ints, opens: Ints, person: Ints) -> None:
    """Shorten windows to what is left after the previous one of the same campaign and user.

    Of windows of length 10 that open at 0, 4 and 30, the second begins at 11, the third stays.
    """
    following = np.flatnonzero(person[1:] == person[:-1]) + 1
    opens[following] = np.maximum(opens[following], closes[following - 1] + 1)


def _end_at_next(closes: Ints, opens: Ints, person: Ints) -> None:
    """Shorten windows to where the next one of the same campaign and user begins."""
    here = np.flatnonzero(person[1:] == person[:-1])
    closes[here] = np.minimum(closes[here], opens[here + 1] - 1)


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


def _within(windows: _Windows, campaigns: Ints, timeline: _Timeline) -> Pairs:
    """Pairs of the windows of some campaigns and the events of a timeline; both by place there."""
    parts = [slice(windows.firsts[key], windows.firsts[key + 1]) for key in campaigns]
    found = [timeline.overlapping(windows, part) for part in parts]
    rows, low, high = (np.concatenate(columns) for columns in zip(*found, strict=True))
    start = first_not_before(timeline.at, windows.opens[rows], low, high)
    hit = np.flatnonzero(timeline.at[start] <= windows.closes[rows])
    rows, start, high = rows[hit], start[hit], high[hit]
    counts = first_not_before(timeline.at, windows.closes[rows] + 1, start, high) - start
    return Pairs(np.repeat(rows, counts), timeline.place[spread(start, counts)])

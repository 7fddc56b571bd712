"""Which events fall into which deliveries' windows.

Events of one name are sorted by user and time, and each delivery finds its own by binary search among its user's: no
pair is ever built that does not count. Windows of one campaign have one length. So where only the latest eligible
delivery is credited, a delivery's window ends where the next one's begins: an event that came too late for the latest
delivery did for all. So do all windows in a comparison of arms, where rows of every outcome have one. Where only the
first eligible delivery is credited, a delivery's window begins after the one before has closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from analytics_core.arrays.packing import (
    Flags,
    Ints,
    find_first_not_before,
    find_run_starts,
    measure_runs,
    number_runs,
    order_by_time,
    order_values,
    spread,
)
from analytics_core.attribution.audience import SENT, Audience
from analytics_core.attribution.comparison import Competitors
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import InstanceCredit


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """Events as columns: `name` (key of the event's name), `user` (number of the person), `at` (microseconds)."""

    name: Ints
    user: Ints
    at: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Events within windows, goals' filters and other campaigns left aside; in any order.

    Attributes:
        row: the audience row, by place.
        event: the event, by its place among the events given.
        eligible: whether the row is a delivery that may be credited with the event.
        rival: of the row of a compared campaign that the event belongs to, the place among the competitors; else -1.
    """

    row: Ints
    event: Ints
    eligible: Flags
    rival: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """Windows that events can fall into, both ends in: whose they are, and what an event in them is to the row.

    In order of campaign; `firsts` has where each campaign's begin, by its key, and at last their number. For `row`,
    `eligible` and `rival` see `Pairs`.
    """

    row: Ints
    user: Ints
    opens: Ints
    closes: Ints
    eligible: Flags
    rival: Ints
    firsts: Ints


def match_events(audience: Audience, competitors: Competitors, events: EventColumns, rules: Rules) -> Pairs:
    """Every event with the deliveries that may be credited with it, and with the rows it belongs to in comparisons.

    Args:
        audience: audience rows, in their order.
        competitors: those of compared campaigns, in theirs.
        events: events of any names, nothing after the as-of instant.
        rules: windows, goals, and which eligible deliveries of one campaign are credited.
    """
    windows = _open_windows(audience, competitors, rules)
    people = int(max(audience.user.max(initial=0), events.user.max(initial=0))) + 1
    timeline = _Timeline(people)
    none: Ints = np.zeros(0, np.int64)
    found = [(none, none)]
    # Name by name the events that goals ask for, of users that have audience rows.
    names, has_rows = np.zeros(rules.events, np.bool_), np.zeros(people, np.bool_)
    names[rules.goals.event], has_rows[audience.user] = True, True
    relevant = np.flatnonzero(names[events.name] & has_rows[events.user])
    name = events.name[relevant]
    if (name[1:] < name[:-1]).any():
        relevant = relevant[order_values(name)]
        name = events.name[relevant]
    starts = find_run_starts(name)
    for start, end in zip(starts, starts + measure_runs(starts, len(name)), strict=True):
        places = relevant[start:end]
        whose = np.unique(rules.goals.campaign[rules.goals.event == name[start]])
        with timeline.of(events.user[places], events.at[places]):
            within, event = _within(windows, whose, timeline)
            found.append((within, places[event]))
    within, event = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pairs(windows.row[within], event, windows.eligible[within], windows.rival[within])


def _open_windows(audience: Audience, competitors: Competitors, rules: Rules) -> _Windows:
    """The windows of competitors, and those of sent deliveries that as competitors have another or none.

    Most deliveries have the same window in both, and what falls into it is looked for once.
    """
    row = np.flatnonzero(audience.standing == SENT)
    opens, closes = _share_out(audience, row, rules)
    ends: Ints = competitors.clock + rules.windows[competitors.campaign]
    _end_at_next(ends, competitors.clock, competitors.person)
    its = np.full(len(audience), -1, np.int64)
    its[competitors.row] = np.arange(len(competitors))
    rival = its[row]
    # Without a place it is compared with the last competitor, and does not count.
    alike = (rival >= 0) & (opens == _at(competitors.clock, rival)) & (closes == _at(ends, rival))
    eligible = np.zeros(len(competitors), np.bool_)
    eligible[rival[alike]] = True
    others = np.flatnonzero(~alike)
    row, opens, closes = row[others], opens[others], closes[others]
    campaign = np.concatenate([competitors.campaign, audience.campaign[row]])
    columns = {
        "row": np.concatenate([competitors.row, row]),
        "user": np.concatenate([competitors.user, audience.user[row]]),
        "opens": np.concatenate([competitors.clock, opens]),
        "closes": np.concatenate([ends, closes]),
        "eligible": np.concatenate([eligible, np.ones(len(row), np.bool_)]),
        "rival": np.concatenate([np.arange(len(competitors)), np.full(len(row), -1)]),
    }
    if len(competitors) and len(row):
        order = order_values(campaign)
        campaign, columns = campaign[order], {name: values[order] for name, values in columns.items()}
    return _Windows(**columns, firsts=np.searchsorted(campaign, np.arange(len(rules.windows) + 1)))


def _at(values: Ints, places: Ints) -> Ints:
    return values[places] if len(values) else np.full(len(places), -1)


def _share_out(audience: Audience, row: Ints, rules: Rules) -> tuple[Ints, Ints]:
    """Where sent deliveries' windows open and close if each event falls into that of the one credited with it."""
    opens = audience.clock[row]
    closes = opens + rules.windows[audience.campaign[row]]
    person = number_runs(audience.user_starts(), len(audience))[row]
    match rules.instance_credit:
        case InstanceCredit.LATEST:
            _end_at_next(closes, opens, person)
        case InstanceCredit.FIRST:
            # Of windows of length 10 that open at 0, 4 and 30, the second begins at 11, the third stays.
            following = np.flatnonzero(person[1:] == person[:-1]) + 1
            opens[following] = np.maximum(opens[following], closes[following - 1] + 1)
        case InstanceCredit.EVERY:
            pass
    return opens, closes


def _end_at_next(closes: Ints, opens: Ints, person: Ints) -> None:
    """Shorten windows to where the next one of the same campaign and user begins."""
    here = np.flatnonzero(person[1:] == person[:-1])
    closes[here] = np.minimum(closes[here], opens[here + 1] - 1)


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
        order = order_by_time(user, at)
        self.place = np.arange(len(user)) if order is None else order
        self.at = at[self.place]
        whose = user[self.place]
        starts = find_run_starts(whose)
        sizes = measure_runs(starts, len(whose))
        self._end = np.repeat(starts + sizes, sizes)
        self._first[whose[starts]] = starts
        yield
        self._first[whose[starts]] = -1

    def overlapping(self, windows: _Windows, part: slice) -> tuple[Ints, Ints, Ints]:
        """Windows that do not end before their user's first event nor begin after the last, and where these lie.

        Returns:
            Places of windows, and of the user's events the first position and the one after the last.
        """
        first = self._first[windows.user[part]]
        rows = np.flatnonzero(first >= 0)
        first = first[rows]
        rows += part.start
        end = self._end[first]
        near = np.flatnonzero((windows.closes[rows] >= self.at[first]) & (windows.opens[rows] <= self.at[end - 1]))
        return rows[near], first[near], end[near]


def _within(windows: _Windows, campaigns: Ints, timeline: _Timeline) -> tuple[Ints, Ints]:
    """The windows of some campaigns with the events of a timeline in them; both by place there."""
    parts = [slice(windows.firsts[key], windows.firsts[key + 1]) for key in campaigns]
    found = [timeline.overlapping(windows, part) for part in parts]
    rows, low, high = (np.concatenate(columns) for columns in zip(*found, strict=True))
    start = find_first_not_before(timeline.at, windows.opens[rows], low, high)
    hit = np.flatnonzero(timeline.at[start] <= windows.closes[rows])
    rows, start, high = rows[hit], start[hit], high[hit]
    counts = find_first_not_before(timeline.at, windows.closes[rows] + 1, start, high) - start
    return np.repeat(rows, counts), timeline.place[spread(start, counts)]

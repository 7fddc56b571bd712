"""Which events fall into which deliveries' windows.

Events are sorted by user and time, and each delivery finds its own by binary search: no pair is ever built that does
not count. Where only the latest eligible delivery is credited, a delivery's window ends where the next delivery's
begins: windows of one campaign have one length, so an event that came too late for the latest delivery did for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics_core.attribution.audience import CONTROL_GROUP, CONTROLS, SENT, Audience
from analytics_core.attribution.packing import (
    Flags,
    Ints,
    order_of,
    run_sizes,
    run_starts,
    spread,
)
from analytics_core.attribution.rules import Rules
from analytics_core.domain.words import InstanceCredit

ARMS = len(CONTROLS)
"""Arms by number: 0 sent deliveries, then the control groups by their number in CONTROLS."""
_BITS = 62
"""A user and a time have so many bits together; the highest stays free, for the sign."""


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
    found = [Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for name, places in _by_name(events, _relevant(audience, events, rules)).items():
        whose = np.unique(rules.goals.campaign[rules.goals.event == name])
        slices = [slice(campaigns[key], campaigns[key + 1]) for key in whose]
        found.append(_within(windows, slices, events, places))
    return Pairs(np.concatenate([pairs.row for pairs in found]), np.concatenate([pairs.event for pairs in found]))


def _windows(audience: Audience, rules: Rules) -> _Windows:
    row = np.flatnonzero((audience.standing == SENT) | (audience.standing == CONTROL_GROUP))
    opens = audience.clock[row]
    closes = opens + rules.windows[audience.campaign[row]]
    if rules.instance_credit is InstanceCredit.LATEST:
        for arm in range(ARMS):
            _end_at_next(closes, np.flatnonzero(audience.control[row] == arm), audience, row)
    return _Windows(row, audience.user[row], opens, closes)


def _end_at_next(closes: Ints, arm: Ints, audience: Audience, row: Ints) -> None:
    """Shorten windows to where the same user's next one of the same campaign and arm begins."""
    here, following = row[arm[:-1]], row[arm[1:]]
    same = (audience.campaign[here] == audience.campaign[following]) & (audience.user[here] == audience.user[following])
    shortened = np.minimum(closes[arm[:-1]], audience.clock[following] - 1)
    closes[arm[:-1][same]] = shortened[same]


def _relevant(audience: Audience, events: Happenings, rules: Rules) -> Flags:
    """Events of names that goals ask for, by users that have audience rows."""
    names = np.zeros(rules.events, np.bool_)
    names[rules.goals.event] = True
    people = np.zeros(int(max(audience.user.max(initial=0), events.user.max(initial=0))) + 1, np.bool_)
    people[audience.user] = True
    return names[events.name] & people[events.user]


def _by_name(events: Happenings, relevant: Flags) -> dict[int, Ints]:
    """The places of the relevant events of each name."""
    places = np.flatnonzero(relevant)
    places = places[order_of(events.name[places])]
    name = events.name[places]
    starts = run_starts(name)
    ends = starts + run_sizes(starts, len(places))
    return {int(name[start]): places[start:end] for start, end in zip(starts, ends, strict=True)}


def _within(windows: _Windows, slices: Sequence[slice], events: Happenings, places: Ints) -> Pairs:
    """Pairs of some slices of the windows and the events of one name, at `places`."""
    user, at = events.user[places], events.at[places]
    there = np.zeros(int(max(user.max(), windows.user.max(initial=0))) + 1, np.bool_)
    there[user] = True
    rows = np.concatenate([np.flatnonzero(there[windows.user[part]]) + part.start for part in slices])
    opens, closes = np.maximum(windows.opens[rows], at.min()), np.minimum(windows.closes[rows], at.max())
    key, first, last = _searchable(user, at, windows.user[rows], opens, closes)
    order = np.argsort(key)
    key, places = key[order], places[order]
    start = np.searchsorted(key, first)
    hit = np.flatnonzero((key[np.minimum(start, len(key) - 1)] <= last) & (start < len(key)) & (opens <= closes))
    rows, start = rows[hit], start[hit]
    counts = np.searchsorted(key, last[hit], side="right") - start
    pairs = Pairs(np.repeat(rows, counts), places[spread(start, counts)])
    # Where times did not fit whole into the keys, the ranges hold a few neighbours too many.
    happened = events.at[pairs.event]
    inside = np.flatnonzero((windows.opens[pairs.row] <= happened) & (happened <= windows.closes[pairs.row]))
    return Pairs(windows.row[pairs.row[inside]], pairs.event[inside])


def _searchable(user: Ints, at: Ints, whose: Ints, opens: Ints, closes: Ints) -> tuple[Ints, Ints, Ints]:
    """Events' keys, and each window's lowest and highest: user above, time below, in one number.

    A window that lies wholly before or after all events has keys that mean nothing.
    """
    low, span = int(at.min()), int(at.max()) - int(at.min())
    room = _BITS - int(max(user.max(), whose.max(initial=0))).bit_length()
    shift = max(span.bit_length() - room, 0)
    bits = span.bit_length() - shift

    def key(people: Ints, moments: Ints) -> Ints:
        packed: Ints = (people.astype(np.int64) << bits) | (moments - low >> shift)
        return packed

    return key(user, at), key(whose, opens), key(whose, closes)

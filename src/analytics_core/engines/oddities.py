"""Looking at a workspace's tables for what makes numbers 0 or odd. No number needs it: it is done where people read.

Dictionaries of keys say most of it. Of rows only the columns of keys are read, and of times what stands beside them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Flags, Ints
from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.settings import App, Settings
from analytics_core.engines.local import build_context, restrict_to_as_of
from analytics_core.engines.parts import MergedUsers, find_merged_users
from analytics_core.explaining.folding import fold_ids, fold_names
from analytics_core.explaining.likeness import (
    Unlikeness,
    compare_all,
    compare_texts,
    profile_texts,
)
from analytics_core.explaining.odd_values import find_values_without_number, list_numbers_needed, read_literal
from analytics_core.explaining.oddities import (
    DEFAULTS_FROM,
    DEFAULTS_UNTIL,
    NOBODY,
    EventsNamed,
    GoalOddities,
    Oddities,
    OddRows,
    OddValues,
    Strangers,
    list_default_times,
)
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.tables.keys import KeyedTables

_USERS_AT_ONCE = 1 << 20
_FEW_USERS = 50_000
"""Up to so many users all ids are held against each other, however they are written."""
_SAMPLE = 500
"""So many ids of each kind say how ids are written, and so many pairs how they differ."""

Tally = Mapping[int, Mapping[str, int]]
"""By key of a campaign or an event name, how many rows have what in common."""


class OddityFinder:
    """Finds what is odd about campaigns; what several of them need is looked at once.

    Args:
        tables: all of a workspace's.
        app: its time zone.
        as_of: rows after it do not exist; None: all do.
    """

    def __init__(self, tables: KeyedTables, app: App, as_of: datetime | None) -> None:
        self._tables = restrict_to_as_of(tables, build_context(tables, app, Settings(as_of=as_of)))
        self._timezone = app.timezone
        size = max(tables.events_by_name.values(), default=-1) + 1
        self._events, self._strange_events = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._strangers = np.zeros(tables.users, np.bool_)
        self._counted: frozenset[int] = frozenset()
        self._of_twins = np.zeros(size, np.int64)
        self._unlikeness: Unlikeness | None = None
        self._values: dict[tuple[int, str], tuple[int, str | None]] = {}

    def find(self, asked: Iterable[tuple[Campaign, Snapshot]]) -> dict[str, Oddities]:
        """What is odd about each campaign, by its id."""
        pairs = list(asked)
        alike = self._find_alike({goal.event_name for campaign, _ in pairs for goal in campaign.goals})
        keys = {name: key for name, key in self._tables.events_by_name.items() if name in alike}
        self._count(
            {*keys.values(), *(self._tables.events_by_name[name] for found in alike.values() for name in found)}
        )
        found = {}
        for campaign, snapshot in pairs:
            names = {goal.event_name for goal in campaign.goals}
            results = {result.goal_id: result for result in snapshot.goals}
            of_goals = [keys[name] for name in sorted(names & keys.keys())]
            campaign_key = self._tables.campaigns.get(campaign.campaign_id, -1)
            found[campaign.campaign_id] = Oddities(
                goals=tuple(
                    self._describe_goal(
                        goal,
                        alike=[name for name in alike[goal.event_name] if name not in names],
                        values=[*list_numbers_needed(goal, results[goal.goal_id])],
                    )
                    for goal in campaign.goals
                ),
                nobody=_pick(self._nobody, campaign_key, of_goals),
                times=_pick(self._times, campaign_key, of_goals),
            )
        return found

    def _describe_goal(self, goal: Goal, alike: Iterable[str], values: Iterable[tuple[str, bool]]) -> GoalOddities:
        key = self._tables.events_by_name.get(goal.event_name)
        names = [
            EventsNamed(
                name, int(self._events[self._tables.events_by_name[name]]), compare_texts(name, goal.event_name)
            )
            for name in alike
        ]
        there = tuple(sorted((each for each in names if each.events), key=lambda each: (-each.events, each.name)))
        if key is None:
            return GoalOddities(goal.goal_id, events=0, alike=there)
        strangers = Strangers(int(self._strange_events[key]), int(self._of_twins[key]), self._unlikeness)
        odd = ((name, earns, *self._find_values(key, name)) for name, earns in values)
        return GoalOddities(
            goal.goal_id,
            events=int(self._events[key]),
            alike=there,
            strangers=strangers,
            values=tuple(OddValues(*each) for each in odd if each[2]),
        )

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """By what they are like, the event names there are."""
        names = pl.Series(list(self._tables.events_by_name), dtype=pl.String)
        folded = pl.DataFrame({"folded": fold_names(names), "name": names}).filter(pl.col("folded") != "")
        return {like: tuple(found) for like, found in folded.group_by("folded").agg("name").iter_rows()}

    def _find_alike(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """By name, the other names of events that are like it."""
        wanted = pl.Series(list(names), dtype=pl.String)
        found = zip(wanted, fold_names(wanted), strict=True)
        return {name: tuple(other for other in self._names.get(like, ()) if other != name) for name, like in found}

    def _count(self, keys: Collection[int]) -> None:
        """Count the events of some names, and those of users without a delivery."""
        new = frozenset(keys) - self._counted
        if not new:
            return
        # What an error leaves undone must not be counted twice: what is known changes at the end.
        events, strange_events = self._events.copy(), self._strange_events.copy()
        strangers = self._strangers.copy()
        for names, users in self._read_events(new):
            strange = ~self._delivered[users]
            events += np.bincount(names, minlength=len(events))
            strange_events += np.bincount(names[strange], minlength=len(events))
            strangers[users[strange]] = True
        twins, unlikeness = self._find_twins(strangers)
        of_twins = np.zeros_like(events)
        if unlikeness:
            for names, users in self._read_events(self._counted | new):
                of_twins += np.bincount(names[twins[users]], minlength=len(events))
        self._events, self._strange_events, self._strangers = events, strange_events, strangers
        self._of_twins, self._unlikeness, self._counted = of_twins, unlikeness, self._counted | new

    def _read_events(self, keys: Collection[int]) -> Iterator[tuple[Ints, Ints]]:
        """Event and user keys of the events of some names, some users at a time."""
        named = self._tables.events.filter(pl.col("event_key").is_in(sorted(keys))).select("event_key", "user_key")
        for rows in self._read_by_users(named):
            yield rows["event_key"].to_numpy(), rows["user_key"].to_numpy()

    def _read_by_users(self, rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        for low in range(0, self._tables.users, _USERS_AT_ONCE):
            high = low + _USERS_AT_ONCE
            few = pl.col("user_key").is_between(low, high, closed="left")
            yield (rows if high >= self._tables.users and not low else rows.filter(few)).collect()

    @cached_property
    def _merged(self) -> MergedUsers:
        return find_merged_users(self._tables)

    @cached_property
    def _delivered(self) -> Flags:
        """By user key, whether the user has a row of any campaign, by whichever of their ids."""
        found = np.zeros(self._tables.users, np.bool_)
        for rows in self._read_by_users(self._tables.deliveries.select("user_key")):
            found[rows["user_key"].to_numpy()] = True
        merged = self._merged
        people = np.zeros(int(merged.people.max(initial=-1)) + 1, np.bool_)
        people[merged.people[found[merged.keys]]] = True
        found[merged.keys] = people[merged.people]
        return found

    def _find_twins(self, strangers: Flags) -> tuple[Flags, Unlikeness | None]:
        """Users without a delivery whose ids are like one that has some, and how most of these ids differ."""
        twins = np.zeros_like(strangers)
        if not strangers.any() or not self._delivered.any() or self._are_written_alike(strangers):
            return twins, None
        ids = self._tables.dictionaries["user"].filter(pl.col("user_id").is_not_null()).sort("user_key").collect()
        keys = ids["user_key"].to_numpy()
        folded = ids.with_columns(folded=fold_ids(ids["user_id"]))
        strange, known = (
            folded.filter(pl.Series(flags[keys]), pl.col("folded") != "") for flags in (strangers, self._delivered)
        )
        firsts = known.unique("folded", keep="first", maintain_order=True)
        pairs = strange.join(firsts, on="folded", suffix="_known", maintain_order="left")
        twins[pairs["user_key"].to_numpy()] = True
        return twins, compare_all(pairs.select("user_id", "user_id_known").head(_SAMPLE).iter_rows())

    def _are_written_alike(self, strangers: Flags) -> bool:
        """Of many users: whether ids with and without a delivery are written in the same manners."""
        if self._tables.users <= _FEW_USERS:
            return False
        profiles = set()
        for flags in (strangers, self._delivered):
            keys = np.flatnonzero(flags)
            some = pl.Series(keys[:: max(len(keys) // _SAMPLE, 1)], dtype=pl.Int32)
            ids = self._tables.dictionaries["user"].filter(pl.col("user_key").is_in(some.implode()))
            profiles.add(profile_texts(ids.select("user_id").collect().to_series().drop_nulls()))
        return len(profiles) == 1

    def _find_values(self, key: int, attribute: str) -> tuple[int, str | None]:
        """How many events of a name have a value that is no number, and the most frequent of these values."""
        if (key, attribute) not in self._values:
            events = self._tables.events.filter(pl.col("event_key") == key).select("attributes")
            found = find_values_without_number(events, attribute).collect()
            example = read_literal(found["literal"][0]) if found.height else None
            if example is not None:
                users = self._tables.dictionaries["user"].filter(pl.col("user_id") == example).head(1)
                example = None if users.collect().height else example
            self._values[key, attribute] = int(found["len"].sum()), example
        return self._values[key, attribute]

    @cached_property
    def _nobody(self) -> tuple[Tally, Tally]:
        """Audience rows by campaign, events by name, of ids that stand for no id."""
        is_none = pl.col("user_id").str.contains(NOBODY)
        users = self._tables.dictionaries["user"].filter(is_none).select("user_key", what="user_id").collect()
        merged = pl.DataFrame({"user_key": self._merged.keys, "what": self._merged.names.gather(self._merged.people)})
        people = merged.cast({"user_key": pl.Int32}).filter(pl.col("what").str.contains(NOBODY))
        words = pl.concat([users, people]).unique("user_key").with_columns(pl.col("what").str.strip_chars())
        if words.is_empty():
            return {}, {}
        theirs = pl.col("user_key").is_in(words["user_key"].implode())
        rows = self._tables.deliveries.filter(theirs).select("campaign_key", "instance_key", "user_key").unique()
        events = self._tables.events.filter(theirs).select("event_key", "user_key")
        by_word = (frame.join(words.lazy(), on="user_key") for frame in (rows, events))
        return _tally(next(by_word), "campaign_key"), _tally(next(by_word), "event_key")

    @cached_property
    def _times(self) -> tuple[Tally, Tally]:
        """Deliveries by campaign, events by name, at times that stand for no time."""
        at = pl.col("occurred_at")
        # What stands beside the rows says of almost all of them that they are neither so old nor so late.
        may_be = (at < DEFAULTS_UNTIL) | (at >= DEFAULTS_FROM)
        deliveries, events = self._tables.deliveries, self._tables.events
        old = [
            rows.filter(may_be).select(key, at).collect()
            for rows, key in ((deliveries, "campaign_key"), (events, "event_key"))
        ]
        if not any(rows.height for rows in old):
            return {}, {}
        defaults = list_default_times(self._timezone)
        what = pl.coalesce(
            *(pl.when(at.is_between(d.begin, d.end, closed="left")).then(pl.lit(d.description)) for d in defaults)
        )
        told = [rows.lazy().with_columns(what=what).filter(pl.col("what").is_not_null()) for rows in old]
        return _tally(told[0], "campaign_key"), _tally(told[1], "event_key")


def _tally(rows: pl.LazyFrame, key: str) -> Tally:
    """How many rows have which `what`, by key."""
    found: dict[int, dict[str, int]] = {}
    for number, what, times in rows.group_by(key, "what").len().collect().iter_rows():
        found.setdefault(number, {})[what] = times
    return found


def _pick(tallies: tuple[Tally, Tally], campaign: int, events: Iterable[int]) -> tuple[OddRows, ...]:
    """What a campaign's rows and the events of its goals' names have in common, the most rows first."""
    deliveries = tallies[0].get(campaign, {})
    of_events: dict[str, int] = {}
    for key in events:
        for what, times in tallies[1].get(key, {}).items():
            of_events[what] = of_events.get(what, 0) + times
    found = [OddRows(deliveries.get(what, 0), of_events.get(what, 0), what) for what in deliveries.keys() | of_events]
    return tuple(sorted(found, key=lambda each: (-each.deliveries - each.events, each.what)))

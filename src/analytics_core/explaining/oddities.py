"""What the data itself shows where a number of a campaign is 0 or odd: no number is computed from it, it is only told.

One value per campaign, with what was found about each of its goals.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from analytics_core.domain.time import LAST_YEAR, zone_named
from analytics_core.explaining.likeness import Unlikeness


@dataclass(frozen=True, slots=True)
class EventsNamed:
    """A name that is like a goal's event name: how many events have it, and how it (first) differs from the goal's."""

    name: str
    events: int
    unlikeness: Unlikeness


@dataclass(frozen=True, slots=True)
class Strangers:
    """Events of a goal's name whose users have no delivery of any campaign.

    Attributes:
        events: how many.
        alike: how many of them are of users whose id is like one that has deliveries.
        unlikeness: how most of these ids (first) differ from those that have deliveries; None without any.
    """

    events: int = 0
    alike: int = 0
    unlikeness: Unlikeness | None = None


@dataclass(frozen=True, slots=True)
class OddValues:
    """Values of an attribute that are not what a goal needs.

    Attributes:
        attribute: its name.
        earns: the goal's revenue is read from it; else a filter compares it with a number.
        events: how many events of the goal's name have such a value.
        example: the most frequent of these values, as data has it; None where it is also the id of a user.
    """

    attribute: str
    earns: bool
    events: int
    example: str | None


@dataclass(frozen=True, slots=True)
class GoalOddities:
    """What was found about a goal.

    Attributes:
        goal_id: the goal.
        events: how many events have exactly its event name.
        alike: names that are like it, with their events; the most frequent first.
        strangers: its events whose users have no delivery.
        values: attributes whose values are no numbers where numbers are needed.
    """

    goal_id: str
    events: int
    alike: tuple[EventsNamed, ...] = ()
    strangers: Strangers = field(default_factory=Strangers)
    values: tuple[OddValues, ...] = ()


@dataclass(frozen=True, slots=True)
class OddRows:
    """Deliveries (or audience rows) of a campaign, and events of its goals' names, that have something in common."""

    deliveries: int
    events: int
    what: str


@dataclass(frozen=True, slots=True)
class Oddities:
    """What was found about a campaign.

    Attributes:
        goals: its goals, in their order.
        nobody: its audience rows and events by ids that stand for no id, `what` being the id.
        times: its deliveries and events by times that stand for no time, `what` being a description of the time.
    """

    goals: tuple[GoalOddities, ...] = ()
    nobody: tuple[OddRows, ...] = ()
    times: tuple[OddRows, ...] = ()

    def of_goal(self, goal_id: str) -> GoalOddities:
        """What was found about one goal."""
        return next(goal for goal in self.goals if goal.goal_id == goal_id)


NOBODY = (
    r"(?i)^[\s'\"<(\[{#]*(?:null|nan|none|nil|na|n/a|undefined|unknown|anonymous|missing|not set|object object|\\n|-+"
    r"|0(?:\.0*)?|-1(?:\.0*)?|0{8}-(?:0{4}-){3}0{12})?[\s'\">)\]}]*$"
)
"""Ids that programs write where they have none."""


@dataclass(frozen=True, slots=True)
class DefaultTime:
    """A stretch of time that systems write where they have no time: from `begin` to before `end`."""

    begin: datetime
    end: datetime
    description: str


_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_MIDNIGHTS = ((1980, 1, 1), (1980, 1, 6), (1990, 1, 1), (2000, 1, 1), (2001, 1, 1), (2100, 1, 1), (LAST_YEAR, 1, 1))
"""Where clocks of some systems begin, and days that stand for never."""
_LAST_DAYS = ((1999, 12, 31), (2099, 12, 31), (2199, 12, 31), (LAST_YEAR, 12, 31))
_LAST_SECONDS = (
    (datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC), "19 January 2038 03:14:07 UTC"),
    (datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC), "7 February 2106 06:28:15 UTC"),
)
DEFAULTS_UNTIL, DEFAULTS_FROM = datetime(2001, 1, 3, tzinfo=UTC), datetime(2038, 1, 19, tzinfo=UTC)
"""All of them lie before the one or after the other, in any time zone."""
_MONTHS = {1: "January", 12: "December"}


def list_default_times(timezone: str) -> tuple[DefaultTime, ...]:
    """Times that stand for none, in UTC and in a time zone; the first that a time lies in is what it is."""
    zero, seconds = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 2, 1, tzinfo=UTC)
    found = [
        DefaultTime(zero, zero + _DAY, "1 January 1970, where most clocks begin"),
        DefaultTime(zero + _DAY, seconds, "January 1970, where seconds that are read as milliseconds end up"),
    ]
    for zone in (UTC, zone_named(timezone)):
        for year, month, day in _MIDNIGHTS:
            at = datetime(year, month, day, tzinfo=zone).astimezone(UTC)
            found.append(DefaultTime(at, at + _SECOND, f"{day} {_MONTHS[month]} {year} 00:00"))
        for year, month, day in _LAST_DAYS:
            at = datetime(year, month, day, tzinfo=zone).astimezone(UTC)
            last = at + _DAY - _SECOND
            found.append(DefaultTime(at, at + _SECOND, f"{day} {_MONTHS[month]} {year} 00:00"))
            found.append(DefaultTime(last, last + _SECOND, f"{day} {_MONTHS[month]} {year} 23:59:59"))
    found += (DefaultTime(at, at + _SECOND, words) for at, words in _LAST_SECONDS)
    return tuple(found)

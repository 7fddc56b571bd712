"""What a definition must fulfil to be edited or submitted here: all problems at once, each with its field."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from analytics_core.domain.campaign import Campaign, Schedule
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import FIRST_YEAR, LAST_YEAR
from analytics_core.domain.words import DeliveryType

LONGEST_NAME = 256
_SHORTEST_NAME = 5
_MOST_TAGS = 5
_LEAST_HOURS, _MOST_HOURS = 1, 24 * 90
_VENDOR_HOURS = 36


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of a definition; a warning says what may be meant and is seldom right."""

    field: str
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        """The field and what is wrong with it."""
        return f"{self.field}: {self.text}"


def find_problems(campaign: Campaign) -> tuple[Problem, ...]:
    """What an edit or a submission is refused for, and what it is warned of, in the order of the definition."""
    return tuple(_problems(campaign))


def require_no_problem(problems: Iterable[Problem]) -> None:
    """Refuse where a problem is more than a warning.

    Raises:
        AnalyticsError: with every such problem, in one line.
    """
    serious = [str(problem) for problem in problems if not problem.is_warning]
    if serious:
        raise AnalyticsError("; ".join(serious))


def _problems(campaign: Campaign) -> Iterator[Problem]:
    length = len(campaign.name.strip())
    if not length >= _SHORTEST_NAME or len(campaign.name) > LONGEST_NAME:
        yield Problem("name", f"must have {_SHORTEST_NAME} to {LONGEST_NAME} characters, and has {len(campaign.name)}")
    if len(campaign.tags) > _MOST_TAGS:
        yield Problem("tags", f"at most {_MOST_TAGS}, and there are {len(campaign.tags)}")
    yield from _schedule_problems(campaign)
    yield from _request_problems(campaign)
    yield from _window_problems(campaign)
    primary = sum(goal.is_primary for goal in campaign.goals)
    if primary != 1:
        yield Problem("goals", f"one must be the primary goal, and {primary or 'none'} of them is marked so")


def _schedule_problems(campaign: Campaign) -> Iterator[Problem]:
    schedule = campaign.schedule or Schedule()
    for name, instant in _instants(campaign):
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            yield Problem(name, f"must be of the years {FIRST_YEAR} to {LAST_YEAR}")
    if schedule.starts_at and schedule.ends_at and schedule.ends_at <= schedule.starts_at:
        yield Problem("schedule.ends_at", "must be after schedule.starts_at")
    if schedule.requests_per_minute is not None and schedule.requests_per_minute < 1:
        yield Problem("schedule.requests_per_minute", "must be at least 1")
    if campaign.trigger is None and campaign.delivery_type is DeliveryType.EVENT_TRIGGERED:
        yield Problem("trigger", "nothing is said of what starts it", is_warning=True)


def _instants(campaign: Campaign) -> Iterator[tuple[str, datetime]]:
    schedule = campaign.schedule or Schedule()
    named = {
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
        "schedule.starts_at": schedule.starts_at,
        "schedule.ends_at": schedule.ends_at,
    }
    return ((name, instant) for name, instant in named.items() if instant is not None)


def _request_problems(campaign: Campaign) -> Iterator[Problem]:
    if campaign.request is None or not campaign.request.url:
        return
    try:
        parts = urlsplit(campaign.request.url)
        fine = parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)
    except ValueError:
        fine = False
    # The address may hold secrets, so it is not repeated.
    if not fine:
        yield Problem("request.url", "must begin with http:// or https:// and name a host")


def _window_problems(campaign: Campaign) -> Iterator[Problem]:
    hours, name = campaign.attribution_window_hours, "attribution_window_hours"
    if hours is None:
        return
    if not _LEAST_HOURS <= hours <= _MOST_HOURS:
        yield Problem(name, f"must be from {_LEAST_HOURS} hour to {_MOST_HOURS // 24} days, and is {hours:g} hours")
    elif hours > _VENDOR_HOURS:
        yield Problem(name, f"{hours:g} hours is longer than the vendor allows ({_VENDOR_HOURS})", is_warning=True)

"""What the campaign added, in sentences: converted users and revenue, beside those that are credited to it.

Incremental figures are of the comparison by assignment, which the random draw protects.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum, auto
from typing import TypeVar

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Verdict, require_every
from analytics_core.snapshot.comparison import ArmUplift, RevenueComparison, RevenueFigures
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.certainty import FROM_FIRST_WEEK, certainty_of, is_running
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, money

Number = TypeVar("Number", float, Decimal)


class Gain(Enum):
    """What an interval of something incremental says, held against what is credited."""

    NOT_FROM_CHANCE = auto()
    LOSS = auto()
    MORE_THAN_CREDITED = auto()
    PART_OF_CREDITED = auto()


_OF_USERS = require_every(
    Gain,
    {
        Gain.NOT_FROM_CHANCE: "No gain distinguishable from chance: {low} to {high} converted users.",
        Gain.LOSS: "About {added} ({low} to {high}) fewer converted users than without the campaign.",
        Gain.MORE_THAN_CREDITED: (
            "About {added} ({low} to {high}) more converted users than without the campaign, while {total} are"
            " credited to it."
        ),
        Gain.PART_OF_CREDITED: (
            "Of {total} converted user{s}, about {added} ({low} to {high}) would not have converted otherwise."
        ),
    },
)
_OF_REVENUE = require_every(
    Gain,
    {
        Gain.NOT_FROM_CHANCE: "No gain in revenue distinguishable from chance: {low} to {high}.",
        Gain.LOSS: "About {added} ({low} to {high}) less revenue than without the campaign.",
        Gain.MORE_THAN_CREDITED: (
            "About {added} ({low} to {high}) more revenue than without the campaign, while {total} is credited to it."
        ),
        Gain.PART_OF_CREDITED: (
            "Of {total} in revenue, about {added} ({low} to {high}) would not have come otherwise."
        ),
    },
)
_DIRECTED = frozenset({Verdict.UP, Verdict.DOWN})
_WHOLE_FROM = 1000
"""From this size on cents of an estimate say nothing."""


def gain_of(added: Number, interval: tuple[Number, Number], credited: Number) -> Gain:
    """Which sentence an estimate asks for."""
    low, high = interval
    if low <= 0 <= high:
        return Gain.NOT_FROM_CHANCE
    if high < 0:
        return Gain.LOSS
    return Gain.MORE_THAN_CREDITED if added > credited else Gain.PART_OF_CREDITED


def incremental_sentences(snapshot: Snapshot, campaign: Campaign, goal: GoalResult, arm: ArmUplift) -> tuple[str, ...]:
    """What a goal gained over a control group: converted users, and revenue where the goal has any."""
    revenue = revenue_sentence(snapshot, campaign, goal, arm)
    return (conversions_sentence(snapshot, campaign, goal, arm), *([revenue] if revenue else []))


def conversions_sentence(snapshot: Snapshot, campaign: Campaign, goal: GoalResult, arm: ArmUplift) -> str:
    """How many of a goal's credited converted users would not have converted otherwise, and how sure that is."""
    certainty, added = certainty_of(snapshot, campaign, arm.assigned), arm.assigned.incremental_conversions
    users = goal.converted_users
    otherwise = "how many converted users the campaign added"
    if users:
        otherwise = f"how many of {count_of(users, 'converted user')} would not have converted otherwise"
    if certainty.verdict is None:
        return f"It is not known {otherwise}: {snapshot.why_unknown('attempted')}."
    if certainty.verdict is Verdict.TOO_FEW:
        return f"Too few people, or too few of them converted, to tell {otherwise}."
    if certainty.too_early:
        return f"Too early to tell {otherwise}: {FROM_FIRST_WEEK}."
    if added is None or certainty.incremental is None:
        return f"It cannot be determined {otherwise}."
    said = _say(
        _OF_USERS,
        added,
        certainty.incremental,
        float(users),
        lambda numbers: map(count, numbers),
        total=count(users),
        s="" if users == 1 else "s",
    )
    # Beside an uplift by sent that has a direction, it must be said that this is another comparison.
    is_at_odds = certainty.verdict is Verdict.UNCERTAIN and certainty_of(snapshot, campaign, arm).verdict in _DIRECTED
    return said.replace("No gain", "By assignment, no gain", 1) if is_at_odds else said


def _say(
    words: Mapping[Gain, str],
    added: Number,
    interval: tuple[Number, Number],
    credited: Number,
    write: Callable[[Iterable[Number]], Iterable[str]],
    **told: str,
) -> str:
    """The sentence an estimate asks for, filled in; a loss is told as so much less, without a sign."""
    low, high = interval
    gain = gain_of(added, interval, credited)
    estimate, least, most = write((-added, -high, -low) if gain is Gain.LOSS else (added, low, high))
    return words[gain].format(added=estimate, low=least, high=most, **told)


def revenue_sentence(snapshot: Snapshot, campaign: Campaign, goal: GoalResult, arm: ArmUplift) -> str | None:
    """How much of a goal's credited revenue would not have come otherwise; None where it cannot be told (yet).

    There is no interval of revenue that may be looked at every day, so there is no sentence while the campaign runs.
    """
    revenue = arm.assigned.revenue
    too_few = arm.assigned.verdict in {None, Verdict.TOO_FEW}
    if revenue is None or goal.revenue is None or too_few or is_running(snapshot, campaign):
        return None
    if revenue.incremental_interval is None:
        return None
    said = _say(
        _OF_REVENUE,
        revenue.incremental,
        revenue.incremental_interval,
        goal.revenue,
        lambda numbers: amounts(numbers, goal.currency),
        total=money(goal.revenue, goal.currency),
    )
    return f"{said}{_capping_sentence(revenue, goal)}"


def _capping_sentence(revenue: RevenueComparison, goal: GoalResult) -> str:
    """The twin without the largest amounts, where it says something else; nothing where it agrees."""
    capped, interval = revenue.cut, revenue.cut.incremental_interval
    # Something else is another direction, or an estimate that is off by more than half.
    far = abs(capped.incremental - revenue.incremental) * 2 > abs(revenue.incremental)
    if interval is None or not (far or _direction(revenue) != _direction(capped)):
        return ""
    estimate, low, high = amounts((capped.incremental, *interval), goal.currency)
    return (
        f" A few large amounts matter: with each user's revenue capped at the 99th percentile it is {estimate}"
        f" ({low} to {high})."
    )


def _direction(figures: RevenueFigures) -> int:
    low, high = figures.incremental_interval or (Decimal(0), Decimal(0))
    return int(low > 0) - int(high < 0)


def amounts(values: Iterable[Decimal], currency: str | None) -> Iterator[str]:
    """An estimate and its interval in one form: in whole units where any of them is large."""
    listed = list(values)
    large = max(map(abs, listed)) >= _WHOLE_FROM
    return (money(value, currency, whole=large) for value in listed)


def amounts_text(interval: tuple[Decimal, Decimal] | None, currency: str | None) -> str:
    """An interval of money, such as ``$800 to $7,800``."""
    return UNDEFINED if interval is None else " to ".join(amounts(interval, currency))

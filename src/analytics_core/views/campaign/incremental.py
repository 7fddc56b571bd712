"""What the campaign added, in sentences: converted users and revenue, beside those that are credited to it.

Incremental figures are of the comparison by assignment, which the random draw protects.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import Enum, auto
from typing import TypeVar

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import Verdict
from analytics_core.snapshot.comparison import ArmUplift, RevenueComparison, RevenueFigures
from analytics_core.snapshot.snapshot import GoalResult, Snapshot
from analytics_core.views.campaign.certainty import FROM_FIRST_WEEK, certainty_of, is_running
from analytics_core.views.forms.numbers import UNDEFINED, count, count_of, money

Number = TypeVar("Number", float, Decimal)

_DIRECTED = frozenset({Verdict.UP, Verdict.DOWN})
_WHOLE_FROM = 1000
"""From this size on cents of an estimate say nothing."""


class Gain(Enum):
    """What an interval of something incremental says, held against what is credited."""

    NOT_FROM_CHANCE = auto()
    LOSS = auto()
    MORE_THAN_CREDITED = auto()
    PART_OF_CREDITED = auto()


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
    otherwise = _otherwise(goal.converted_users)
    if certainty.verdict is None:
        return f"It is not known {otherwise}: {snapshot.why_unknown('attempted')}."
    if certainty.verdict is Verdict.TOO_FEW:
        return f"Too few people, or too few of them converted, to tell {otherwise}."
    if certainty.too_early:
        return f"Too early to tell {otherwise}: {FROM_FIRST_WEEK}."
    if added is None or certainty.incremental is None:
        return f"It cannot be determined {otherwise}."
    said = _users_sentence(goal, added, certainty.incremental)
    # Beside an uplift by sent that has a direction, it must be said that this is another comparison.
    is_at_odds = certainty.verdict is Verdict.UNCERTAIN and certainty_of(snapshot, campaign, arm).verdict in _DIRECTED
    return said.replace("No gain", "By assignment, no gain", 1) if is_at_odds else said


def _otherwise(converted_users: int) -> str:
    if not converted_users:
        return "how many converted users the campaign added"
    return f"how many of {count_of(converted_users, 'converted user')} would not have converted otherwise"


def _users_sentence(goal: GoalResult, added: float, interval: tuple[float, float]) -> str:
    low, high = interval
    match gain_of(added, interval, float(goal.converted_users)):
        case Gain.NOT_FROM_CHANCE:
            return f"No gain distinguishable from chance: {count(low)} to {count(high)} converted users."
        case Gain.LOSS:
            lost = f"About {count(-added)} ({count(-high)} to {count(-low)})"
            return f"{lost} fewer converted users than without the campaign."
        case Gain.MORE_THAN_CREDITED:
            more = (
                f"About {count(added)} ({count(low)} to {count(high)}) more converted users than without the campaign"
            )
            return f"{more}, while {count(goal.converted_users)} are credited to it."
        case Gain.PART_OF_CREDITED:
            part = f"about {count(added)} ({count(low)} to {count(high)})"
            return f"Of {count_of(goal.converted_users, 'converted user')}, {part} would not have converted otherwise."


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
    said = _revenue(revenue, revenue.incremental_interval, goal.revenue, goal.currency)
    return f"{said}{_capping_sentence(revenue, goal)}"


def _revenue(added: RevenueFigures, interval: tuple[Decimal, Decimal], credited: Decimal, currency: str | None) -> str:
    low, high = interval
    estimate, least, most = amounts((added.incremental, low, high), currency)
    match gain_of(added.incremental, interval, credited):
        case Gain.NOT_FROM_CHANCE:
            return f"No gain in revenue distinguishable from chance: {least} to {most}."
        case Gain.LOSS:
            lost, least, most = amounts((-added.incremental, -high, -low), currency)
            return f"About {lost} ({least} to {most}) less revenue than without the campaign."
        case Gain.MORE_THAN_CREDITED:
            more = f"About {estimate} ({least} to {most}) more revenue than without the campaign"
            return f"{more}, while {money(credited, currency)} is credited to it."
        case Gain.PART_OF_CREDITED:
            part = f"about {estimate} ({least} to {most})"
            return f"Of {money(credited, currency)} in revenue, {part} would not have come otherwise."


def _capping_sentence(revenue: RevenueComparison, goal: GoalResult) -> str:
    """The twin without the largest amounts, where it says something else; nothing where it agrees."""
    capped, interval = revenue.cut, revenue.cut.incremental_interval
    if interval is None or not _says_else(revenue, capped):
        return ""
    estimate, low, high = amounts((capped.incremental, *interval), goal.currency)
    return (
        f" A few large amounts matter: with each user's revenue capped at the 99th percentile it is {estimate}"
        f" ({low} to {high})."
    )


def _says_else(one: RevenueFigures, other: RevenueFigures) -> bool:
    """Whether another direction follows, or an estimate that is off by more than half."""
    far = abs(other.incremental - one.incremental) * 2 > abs(one.incremental)
    return far or _direction(one) != _direction(other)


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

"""Campaign definitions and settings by key, so that a computation can look them up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

import numpy as np

from analytics_core.arrays.packing import Flags, Ints, pack
from analytics_core.domain.campaign import Campaign, GoalFilter
from analytics_core.domain.settings import Settings
from analytics_core.domain.time import EPOCH, MICROSECOND
from analytics_core.domain.words import AttributionModel, InstanceCredit

NO_WEEK = np.iinfo(np.int64).min
_HIGHEST_CODE = 999


@dataclass(frozen=True, slots=True)
class Condition:
    """What makes an event count for a goal: its name, and filters that all hold. Goals often share one."""

    number: int
    event_name: str
    filters: tuple[GoalFilter, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """The goals that rows could satisfy, by number; in order of `place`.

    Attributes:
        ids: `goal_id`.
        campaign: key of the campaign.
        event: key of the event's name.
        place: campaign and event name in one number.
        is_primary: true for one goal a campaign.
        condition: number of the condition.
        worth: number of what it earns by; -1 where it has no revenue.
    """

    ids: tuple[str, ...]
    campaign: Ints
    event: Ints
    place: Ints
    is_primary: Flags
    condition: Ints
    worth: Ints


@dataclass(frozen=True, slots=True)
class Worth:
    """Where money is read from, and the currency it must be in."""

    attribute: str
    currency: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Which audience rows count: only matured ones, only those of the days from `since` to `until`, both included."""

    matured_only: bool
    since: date | None
    until: date | None

    @property
    def has_period(self) -> bool:
        """Whether some days only are asked about."""
        return self.since is not None or self.until is not None

    @property
    def leaves_out(self) -> bool:
        """Whether any row could be left out."""
        return self.matured_only or self.has_period


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What is known of control groups before rows are read.

    Attributes:
        compared: by campaign key, whether any row was drawn into a control group.
        week_ends: by campaign key, where the first week of its rows ends, microseconds; NO_WEEK where that week, with
            its windows, had not ended by the as-of instant, and of campaigns that are not compared.
        whole: by campaign key, whether all rows lie in that first week.
    """

    compared: Flags
    week_ends: Ints
    whole: Flags

    @classmethod
    def none(cls, campaigns: int) -> Self:
        """Nothing is compared."""
        return cls(np.zeros(campaigns, np.bool_), np.full(campaigns, NO_WEEK), np.zeros(campaigns, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The campaigns and settings of one computation.

    Attributes:
        windows: by campaign key, the attribution window in microseconds; -1 for campaigns that take no part.
        ranks: by campaign key, the place of its id among all of them.
        goals: the goals that rows could satisfy.
        worths: the distinct ways of earning money, by number.
        events: how many event names there are, whether goals ask for them or not.
        conditions: the distinct conditions of all goals, by number.
        success: by response code, whether it makes a request *sent*; the last place stands for no response.
        as_of: the instant the computation looks from, microseconds since 1970 UTC.
        model: which campaigns may be credited with one event.
        instance_credit: which eligible deliveries of one campaign are credited.
        kept: which audience rows count, once events have found theirs.
        draws: which campaigns' arms are compared.
    """

    windows: Ints
    ranks: Ints
    goals: Goals
    worths: tuple[Worth, ...]
    events: int
    conditions: tuple[Condition, ...]
    success: Flags
    as_of: int
    model: AttributionModel
    instance_credit: InstanceCredit
    kept: Kept
    draws: Draws


@dataclass(frozen=True, slots=True)
class Numbering:
    """The keys of campaigns and of event names, by text."""

    campaigns: Mapping[str, int]
    events: Mapping[str, int]


def rules_of(
    campaigns: Sequence[Campaign],
    settings: Settings,
    numbering: Numbering,
    *,
    app_currency: str,
    as_of: datetime | None,
) -> Rules:
    """What a computation looks up, from definitions and settings.

    Without an `as_of` nothing has matured. Who is compared the data say: see `engines.draws`.
    """
    known = {campaign.campaign_id: campaign for campaign in campaigns if campaign.campaign_id in numbering.campaigns}
    windows = np.full(len(numbering.campaigns), -1, np.int64)
    for campaign_id, campaign in known.items():
        windows[numbering.campaigns[campaign_id]] = settings.window_of(campaign) // MICROSECOND
    ranks = np.zeros(len(windows), np.int32)
    ranks[[numbering.campaigns[campaign_id] for campaign_id in sorted(numbering.campaigns)]] = np.arange(len(windows))
    success = np.zeros(_HIGHEST_CODE + 2, np.bool_)
    success[[code for code in settings.success_codes if 0 <= code <= _HIGHEST_CODE]] = True
    goals, conditions, worths = _goals(list(known.values()), numbering, app_currency)
    return Rules(
        windows=windows,
        ranks=ranks,
        goals=goals,
        worths=worths,
        events=len(numbering.events),
        conditions=conditions,
        success=success,
        as_of=(as_of - EPOCH) // MICROSECOND if as_of else np.iinfo(np.int64).min,
        model=settings.attribution_model,
        instance_credit=settings.instance_credit,
        kept=Kept(settings.matured_only, settings.since, settings.until),
        draws=Draws.none(len(numbering.campaigns)),
    )


def _goals(
    campaigns: Sequence[Campaign], numbering: Numbering, app_currency: str
) -> tuple[Goals, tuple[Condition, ...], tuple[Worth, ...]]:
    conditions: dict[str, Condition] = {}
    worths: dict[Worth, int] = {}
    rows = []
    for campaign in campaigns:
        for goal in campaign.goals:
            if goal.event_name in numbering.events:
                keys = numbering.campaigns[campaign.campaign_id], numbering.events[goal.event_name]
                # Filters may hold unhashable JSON values, so their JSON text is the key.
                text = "\n".join([goal.event_name, *(rule.model_dump_json() for rule in goal.filters)])
                found = conditions.setdefault(text, Condition(len(conditions), goal.event_name, goal.filters))
                worth = -1
                if goal.revenue:
                    earned = Worth(goal.revenue.attribute, goal.revenue.currency_in(app_currency))
                    worth = worths.setdefault(earned, len(worths))
                rows.append((*keys, goal is campaign.primary_goal, found.number, worth, goal.goal_id))
    rows.sort(key=lambda row: row[:2])
    columns: list[tuple[int | bool | str, ...]] = list(zip(*rows, strict=True)) if rows else [()] * 6
    campaign_keys, events, is_primary, condition_numbers, worth_numbers = (
        np.array(column, np.int64) for column in columns[:5]
    )
    goals = Goals(
        ids=tuple(map(str, columns[5])),
        campaign=campaign_keys.astype(np.int32),
        event=events.astype(np.int32),
        place=pack(campaign_keys, events, len(numbering.events)),
        is_primary=is_primary.astype(np.bool_),
        condition=condition_numbers,
        worth=worth_numbers,
    )
    return goals, tuple(conditions.values()), tuple(worths)

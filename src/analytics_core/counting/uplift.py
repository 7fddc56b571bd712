"""What campaigns gained over their control groups: never pooled, on two bases, always with how sure it is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics_core.counting.arm_tables import ArmTables, Sides, as_assigned, as_sent
from analytics_core.counting.incremental_revenue import compare_revenues, gather_revenue
from analytics_core.counting.totals import CampaignTotals
from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.words import AnalyticsVersion, ControlGroupType
from analytics_core.snapshot.comparison import (
    ArmFigures,
    ArmUplift,
    AssignedUplift,
    GoalUplift,
    RevenueComparison,
    SampleRatio,
)
from analytics_core.snapshot.kinds import share
from analytics_core.statistics.comparison import ArmComparison, adjust_by_holm, compare_many
from analytics_core.statistics.sample_ratio import sample_ratio_p_value
from analytics_core.statistics.sequence import find_always_valid
from analytics_core.statistics.user_counts import ArmSums, UserCounts

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Pairing:
    """One goal of a campaign, whose place among the campaigns is `place`, against one control group."""

    place: int
    group: ControlGroupType
    goal: Goal
    arms: ArmTables


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparison of two arms says of one pairing, on one basis."""

    arms: ArmComparison
    always_valid: tuple[float, float] | None
    revenue: RevenueComparison | None


def compare_campaigns(counted: Sequence[tuple[Campaign, CampaignTotals]]) -> list[Mapping[str, GoalUplift]]:
    """The uplift of many campaigns against both control groups; all comparisons are made at once, which is far faster.

    Returns:
        By campaign, in the order given, and by goal id; none of it for older campaigns.
    """
    pairings = [
        pairing for place, (campaign, totals) in enumerate(counted) for pairing in _pair(place, campaign, totals.arms)
    ]
    sent, assigned = [as_sent(each.group) for each in pairings], [as_assigned(each.group) for each in pairings]
    findings = _compare([*pairings, *pairings], [*sent, *assigned])
    found: dict[tuple[int, ControlGroupType], dict[str, ArmUplift]] = defaultdict(dict)
    for each, by_sent, by_assigned in zip(pairings, findings, findings[len(pairings) :], strict=False):
        found[each.place, each.group][each.goal.goal_id] = _arm_uplift(each, by_sent, by_assigned)
    adjusted = {against: _adjust(uplifts) for against, uplifts in found.items()}
    gained: list[Mapping[str, GoalUplift]] = []
    for place, (campaign, _) in enumerate(counted):
        own = adjusted.get((place, ControlGroupType.CAMPAIGN), {})
        global_ = adjusted.get((place, ControlGroupType.GLOBAL), {})
        ids = [goal.goal_id for goal in campaign.goals]
        gained.append({goal_id: GoalUplift(own.get(goal_id), global_.get(goal_id)) for goal_id in ids})
    return gained


def _pair(place: int, campaign: Campaign, arms: ArmTables) -> Iterator[Pairing]:
    """The goals with each control group that any row was drawn into."""
    if campaign.analytics_version is AnalyticsVersion.LEGACY:
        return
    for group in ControlGroupType:
        if arms.rows_in(as_assigned(group).control):
            yield from (Pairing(place, group, goal, arms) for goal in campaign.goals)


def _compare(pairings: Sequence[Pairing], sides: Sequence[Sides]) -> list[Finding]:
    asked = list(zip(pairings, sides, strict=True))
    counts = [each.arms.counts(each.goal.goal_id, those) for each, those in asked]
    revenues = [
        gather_revenue(each.goal, each.arms, those, users) for (each, those), users in zip(asked, counts, strict=True)
    ]
    found = compare_many(counts), _find_always_valid(asked, counts), compare_revenues(revenues)
    return [Finding(*finding) for finding in zip(*found, strict=True)]


def _find_always_valid(
    asked: Sequence[tuple[Pairing, Sides]], counts: Sequence[UserCounts]
) -> list[tuple[float, float] | None]:
    """The always valid intervals; None where no first week has matured."""
    places = [place for place, (each, _) in enumerate(asked) if each.arms.week is not None]
    weeks = [
        each.arms.counts(each.goal.goal_id, sides, each.arms.week)
        for each, sides in asked
        if each.arms.week is not None
    ]
    found: list[tuple[float, float] | None] = [None] * len(asked)
    ends = find_always_valid([(counts[place], week) for place, week in zip(places, weeks, strict=True)])
    for place, interval in zip(places, ends, strict=True):
        found[place] = interval
    return found


def _adjust(uplifts: Mapping[str, ArmUplift]) -> dict[str, ArmUplift]:
    """The uplifts against one control group, with p-values adjusted for there being several."""
    adjusted = adjust_by_holm([uplift.p_value for uplift in uplifts.values()])
    return {
        goal_id: replace(uplift, p_value_adjusted=p_value)
        for (goal_id, uplift), p_value in zip(uplifts.items(), adjusted, strict=True)
    }


def _arm_uplift(pairing: Pairing, sent: Finding, assigned: Finding) -> ArmUplift:
    found, control = sent.arms, _figures(sent.arms.control)
    drawn = pairing.arms.rows_in(as_assigned(pairing.group).control)
    return ArmUplift(
        active_targets=found.control.rows,
        converted_users=found.control.converted,
        conversion_rate=control.conversion_rate,
        people=found.control.people,
        converted_people=found.control.converted_people,
        **_gain_of(sent),
        contaminated_rows=drawn - pairing.arms.rows_in(as_sent(pairing.group).control),
        assigned=AssignedUplift(control=_figures(assigned.arms.control), **_gain_of(assigned)),
    )


def _gain_of(finding: Finding) -> dict[str, Any]:
    """The fields that uplifts of both bases have, of what the treated arm gained."""
    found = finding.arms
    return {
        "treated": _figures(found.treated),
        "uplift": found.uplift,
        "interval": found.interval,
        "p_value": found.p_value,
        "always_valid_interval": finding.always_valid,
        "verdict": found.verdict,
        "difference": found.difference,
        "difference_interval": found.difference_interval,
        "incremental_conversions": found.incremental,
        "incremental_conversions_interval": found.incremental_interval,
        "smallest_detectable_uplift": found.smallest_detectable_uplift,
        "revenue": finding.revenue,
    }


def _figures(arm: ArmSums) -> ArmFigures:
    return ArmFigures(
        rows=arm.rows,
        people=arm.people,
        converted_users=arm.converted,
        converted_people=arm.converted_people,
        conversion_rate=arm.rate,
    )


def sample_ratio(campaign: Campaign, totals: CampaignTotals) -> SampleRatio:
    """Whether users were drawn into the campaign's control group at its declared share."""
    percent = campaign.audience.control_group_percent if campaign.audience else None
    declared, draws = None if percent is None else percent / _WHOLE, totals.draws
    testable = declared is not None and campaign.analytics_version is not AnalyticsVersion.LEGACY
    return SampleRatio(
        declared=declared,
        observed_users=draws.users_drawn,
        users=draws.users,
        observed_rows=share(draws.drawn, draws.assigned),
        p_value=sample_ratio_p_value(draws.users_drawn, draws.users, declared or 0.0) if testable else None,
    )

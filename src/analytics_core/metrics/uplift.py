"""What a campaign gained over its control groups: never pooled, on two bases, always with how sure it is."""

from collections.abc import Mapping
from dataclasses import replace

from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.words import AnalyticsVersion, ControlGroupType
from analytics_core.metrics.arm_tables import ArmTables, Sides, as_assigned, as_sent
from analytics_core.metrics.incremental_revenue import compare_revenue
from analytics_core.metrics.ratios import share
from analytics_core.metrics.snapshot import ArmFigures, ArmUplift, AssignedUplift, GoalUplift, SampleRatio
from analytics_core.metrics.totals import CampaignTotals
from analytics_core.statistics.comparison import compare_arms
from analytics_core.statistics.holm import adjust_by_holm
from analytics_core.statistics.sample_ratio import sample_ratio_p_value
from analytics_core.statistics.sequence import always_valid_interval
from analytics_core.statistics.user_counts import ArmSums

_WHOLE = 100


def compare_goals(campaign: Campaign, totals: CampaignTotals) -> Mapping[str, GoalUplift]:
    """By goal id, the uplift against both control groups; none of it for older campaigns."""
    if campaign.analytics_version is AnalyticsVersion.LEGACY:
        return {goal.goal_id: GoalUplift() for goal in campaign.goals}
    by_group = {group: _against(campaign, totals.arms, group) for group in ControlGroupType}
    return {
        goal.goal_id: GoalUplift(
            campaign=by_group[ControlGroupType.CAMPAIGN].get(goal.goal_id),
            global_=by_group[ControlGroupType.GLOBAL].get(goal.goal_id),
        )
        for goal in campaign.goals
    }


def _against(campaign: Campaign, arms: ArmTables, group: ControlGroupType) -> dict[str, ArmUplift]:
    """By goal id, the uplift against one control group; empty where no row was drawn into it."""
    if not arms.rows_in(as_assigned(group).control):
        return {}
    found = {goal.goal_id: _arm_uplift(goal, arms, group) for goal in campaign.goals}
    adjusted = adjust_by_holm([uplift.p_value for uplift in found.values()])
    return {
        goal_id: replace(uplift, p_value_adjusted=p_value)
        for (goal_id, uplift), p_value in zip(found.items(), adjusted, strict=True)
    }


def _arm_uplift(goal: Goal, arms: ArmTables, group: ControlGroupType) -> ArmUplift:
    sides, drawn = as_sent(group), as_assigned(group)
    found = compare_arms(arms.counts(goal.goal_id, sides))
    control = _figures(found.control)
    return ArmUplift(
        active_targets=found.control.rows,
        converted_users=found.control.converted,
        conversion_rate=control.conversion_rate,
        people=found.control.people,
        converted_people=found.control.converted_people,
        treated=_figures(found.treated),
        uplift=found.uplift,
        interval=found.interval,
        p_value=found.p_value,
        always_valid_interval=_always_valid(goal, arms, sides),
        verdict=found.verdict,
        difference=found.difference,
        difference_interval=found.difference_interval,
        incremental_conversions=found.incremental,
        incremental_conversions_interval=found.incremental_interval,
        smallest_detectable_uplift=found.smallest_detectable_uplift,
        revenue=compare_revenue(goal, arms, sides),
        contaminated_rows=arms.rows_in(drawn.control) - arms.rows_in(sides.control),
        assigned=_assigned(goal, arms, drawn),
    )


def _assigned(goal: Goal, arms: ArmTables, sides: Sides) -> AssignedUplift:
    found = compare_arms(arms.counts(goal.goal_id, sides))
    return AssignedUplift(
        treated=_figures(found.treated),
        control=_figures(found.control),
        uplift=found.uplift,
        interval=found.interval,
        p_value=found.p_value,
        always_valid_interval=_always_valid(goal, arms, sides),
        verdict=found.verdict,
        difference=found.difference,
        difference_interval=found.difference_interval,
        incremental_conversions=found.incremental,
        incremental_conversions_interval=found.incremental_interval,
        smallest_detectable_uplift=found.smallest_detectable_uplift,
        revenue=compare_revenue(goal, arms, sides),
    )


def _figures(arm: ArmSums) -> ArmFigures:
    return ArmFigures(
        rows=arm.rows,
        people=arm.people,
        converted_users=arm.converted,
        converted_people=arm.converted_people,
        conversion_rate=arm.rate,
    )


def _always_valid(goal: Goal, arms: ArmTables, sides: Sides) -> tuple[float, float] | None:
    if arms.week is None:
        return None
    return always_valid_interval(arms.counts(goal.goal_id, sides), arms.counts(goal.goal_id, sides, arms.week))


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

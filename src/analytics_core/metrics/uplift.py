"""Uplift against control groups, from a campaign's sums: never pooled, always with how sure it is."""

from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.words import AnalyticsVersion, ControlGroupType
from analytics_core.metrics.inference import Inference, infer, sample_ratio_p_value
from analytics_core.metrics.ratios import money_per, relative_change, share
from analytics_core.metrics.snapshot import ArmUplift, Estimate, GoalUplift, SampleRatio
from analytics_core.metrics.totals import CampaignTotals

SENT_ARM = "sent"
ATTEMPTED_ARM = "attempted"


def goal_uplift(campaign: Campaign, goal: Goal, totals: CampaignTotals) -> GoalUplift:
    """Both control groups' uplift of one goal; none of it for legacy campaigns."""
    if campaign.analytics_version is AnalyticsVersion.LEGACY:
        return GoalUplift()
    return GoalUplift(
        campaign=_arm_uplift(goal, totals, ControlGroupType.CAMPAIGN),
        global_=_arm_uplift(goal, totals, ControlGroupType.GLOBAL),
    )


def sample_ratio(campaign: Campaign, totals: CampaignTotals) -> SampleRatio | None:
    """Whether the campaign's control group has its declared share; None where none is declared or nothing was drawn.

    The control group is drawn from those who were not frequency-capped: the attempted and the control rows.
    """
    percent = campaign.audience.control_group_percent if campaign.audience else None
    if not percent:
        return None
    control = totals.active_targets.get(ControlGroupType.CAMPAIGN.value, 0)
    attempted = totals.count(ATTEMPTED_ARM).total
    p_value = sample_ratio_p_value(control, attempted, percent / 100)
    if p_value is None:
        return None
    return SampleRatio(declared=percent / 100, observed=control / (control + attempted), p_value=p_value)


def _arm_uplift(goal: Goal, totals: CampaignTotals, control: ControlGroupType) -> ArmUplift | None:
    targets = totals.active_targets.get(control.value, 0)
    if not targets:
        return None
    sums = totals.goal(goal.goal_id, control.value)
    as_sent = _estimate(goal, totals, SENT_ARM, control)
    return ArmUplift(
        active_targets=targets,
        converted_users=sums.converted_users,
        conversion_rate=share(sums.converted_users, targets),
        uplift=as_sent.uplift,
        interval=as_sent.interval,
        p_value=as_sent.p_value,
        intention_to_treat=_estimate(goal, totals, ATTEMPTED_ARM, control),
        revenue_per_active_target=money_per(sums.revenue if goal.revenue else None, targets),
    )


def _estimate(goal: Goal, totals: CampaignTotals, treated: str, control: ControlGroupType) -> Estimate:
    """The uplift with `treated` rows as the campaign's denominator."""
    comparison = totals.comparisons.get((goal.goal_id, treated, control.value))
    if comparison is None:
        return Estimate()
    rate, reference = comparison.treated.rate, comparison.control.rate
    found = infer(comparison) if rate is not None else Inference()
    return Estimate(rate, relative_change(rate, reference), found.interval, found.p_value)

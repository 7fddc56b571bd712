"""How sure a number of the comparison is, for the head of its explanation."""

from analytics_core.domain.campaign import Campaign
from analytics_core.metrics.incremental_metrics import INCREMENTAL_CONVERSIONS
from analytics_core.metrics.metric import BOTH_ARMS, Basis, ComparedEvents, Metric, Unit
from analytics_core.metrics.revenue_metrics import INCREMENTAL_REVENUE
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.certainty import (
    Certainty,
    Compared,
    certainty_of,
    interval_text,
    name_control_group,
    points_text,
)
from analytics_core.views.campaign.comparison_notes import looks_sentence
from analytics_core.views.campaign.incremental import conversions_sentence, revenue_sentence
from analytics_core.views.forms.numbers import probability


def certainty_of_metric(metric: Metric, snapshot: Snapshot, campaign: Campaign) -> Certainty | None:
    """How sure the comparison is that a metric is of; None for metrics that nothing is tested about."""
    compared = _find_comparison(metric, snapshot.primary_goal.uplift.compared)
    return None if compared is None else certainty_of(snapshot, campaign, compared)


def certainty_lines(metric: Metric, snapshot: Snapshot, campaign: Campaign) -> list[str]:
    """Verdict, interval and p-value in sentences; none for metrics that nothing is tested about."""
    goal = snapshot.primary_goal
    arm = goal.uplift.compared
    compared = _find_comparison(metric, arm)
    said: str | None = None
    if arm is not None and metric is INCREMENTAL_CONVERSIONS:
        said = conversions_sentence(snapshot, campaign, goal, arm)
    elif arm is not None and metric is INCREMENTAL_REVENUE:
        said = revenue_sentence(snapshot, campaign, goal, arm)
    elif compared is not None:
        certainty = certainty_of(snapshot, campaign, compared)
        basis = "sent requests" if isinstance(compared, ArmUplift) else "assignment"
        verdict = f"Verdict: {certainty.sign}{certainty.word}, by {basis} against the {name_control_group(goal)}"
        in_points = metric.unit is Unit.POINTS
        interval = points_text(certainty.difference) if in_points else interval_text(certainty)
        one_look = " for one look" if certainty.daily else ""
        tested = "" if compared.p_value is None else f"; p {probability(compared.p_value)}{one_look}"
        said = f"{verdict}; {certainty.interval_label} {interval}{tested}."
    looks = looks_sentence(snapshot, campaign)
    return [said, *([looks] if looks else [])] if said else []


def _find_comparison(metric: Metric, arm: ArmUplift | None) -> Compared | None:
    """The comparison whose verdict is about the metric: of both arms' conversions."""
    made_of = metric.made_of
    if not isinstance(made_of, ComparedEvents) or made_of.arms != BOTH_ARMS or metric.unit is Unit.MONEY:
        return None
    return arm if arm is None or made_of.basis is Basis.SENT else arm.assigned

"""How sure a number of the comparison is, for the head of its explanation."""

from analytics_core.domain.campaign import Campaign
from analytics_core.metrics.compared_arms import compared_arm
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.certainty import Certainty, Compared, certainty_of, interval_text, points_text
from analytics_core.views.campaign.comparison_notes import looks_sentence
from analytics_core.views.campaign.incremental import conversions_sentence, revenue_sentence
from analytics_core.views.forms.numbers import probability

_BY_SENT = frozenset(["uplift", "difference", "smallest_detectable_uplift"])
_BY_ASSIGNMENT = frozenset(["assigned_uplift", "assigned_difference", "incremental_conversions"])


def certainty_of_metric(name: str, snapshot: Snapshot, campaign: Campaign) -> Certainty | None:
    """How sure the comparison is that the metric `name` is of; None for metrics that nothing is tested about."""
    compared = _compared(name, compared_arm(snapshot.primary_goal))
    return None if compared is None else certainty_of(snapshot, campaign, compared)


def certainty_lines(name: str, snapshot: Snapshot, campaign: Campaign) -> list[str]:
    """Verdict, interval and p-value in sentences; none for metrics that nothing is tested about."""
    arm = compared_arm(snapshot.primary_goal)
    said = None if arm is None else _said(name, snapshot, campaign, arm)
    looks = looks_sentence(snapshot, campaign)
    return [said, *([looks] if looks else [])] if said else []


def _said(name: str, snapshot: Snapshot, campaign: Campaign, arm: ArmUplift) -> str | None:
    goal = snapshot.primary_goal
    match name:
        case "incremental_conversions":
            return conversions_sentence(snapshot, campaign, goal, arm)
        case "incremental_revenue":
            return revenue_sentence(snapshot, campaign, goal, arm)
        case _:
            compared = _compared(name, arm)
            in_points = name.endswith("difference")
            return None if compared is None else _verdict(snapshot, campaign, compared, in_points=in_points)


def _compared(name: str, arm: ArmUplift | None) -> Compared | None:
    if arm is None or name in _BY_SENT:
        return arm if name in _BY_SENT else None
    return arm.assigned if name in _BY_ASSIGNMENT else None


def _verdict(snapshot: Snapshot, campaign: Campaign, compared: Compared, *, in_points: bool) -> str:
    basis = "sent requests" if isinstance(compared, ArmUplift) else "assignment"
    group = "control group" if snapshot.primary_goal.uplift.campaign else "global control group"
    certainty = certainty_of(snapshot, campaign, compared)
    verdict = f"Verdict: {certainty.sign}{certainty.word}, by {basis} against the {group}"
    interval = points_text(certainty.difference) if in_points else interval_text(certainty)
    looks = " for one look" if certainty.daily else ""
    tested = "" if compared.p_value is None else f"; p {probability(compared.p_value)}{looks}"
    return f"{verdict}; {certainty.interval_label} {interval}{tested}."

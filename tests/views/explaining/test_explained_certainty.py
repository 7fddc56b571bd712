"""How sure a number of the comparison is, in the head of its explanation."""

import pytest

from analytics_core.domain.words import Verdict
from analytics_core.metrics.catalog import CATALOG
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.views.explaining.explained_certainty import certainty_lines, certainty_of_metric
from views.snapshots import NOT_TESTED, arm, campaign, ended, goal, second_goal, snapshot

MINUS = "\N{MINUS SIGN}"
UP = "\N{BLACK UP-POINTING TRIANGLE} up"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "uplift",
            f"Verdict: {UP}, by sent requests against the control group; 95% interval +10.0% to +90.0%; p 0.010.",
        ),
        (
            "difference",
            f"Verdict: {UP}, by sent requests against the control group; 95% interval +0.2 to +1.8 points; p 0.010.",
        ),
        (
            "assigned_uplift",
            f"Verdict: {UP}, by assignment against the control group; 95% interval +5.0% to +85.0%; p 0.020.",
        ),
        ("incremental_conversions", "Of 240 converted users, about 80 (10 to 150) would not have converted otherwise."),
        (
            "incremental_revenue",
            "Of $12,345.60 in revenue, about $4,309 ($800 to $7,800) would not have come otherwise.",
        ),
    ],
)
def test_the_head_says_verdict_interval_and_p_value(name: str, said: str) -> None:
    assert certainty_lines(CATALOG[name], snapshot(), ended()) == [said]


def test_while_the_campaign_runs_the_head_says_for_which_looks_an_interval_is() -> None:
    said, looks = certainty_lines(CATALOG["uplift"], snapshot(), campaign())
    assert said == (
        "Verdict: uncertain, by sent requests against the control group; 95% interval for daily looks"
        f" {MINUS}5.0% to +105.0%; p 0.010 for one look."
    )
    assert "may be checked every day" in looks
    assert certainty_lines(CATALOG["incremental_revenue"], snapshot(), campaign()) == []


def test_other_metrics_and_campaigns_without_a_control_group_have_no_certainty() -> None:
    untested = snapshot(goals=(goal(uplift=NOT_TESTED), second_goal()))
    for name in CATALOG:
        assert certainty_lines(CATALOG[name], untested, ended()) == []
        assert certainty_of_metric(CATALOG[name], untested, ended()) is None
    for name in ("sent", "conversion_rate", "active_targets", "treated_users", "sample_ratio"):
        assert certainty_lines(CATALOG[name], snapshot(), ended()) == []
        assert certainty_of_metric(CATALOG[name], snapshot(), ended()) is None


def test_the_global_control_group_is_named_and_the_basis_decides_the_verdict() -> None:
    against = GoalUplift(global_=arm(verdict=Verdict.TOO_FEW))
    made = snapshot(goals=(goal(uplift=against), second_goal()))
    (said,) = certainty_lines(CATALOG["uplift"], made, ended())
    assert said.startswith("Verdict: too few to tell, by sent requests against the global control group;")
    verdicts = [certainty_of_metric(CATALOG[name], made, ended()) for name in ("uplift", "assigned_uplift")]
    assert [found.verdict for found in verdicts if found] == [Verdict.TOO_FEW, Verdict.UP]

"""The uplift of every goal over every control group, a line each and in full."""

from dataclasses import replace

import pytest

from analytics_core.domain.words import Gap, Verdict
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.uplift_tables import uplift_details, uplift_table
from analytics_core.views.forms.table import RowKind, Table
from views.snapshots import (
    ASSIGNED,
    NOT_TESTED,
    arm,
    campaign,
    empty_snapshot,
    ended,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
UP = "\N{BLACK UP-POINTING TRIANGLE} up"


def figures(table: Table) -> dict[str, tuple[str, ...]]:
    """Cells by label, a detail by that of the row it belongs to as well."""
    found, above = {}, ""
    for row in table.rows:
        first, *rest = row.cells
        above = above if row.kind is RowKind.DETAIL else first
        found[first if row.kind is RowKind.PLAIN else f"{above} / {first}"] = tuple(rest)
    return found


def labels(table: Table) -> list[str]:
    return [column.label for column in table.columns]


def test_every_comparison_has_a_line_with_both_arms_and_how_sure_it_is() -> None:
    table = uplift_table(snapshot(), ended())
    assert dict(zip(labels(table), table.rows[0].cells, strict=True)) == {
        "Goal": "(P) Purchase",
        "Treated": "3.0% of 8,000",
        "Control": "2.0% of 1,000",
        "Uplift": "+50.0%",
        "95% interval": "+10.0% to +90.0%",
        "p-value": "0.010",
        "Verdict": UP,
        "Incremental conversions": "80 (10 to 150)",
    }
    assert len(table.rows) == 1


def test_both_control_groups_and_all_goals_have_lines_and_p_values_over_all_goals() -> None:
    both = GoalUplift(campaign=arm(), global_=arm(verdict=Verdict.UNCERTAIN, interval=(-0.1, 1.3)))
    other = second_goal(uplift=GoalUplift(global_=arm(p_value=0.0, p_value_adjusted=0.0)))
    table = uplift_table(snapshot(goals=(goal(uplift=both), other)), ended())
    shown = [dict(zip(labels(table), row.cells, strict=True)) for row in table.rows]
    assert [(row["Goal"], row["Control group"]) for row in shown] == [
        ("(P) Purchase", "Campaign"),
        ("(P) Purchase", "Global"),
        ("Newsletter sign-up", "Global"),
    ]
    assert [row["Verdict"] for row in shown] == [UP, "uncertain", UP]
    assert [(row["p-value"], row["Adjusted p"]) for row in shown] == [
        ("0.010", "0.020"),
        ("0.010", "0.020"),
        ("<0.001", "<0.001"),
    ]


def test_below_the_floor_no_estimate_stands_in_a_line() -> None:
    few = arm(verdict=Verdict.TOO_FEW, assigned=replace(ASSIGNED, verdict=Verdict.TOO_FEW))
    table = uplift_table(snapshot(goals=(goal(uplift=GoalUplift(campaign=few)),)), ended())
    row = dict(zip(labels(table), table.rows[0].cells, strict=True))
    assert (row["Uplift"], row["Verdict"], row["Incremental conversions"]) == (EN_DASH, "too few to tell", EN_DASH)


def test_a_running_campaign_has_the_interval_for_daily_looks_in_its_lines() -> None:
    table = uplift_table(snapshot(), campaign())
    row = dict(zip(labels(table), table.rows[0].cells, strict=True))
    assert (row["95% interval"], row["Verdict"]) == (f"{MINUS}5.0% to +105.0%", "uncertain")
    assert row["Incremental conversions"] == f"80 ({MINUS}20 to 180)"
    assert "may be checked every day" in (table.note or "")


@pytest.mark.parametrize("made", [empty_snapshot(), legacy_snapshot(), snapshot(goals=(goal(uplift=NOT_TESTED),))])
def test_without_a_control_group_there_is_nothing(made: Snapshot) -> None:
    assert uplift_table(made, ended()).rows == ()
    assert uplift_details(made, ended()) == ()


def test_in_full_both_arms_stand_by_sent_requests_and_by_assignment() -> None:
    (table,) = uplift_details(snapshot(), ended())
    assert table.title == "(P) Purchase: uplift over the campaign control group"
    assert labels(table) == ["Figure", "By sent requests", "By assignment"]
    shown = figures(table)
    assert shown["Treated users"] == ("8,000", "10,000")
    assert shown["Treated users / people"] == ("6,500", "7,600")
    assert shown["Treated users / converted users"] == ("240", "280")
    assert shown["Treated users / converted people"] == ("230", "270")
    assert shown["Treated users / conversion rate"] == ("3.0%", "2.8%")
    assert shown["Control users"] == ("1,000", "1,000")
    assert shown["Control users / conversion rate"] == ("2.0%", "2.0%")
    assert shown["Uplift"] == ("+50.0%", "+40.0%")
    assert shown["Uplift / 95% interval"] == ("+10.0% to +90.0%", "+5.0% to +85.0%")
    assert shown["Uplift / verdict"] == (UP, UP)
    assert shown["Uplift / p-value"] == ("0.010", "0.020")
    assert shown["Uplift / smallest detectable"] == ("+48.0%", "+45.0%")
    assert shown["Difference"] == ("+1.0 points", "+0.8 points")
    assert shown["Difference / 95% interval"] == ("+0.2 to +1.8 points", "+0.1 to +1.5 points")
    assert shown["Incremental conversions"] == ("", "80")
    assert shown["Incremental conversions / 95% interval"] == ("", "10 to 150")
    assert shown["Revenue per treated user"] == ("$1.54", "$1.24")
    assert shown["Revenue per control user"] == ("$0.81", "$0.81")
    assert shown["Difference in revenue per user / p-value"] == ("0.016", "0.016")
    assert shown["Incremental revenue"] == ("", "$4,309")
    assert shown["Incremental revenue / 95% interval"] == ("", "$800 to $7,800")
    assert shown["Incremental revenue, capped"] == ("", "$4,000")


def test_what_there_is_nothing_of_has_no_line() -> None:
    plain = arm(revenue=None, assigned=replace(ASSIGNED, revenue=None))
    (table,) = uplift_details(snapshot(goals=(goal(uplift=GoalUplift(campaign=plain)),)), ended())
    assert not [
        label for label in figures(table) if "evenue" in label or "contaminated" in label or "over all" in label
    ]


def test_contaminated_rows_stand_where_they_count() -> None:
    (table,) = uplift_details(snapshot(goals=(goal(uplift=GoalUplift(campaign=arm(contaminated_rows=50))),)), ended())
    assert figures(table)["Control users / contaminated among them"] == ("0", "50")


def test_the_primary_goal_shows_its_p_value_and_the_one_over_all_goals() -> None:
    goals = (goal(), second_goal(uplift=GoalUplift(campaign=arm())))
    first, second = uplift_details(snapshot(goals=goals), ended())
    for table in (first, second):
        shown = figures(table)
        assert (shown["Uplift / p-value"], shown["Uplift / p-value over all goals"]) == (
            ("0.010", "0.020"),
            ("0.020", ""),
        )


def test_while_the_campaign_runs_p_values_and_revenue_say_that_they_are_for_one_look() -> None:
    (table,) = uplift_details(snapshot(), campaign())
    shown = figures(table)
    assert shown["Uplift / 95% interval for daily looks"][0] == f"{MINUS}5.0% to +105.0%"
    assert shown["Difference / 95% interval for daily looks"][1] == f"{MINUS}0.2 to +1.8 points"
    assert shown["Uplift / p-value (one look)"] == ("0.010", "0.020")
    assert "Incremental revenue / 95% interval (one look)" in shown


def test_before_the_first_matured_week_the_intervals_in_full_are_for_one_look_and_say_so() -> None:
    early = arm(always_valid_interval=None, assigned=replace(ASSIGNED, always_valid_interval=None))
    (table,) = uplift_details(snapshot(goals=(goal(uplift=GoalUplift(campaign=early)),)), campaign())
    shown = figures(table)
    assert shown["Uplift / verdict"] == ("too early to tell", "too early to tell")
    assert shown["Uplift / 95% interval (one look)"] == ("+10.0% to +90.0%", "+5.0% to +85.0%")
    assert shown["Difference / 95% interval (one look)"] == ("+0.2 to +1.8 points", "+0.1 to +1.5 points")
    assert shown["Incremental conversions / 95% interval (one look)"] == ("", "10 to 150")


def test_what_the_exports_do_not_say_is_a_dash() -> None:
    (table,) = uplift_details(mask_gaps(snapshot(), [Gap.FAILED_RESPONSES.value]), ended())
    shown = figures(table)
    assert shown["Treated users"] == ("8,000", EN_DASH)
    assert shown["Uplift / verdict"] == (UP, "not known")
    assert shown["Incremental conversions"] == ("", EN_DASH)
    assert shown["Revenue per treated user"] == ("$1.54", EN_DASH)

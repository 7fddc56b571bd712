"""The metric catalog: one declaration each, formulas derived, figures read from a Snapshot."""

import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, Counting
from analytics_core.engines.local import compute_snapshots
from analytics_core.metrics.catalog import CATALOG, GOAL_METRICS, catalog_markdown, goal_value_of, metric, value_of
from analytics_core.metrics.metric import Scope, Unit
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import TimeToConvert
from views.snapshots import ASSIGNED, arm, empty_snapshot, goal, second_goal, snapshot
from worlds import tiny_campaign

ALL = tuple(CATALOG.values())


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("sent_rate", "Sent rate = Sent / Attempted"),
        ("failure_rate", "Failure rate = Failed / Attempted"),
        ("attempted", "Attempted = Sent + Failed"),
        ("attempted_share", "Attempted share = Attempted / Users in segment"),
        ("conversion_rate", "Conversion rate (CVR) = Converted users / Sent (total)"),
        ("average_order_value", "Average order value = Total campaign revenue / Event (Primary)"),
        ("average_revenue_per_user", "Average revenue per user = Total campaign revenue / Converted users"),
        (
            "uplift",
            "Uplift = (Treated conversion rate − Control conversion rate) / Control conversion rate",  # noqa: RUF001 - a minus
        ),
        ("treated_conversion_rate", "Treated conversion rate = Treated converted users / Treated users"),
        (
            "difference",
            "Difference in conversion rate = Treated conversion rate − Control conversion rate",  # noqa: RUF001 - a minus
        ),
        (
            "incremental_conversions",
            "Incremental conversions = Treated users (assigned) × Difference in conversion rate (assigned)",  # noqa: RUF001 - a times sign
        ),
        (
            "incremental_revenue",
            "Incremental revenue = Treated users (assigned) × Difference in revenue per user (assigned)",  # noqa: RUF001 - a times sign
        ),
        ("smallest_detectable_uplift", None),
        ("sample_ratio", None),
        ("sent", None),
    ],
)
def test_formulas_are_derived_in_the_words_of_the_page(name: str, formula: str | None) -> None:
    assert metric(name).formula == formula


def test_older_campaigns_have_the_older_labels_and_formulas() -> None:
    legacy = AnalyticsVersion.LEGACY
    labels = {declared.name: declared.legacy_label for declared in ALL if declared.legacy_label}
    assert labels == {
        "converted_users": "Conversions",
        "conversion_events": "Conversion Events",
        "conversion_rate": "Conversion Rate",
        "attempted": "Attempted",
        "sent": "Successfully Sent",
        "failed": "Failed",
        "sent_rate": "Success Rate",
    }
    assert metric("sent_rate").formula_in(legacy) == "Success Rate = Successfully Sent / Attempted"
    assert metric("conversion_rate").formula_in(legacy).startswith("Conversion Rate = Conversions / Successfully Sent")
    assert "once over the campaign" in metric("converted_users").description_in(legacy)
    assert metric("converted_users").counting_note_in(legacy) == "counted once per user"


def test_a_metric_has_either_both_countings_or_says_its_one_counting() -> None:
    for declared in ALL:
        assert bool(declared.countings) != bool(declared.counting_note), declared.name


def test_labels_and_names_are_unique_and_each_metric_says_what_it_means() -> None:
    assert len({declared.label for declared in ALL}) == len(ALL)
    assert all(declared.name == name for name, declared in CATALOG.items())
    assert all(declared.description.endswith(".") for declared in ALL)


def test_the_percentage_of_a_count_is_a_share_of_it() -> None:
    for declared in ALL:
        if declared.percentage:
            share = metric(declared.percentage)
            assert share.unit is Unit.SHARE
            assert share.numerator is declared


def test_every_base_metric_and_every_term_is_in_the_catalog() -> None:
    for declared in ALL:
        terms = (declared.numerator, declared.denominator, *declared.sum_of)
        assert all(CATALOG[term.name] is term for term in terms if term is not None)


def test_figures_come_from_the_snapshot_in_the_counting_asked_for() -> None:
    made = snapshot()
    assert value_of("sent", made, Counting.UNIQUE) == 6500
    assert value_of("sent", made, Counting.TOTAL) == 8000
    assert value_of("sent_rate", made, Counting.UNIQUE) == 6500 / 7600
    assert value_of("users_in_segment", made, Counting.UNIQUE) == 9000
    assert value_of("attempted_share", made, Counting.TOTAL) == 0.8
    assert value_of("attempted_share", made, Counting.UNIQUE) == 7600 / 9000
    assert value_of("revenue", made) == Decimal("12345.60")
    assert value_of("frequency_capped", made, Counting.UNIQUE) == 600
    assert value_of("unaccounted", made, Counting.TOTAL) == 500
    assert value_of("control_conversion_rate", made) == 0.02
    assert value_of("median_seconds_to_convert", made) == 15120.0


def test_what_the_campaign_added_is_read_by_sent_requests_and_by_assignment() -> None:
    made = snapshot()
    shown = ("treated_users", "treated_conversion_rate", "active_targets", "difference", "uplift", "sample_ratio")
    assert [value_of(name, made) for name in shown] == [8000, 0.03, 1000, 0.01, 0.5, 1.0]
    assigned = ("assigned_treated_users", "assigned_control_users", "assigned_difference", "assigned_uplift")
    assert [value_of(name, made) for name in assigned] == [10000, 1000, 0.008, 0.4]
    assert (value_of("incremental_conversions", made), value_of("smallest_detectable_uplift", made)) == (80.0, 0.48)
    assert value_of("incremental_revenue", made) == Decimal("4309.1")
    assert value_of("assigned_revenue_difference", made) == Decimal("0.43091")


def test_the_terms_of_a_comparison_make_its_figures() -> None:
    made = snapshot()
    rows, difference = value_of("assigned_treated_users", made), value_of("assigned_difference", made)
    assert rows * difference == value_of("incremental_conversions", made)
    treated, control = value_of("treated_conversion_rate", made), value_of("control_conversion_rate", made)
    assert (treated - control) / control == pytest.approx(value_of("uplift", made))


def test_without_a_control_group_of_the_campaign_the_global_one_is_compared_with() -> None:
    against = GoalUplift(global_=arm(active_targets=55))
    assert value_of("active_targets", snapshot(goals=(goal(uplift=against), second_goal()))) == 55
    both = GoalUplift(campaign=arm(active_targets=0), global_=arm(active_targets=55))
    assert value_of("active_targets", snapshot(goals=(goal(uplift=both), second_goal()))) == 0


def test_a_goal_without_revenue_has_no_incremental_revenue() -> None:
    made = goal(uplift=GoalUplift(campaign=arm(assigned=replace(ASSIGNED, revenue=None))))
    assert value_of("incremental_revenue", snapshot(goals=(made, second_goal()))) is None


def test_percentiles_of_the_time_to_convert_are_the_goals_own() -> None:
    slow = goal(time_to_convert=TimeToConvert(3600.0, 7200.0, 10800.0, 14400.0, curve=()))
    made = snapshot(goals=(slow, second_goal()))
    names = [f"p{percent}_seconds_to_convert" for percent in (75, 90, 95)]
    assert [value_of(name, made) for name in names] == [7200.0, 10800.0, 14400.0]
    assert [goal_value_of(name, slow) for name in names] == [7200.0, 10800.0, 14400.0]
    assert [goal_value_of(name, second_goal()) for name in names] == [None] * 3
    assert metric("p90_seconds_to_convert").label == "90th percentile of time to convert"
    assert metric("p95_seconds_to_convert").description.startswith(
        "Nineteen in twenty of the primary conversion events"
    )


def test_a_metric_of_one_counting_is_the_same_in_both() -> None:
    made = snapshot()
    for name in ("converted_users", "conversion_rate", "revenue", "uplift", "request_attempts", "matured_share"):
        assert value_of(name, made, Counting.UNIQUE) == value_of(name, made, Counting.TOTAL) is not None


def test_an_older_campaign_has_shares_of_its_segment_though_it_has_no_funnel() -> None:
    told = tiny_campaign(analytics_version="legacy").sent("ann").sent("ann", instance="next").held_back("bob")
    (made,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    assert [value_of("users_in_segment", made, counting) for counting in Counting] == [2, 3]
    assert [value_of("attempted_share", made, counting) for counting in Counting] == [1 / 2, 2 / 3]
    assert made.funnel == ()
    assert "legacy_segment" not in as_json(made)


def test_without_rows_counts_are_zero_and_ratios_undefined() -> None:
    made = empty_snapshot()
    for declared in ALL:
        for counting in Counting:
            expected = 0 if declared.unit is Unit.COUNT else None
            if declared.scope is Scope.ARM:
                expected = None
            assert value_of(declared, made, counting) == expected, declared.name


def test_every_goal_has_its_own_figures() -> None:
    assert goal_value_of("conversion_events", second_goal()) == 700
    assert goal_value_of(metric("revenue"), goal()) == Decimal("12345.60")
    assert goal_value_of("revenue", second_goal()) is None
    assert "events_without_value" in GOAL_METRICS
    with pytest.raises(UnknownNameError, match="no metric of a goal 'sent'"):
        goal_value_of("sent", goal())


def test_a_misspelt_metric_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sent_rate'"):
        value_of("sent_rat", snapshot())


def test_the_document_has_every_metric_once_in_well_formed_tables() -> None:
    text = catalog_markdown()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    current, legacy = rows[: len(ALL)], rows[len(ALL) :]
    assert [re.findall("`(.+?)`", row)[0] for row in current] == list(CATALOG)
    assert all(row.count(" | ") == 5 for row in current)
    assert len(legacy) == 7
    assert text.endswith("|\n")


def test_the_module_prints_the_document() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "analytics_core.metrics.catalog"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == catalog_markdown()

"""The tables and notes of a campaign's page."""

from dataclasses import replace
from decimal import Decimal

import pytest

from analytics_core.domain.words import AnalyticsVersion, AttributionModel, DeliveryType, InstanceCredit
from analytics_core.metrics.catalog import metric
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.snapshot.snapshot import AppliedSettings, ErrorCount, Snapshot
from analytics_core.views.campaign.funnel import funnel_table
from analytics_core.views.campaign.notes import notes
from analytics_core.views.campaign.tables import (
    definitions,
    errors_table,
    goals_table,
    personalization_table,
    portfolio_table,
)
from analytics_core.views.forms.labels import CATEGORIES, reason_label
from analytics_core.views.forms.pieces import NoteTone
from analytics_core.views.forms.table import RowKind, Table
from views.snapshots import (
    ERRORS,
    FUNNEL,
    HOSTILE,
    NOT_TESTED,
    PERFORMANCE,
    TESTED,
    campaign,
    empty_snapshot,
    ended,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)

EN_DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
UP = "\N{BLACK UP-POINTING TRIANGLE} +50.0%, up (+10.0% to +90.0%)"


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def labels(table: Table) -> list[str]:
    return [column.label for column in table.columns]


def number(text: str) -> int:
    return int(text.replace(",", "").replace(MINUS, "-"))


def note_of(made: Snapshot, label: str) -> str:
    return next(note.text for note in notes(made, ended()) if note.label == label)


def test_each_goal_has_a_row_with_both_counts_and_its_own_money() -> None:
    table = goals_table(snapshot(), ended())
    assert labels(table)[:4] == ["Goal", "Total conversions", "Unique conversions", "CVR"]
    assert cells(table) == [
        ("(P) Purchase", "300", "240", "3.0%", "$12,345.60", "$41.15", UP),
        ("Newsletter sign-up", "700", "640", "8.0%", EN_DASH, EN_DASH, EN_DASH),
    ]


def test_the_global_control_group_has_a_column_only_where_there_is_one() -> None:
    uplift = GoalUplift(global_=TESTED.campaign)
    table = goals_table(snapshot(goals=(goal(uplift=uplift), second_goal())), ended())
    assert labels(table)[-1] == "Uplift (global control)"
    assert cells(table)[0][-2:] == (EN_DASH, UP)
    assert "Uplift (global control)" not in labels(goals_table(snapshot(), ended()))


def test_the_funnel_lists_every_removal_before_the_stage_it_precedes() -> None:
    table = funnel_table(snapshot())
    assert [(row.cells[0], row.kind) for row in table.rows] == [
        ("Users in segment", RowKind.PLAIN),
        ("Control group", RowKind.DETAIL),
        ("Frequency cap", RowKind.DETAIL),
        ("Global control group", RowKind.DETAIL),
        ("Unaccounted", RowKind.DETAIL),
        ("After frequency-cap removal", RowKind.PLAIN),
        ("Personalization failed", RowKind.DETAIL),
        ("After personalization removal", RowKind.PLAIN),
        ("Response 404 (Not Found)", RowKind.DETAIL),
        ("Response 500 (Internal Server Error)", RowKind.DETAIL),
        ("No response", RowKind.DETAIL),
        ("Sent", RowKind.PLAIN),
    ]
    assert table.rows[0].cells == ("Users in segment", "12,500", "9,000", "100.0%")
    assert table.rows[2].cells == ("Frequency cap", f"{MINUS}800", f"{MINUS}600", f"{MINUS}6.4%")
    assert table.rows[4].cells == ("Unaccounted", f"{MINUS}500", EN_DASH, f"{MINUS}4.0%")


def test_the_removals_of_the_funnel_add_up_exactly_and_a_line_says_so() -> None:
    table = funnel_table(snapshot())
    running = 0
    for row in table.rows:
        if row.kind is RowKind.DETAIL:
            running += number(row.cells[1])
        else:
            assert running in {0, number(row.cells[1])}
            running = number(row.cells[1])
    assert table.note is not None
    assert table.note.startswith(f"Totals: 12,500 {MINUS} 4,500 removed = 8,000 sent; the removals add up exactly.")


def test_a_triggered_campaigns_funnel_counts_triggers() -> None:
    assert "count triggers" in str(funnel_table(snapshot(), delivery_type=DeliveryType.EVENT_TRIGGERED).note)
    assert "count triggers" not in str(funnel_table(snapshot(), delivery_type=DeliveryType.ONE_TIME).note)


def test_older_campaigns_have_no_funnel() -> None:
    table = funnel_table(legacy_snapshot())
    assert (table.rows, table.note) == ((), None)


def test_a_funnel_without_users_has_no_shares() -> None:
    assert cells(funnel_table(empty_snapshot()))[0] == ("Users in segment", "0", "0", EN_DASH)


def test_the_funnel_calls_its_stages_as_the_catalog_does() -> None:
    stages = [row.cells[0] for row in funnel_table(snapshot()).rows if row.kind is RowKind.PLAIN]
    assert stages == [metric(stage.stage).label for stage in FUNNEL]


def test_the_error_breakdown_says_what_counts_as_failed() -> None:
    table = errors_table(snapshot())
    assert cells(table)[0] == ("Control group", "1,000", "900", "8.0%", "No")
    assert cells(table)[1] == ("Response 404 (Not Found)", "1,000", "950", "8.0%", "Yes")
    assert (cells(table)[-1], table.rows[-1].kind) == (("Failed", "2,000", "1,900", "16.0%", ""), RowKind.TOTAL)
    failed = sum(number(row.cells[1]) for row in table.rows if row.cells[4] == "Yes")
    assert failed == number(table.rows[-1].cells[1])


def test_without_errors_the_breakdown_says_so() -> None:
    table = errors_table(empty_snapshot())
    assert table.rows == ()
    assert str(table.note).startswith("No errors")


def test_an_older_campaigns_errors_are_shares_of_the_total_segment() -> None:
    assert cells(errors_table(legacy_snapshot()))[0][3] == "8.0%"


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("response_200", "Response 200 (OK)"),
        ("response_299", "Response 299"),
        ("response_0", "Response 0"),
        ("no_response", "No response"),
        ("global_control_group", "Global control group"),
    ],
)
def test_reasons_are_words_and_codes_have_their_phrase(reason: str, label: str) -> None:
    assert reason_label(reason) == label


def test_personalization_errors_are_explained_and_said_to_overlap() -> None:
    table = personalization_table(snapshot())
    assert [row.cells[0] for row in table.rows] == [name for name, _ in CATEGORIES.values()]
    assert table.rows[0].cells[2:] == ("320", "300")
    assert str(table.note).startswith("500 personalization failures in all.")
    assert "may add up to more" in str(table.note)


def test_the_reconciliation_is_spelled_out_with_its_numbers() -> None:
    assert note_of(snapshot(), "Reconciliation") == (
        "12,500 users in segment = 8,000 sent + 1,500 failed responses + 500 personalization failed"
        " + 800 frequency capped + 1,200 control group + 500 unaccounted."
    )


def test_the_as_of_time_is_the_apps() -> None:
    assert note_of(snapshot(), "As of") == "Mon 30 Mar 2026, 14:05 EDT; rows after it are not counted."
    assert note_of(empty_snapshot(), "As of") == "There are no rows yet."


def test_the_matured_share_says_on_which_day_the_conversions_are_final() -> None:
    made = snapshot()
    assert note_of(made, "Matured") == (
        "87.5% of sends are past their 36-hour window; the rest can still convert;"
        " conversions are final on Tue 31 Mar 2026."
    )
    final = snapshot(data_quality=replace(made.data_quality, matured_share=1.0))
    assert note_of(final, "Matured") == (
        "All sends are past their 36-hour window; conversions were final on Tue 31 Mar 2026."
    )
    assert note_of(empty_snapshot(), "Matured").startswith(EN_DASH)


def test_users_in_both_unique_counts_are_explained() -> None:
    assert note_of(snapshot(), "Unique counts") == (
        "800 users were sent a request in one instance and failed in another, and therefore count in both."
    )
    assert "Unique counts" not in [note.label for note in notes(empty_snapshot(), ended())]


def test_events_that_add_no_revenue_are_told_goal_by_goal() -> None:
    found = goal(events_without_value=2, events_in_other_currency=1, events_with_rounded_value=1200)
    made = snapshot(goals=(found, second_goal()))
    revenue = [note for note in notes(made, ended()) if note.label == "Revenue"]
    assert len(revenue) == 1
    assert revenue[0].text == (
        "Purchase: 2 conversion events without a value count as 0; 1 conversion event in another currency counts"
        " as 0; 1,200 conversion events with more than six decimals were rounded to six."
    )
    assert revenue[0].tone is NoteTone.WARNING
    assert not [note for note in notes(snapshot(), ended()) if note.label == "Revenue"]


def test_the_settings_are_one_sentence() -> None:
    assert note_of(snapshot(), "Settings") == (
        "Attribution window 36 hours; all interactions: every campaign takes credit on its own;"
        " within a campaign the latest eligible delivery is credited; success codes 200."
    )
    applied = AppliedSettings(
        AttributionModel.LAST_INTERACTION, InstanceCredit.EVERY, 1.0, (200, 202), matured_only=True
    )
    told = note_of(snapshot(settings=applied), "Settings")
    assert told.startswith("Attribution window 1 hour; last interaction")
    assert "every eligible delivery" in told
    assert told.endswith("success codes 200, 202; only matured deliveries are counted.")


def test_definitions_cover_every_metric_on_the_page_with_its_formula() -> None:
    table = {row.cells[0]: row.cells[1:] for row in definitions(snapshot()).rows}
    assert table["Sent rate"][1] == "Sent / Attempted"
    assert table["Sent"][1] == EN_DASH
    assert {"Event (Primary)", "Uplift", "Users in segment", "Matured share"} <= set(table)


def test_older_campaigns_definitions_use_the_older_labels() -> None:
    table = {row.cells[0]: row.cells[1:] for row in definitions(legacy_snapshot()).rows}
    assert table["Success Rate"][1] == "Successfully Sent / Attempted"
    assert "once over the campaign" in table["Conversions"][0]
    assert "Uplift" not in table
    assert "Total campaign revenue" not in table


def _portfolio() -> list[Snapshot]:
    figures = (("b", Decimal(99999), 0.01), ("c", None, None), ("a", PERFORMANCE.revenue, PERFORMANCE.conversion_rate))
    return [
        snapshot(
            campaign_id=name,
            performance=replace(PERFORMANCE, revenue=revenue, conversion_rate=rate),
            goals=(goal(revenue=revenue, conversion_rate=rate), second_goal()),
        )
        for name, revenue, rate in figures
    ]


def test_the_portfolio_has_a_row_per_campaign_in_the_order_given() -> None:
    book = [campaign(campaign_id=name, name=name.upper(), status=None) for name in "abc"]
    table = portfolio_table(_portfolio(), book)
    assert [row.cells[1] for row in table.rows] == ["b", "c", "a"]
    assert table.rows[2].cells == (
        "A",
        "a",
        "Periodic",
        EN_DASH,
        "10,000",
        "8,000",
        "80.0%",
        "240",
        "3.0%",
        "$12,345.60",
        f"+50.0%, uncertain ({MINUS}5.0% to +105.0%)",
    )


def test_the_portfolio_is_sorted_greatest_first_undefined_last_and_ties_by_id() -> None:
    book = {name: campaign(campaign_id=name) for name in "abc"}
    by_revenue = portfolio_table(_portfolio(), book, sort_by="revenue")
    assert [row.cells[1] for row in by_revenue.rows] == ["b", "a", "c"]
    by_sent = portfolio_table(_portfolio(), book, sort_by="sent")
    assert [row.cells[1] for row in by_sent.rows] == ["a", "b", "c"]


def test_the_portfolio_links_the_reports_there_are() -> None:
    book = {name: campaign(campaign_id=name) for name in "abc"}
    table = portfolio_table(_portfolio(), book, hrefs={"a": "a.html"})
    assert {row.cells[1]: row.href for row in table.rows} == {"a": "a.html", "b": None, "c": None}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_data_in_every_table(name: str) -> None:
    made = snapshot(goals=(goal(name=name), second_goal(name=name)), errors=(*ERRORS, ErrorCount(name, 1, 1)))
    assert goals_table(made, ended()).rows[0].cells[0] == f"(P) {name}"
    assert errors_table(made).rows[-2].cells[0] == f"Response {name}"


def test_older_campaigns_tell_no_revenue_findings() -> None:
    made = legacy_snapshot(goals=(goal(events_without_value=5, uplift=NOT_TESTED),))
    assert made.analytics_version is AnalyticsVersion.LEGACY
    assert not [note for note in notes(made, ended()) if note.label == "Revenue"]

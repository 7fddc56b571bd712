"""The table of what a vendor reports: what it says, and what it leaves out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pages import Page, assert_inert
from snapshots import HOSTILE, campaign, snapshot

from analytics_core.cli.showing import show_snapshot
from analytics_core.domain.words import ControlGroupType, Counting, Vendor
from analytics_core.snapshot.snapshot import VendorReported
from analytics_core.views.campaign.reported import vendor_tables
from analytics_core.views.forms.numbers import MINUS, UNDEFINED
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.html import report_sections

SENT = VendorReported(
    vendor=Vendor.MOENGAGE,
    metric="performance_stats.sent",
    counting=Counting.TOTAL,
    goal=None,
    control_group_type=None,
    starts_on=date(2026, 3, 1),
    ends_on=date(2026, 3, 30),
    value=8100,
    our_metric="sent",
    goal_id=None,
    ours=8000,
    difference=100,
    relative_difference=0.02,
    answers=1,
)


def reported(**changed: Any) -> VendorReported:  # noqa: ANN401 - any field
    return replace(SENT, **changed)


def cells(*shown: VendorReported) -> list[tuple[str, ...]]:
    (table,) = vendor_tables(snapshot(vendor_reported=shown))
    return [row.cells for row in table.rows]


def test_a_campaign_nobody_says_anything_about_has_no_such_section() -> None:
    assert vendor_tables(snapshot()) == ()
    assert report_sections(snapshot(), campaign(), ReportContext(charts=False)).reported == ""


def test_a_count_and_both_differences() -> None:
    assert cells(SENT) == [("Sent (total)", "performance_stats.sent", "8,100", "8,000", "+100", "+2.0%")]


def test_what_ours_does_not_know_is_a_dash_beside_their_number() -> None:
    unknown = reported(our_metric="failed", ours=None, difference=None, relative_difference=None)
    assert cells(unknown)[0][2:] == ("8,100", UNDEFINED, UNDEFINED, UNDEFINED)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"our_metric": "revenue", "value": Decimal("10.5"), "ours": Decimal(12), "difference": Decimal("-1.5")},
            ("$10.50", "$12.00", f"{MINUS}$1.50"),
        ),
        (
            {"our_metric": "conversion_rate", "value": 0.05, "ours": 0.03, "difference": 0.02},
            ("5.0%", "3.0%", "+2.0 points"),
        ),
        ({"our_metric": "converted_users", "value": 2.5, "ours": 3, "difference": -0.5}, ("2.5", "3", f"{MINUS}0.5")),
        ({"our_metric": "converted_users", "value": 3, "ours": 3, "difference": 0}, ("3", "3", "0")),
        (
            {"our_metric": "uplift", "value": -0.25, "ours": 0.5, "difference": -0.75},
            (f"{MINUS}25.0%", "+50.0%", f"{MINUS}75.0 points"),
        ),
    ],
)
def test_figures_are_written_as_ours_are(changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert cells(reported(goal="Purchase", goal_id="purchase", **changed))[0][2:5] == expected


def test_the_goal_and_the_control_group_are_named() -> None:
    one = reported(our_metric="uplift", goal="Purchase", control_group_type=ControlGroupType.GLOBAL)
    assert cells(one)[0][0] == "Uplift (Purchase, global control group)"


def test_what_is_none_of_our_metrics_is_shown_unless_it_is_nothing() -> None:
    click = reported(our_metric=None, metric="performance_stats.click", value=0, ours=None, difference=None)
    failure = reported(our_metric=None, metric="failure_breakdown.x", value=3, ours=None, difference=None)
    assert cells(SENT, click, failure)[1][:3] == ("Not among our metrics", "failure_breakdown.x", "3")
    assert len(cells(SENT, click, failure)) == 2


def test_periods_are_said_once_where_they_agree_and_by_row_where_not() -> None:
    (same,) = vendor_tables(snapshot(vendor_reported=(SENT, SENT)))
    assert "Period" not in [column.label for column in same.columns]
    assert (same.note or "").startswith("Period: Sun 1 Mar 2026 to Mon 30 Mar 2026.")
    nothing = {"starts_on": None, "ends_on": None}
    (differ,) = vendor_tables(snapshot(vendor_reported=(SENT, reported(**nothing), reported(**nothing, answers=0))))
    assert [column.label for column in differ.columns][2] == "Period"
    assert [row.cells[2] for row in differ.rows][1:] == ["not stated", "all there is"]


def test_a_cut_list_says_so() -> None:
    (table,) = vendor_tables(snapshot(vendor_reported=(SENT,), vendor_reported_omitted=7))
    assert "7 more vendor numbers not listed." in (table.note or "")


def test_each_vendor_has_a_table_of_its_own() -> None:
    shown = snapshot(vendor_reported=(reported(vendor=Vendor.BRAZE), SENT))
    assert [table.title for table in vendor_tables(shown)] == ["As reported by Braze", "As reported by MoEngage"]
    section = report_sections(shown, campaign(), ReportContext(charts=False)).reported
    page = Page(section)
    assert [found.text for found in page.find("h2")] == ["As reported by vendors"]
    assert len(page.find("table")) == 2


def test_a_single_vendors_section_bears_its_name() -> None:
    section = report_sections(snapshot(vendor_reported=(SENT,)), campaign(), ReportContext(charts=False)).reported
    assert [found.text for found in Page(section).find("h2")] == ["As reported by MoEngage"]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_from_data_do_nothing(text: str) -> None:
    shown = snapshot(vendor_reported=(reported(metric=text, goal=text),))
    assert_inert(str(report_sections(shown, campaign(), ReportContext(charts=False)).reported))


def test_the_terminal_shows_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    show_snapshot(campaign(), snapshot(vendor_reported=(SENT,)))
    out = capsys.readouterr().out
    assert "As reported by MoEngage\n" in out
    assert "8,100" in out
    show_snapshot(campaign(), snapshot())
    assert "As reported" not in capsys.readouterr().out

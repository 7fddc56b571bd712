"""The result in three sentences, and the warnings in the order of their weight."""

from dataclasses import replace
from datetime import date

import pytest

from analytics_core.domain.words import Verdict
from analytics_core.snapshot.snapshot import Counts, DataQuality, Period, Unknown
from analytics_core.views.forms.pieces import Note, NoteTone
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.html import report_sections
from analytics_core.views.summary.result import pick_plain, pick_warnings, result_sentences
from views.breakdown.overtime import over_time
from views.pages import Page, assert_inert
from views.snapshots import (
    HOSTILE,
    NOT_TESTED,
    PERFORMANCE,
    TESTED,
    arm,
    campaign,
    empty_snapshot,
    ended,
    goal,
    legacy_snapshot,
    snapshot,
)

MATURE = DataQuality(contaminated_users=0, matured_share=1.0)


def test_the_result_says_what_was_sent_what_it_brought_and_what_it_added() -> None:
    made = over_time(data_quality=MATURE, goals=(goal(),))
    assert result_sentences(made, ended()) == (
        (
            "8,000 requests to 6,500 users went out from Mon 2 Mar 2026 to Mon 16 Mar 2026, in 3 instances: 80.0% of"
            " 10,000 attempted; 2,000 failed."
        ),
        "240 users converted on Purchase (3.0% of sent) with 300 conversion events, which brought $12,345.60.",
        (
            "Uplift over the control group: \N{BLACK UP-POINTING TRIANGLE} +50.0%, up (+10.0% to +90.0%, 95% interval)."
            " Of 240 converted users, about 80 (10 to 150) would not have converted otherwise."
        ),
    )


def test_what_can_still_come_is_said() -> None:
    assert "Conversions are final on Tue 31 Mar 2026." in result_sentences(over_time(), campaign())[1]
    assert result_sentences(over_time(), campaign())[1].startswith("So far 240 users")


def test_without_conversions_or_revenue_the_sentence_is_shorter() -> None:
    nothing = snapshot(data_quality=MATURE, performance=replace(PERFORMANCE, conversion_events=0, converted_users=0))
    assert result_sentences(nothing, ended())[1] == "Nobody converted on Purchase."
    free = snapshot(data_quality=MATURE, performance=replace(PERFORMANCE, revenue=None))
    assert result_sentences(free, ended())[1].endswith("with 300 conversion events.")


def test_what_the_exports_do_not_tell_is_not_known() -> None:
    gaps = replace(PERFORMANCE, attempted=Unknown(), failed=Unknown())
    assert result_sentences(snapshot(performance=gaps), ended())[0].endswith("; how many failed is not known.")


def test_without_a_comparison_it_says_that_nothing_can_be_told() -> None:
    alone = snapshot(goals=(goal(uplift=NOT_TESTED),))
    assert result_sentences(alone, ended())[2].startswith("Without a control group it cannot be told")
    assert result_sentences(legacy_snapshot(), ended())[2] == "Older campaigns are not compared with a control group."
    few = snapshot(goals=(goal(uplift=replace(TESTED, campaign=too_few())),))
    assert result_sentences(few, ended())[2].startswith("Against the control group: too few people")


def too_few() -> object:
    made = arm(verdict=Verdict.TOO_FEW)
    return replace(made, assigned=replace(made.assigned, verdict=Verdict.TOO_FEW))


def test_where_nothing_was_sent_the_reason_is_said() -> None:
    rejected = campaign(status="rejected", approval={"rejected_by": "lee@acme.example", "comment": "Too many."})
    said = "Nothing was sent; the campaign's status is Rejected, rejected by lee@acme.example: Too many."
    assert result_sentences(empty_snapshot(), rejected) == (said,)
    assert result_sentences(empty_snapshot(), campaign(status=None)) == ("Nothing was sent.",)
    failed = replace(empty_snapshot().performance, failed=Counts(3, 3))
    assert result_sentences(empty_snapshot(performance=failed), ended()) == (
        "Nothing was sent: all 3 attempted requests failed.",
    )


def test_what_the_rules_leave_out_is_not_said_to_be_unsent() -> None:
    later = Period(since=date(2026, 6, 1), until=date(2026, 6, 2))
    active = campaign(status="active")
    assert result_sentences(empty_snapshot(period=later), active) == (
        "Nothing was sent that counts: there is no row in the period Mon 1 Jun 2026 to Tue 2 Jun 2026.",
    )
    matured = replace(empty_snapshot().settings, matured_only=True)
    assert result_sentences(empty_snapshot(settings=matured), active) == (
        "Nothing was sent that counts: there is no matured row.",
    )


def test_warnings_come_worst_first_and_stand_once() -> None:
    noted = [
        Note("As of", "now"),
        Note("Matured", "half", NoteTone.WARNING),
        Note("Sample ratio", "odd", NoteTone.WARNING),
        Note("Something new", "odd", NoteTone.WARNING),
    ]
    assert [note.label for note in pick_warnings(noted)] == ["Something new", "Sample ratio", "Matured"]
    assert pick_plain(noted) == (noted[0],)


def test_of_many_warnings_the_others_open_on_request() -> None:
    many = tuple(Note("Revenue", str(number), NoteTone.WARNING) for number in range(5))
    page = assert_inert(
        str(report_sections(snapshot(), campaign(), ReportContext(workspace_notes=many, charts=False)).result)
    )
    assert [one.text.split("\n")[0] for one in page.find("details", "ca-breakdown")] == ["3 more warnings"]
    assert "Warning" not in Page(report_sections(snapshot(), campaign(), ReportContext(charts=False)).notes).source


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text_in_the_result(name: str) -> None:
    made = snapshot(goals=(goal(name=name),))
    page = assert_inert(str(report_sections(made, campaign(name=name), ReportContext(charts=False)).result))
    assert len(page.find("p", "ca-result")) == 3

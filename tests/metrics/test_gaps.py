"""What an export cannot tell is null with a reason, in the document, on every screen, and after every import."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics_core.cli import explaining  # noqa: F401 - its command registers itself
from analytics_core.cli.commands import app
from analytics_core.domain.settings import Settings
from analytics_core.domain.words import AnalyticsVersion, Counting, Gap, ShownAs
from analytics_core.engines.local import compute_snapshots
from analytics_core.metrics.breakdowns import find_metric, why_unknown
from analytics_core.metrics.catalog import CATALOG, value_of
from analytics_core.metrics.gaps import mask_gaps
from analytics_core.metrics.metric import Group
from analytics_core.snapshot.comparison import ArmFigures, AssignedUplift, SampleRatio
from analytics_core.snapshot.documents import as_json
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.cards import cards
from analytics_core.views.campaign.charts import errors_chart, funnel_chart
from analytics_core.views.campaign.notes import notes, reconciliation_line
from analytics_core.views.campaign.tables import portfolio_table
from analytics_core.views.page.context import ReportContext
from analytics_core.views.page.html import page_html, report_sections
from analytics_core.workspace import Workspace, create_workspace
from worlds import World, tiny_campaign
from worlds.schema import first_violation

EVERYTHING = [gap.value for gap in Gap]


def story() -> World:
    told = tiny_campaign(audience={"control_group_percent": 20}).sent("ann").sent("bob").requested("cat", 404)
    told = told.held_back("dan").held_back("eve").not_personalized("fay", "user_attribute").declared("run", 9)
    return told.bought("ann", at="2026-03-02 10:00", order_value="12.5").bought("dan", at="2026-03-02 10:00")


@pytest.fixture(scope="module")
def whole() -> Snapshot:
    told = story()
    (found,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    return found


def nulls(document: object, path: str = "") -> set[str]:
    if isinstance(document, dict):
        return set().union(*(nulls(value, f"{path}.{key}") for key, value in document.items()))
    if isinstance(document, list):
        return set().union(*(nulls(value, path) for value in document))
    return {path[1:]} if document is None else set()


def test_without_gaps_nothing_changes(whole: Snapshot) -> None:
    assert mask_gaps(whole, ()) is whole
    assert whole.unknown == ()


@pytest.mark.parametrize("gap", list(Gap))
def test_every_gap_gives_reasons_and_a_document_of_the_schema(gap: Gap, whole: Snapshot) -> None:
    found = mask_gaps(whole, [gap.value])
    assert first_violation(json.dumps(as_json(found))) is None
    assert found.unknown
    assert all(unknown.reason.startswith("the exports do not say: ") for unknown in found.unknown)
    assert (found.performance.sent, found.performance.revenue) == (whole.performance.sent, whole.performance.revenue)
    assert found.performance.conversion_rate == whole.performance.conversion_rate


def test_what_failed_responses_would_tell_is_null_and_nothing_else(whole: Snapshot) -> None:
    found = mask_gaps(whole, [Gap.FAILED_RESPONSES.value])
    both, views = ("unique", "total"), ("hour", "day", "week", "month", "cohort_day")
    counts = [f"performance.{name}" for name in ("attempted", "failed", "sent_rate", "failure_rate")]
    counts += [f"trends.{view}.{name}" for view in views for name in ("attempted", "failed")]
    figures = set(AssignedUplift.__dataclass_fields__) - {"treated", "control"}
    arms = {f"{arm}.{name}" for arm in ("treated", "control") for name in ArmFigures.__dataclass_fields__}
    assigned = [f"goals.uplift.campaign.assigned.{name}" for name in figures | arms]
    expected = {
        *(f"{count}.{counting}" for count in counts for counting in both),
        *assigned,
        *(f"funnel.{name}" for name in (*both, "share")),
        *(f"instances.{name}" for name in ("attempted", "failed", "users_in_segment")),
        "performance.request_attempts",
        "reconciliation.users_in_segment",
        "reconciliation.failed_responses",
        *(f"sample_ratio.{name}" for name in ("observed_users", "users", "observed_rows", "p_value")),
    }
    assert nulls(as_json(found)) - nulls(as_json(whole)) == expected - nulls(as_json(whole))


def test_frequency_caps_hide_the_segment_but_not_the_attempts(whole: Snapshot) -> None:
    found = mask_gaps(whole, [Gap.FREQUENCY_CAP.value])
    assert found.performance.attempted == whole.performance.attempted
    assert [stage.total for stage in found.funnel] == [None, *(stage.total for stage in whole.funnel[1:])]
    assert {unknown.metric for unknown in found.unknown} == {
        "users_in_segment",
        "attempted_share",
        "frequency_capped",
    }


def test_who_was_in_both_groups_is_null_without_control_groups(whole: Snapshot) -> None:
    found = mask_gaps(whole, [Gap.CONTROL_GROUPS.value])
    assert found.data_quality.contaminated_users is None
    assert found.sample_ratio == SampleRatio(0.2, None, None, None, None)
    campaign = story().book[0]
    assert "Contamination" in {note.label for note in notes(whole, campaign)}
    assert "Contamination" not in {note.label for note in notes(found, campaign)}


@pytest.mark.parametrize("counting", list(Counting))
def test_no_metric_is_0_because_nothing_tells_it(counting: Counting) -> None:
    told = tiny_campaign().sent("ann").bought("ann", at="2026-03-02 10:00")
    (counted,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    found = mask_gaps(counted, EVERYTHING)
    lines = [*CATALOG, "response_404", "no_response", "user_attribute"]
    asked = [find_metric(name, found.analytics_version) for name in lines]
    unknown = [metric for metric in asked if why_unknown(metric, found)]
    assert {metric.name for metric in unknown} == (
        {unknown.metric for unknown in found.unknown} | {metric.name for metric in asked if metric.unknown_with}
    )
    assert [value_of(metric, found, counting) for metric in unknown] == [None] * len(unknown)
    assert [metric.name for metric in asked if metric.group is Group.DELIVERY and metric not in unknown] == [
        "sent",
        "unaccounted",
        "matured_share",
    ]


def test_an_older_campaign_lists_only_what_its_page_has() -> None:
    told = tiny_campaign(analytics_version="legacy").sent("ann")
    (counted,) = compute_snapshots(told.tables(), told.book, told.app, Settings())
    found = mask_gaps(counted, EVERYTHING)
    assert first_violation(json.dumps(as_json(found))) is None
    older = [declared.name for declared in CATALOG.values() if declared.exists_in(AnalyticsVersion.LEGACY)]
    assert {unknown.metric for unknown in found.unknown} <= set(older)
    assert found.why_unknown("attempted")


def test_the_report_and_the_list_of_campaigns_say_what_is_not_known(whole: Snapshot) -> None:
    found = mask_gaps(whole, EVERYTHING)
    campaign = story().book[0]
    charts = ReportContext(charts=True)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page_html("Spring", report_sections(found, campaign, charts))))
    assert "None" not in page
    assert "not known: the exports do not say" in page
    assert found.unknown[0].reason.partition(",")[0] in page
    attempted = next(row for row in portfolio_table([found], [campaign]).rows).cells[4]
    assert attempted == "\N{EN DASH}"
    assert "exports do not record" in (portfolio_table([found], [campaign]).note or "")
    assert "exports" not in (portfolio_table([whole], [campaign]).note or "")


def test_the_cards_show_a_dash_and_say_why(whole: Snapshot) -> None:
    found, campaign = mask_gaps(whole, EVERYTHING), story().book[0]
    for counting in Counting:
        for shown_as in ShownAs:
            shown = {card.metric: card for card in cards(found, campaign, counting=counting, shown_as=shown_as)}
            assert shown["attempted"].value == "\N{EN DASH}"
            assert shown["failed"].value == "\N{EN DASH}"
            assert shown["sent"].value != "\N{EN DASH}" or shown_as is ShownAs.PERCENTAGE
            assert funnel_chart(found, counting=counting, shown_as=shown_as) is None
            errors_chart(found, counting=counting, shown_as=shown_as)
    shown = {card.metric: card for card in cards(found, campaign, counting=Counting.TOTAL, shown_as=ShownAs.NUMBER)}
    assert shown["failed"].second == "not known: the exports do not say"
    assert shown["sent"].second.startswith("share of attempted not known")
    (note,) = (note for note in notes(found, campaign) if note.label == "Not known")
    assert note.text.startswith("Attempted, failed, sent rate")
    assert note.text.endswith("failed personalizations, users removed by frequency caps, control groups.")
    assert reconciliation_line(found) == "Users in segment are not known; among them 2 sent, 3 unaccounted."
    assert "=" in reconciliation_line(whole)


EVENT = {
    "event_name": "Connector Sent",
    "event_uuid": "s1",
    "event_time": 1_772_445_600,
    "event_type": "CAMPAIGN_EVENT",
    "uid": "ann",
    "event_attributes": {"campaign_id": "spring"},
}


@pytest.fixture
def imported(tmp_path: Path) -> Workspace:
    """A workspace whose campaign `spring` has one send out of an export with gaps."""
    made = create_workspace(tmp_path / "workspace")
    goals = [{"goal_id": "purchase", "name": "Purchase", "event_name": "Purchase"}]
    book = [
        {"campaign_id": name, "name": name, "delivery_type": "one_time", "goals": goals} for name in ("fall", "spring")
    ]
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "campaigns.json").write_text(json.dumps(book))
    row = {"campaign_id": "fall", "instance_id": "1", "user_id": "bob", "occurred_at": "2026-03-02T10:00:00Z"}
    (tmp_path / "book" / "deliveries.jsonl").write_text(json.dumps({**row, "outcome": "requested", "request_id": "r1"}))
    made.import_canonical(tmp_path / "book")
    (tmp_path / "export.json").write_text(json.dumps(EVENT))
    made.import_export("moengage", [tmp_path / "export.json"])
    return made


def test_only_the_campaign_of_the_export_has_gaps_and_keeps_them(imported: Workspace, tmp_path: Path) -> None:
    fall, spring = imported.snapshots()
    assert (fall.unknown, spring.performance.attempted.total) == ((), None)
    assert {unknown.metric for unknown in spring.unknown} >= {"attempted", "failed", "frequency_capped"}
    imported.import_export("moengage", [tmp_path / "export.json"])
    imported.optimize()
    assert Workspace(imported.directory).snapshots() == (fall, spring)
    more = {"campaign_id": "spring", "instance_id": "1", "user_id": "cat", "occurred_at": "2026-03-02T10:00:00Z"}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "deliveries.jsonl").write_text(json.dumps({**more, "outcome": "requested"}))
    imported.import_canonical(tmp_path / "more")
    assert imported.snapshot("spring").unknown == spring.unknown


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("metrics", "spring"), "Attempted, failed, sent rate, failure rate"),
        (("explain", "spring", "attempted"), "Not known: the exports do not say: failed responses"),
        (("explain", "spring", "response_404"), "Not known: the exports do not say: failed responses"),
        (("explain", "spring", "frequency_capped", "--json"), '"value": null'),
        (("explain", "spring", "sent"), "1"),
        (("campaigns",), "spring"),
    ],
)
def test_the_terminal_says_what_is_not_known(command: tuple[str, ...], said: str, imported: Workspace) -> None:
    done = CliRunner().invoke(app, [*command, "-w", str(imported.directory)])
    assert done.exception is None
    assert said in " ".join(done.stdout.split())

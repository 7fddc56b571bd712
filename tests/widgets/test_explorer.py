import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from reading import (
    ask_why,
    choices,
    control,
    dialog,
    figures,
    html,
    offered,
    one,
    pick,
    picked,
    pinned,
    search,
    tell,
    text,
    visible,
)
from shop import HOSTILE

from analytics_core.domain.errors import WorkspaceError
from analytics_core.domain.words import Counting, DeliveryType, Grain, ShownAs, Status
from analytics_core.engines.local import compute_snapshots
from analytics_core.views.breakdown.buckets import TrendFigure
from analytics_core.widgets import Explorer, findings
from analytics_core.widgets.browser.parts import Combobox, Guard
from analytics_core.workspace import Workspace, create_workspace, open_workspace
from worlds.story import tiny_campaign

PINNED_AT_FIRST = ("Converted users", "Conversion rate (CVR)", "Sent", "Total campaign revenue")
FIVE = (*PINNED_AT_FIRST, "Attempted")


def test_the_first_campaign_shown_is_an_active_one(explorer: Explorer) -> None:
    assert picked(explorer) == "spring"
    assert "Spring sale" in text(explorer)


def test_the_page_names_the_app_and_its_time_zone(explorer: Explorer) -> None:
    assert "Acme <b>Shop</b> Connector campaigns All times in America/New_York" in text(explorer)


def test_picking_another_campaign_shows_its_details_and_its_numbers(explorer: Explorer) -> None:
    assert figures(explorer)["attempted"] == "5"
    pick(explorer, "evil")
    assert figures(explorer)["attempted"] == "1"
    assert "Spring sale" not in text(explorer)


def test_the_counting_switch_changes_delivery_and_nothing_else(explorer: Explorer) -> None:
    total = figures(explorer)
    choices(explorer, "Total").value = Counting.UNIQUE
    unique = figures(explorer)
    assert (unique["sent"], total["sent"]) == ("2", "3")
    assert {name for name in unique if unique[name] != total[name]} == {"attempted", "sent"}


def test_the_percentage_switch_shows_shares_where_a_metric_has_one(explorer: Explorer) -> None:
    choices(explorer, "Number").value = ShownAs.PERCENTAGE
    shown = figures(explorer)
    assert (shown["sent"], shown["failed"]) == ("60.0%", "40.0%")
    assert shown["converted_users"] == shown["conversion_rate"] == "33.3%"
    assert shown["revenue"] == "$12.50"


def test_a_screen_reader_hears_what_the_switches_say(explorer: Explorer) -> None:
    assert "Shown as numbers. Each user counts once per instance, so that sent and failed" in text(explorer)
    choices(explorer, "Total").value = Counting.UNIQUE
    assert "Each user counts once per campaign: users sent at least once" in text(explorer)


def test_the_switches_stay_when_another_campaign_is_picked(explorer: Explorer) -> None:
    choices(explorer, "Number").value = ShownAs.PERCENTAGE
    pick(explorer, "evil")
    assert figures(explorer)["sent"] == "100.0%"


def test_searching_narrows_the_offer_and_keeps_the_page(explorer: Explorer) -> None:
    page = figures(explorer)
    search(explorer, "news")
    assert offered(explorer) == ["old"]
    assert "1 of 3 campaigns" in text(explorer)
    assert figures(explorer) == page


def test_clearing_the_search_marks_the_campaign_shown_again(explorer: Explorer) -> None:
    search(explorer, "news")
    search(explorer, "")
    assert picked(explorer) == "spring"


def test_a_filter_narrows_the_offer_by_status_and_by_type(explorer: Explorer) -> None:
    control(explorer, "Status").value = Status.EXPIRED
    assert offered(explorer) == ["old"]
    control(explorer, "Status").value = None
    control(explorer, "Delivery type").value = DeliveryType.ONE_TIME
    assert offered(explorer) == ["evil"]


def test_filters_offer_only_what_some_campaign_is(explorer: Explorer) -> None:
    assert [label for label, _ in control(explorer, "Status").options] == ["Any status", "Active", "Expired"]
    assert [label for label, _ in control(explorer, "Delivery type").options] == [
        "Any delivery type",
        "One-time",
        "Periodic",
    ]


def test_an_offer_names_campaigns_as_text(explorer: Explorer) -> None:
    first, _, last = one(explorer, Combobox).options
    assert first["name"] == HOSTILE
    shown = [last["name"], *last["detail"].split("  \N{MIDDLE DOT}  ")]
    assert shown == ["Spring sale", "\N{BLACK CIRCLE} Active", "Periodic", "Growth", "sale", "spring"]


@pytest.mark.parametrize("campaign_id", ["evil", "spring"])
def test_no_name_from_data_becomes_markup_anywhere(explorer: Explorer, campaign_id: str) -> None:
    pick(explorer, campaign_id)
    page = html(explorer)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page
    assert {"evil": HOSTILE, "spring": "<img src=x onerror=alert(1)>"}[campaign_id] in text(explorer)


def test_the_info_tab_masks_secrets(explorer: Explorer) -> None:
    page = text(explorer)
    assert "Content preview" in page
    assert "hooks.example" in page
    assert "hunter2" not in page


def test_the_info_tab_tells_the_instances_in_the_apps_time_zone(explorer: Explorer) -> None:
    assert "04:00 EST" in text(explorer).partition("Timeline")[2]


def test_the_timeline_holds_what_had_begun_when_the_numbers_were_taken(explorer: Explorer) -> None:
    timeline = text(explorer).partition("Timeline")[2].partition("Scheduling")[0]
    assert all(f" {instance} " in timeline for instance in ("mon", "tue", "timeless"))
    assert " later " not in timeline


def test_goals_are_compared_where_there_are_several(explorer: Explorer) -> None:
    assert "Conversion goals performance" in text(explorer)
    pick(explorer, "evil")
    assert "Conversion goals performance" not in text(explorer)


def test_the_breakdown_of_personalization_failures_stands_where_there_are_some(explorer: Explorer) -> None:
    assert "See breakdown" in text(explorer)
    pick(explorer, "evil")
    assert "See breakdown" not in text(explorer)


def test_charts_follow_both_switches(explorer: Explorer) -> None:
    assert "users counted total" in html(explorer)
    choices(explorer, "Total").value = Counting.UNIQUE
    assert "users counted unique" in html(explorer)
    assert "users counted total" not in html(explorer)


def test_an_older_campaign_shows_the_smaller_page_in_its_own_words(explorer: Explorer) -> None:
    pick(explorer, "old")
    page = text(explorer)
    assert "Older campaign" in page
    assert all(label in page for label in ("Successfully Sent", "Success Rate", "Conversion Events"))
    assert "Campaign delivery" not in page
    assert "Conversion goals performance" not in page
    assert "uplift" not in page.lower()


def test_a_ticked_metric_stands_in_the_pinned_row_behind_the_others(explorer: Explorer) -> None:
    before = pinned(explorer)
    control(explorer, "Failed").value = True
    assert pinned(explorer) == [*before, "failed"]


def test_the_sixth_pin_is_refused_with_a_sentence_and_its_box_goes_back(explorer: Explorer) -> None:
    control(explorer, "Pin metrics").value = True
    for label in FIVE:
        control(explorer, label).value = True
    five = pinned(explorer)
    control(explorer, "Failed").value = True
    assert len(five) == 5
    assert pinned(explorer) == five
    assert control(explorer, "Failed").value is False
    assert "5 of 5 pinned At most five metrics can be pinned" in text(explorer)


def test_the_sentence_goes_when_the_next_choice_is_taken(explorer: Explorer) -> None:
    control(explorer, "Pin metrics").value = True
    for label in (*FIVE, "Failed"):
        control(explorer, label).value = True
    control(explorer, "Attempted").value = False
    assert "4 of 5 pinned" in text(explorer)
    assert "At most five" not in text(explorer)


def test_the_pin_menu_opens_and_closes(explorer: Explorer) -> None:
    assert control(explorer, "Sent") not in list(visible(explorer.box))
    control(explorer, "Pin metrics").value = True
    assert control(explorer, "Sent") in list(visible(explorer.box))
    control(explorer, "Pin metrics").value = False
    assert control(explorer, "Sent") not in list(visible(explorer.box))


def test_unpinned_metrics_hide_and_come_back(explorer: Explorer) -> None:
    every = set(figures(explorer))
    control(explorer, "Hide unpinned metrics").click()
    assert set(figures(explorer)) == set(pinned(explorer))
    control(explorer, "Show all metrics").click()
    assert set(figures(explorer)) == every


def test_without_a_pin_there_is_nothing_to_hide(explorer: Explorer) -> None:
    for label in PINNED_AT_FIRST:
        control(explorer, label).value = False
    assert pinned(explorer) == []
    assert control(explorer, "Hide unpinned metrics").disabled


def test_pins_without_a_card_on_an_older_page_hide_nothing_there_and_are_counted(explorer: Explorer) -> None:
    for label in PINNED_AT_FIRST[:-1]:
        control(explorer, label).value = False
    control(explorer, "Hide unpinned metrics").click()
    control(explorer, "Pin metrics").value = True
    pick(explorer, "old")
    assert "sent" in figures(explorer)
    assert "1 of 5 pinned, 1 of them without a card on this page" in text(explorer)


def test_pins_are_remembered_by_the_next_explorer(explore: Callable[[], Explorer]) -> None:
    control(explore(), "Failed").value = True
    assert pinned(explore())[-1] == "failed"


def test_pins_that_cannot_be_saved_apply_and_say_so(explorer: Explorer, state_home: Path) -> None:
    state_home.mkdir()
    (state_home / "connector-analytics").write_text("in the way")
    control(explorer, "Pin metrics").value = True
    control(explorer, "Failed").value = True
    assert pinned(explorer)[-1] == "failed"
    assert "could not be saved" in text(explorer)


def test_switching_computes_nothing(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def computed(*_: object) -> None:
        raise AssertionError("a switch must only show what is there")

    for name in ("snapshot", "snapshots", "tables", "campaign"):
        monkeypatch.setattr(Workspace, name, computed)
    choices(explorer, "Total").value = Counting.UNIQUE
    choices(explorer, "Number").value = ShownAs.PERCENTAGE
    assert figures(explorer)["sent"] == "50.0%"


def test_all_campaigns_are_computed_once(explore: Callable[[], Explorer], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*given: object, **options: object) -> object:
        calls.append(given)
        return compute_snapshots(*given, **options)

    monkeypatch.setattr("analytics_core.engines.local.compute_snapshots", counted)
    explorer = explore()
    for campaign_id in ("old", "evil", "spring"):
        pick(explorer, campaign_id)
    assert len(calls) == 1


def test_drawing_the_same_page_again_sends_nothing(explorer: Explorer) -> None:
    changes: list[object] = []
    for part in visible(explorer.box):
        part.observe(changes.append)
    explorer._act(lambda state: state)
    explorer._show(explorer.state)
    assert changes == []


def test_an_empty_workspace_says_what_to_do(tmp_path: Path, state_home: Path) -> None:
    del state_home
    explorer = Explorer(create_workspace(tmp_path / "empty"))
    assert "no campaigns yet" in text(explorer)
    assert "Performance stats" not in text(explorer)


def test_refresh_shows_what_was_imported_since(tmp_path: Path, state_home: Path) -> None:
    del state_home
    directory = create_workspace(tmp_path / "workspace").directory
    first = tiny_campaign("first").sent("ada")
    open_workspace(directory).import_canonical(first.write(tmp_path / "one", fmt="jsonl"))
    explorer = Explorer(open_workspace(directory))
    more = first.sent("bo", request_id="another")
    open_workspace(directory).import_canonical(more.write(tmp_path / "two", fmt="jsonl"))
    assert figures(explorer)["sent"] == "1"
    control(explorer, "Refresh").click()
    assert figures(explorer)["sent"] == "2"
    assert "Refreshed." in text(explorer)


def test_a_refresh_that_fails_says_why_and_keeps_the_page(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Workspace) -> None:
        raise WorkspaceError("workspace.toml says <something> odd")

    page = figures(explorer)
    monkeypatch.setattr(Workspace, "refresh", broken)
    control(explorer, "Refresh").click()
    assert "Not refreshed: workspace.toml says <something> odd" in text(explorer)
    assert figures(explorer) == page


def test_refresh_shows_the_settings_as_they_are_now(tmp_path: Path, state_home: Path) -> None:
    del state_home
    workspace = create_workspace(tmp_path / "workspace")
    workspace.import_canonical(tiny_campaign("first").sent("ada").write(tmp_path / "one", fmt="jsonl"))
    explorer = Explorer(workspace)
    assert "All times in UTC." in text(explorer)
    path = workspace.directory / "workspace.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"UTC"', '"Asia/Tokyo"'), encoding="utf-8")
    control(explorer, "Refresh").click()
    assert "All times in Asia/Tokyo." in text(explorer)
    assert " UTC" not in text(explorer)


def test_a_workspace_that_is_gone_is_told_and_its_page_stays(tmp_path: Path, state_home: Path) -> None:
    del state_home
    workspace = create_workspace(tmp_path / "workspace")
    workspace.import_canonical(tiny_campaign("first").sent("ada").write(tmp_path / "one", fmt="jsonl"))
    explorer = Explorer(workspace)
    shutil.rmtree(workspace.directory)
    ask_why(explorer, "sent")
    assert "is gone" in dialog(explorer).error
    control(explorer, "Refresh").click()
    assert "Not refreshed: no workspace in " in text(explorer)
    assert figures(explorer)["sent"] == "1"


def test_a_campaign_that_is_gone_after_a_refresh_makes_room_for_another(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = explorer._reader.find_workspace(explorer.state.rules).campaigns()
    left = tuple(campaign for campaign in book if campaign.campaign_id != "spring")
    monkeypatch.setattr(Workspace, "campaigns", lambda _: left)
    control(explorer, "Refresh").click()
    assert "spring is no longer in the workspace." in text(explorer)
    assert picked(explorer) == "evil"


def test_the_explorer_is_shown_as_one_widget(explorer: Explorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id


def test_importing_the_widgets_loads_neither_altair_nor_polars() -> None:
    code = "import analytics_core.widgets, sys; print({'altair', 'polars', 'deltalake', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.usefixtures("state_home")
def test_an_explorer_of_the_past_says_so(shop_workspace: Path) -> None:
    (landed,) = open_workspace(shop_workspace).imports()
    then = Explorer(open_workspace(shop_workspace, known_at=landed.at))
    assert "Known at: " in text(then)
    assert landed.at.astimezone(ZoneInfo("America/New_York")).isoformat() in text(then)


def test_facts_stand_in_one_line_and_all_of_them_behind_more(explorer: Explorer) -> None:
    assert "Periodic \N{MIDDLE DOT} spring \N{MIDDLE DOT} Growth \N{MIDDLE DOT} sale" in text(explorer)
    assert '<details class="ca-more">' in html(explorer)


def test_what_the_numbers_rest_on_stands_above_them(explorer: Explorer) -> None:
    above, _, _ = text(explorer).partition("Performance stats")
    assert "As of Tue 3 Mar 2026, 04:00 EST" in above
    assert "Matured 0.0%" in above
    assert "window 36 hours \N{MIDDLE DOT} all interactions \N{MIDDLE DOT} latest delivery" in above


def test_under_unique_users_that_are_in_both_counts_are_told(tmp_path: Path, state_home: Path) -> None:
    del state_home
    world = tiny_campaign("both").sent("ada", instance="mon").requested("ada", 404, instance="tue")
    workspace = create_workspace(tmp_path / "workspace")
    workspace.import_canonical(world.write(tmp_path / "export", fmt="jsonl"))
    explorer = Explorer(workspace)
    choices(explorer, "Total").value = Counting.UNIQUE
    assert "1 user is in both." in text(explorer)


def test_a_campaign_that_was_never_sent_is_one_box_with_the_reason(tmp_path: Path, state_home: Path) -> None:
    del state_home
    decided = {"required": True, "approvers": ["lee"], "rejected_by": "lee", "comment": "Too <b>early</b>"}
    world = (
        tiny_campaign("sent").sent("ada").with_campaign("no", name="Nothing yet", status="rejected", approval=decided)
    )
    workspace = create_workspace(tmp_path / "workspace")
    workspace.import_canonical(world.write(tmp_path / "export", fmt="jsonl"))
    explorer = Explorer(workspace)
    pick(explorer, "no")
    assert "Nothing was sent yet" in text(explorer)
    assert "Rejected by lee: \N{LEFT DOUBLE QUOTATION MARK}Too <b>early</b>" in text(explorer)
    assert figures(explorer) == {}
    pick(explorer, "sent")
    assert "Nothing was sent yet" not in text(explorer)


def test_a_search_looks_at_all_that_is_shown(explorer: Explorer) -> None:
    for query, found in (
        ("expired", ["old"]),
        ("one-time", ["evil"]),
        ("growth active", ["spring"]),
        ("SALE", ["spring"]),
    ):
        search(explorer, query)
        assert offered(explorer) == found


def test_clearing_the_filters_offers_all_again(explorer: Explorer) -> None:
    control(explorer, "Status").value = Status.EXPIRED
    search(explorer, "nothing like it")
    assert offered(explorer) == []
    tell(one(explorer, Combobox), kind="clear")
    assert len(offered(explorer)) == 3
    assert control(explorer, "Status").value is None


def test_a_pick_ends_the_search(explorer: Explorer) -> None:
    search(explorer, "news")
    pick(explorer, "old")
    assert (picked(explorer), len(offered(explorer))) == ("old", 3)


def test_trends_follow_granularity_figure_and_counting(explorer: Explorer) -> None:
    assert "Trends" in text(explorer)
    choices(explorer, "Hour").value = Grain.MONTH
    assert "Delivery by month, users counted total" in html(explorer)
    choices(explorer, "Total").value = Counting.UNIQUE
    assert "Delivery by month, users counted unique" in html(explorer)
    choices(explorer, "Delivery").value = TrendFigure.CONVERSIONS
    assert "Conversions by month" in html(explorer)
    assert "Time to convert" in html(explorer)


def test_of_many_instances_those_with_the_most_sends_stand_there_and_all_open_on_request(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Show 3 instances" not in text(explorer)
    monkeypatch.setattr(findings, "_FIRST_INSTANCES", 2)
    pick(explorer, "evil")
    pick(explorer, "spring")
    shown = text(explorer)
    assert "1 other " in shown.partition("Show 3 instances")[0].rpartition("Instances")[2]
    assert html(explorer).count('data-part="instance 2"') == html(explorer).count('data-part="instance 1"') / 2


def test_instances_stand_one_a_row_where_there_are_several(explorer: Explorer) -> None:
    assert "Instances" in text(explorer)
    pick(explorer, "evil")
    assert "Instances" not in text(explorer)


def test_nothing_of_the_campaign_before_can_be_pressed_while_another_is_drawn(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = []
    monkeypatch.setattr(findings.Findings, "show_charts", lambda *_: classes.append(explorer.box._dom_classes))
    pick(explorer, "old")
    choices(explorer, "Total").value = Counting.UNIQUE
    assert ["ca-drawing" in found for found in classes] == [True, False]
    assert "ca-drawing" not in explorer.box._dom_classes


def test_a_choice_is_answered_even_where_it_fails(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no such file")

    said: list[object] = []
    monkeypatch.setattr(Combobox, "send", lambda _, content: said.append(content))
    pick(explorer, "old")
    monkeypatch.setattr(Combobox, "show", broken)
    pick(explorer, "evil")  # ipywidgets logs what goes wrong, and goes on
    assert said == [{"kind": "picked"}] * 2


def test_a_number_of_the_campaign_before_is_not_asked_of_the_one_that_is_drawn(explorer: Explorer) -> None:
    guard = one(explorer, Guard)
    pressed = {"kind": "why", "metric": "sent", "goal": "", "part": "", "drawn": guard.drawn}
    pick(explorer, "old")
    tell(guard, **pressed)
    assert not dialog(explorer).title
    choices(explorer, "Total").value = Counting.UNIQUE
    tell(guard, **pressed | {"drawn": guard.drawn})
    assert dialog(explorer).title

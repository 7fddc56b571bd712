"""*Why this number?*: every figure of the page can be taken apart, down to a single user."""

import re

import pytest
from reading import answer, ask_why, choices, close, dialog, html, one, pick, plain

from analytics_core.domain.words import Grain, ShownAs
from analytics_core.views.breakdown.buckets import TrendFigure
from analytics_core.widgets import Explorer
from analytics_core.widgets.browser.dialog import Dialog
from seeding import some

ASKS = re.compile(r'data-why="(\w+)"(?: data-goal="(\d+)")?')
ASKS_OF = re.compile(r'data-why="(\w+)"(?: data-goal="(\d+)")?(?: data-part="(\w+ \d+)")?')


def said(explorer: Explorer) -> str:
    shown = dialog(explorer)
    return plain(shown.html + shown.after)


@pytest.fixture
def sent(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the dialog's script is told to do."""
    told: list[dict[str, str]] = []
    monkeypatch.setattr(one(explorer, Dialog), "send", told.append)
    return told


@pytest.mark.no_cover
@pytest.mark.parametrize("campaign_id", some(2, ["old", "evil", "spring"]))
def test_every_number_that_can_be_asked_about_has_an_answer(explorer: Explorer, campaign_id: str) -> None:
    pick(explorer, campaign_id)
    asked = set(ASKS_OF.findall(html(explorer)))
    assert len(asked) > 5
    for metric, goal, part in asked:
        ask_why(explorer, metric, goal, part)
        assert dialog(explorer).error == "", metric
        assert "Settings: Attribution window" in said(explorer), metric


def test_cards_goals_funnel_and_errors_can_be_asked_about(explorer: Explorer) -> None:
    asked = ASKS.findall(html(explorer))
    assert {"sent", "attempted", "revenue", "users_in_segment", "response_404", "user_attribute"} <= {
        m for m, _ in asked
    }
    assert {("converted_users", "0"), ("converted_users", "1")} <= set(asked)


def test_bars_can_be_asked_about_as_the_cells_beside_them(explorer: Explorer) -> None:
    shown = html(explorer)
    bars = set(re.findall(r'class="ca-why-bar"[^>]*data-why="(\w+)"(?: data-goal="(\d+)")?', shown))
    assert {("users_in_segment", ""), ("sent", ""), ("response_404", ""), ("conversion_events", "1")} <= bars
    assert bars <= set(ASKS.findall(shown.replace("ca-why-bar", "")))


def test_a_number_is_taken_apart_down_to_its_rows(explorer: Explorer) -> None:
    ask_why(explorer, "sent")
    page = said(explorer)
    assert "Sent: 3 in total, 2 unique" in page
    assert "These rows make 3 in total and 2 unique: the same." in page
    assert "The first 3 of 3" in page


def test_a_share_names_its_inputs_and_a_percentage_asks_about_itself(explorer: Explorer) -> None:
    ask_why(explorer, "conversion_rate")
    page = said(explorer)
    assert "Formula: " in page
    assert "Inputs" in page


def test_another_goal_is_asked_about_by_its_place(explorer: Explorer) -> None:
    ask_why(explorer, "converted_users", "1")
    assert "This is not the primary goal" in said(explorer)
    assert "<img src=x" not in dialog(explorer).html


def test_near_misses_are_told(explorer: Explorer) -> None:
    ask_why(explorer, "converted_users")
    assert "Events that almost counted" in said(explorer)


def test_a_user_is_explained_by_id_and_the_number_comes_back(explorer: Explorer) -> None:
    ask_why(explorer, "sent")
    answer(explorer, "user", user="ada")
    assert "does user 'ada' count?" in said(explorer)
    assert "Rows as logged" in said(explorer)
    answer(explorer, "back")
    assert "Sent: 3 in total" in said(explorer)


@pytest.mark.parametrize("user", ["", "nobody-of-that-id"])
def test_a_user_who_is_not_there_is_refused_with_a_sentence(explorer: Explorer, user: str) -> None:
    ask_why(explorer, "sent")
    answer(explorer, "user", user=user)
    assert dialog(explorer).error
    assert "Sent: 3 in total" in said(explorer)


def test_all_rows_are_handed_over_as_csv_and_not_kept(explorer: Explorer, sent: list[dict[str, str]]) -> None:
    ask_why(explorer, "sent")
    answer(explorer, "csv")
    (file,) = sent
    assert file["name"] == "sent.csv"
    assert len(file["text"].splitlines()) == 4
    assert "3 rows, with user ids" in dialog(explorer).told
    close(explorer)
    assert "ada" not in str(one(explorer, Dialog).sheet)


def test_the_number_is_copied_as_a_sentence(explorer: Explorer, sent: list[dict[str, str]]) -> None:
    ask_why(explorer, "sent")
    answer(explorer, "copy")
    (copied,) = sent
    assert copied["text"].startswith(
        "Spring sale (spring): Sent: 3 in total, 2 unique; as of Tue 3 Mar 2026, 04:00 EST;"
    )


def test_a_number_nobody_knows_is_refused_with_a_sentence(explorer: Explorer) -> None:
    ask_why(explorer, "made_up")
    assert "no metric 'made_up'" in dialog(explorer).error


def test_the_percentage_switch_asks_about_the_share(explorer: Explorer) -> None:
    assert 'data-why="sent_rate"' not in html(explorer)
    choices(explorer, "Number").value = ShownAs.PERCENTAGE
    assert 'data-why="sent_rate"' in html(explorer)


# --- a part of the campaign


def parts_asked(explorer: Explorer) -> set[tuple[str, str]]:
    return {(metric, part) for metric, _, part in ASKS_OF.findall(html(explorer)) if part}


def test_each_instance_and_each_row_of_a_trend_can_be_asked_about(explorer: Explorer) -> None:
    of_instances = {part for _, part in parts_asked(explorer) if part.startswith("instance")}
    assert of_instances == {"instance 0", "instance 1", "instance 2"}
    choices(explorer, "Hour").value = Grain.DAY
    assert {("sent", "day 0"), ("sent", "day 1"), ("attempted", "day 1")} <= parts_asked(explorer)
    choices(explorer, "Delivery").value = TrendFigure.CONVERSIONS
    by_day = {("conversion_events", "day 0"), ("converted_users", "day 0"), ("sent", "day 0")}
    assert by_day | {("converted_users", "sends 0"), ("conversion_rate", "sends 0")} <= parts_asked(explorer)
    choices(explorer, "Delivery").value = TrendFigure.REVENUE
    assert ("revenue", "day 0") in parts_asked(explorer)


@pytest.mark.parametrize("figure", TrendFigure)
@pytest.mark.parametrize("grain", Grain)
def test_every_row_of_every_trend_has_an_answer(explorer: Explorer, grain: Grain, figure: TrendFigure) -> None:
    choices(explorer, "Hour").value, choices(explorer, "Delivery").value = grain, figure
    asked = {(metric, part) for metric, part in parts_asked(explorer) if not part.startswith("instance")}
    assert asked
    for metric, part in asked:
        ask_why(explorer, metric, part=part)
        assert dialog(explorer).error == "", (metric, part)
        page = said(explorer)
        assert "the same." in page or "Rows behind it: 0" in page or metric == "conversion_rate", (metric, part)


def test_the_rows_are_those_of_the_instance(explorer: Explorer, sent: list[dict[str, str]]) -> None:
    ask_why(explorer, "sent", part="instance 1")
    page = said(explorer)
    assert "Only of instance tue." in page
    assert "Sent: 1 in total, 1 unique" in page
    assert "These rows make 1 in total and 1 unique: the same." in page
    answer(explorer, "csv")
    answer(explorer, "copy")
    file, copied = sent
    assert len(file["text"].splitlines()) == 2
    assert "Sent: 1 in total, 1 unique; only of instance tue; as of " in copied["text"]


def test_the_declared_size_of_an_instance_is_taken_apart(explorer: Explorer) -> None:
    ask_why(explorer, "users_in_segment", part="instance 1")
    assert "Users in segment: 5 in total, 2 unique" in said(explorer)
    assert "also includes 3 unaccounted users without a row" in said(explorer)


def test_what_failures_are_made_of_is_that_of_the_day(explorer: Explorer) -> None:
    ask_why(explorer, "failed", part="day 0")
    page = said(explorer)
    assert "Only of Mon 2 Mar 2026: deliveries by their own time, conversions by the time of the event." in page
    assert re.search(r"Failed responses\s+0\b", page)
    assert re.search(r"Personalization failed\s+1\s+1\b", page)


def test_what_came_of_a_day_s_sends_is_taken_apart(explorer: Explorer) -> None:
    ask_why(explorer, "conversion_rate", part="sends 0")
    page = said(explorer)
    assert "Only of what was sent on Mon 2 Mar 2026, and of what came of that, whenever it came." in page
    assert "50.0%" in page


def test_a_user_is_explained_in_the_whole_campaign_only(explorer: Explorer) -> None:
    ask_why(explorer, "sent", part="day 0")
    assert dialog(explorer).fields == ()
    assert [choice.name for choice in dialog(explorer).choices] == ["copy", "csv", "close"]


@pytest.mark.parametrize(
    "part", ["day 99", "instance -1", "instance", "fortnight 0", "<b>", "sends \N{SUPERSCRIPT TWO}"]
)
def test_a_part_that_no_table_has_is_not_asked_about(explorer: Explorer, part: str) -> None:
    ask_why(explorer, "sent", part=part)
    assert dialog(explorer).title == ""


def test_what_is_told_of_campaigns_only_is_refused_with_a_sentence(explorer: Explorer) -> None:
    ask_why(explorer, "uplift", part="day 0")
    assert dialog(explorer).error == "uplift is told of the campaign, not of a part of it"


def test_tab_leads_to_the_first_row_of_a_table_of_parts_and_arrows_to_the_others(explorer: Explorer) -> None:
    found = set(re.findall(r'data-part="instance (\d+)"( tabindex="-1")?', html(explorer)))
    assert found == {("0", ""), ("1", ' tabindex="-1"'), ("2", ' tabindex="-1"')}

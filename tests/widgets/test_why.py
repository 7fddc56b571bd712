"""*Why this number?*: every figure of the page can be taken apart, down to a single user."""

import re

import pytest
from reading import answer, ask_why, choices, close, dialog, html, one, pick, plain

from analytics_core.domain.words import ShownAs
from analytics_core.widgets import Explorer
from analytics_core.widgets.browser.dialog import Dialog

ASKS = re.compile(r'data-why="(\w+)"(?: data-goal="(\d+)")?')


def said(explorer: Explorer) -> str:
    shown = dialog(explorer)
    return plain(shown.html + shown.after)


@pytest.fixture
def sent(explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the dialog's script is told to do."""
    told: list[dict[str, str]] = []
    monkeypatch.setattr(one(explorer, Dialog), "send", told.append)
    return told


@pytest.mark.parametrize("campaign_id", ["spring", "old", "evil"])
def test_every_number_that_can_be_asked_about_has_an_answer(explorer: Explorer, campaign_id: str) -> None:
    pick(explorer, campaign_id)
    asked = set(ASKS.findall(html(explorer)))
    assert len(asked) > 5
    for metric, goal in asked:
        ask_why(explorer, metric, goal)
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

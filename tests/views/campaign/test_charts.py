"""The charts: the numbers of the Snapshot, drawn offline to images that cannot do anything."""

import re
from itertools import pairwise, product
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from analytics_core.domain.words import Counting, ShownAs
from analytics_core.snapshot.snapshot import ErrorCount, FunnelStage
from analytics_core.views.campaign import charts
from analytics_core.views.campaign.charts import errors_chart, funnel_chart, goals_chart
from analytics_core.views.forms import theme
from analytics_core.views.forms.pieces import Chart
from views.snapshots import (
    HOSTILE,
    LONE_SURROGATE,
    LONG,
    empty_snapshot,
    goal,
    legacy_snapshot,
    second_goal,
    snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TOTAL, NUMBER, PERCENTAGE = Counting.TOTAL, ShownAs.NUMBER, ShownAs.PERCENTAGE
SVG = "{http://www.w3.org/2000/svg}"


def texts(chart: Chart | None) -> list[str]:
    """Every text in the picture, in order; the picture holds drawing elements only."""
    assert chart is not None
    elements = list(ET.fromstring(chart.svg).iter())  # noqa: S314 - drawn by ourselves a moment ago
    allowed = {"svg", "g", "path", "text", "line", "rect", "style", "defs", "clipPath"}
    assert {element.tag.removeprefix(SVG) for element in elements} <= allowed
    assert not [name for element in elements for name in element.attrib if name.startswith("on") or "href" in name]
    return [element.text or "" for element in elements if element.tag == f"{SVG}text"]


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What is drawn, as validated Vega-Lite, instead of drawing it."""
    made: list[dict[str, object]] = []

    def keep(chart: dict[str, object]) -> str:
        made.append(theme.alt.LayerChart.from_dict(chart).to_dict(validate=True))
        return '<svg width="100" height="100"><g fill="none" transform="translate(6,4)"/></svg>'

    monkeypatch.setattr(charts, "svg_of", keep)
    return made


def test_the_funnel_is_drawn_stage_by_stage_with_the_share_of_the_first() -> None:
    made = texts(funnel_chart(snapshot(), counting=TOTAL, shown_as=NUMBER))
    for said in ("Users in segment", "Sent", "12,500 (100.0%)", "8,000 (64.0%)", "Users (total)"):
        assert said in made


def test_the_switches_change_numbers_and_axis_of_the_funnel() -> None:
    made = texts(funnel_chart(snapshot(), counting=Counting.UNIQUE, shown_as=PERCENTAGE))
    for said in ("72.2% (6,500)", "Share of users in segment (unique)", "100%"):
        assert said in made


def test_the_words_beside_a_chart_tell_the_same_numbers() -> None:
    chart = funnel_chart(snapshot(), counting=TOTAL, shown_as=NUMBER)
    assert chart is not None
    assert chart.alt == (
        "Delivery funnel, users counted total: Users in segment 12,500 (100.0%);"
        " After frequency-cap removal 10,000 (80.0%); After personalization removal 9,500 (76.0%);"
        " Sent 8,000 (64.0%)."
    )


def test_errors_are_drawn_with_what_counts_as_failed_told_apart_by_outline() -> None:
    chart = errors_chart(snapshot(), counting=TOTAL, shown_as=NUMBER)
    made = texts(chart)
    for said in ("Counts as failed", "Removed, not failed", "Response 404 (Not Found)", "1,000 (8.0%)"):
        assert said in made
    assert chart is not None
    drawn = chart.svg.partition("</style>")[2]
    assert drawn.count('stroke="#5b6775"') == 4, "three bars and the legend"


@pytest.mark.parametrize("shown_as", list(ShownAs))
def test_where_the_unique_segment_is_not_known_errors_have_no_share(shown_as: ShownAs) -> None:
    made = texts(errors_chart(legacy_snapshot(), counting=Counting.UNIQUE, shown_as=shown_as))
    assert "900" in made
    assert not [text for text in made if "%" in text]
    assert "1,000 (8.0%)" in texts(errors_chart(legacy_snapshot(), counting=TOTAL, shown_as=NUMBER))


def test_only_the_ten_most_frequent_errors_are_drawn(specs: list[dict[str, object]]) -> None:
    many = tuple(ErrorCount(f"response_{code}", 1, 1) for code in range(400, 430))
    chart = errors_chart(snapshot(errors=many), counting=TOTAL, shown_as=NUMBER)
    assert chart is not None
    assert len(specs) == 1
    assert chart.alt.count("Response ") == 10
    assert chart.alt.startswith("Error breakdown, users counted total, the 10 most frequent: ")
    nobody = (ErrorCount("response_404", 0, 0),)
    assert errors_chart(snapshot(errors=nobody), counting=TOTAL, shown_as=NUMBER) is None


def test_goals_are_compared_by_both_counts_or_by_their_rates() -> None:
    numbers = texts(goals_chart(snapshot(), shown_as=NUMBER))
    for said in ("(P) Purchase", "Newsletter sign-up", "300 total", "240 unique", "Total conversions", "700 total"):
        assert said in numbers
    rates = texts(goals_chart(snapshot(), shown_as=PERCENTAGE))
    for said in ("3.0%", "8.0%", "Share of sent (total)"):
        assert said in rates


@pytest.mark.parametrize(("counting", "shown_as"), list(product(Counting, ShownAs)))
def test_where_there_is_nothing_to_draw_there_is_no_chart(counting: Counting, shown_as: ShownAs) -> None:
    empty = empty_snapshot()
    assert funnel_chart(empty, counting=counting, shown_as=shown_as) is None
    assert funnel_chart(legacy_snapshot(), counting=counting, shown_as=shown_as) is None
    assert errors_chart(empty, counting=counting, shown_as=shown_as) is None
    assert goals_chart(empty, shown_as=shown_as) is None


@pytest.mark.long
def test_every_chart_is_valid_in_every_state(specs: list[dict[str, object]]) -> None:
    for counting, shown_as in product(Counting, ShownAs):
        drawn: tuple[Callable[..., Chart | None], ...] = (funnel_chart, errors_chart)
        for made in (snapshot(), legacy_snapshot()):
            for draw in drawn:
                draw(made, counting=counting, shown_as=shown_as)
            goals_chart(made, shown_as=shown_as)
    assert len(specs) == 20


def test_long_names_are_cut_and_stay_apart() -> None:
    goals = (goal(name=LONG), second_goal(name=LONG), second_goal(name=f"{LONG}!", goal_id="third"))
    chart = goals_chart(snapshot(goals=goals), shown_as=PERCENTAGE)
    made = [text for text in texts(chart) if text.startswith(("spring", "(P) spring"))]
    assert len(made) == 3
    assert all(len(text) <= 44 for text in made)


def test_two_goals_of_the_same_name_stay_two_bars() -> None:
    goals = (goal(name="Purchase", is_primary=True), second_goal(name="Buy"), second_goal(name="Buy", goal_id="third"))
    made = texts(goals_chart(snapshot(goals=goals), shown_as=PERCENTAGE))
    assert made.count("Buy") == 2
    assert made.count("8.0%") == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_ever_text(name: str) -> None:
    made = snapshot(
        goals=(goal(name=name), second_goal(name=f"{name}{LONE_SURROGATE}")),
        errors=(ErrorCount(f"response_{name}", 5, 5),),
    )
    texts(goals_chart(made, shown_as=NUMBER))
    chart = errors_chart(made, counting=TOTAL, shown_as=PERCENTAGE)
    texts(chart)
    assert chart is not None
    assert chart.data_uri.startswith("data:image/svg+xml;base64,")


def test_the_same_numbers_make_the_same_picture() -> None:
    first = errors_chart(snapshot(), counting=TOTAL, shown_as=NUMBER)
    assert first == errors_chart(snapshot(), counting=TOTAL, shown_as=NUMBER)


def test_ink_and_lines_follow_a_dark_page() -> None:
    chart = funnel_chart(snapshot(), counting=TOTAL, shown_as=NUMBER)
    assert chart is not None
    style = re.search(r"<style>(.*?)</style>", chart.svg)
    assert style is not None
    assert style[1].startswith("@media screen and (prefers-color-scheme:dark)")
    drawn = set(re.findall(r'(?:fill|stroke)="(#[0-9a-fA-F]{6})"', chart.svg.replace(style[0], "")))
    followed = set(re.findall(r'\[fill="(#\w+)"\]', style[1]))
    assert drawn <= followed


def test_the_theme_is_the_only_one_and_uses_colours_anyone_can_tell_apart() -> None:
    assert theme.alt.theme.active == theme.NAME
    assert theme.theme()["config"]["range"] == {"category": list(theme.OKABE_ITO)}
    assert len(set(theme.OKABE_ITO)) == 6


@pytest.mark.parametrize("number", [1, 2, 3, 7, 12, 999, 12345, 123456, 10_000_000])
@pytest.mark.parametrize("shown_as", list(ShownAs))
def test_charts_of_small_and_large_numbers_have_sensible_axes(number: int, shown_as: ShownAs) -> None:
    first = FunnelStage("users_in_segment", 20_000_000, 20_000_000, 1.0)
    made = snapshot(funnel=(first,), errors=(ErrorCount("response_404", number, number),))
    axis = [
        text
        for text in texts(errors_chart(made, counting=TOTAL, shown_as=shown_as))
        if re.match(r"[\d.,]+[kM%]?$", text)
    ]
    assert len(axis) == len(set(axis)), "an axis repeats a tick"
    assert 2 <= len(axis) <= 6


def test_each_bar_says_where_it_stands_and_whose_figure_it_is() -> None:
    shown = snapshot()
    chart = funnel_chart(shown, counting=TOTAL, shown_as=NUMBER)
    assert chart is not None
    assert [bar.asks for bar in chart.bars] == [stage.stage for stage in shown.funnel]
    tops = [bar.top for bar in chart.bars]
    assert tops == sorted(tops)
    assert all(before.top + before.height <= after.top + 1e-9 for before, after in pairwise(chart.bars))
    assert chart.bars[-1].top + chart.bars[-1].height < 1


def test_two_bars_of_a_goal_ask_for_events_and_for_users_of_that_goal() -> None:
    chart = goals_chart(snapshot(goals=(goal(), second_goal())), shown_as=NUMBER)
    assert chart is not None
    asked = {(bar.asks, bar.goal) for bar in chart.bars}
    assert asked == {(name, place) for name in ("conversion_events", "converted_users") for place in (0, 1)}
    in_order = sorted(chart.bars, key=lambda bar: bar.top)
    assert [bar.goal for bar in in_order] == [0, 0, 1, 1]
    assert all(before.top + before.height <= after.top + 1e-9 for before, after in pairwise(in_order))

"""Trends: what is drawn and listed over time, and that both say the same."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from analytics_core.domain.words import Counting, Grain
from analytics_core.snapshot.snapshot import Counts, Period, TrendBucket, Trends, Unknown
from analytics_core.views.breakdown import time_to_convert, trend_charts
from analytics_core.views.breakdown.buckets import TrendFigure, choose_grain, list_ticks, place_buckets
from analytics_core.views.breakdown.time_to_convert import time_to_convert_chart
from analytics_core.views.breakdown.trend_charts import WIDTH, trend_chart
from analytics_core.views.breakdown.trend_tables import time_to_convert_table, trend_overview, trend_table
from analytics_core.views.forms import theme
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.pieces import Chart
from analytics_core.views.forms.svg import plot_in
from analytics_core.views.forms.table import Table
from views.breakdown.overtime import DAYS, HOURS, TRENDS, bucket, day, over_time
from views.snapshots import HOSTILE, empty_snapshot, goal

DELIVERY, CONVERSIONS, REVENUE = TrendFigure


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def texts(chart: Chart | None) -> list[str]:
    assert chart is not None
    return [element.text or "" for element in ET.fromstring(chart.svg).iter() if element.tag.endswith("text")]  # noqa: S314 - drawn by ourselves a moment ago


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is drawn, as validated Vega-Lite, instead of drawing it."""
    made: list[dict[str, Any]] = []

    def keep(chart: dict[str, Any]) -> str:
        made.append(theme.alt.LayerChart.from_dict(chart).to_dict(validate=True))
        return '<svg width="9" height="9"><g fill="none" transform="translate(1,1)"></g></svg>'

    for module in (trend_charts, time_to_convert):
        monkeypatch.setattr(module, "svg_of", keep)
    return made


def test_a_table_has_a_row_per_day_and_the_campaigns_total() -> None:
    table = trend_table(over_time(), Grain.DAY, DELIVERY)
    assert [column.label for column in table.columns][:3] == ["Day", "Attempted, total", "Attempted, unique"]
    assert cells(table)[0] == ("Mon 2 Mar 2026", "110", "105", "100", "100", "10", "10")
    assert cells(table)[-1] == ("Campaign", "10,000", "", "8,000", "", "2,000", "")
    assert table.note is not None
    assert "do not add up" in table.note


def test_what_came_of_a_days_sends_stands_beside_what_happened_on_it() -> None:
    rows = cells(trend_table(over_time(), Grain.DAY, CONVERSIONS))
    assert rows[0] == ("Mon 2 Mar 2026", "11", "10", "100", "10", "10.0%")
    assert rows[2] == ("Thu 5 Mar 2026", "5", "4", "40", "\N{EN DASH}", "\N{EN DASH}")
    assert rows[-1] == ("Campaign", "300", "", "8,000", "240", "3.0%")
    assert len(trend_table(over_time(), Grain.WEEK, CONVERSIONS).columns) == 3


def test_revenue_is_listed_where_there_is_any() -> None:
    assert cells(trend_table(over_time(), Grain.DAY, REVENUE))[0] == ("Mon 2 Mar 2026", "$100.00")
    without = replace(TRENDS, day=tuple(replace(one, revenue=None) for one in DAYS))
    table = trend_table(over_time(trends=without), Grain.DAY, REVENUE)
    assert (table.rows, table.note) == ((), "The primary goal has no revenue attribute.")


def test_hours_that_are_left_out_are_counted_and_there_is_no_total() -> None:
    table = trend_table(over_time(), Grain.HOUR, DELIVERY)
    assert table.note is not None
    assert "7 earlier hours not listed." in table.note
    assert [row[0] for row in cells(table)][:2] == ["Sun 8 Mar 2026, 01:00 EST", "Sun 8 Mar 2026, 03:00 EDT"]
    assert "Campaign" not in [row[0] for row in cells(table)]


@pytest.mark.parametrize(
    ("grain", "partial"),
    [
        (Grain.DAY, [False, False, False, True]),
        (Grain.WEEK, [False, True]),
        (Grain.MONTH, [True]),
        (Grain.HOUR, [False, False, True]),
    ],
)
def test_the_bucket_that_the_last_row_lies_in_is_incomplete(grain: Grain, partial: list[bool]) -> None:
    assert [one.is_partial for one in place_buckets(over_time(), grain)] == partial


def test_what_a_period_leaves_out_makes_a_bucket_incomplete() -> None:
    made = over_time(as_of=datetime(2026, 6, 1, tzinfo=UTC), period=Period(date(2026, 3, 3), date(2026, 3, 31)))
    assert [one.is_partial for one in place_buckets(made, Grain.WEEK)] == [True, True]
    assert [one.is_partial for one in place_buckets(made, Grain.DAY)][1:] == [False, False, False]


def test_an_incomplete_bar_is_hatched_and_says_so_in_words() -> None:
    chart = trend_chart(over_time(), Grain.DAY, DELIVERY)
    assert chart is not None
    assert chart.svg.count('fill="url(#hatch-0072B2)"') == 1
    assert 'id="hatch-0072B2"' in chart.svg
    assert chart.alt == (
        "Delivery by day, users counted total: Mon 2 Mar 2026 100 sent, 10 failed; Tue 3 Mar 2026 200 sent, 20 failed;"
        " Thu 5 Mar 2026 40 sent, 4 failed; Mon 30 Mar 2026 (incomplete) 60 sent, 6 failed."
    )
    complete = trend_chart(over_time(as_of=datetime(2026, 6, 1, tzinfo=UTC)), Grain.DAY, DELIVERY)
    assert complete is not None
    assert "hatch" not in complete.svg


def test_days_without_anything_keep_their_room() -> None:
    assert [(one.start, one.end) for one in place_buckets(over_time(), Grain.DAY)] == [(0, 1), (1, 2), (3, 4), (28, 29)]
    assert [one.start for one in place_buckets(over_time(), Grain.HOUR)] == [0, 1, 540]


def test_unique_bars_add_up_to_the_users_attempted(specs: list[dict[str, Any]]) -> None:
    trend_chart(over_time(), Grain.DAY, DELIVERY, counting=Counting.UNIQUE)
    failed = next(layer for layer in specs[0]["layer"] if layer["data"]["values"][0]["kind"] == "Failed only")
    assert [(bar["low"], bar["high"]) for bar in failed["data"]["values"]] == [(100, 105), (200, 210), (40, 42)]


def test_each_bar_stands_where_it_is_drawn_and_asks_for_its_bucket() -> None:
    chart = trend_chart(over_time(), Grain.DAY, REVENUE)
    assert chart is not None
    plot = plot_in(chart.svg)
    filled = r'd="M([\d.]+),[\d.]+h([\d.]+)v[^"]+" fill="[^"]+" stroke="#009E73"'
    drawn = [(float(x), float(width)) for x, width in re.findall(filled, chart.svg)]
    assert [(bar.asks, bar.part) for bar in chart.bars] == [("revenue", f"day {place}") for place in range(4)]
    for bar, (x, width) in zip(chart.bars, drawn, strict=True):
        left = bar.left * plot.width - plot.left
        assert left < x < x + width < left + bar.width * plot.width < WIDTH + 1
        assert 0 < bar.top < bar.top + bar.height < 1
    assert chart.bars[0].text == "Mon 2 Mar 2026 $100.00"


def test_what_has_no_bar_is_not_asked_about_and_what_only_failed_asks_for_that() -> None:
    only = replace(DAYS[0], sent=Counts(0, 0), attempted=Counts(5, 5), failed=Counts(5, 5))
    chart = trend_chart(over_time(trends=Trends(day=(only, *DAYS[1:]))), Grain.DAY, DELIVERY)
    assert chart is not None
    assert [bar.asks for bar in chart.bars] == ["failed", "sent", "sent", "sent"]
    chart = trend_chart(over_time(trends=Trends(day=(replace(DAYS[0], revenue=None), *DAYS[1:]))), Grain.DAY, REVENUE)
    assert chart is not None
    assert [bar.part for bar in chart.bars] == ["day 1", "day 2", "day 3"]


def test_bars_too_narrow_to_be_pressed_are_left_to_the_table() -> None:
    chart = trend_chart(over_time(), Grain.HOUR, DELIVERY)
    assert chart is not None
    assert chart.bars == ()


@pytest.mark.long
def test_every_trend_is_valid_vega_lite(specs: list[dict[str, Any]]) -> None:
    for grain in Grain:
        for figure in TrendFigure:
            assert trend_chart(over_time(), grain, figure) is not None
    assert time_to_convert_chart(over_time()) is not None
    assert len(specs) == 13


def test_refunds_are_drawn_below_the_line() -> None:
    refunds = Trends(day=(replace(DAYS[0], revenue=-DAYS[0].revenue), *DAYS[1:]))  # type: ignore[operator]
    chart = trend_chart(over_time(trends=refunds), Grain.DAY, REVENUE)
    assert "\N{MINUS SIGN}100" in texts(chart)
    assert "200" in texts(chart)


def test_where_attempted_is_not_known_only_what_was_sent_is_drawn() -> None:
    gaps = tuple(replace(one, attempted=Unknown(), failed=Unknown()) for one in DAYS)
    chart = trend_chart(over_time(trends=Trends(day=gaps)), Grain.DAY, DELIVERY)
    assert "Sent" in texts(chart)
    assert "Failed" not in texts(chart)
    assert cells(trend_table(over_time(trends=Trends(day=gaps)), Grain.DAY, DELIVERY))[0][1] == "\N{EN DASH}"


@pytest.mark.parametrize("figure", list(TrendFigure))
def test_without_rows_there_is_nothing_to_draw_or_list(figure: TrendFigure) -> None:
    assert trend_chart(empty_snapshot(), Grain.DAY, figure) is None
    assert trend_table(empty_snapshot(), Grain.DAY, figure).rows == ()
    assert list_ticks((), Grain.DAY) == ()
    assert choose_grain(empty_snapshot()) is Grain.DAY


def test_the_grain_is_the_shortest_that_leaves_few_bars() -> None:
    assert choose_grain(over_time()) is Grain.DAY
    assert choose_grain(over_time(trends=replace(TRENDS, hour=HOURS[:2], hours_omitted=0))) is Grain.HOUR
    long = (*DAYS, day_of(6, 2))
    weeks = (bucket("2026-03-02", DAYS[0].starts_at, 1), bucket("2026-06-01", DAYS[0].starts_at, 1))
    assert choose_grain(over_time(trends=Trends(day=long, week=weeks))) is Grain.WEEK
    years = (weeks[0], bucket("2028-06-05", DAYS[0].starts_at, 1))
    assert choose_grain(
        over_time(trends=Trends(day=(DAYS[0], bucket("2028-06-06", DAYS[0].starts_at, 1)), week=years))
    ) is (Grain.MONTH)


def day_of(month: int, number: int) -> TrendBucket:
    return bucket(f"2026-{month:02}-{number:02}", datetime(2026, month, number, 4, tzinfo=UTC), 10)


@pytest.mark.parametrize("grain", list(Grain))
def test_the_axis_has_few_names_and_the_year_once(grain: Grain) -> None:
    ticks = list_ticks(place_buckets(over_time(), grain), grain)
    assert 1 <= len(ticks) <= 9
    assert sum("2026" in tick.label for tick in ticks) == (grain is not Grain.HOUR)
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_the_curve_says_within_which_time_conversions_came() -> None:
    chart = time_to_convert_chart(over_time())
    assert chart is not None
    assert "half within 1 h" in texts(chart)
    assert "75.0% of conversions within 2 h" in chart.alt
    assert cells(time_to_convert_table(over_time())) == [("(P) Purchase", "1 h", "2 h", "4 h", "10 h")]
    assert time_to_convert_chart(empty_snapshot()) is None
    assert time_to_convert_table(empty_snapshot()).rows == ()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_currency_or_goal_is_only_ever_text(name: str) -> None:
    made = over_time(goals=(goal(name=name, currency=name, time_to_convert=over_time().goals[0].time_to_convert),))
    chart = trend_chart(made, Grain.DAY, REVENUE)
    assert chart is not None
    allowed = {"svg", "g", "path", "text", "line", "rect", "style", "defs", "pattern", "clipPath"}
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(chart.svg).iter()}  # noqa: S314 - as above
    assert tags <= allowed
    assert not re.search(r"\son\w+=", chart.svg)
    assert texts(time_to_convert_chart(made))


# --- side by side, for a terminal


def test_the_overview_has_delivery_conversions_and_revenue_of_each_bucket() -> None:
    table = trend_overview(over_time(), 31)
    assert table.title == "Trend by day"
    heads = ["Day", "Attempted", "Sent", "Failed", "Conversion events", "Converted users", "Revenue"]
    assert [column.label for column in table.columns] == heads
    assert cells(table)[0] == ("Mon 2 Mar 2026", "110", "100", "10", "11", "10", "$100.00")
    assert cells(table)[-2] == ("Mon 30 Mar 2026 (incomplete)", "66", "60", "6", "7", "6", "$60.00")
    assert cells(table)[-1] == ("Campaign", "10,000", "8,000", "2,000", "300", "", "$12,345.60")
    assert table.note is not None
    assert "Incomplete: rows of it are still to come" in table.note


def test_the_overview_has_longer_buckets_where_there_would_be_many_and_sums_up_the_first() -> None:
    assert [trend_overview(over_time(), most).title for most in (29, 28, 5, 4)] == [
        "Trend by day",
        "Trend by week",
        "Trend by week",
        "Trend by month",
    ]
    months = tuple(bucket(f"2026-{month:02}", datetime(2026, month, 1, 5, tzinfo=UTC), 100) for month in (1, 2, 3))
    made = over_time(trends=Trends(day=(day(1, 1), *DAYS), week=(day(1, 1), *DAYS), month=months))
    table = trend_overview(made, 1)
    assert cells(table)[0] == ("2 earlier months", "220", "200", "20", "22", "", "$200.00")
    assert cells(table)[1][0] == "Mar 2026 (incomplete)"
    assert table.note is not None
    assert "Earlier months are summed up." in table.note


def test_what_a_bucket_does_not_know_the_overview_does_not_either() -> None:
    unknown = replace(DAYS[0], attempted=Unknown(), failed=Unknown())
    table = trend_overview(over_time(trends=Trends(day=(unknown, DAYS[1])), goals=(goal(revenue=None),)), 31)
    assert cells(table)[0] == ("Mon 2 Mar 2026", "\N{EN DASH}", "100", "\N{EN DASH}", "11", "10")


@pytest.mark.parametrize("width", [80, 120])
def test_the_overview_fits_a_terminal_and_names_what_it_leaves_out(width: int) -> None:
    text = fit_text(trend_overview(over_time(), 5), width)
    assert max(map(len, text.splitlines())) <= width
    assert "Week of Mon 30 Mar 2026 (incomplete)" in text
    assert ("Not shown at this width: Failed, Attempted." in " ".join(text.split())) == (width == 80)


# --- what can be asked about


def test_each_figure_of_a_bucket_can_be_asked_about_and_so_can_the_total() -> None:
    rows = trend_table(over_time(), Grain.DAY, DELIVERY).rows
    assert rows[1].asks == ("", "attempted", "attempted", "sent", "sent", "failed", "failed")
    assert set(rows[1].parts) == {"day 1"}
    assert (rows[-1].asks, rows[-1].parts) == (("", "attempted", "", "sent", "", "failed", ""), ())


def test_what_came_of_a_day_s_sends_asks_about_these_where_there_are_any() -> None:
    rows = trend_table(over_time(), Grain.DAY, CONVERSIONS).rows
    events = ("", "conversion_events", "converted_users", "sent")
    assert rows[1].asks == (*events, "converted_users", "conversion_rate")
    assert rows[1].parts[3:] == ("day 1", "sends 1", "sends 1")
    assert rows[2].asks == (*events, "", "")
    assert trend_table(over_time(), Grain.WEEK, CONVERSIONS).rows[1].parts == ("week 1",) * 3
    assert trend_table(over_time(), Grain.WEEK, REVENUE).rows[1].parts == ("", "week 1")

"""Tables as wide as a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from analytics_core.domain.words import Verdict
from analytics_core.snapshot.comparison import GoalUplift
from analytics_core.views.campaign.tables import goals_table, portfolio_table
from analytics_core.views.campaign.uplift_tables import uplift_details, uplift_table
from analytics_core.views.forms.fitting import fit_text
from analytics_core.views.forms.table import Column, Row, RowKind, Table, columns, table_text
from views.snapshots import LONG, arm, campaign, ended, goal, second_goal, snapshot

BOOK = {"spring-sale": campaign()}


def table(name: str = "Purchase") -> Table:
    return Table(
        title="Figures",
        columns=columns("Goal", "Converted users", "Verdict", "Revenue", texts=["Verdict"]),
        rows=(Row((name, "1,234", "too few to tell", "$12,345.60")), Row(("part", "4", "", ""), RowKind.DETAIL)),
        note="A sentence below the table that is longer than a narrow terminal is wide.",
        droppable=("Revenue", "Converted users"),
    )


def lines(text: str) -> list[str]:
    return text.splitlines()


def widest(text: str) -> int:
    return max(map(cell_len, lines(text)))


def test_a_terminal_without_an_end_has_every_column_on_one_line() -> None:
    assert fit_text(table(), None) == table_text(table())


def test_headings_break_where_the_room_is_short() -> None:
    assert fit_text(table(), 56).splitlines()[:2] == [
        "Figures",
        "Goal      Converted users  Verdict             Revenue",
    ]
    assert fit_text(table(), 50) == (
        "Figures\n"
        "          Converted\n"
        "Goal          users  Verdict             Revenue\n"
        "────────  ─────────  ───────────────  ──────────\n"
        "Purchase      1,234  too few to tell  $12,345.60\n"
        "→ part            4\n"
        "A sentence below the table that is longer than a\n"
        "narrow terminal is wide.\n"
    )


def test_columns_drop_by_importance_and_the_text_says_so() -> None:
    text = fit_text(table(), 40)
    assert "Revenue" not in lines(text)[1] + lines(text)[2]
    assert "Converted" in text
    assert text.endswith("Not shown at this width: Revenue.\n")
    assert fit_text(table(), 30).replace("\n", " ").endswith("Not shown at this width: Converted users, Revenue. ")
    assert widest(fit_text(table(), 30)) <= 30


def test_long_names_are_cut_before_a_column_drops_and_verdicts_never() -> None:
    text = fit_text(table(LONG), 50)
    assert widest(text) == 50
    assert "$12,345.60" in text
    assert "too few to tell" in text
    assert "springspr\N{HORIZONTAL ELLIPSIS}" in text


def test_wide_characters_are_cut_by_the_columns_they_take() -> None:
    assert widest(fit_text(table("商品" * 20), 60)) <= 60


@given(st.text(max_size=80), st.integers(min_value=40, max_value=160))
def test_a_table_is_never_wider_than_its_terminal(name: str, width: int) -> None:
    assert widest(fit_text(table(name), width)) <= width


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_tables_of_a_campaign_fit_a_terminal(width: int) -> None:
    both = GoalUplift(campaign=arm(), global_=arm(verdict=Verdict.TOO_FEW))
    made = snapshot(goals=(goal(name=LONG, uplift=both), second_goal(uplift=both)))
    shown = [
        uplift_table(made, ended()),
        *uplift_details(made, ended()),
        *uplift_details(made, campaign()),
        goals_table(made, ended()),
        portfolio_table([made], BOOK),
    ]
    for one in shown:
        assert widest(fit_text(one, width)) <= width, one.title


def test_both_control_groups_stay_apart_on_a_narrow_terminal() -> None:
    both = snapshot(goals=(goal(uplift=GoalUplift(campaign=arm(), global_=arm())), second_goal()))
    narrow = fit_text(uplift_table(both, ended()), 80)
    assert "Campaign" in narrow
    assert "Global" in narrow
    assert "Control group" not in fit_text(uplift_table(snapshot(), ended()), 80)


def test_what_tells_rows_apart_is_cut_last() -> None:
    ids = [f"event_triggered-{name}" for name in ("sending", "sent", "stopped")]
    heads = (Column("Campaign"), Column("ID", is_key=True), Column("Revenue"), Column("Team"))
    rows = tuple(Row(("A name as long as this one is", one, "1", "A team with a long name too")) for one in ids)
    shown = fit_text(Table("T", heads, rows, droppable=("Team",)), 60)
    assert all(one in shown for one in ids)
    assert max(map(len, shown.splitlines())) <= 60

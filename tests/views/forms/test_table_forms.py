"""Tables as plain text."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from analytics_core.views.forms.table import Align, Column, Row, RowKind, Table, table_text
from analytics_core.views.forms.texts import cut, one_line, printable, unbroken, wrap
from views.snapshots import CONTROL, LONE_SURROGATE, LONG, RIGHT_TO_LEFT

MINUS = "\N{MINUS SIGN}"


def table(*rows: tuple[str, ...]) -> Table:
    columns = (Column("Name"), Column("Number", Align.RIGHT))
    return Table("A table", columns, tuple(Row(cells) for cells in rows), "A note.")


def test_plain_text_aligns_figures_right_and_marks_details() -> None:
    made = Table(
        "Funnel",
        (Column("Stage"), Column("Total", Align.RIGHT)),
        (Row(("Sent", "1,000")), Row(("Failed", "7"), RowKind.DETAIL)),
    )
    assert table_text(made) == "Funnel\nStage     Total\n────────  ─────\nSent      1,000\n→ Failed      7\n"


def test_plain_text_keeps_hostile_names_on_one_short_line() -> None:
    text = table_text(
        table((LONG, "1"), (CONTROL + LONE_SURROGATE, "2"), ("two\nlines\x1b[2J", "3"), (RIGHT_TO_LEFT, "4"))
    )
    assert all(len(line) <= 70 for line in text.splitlines())
    assert len(text.splitlines()) == 8
    assert not any(character in text for character in "\x00\x1b\ud800\u202e")


def test_wide_characters_take_two_columns() -> None:
    lines = table_text(table(("商品", "1"), ("abcd", "2"))).splitlines()
    assert lines[3] == "商品       1"
    assert lines[4] == "abcd       2"


@given(st.text())
def test_printable_text_can_always_be_written(text: str) -> None:
    made = printable(text)
    assert made.encode("utf-8").decode("utf-8") == made
    assert printable(made) == made
    assert "\n" not in one_line(text)


@given(st.text(max_size=50), st.integers(min_value=2, max_value=30))
def test_cut_text_is_never_longer_than_asked(text: str, length: int) -> None:
    made = cut(text, length)
    assert len(made) <= length
    assert made == one_line(text) or made.endswith("\N{HORIZONTAL ELLIPSIS}")


def test_a_figure_stays_on_one_line() -> None:
    joined, space = "\N{WORD JOINER}", "\N{NO-BREAK SPACE}"
    assert unbroken(f"{MINUS}$3 to CHF 12 (p <0.001, p 0.01), +1.2 points") == (
        f"{MINUS}{joined}$3 to CHF{space}12 (p{space}<0.001, p{space}0.01), +1.2{space}points"
    )
    assert unbroken("at 09:40 EDT or 21:05 UTC+0530") == f"at 09:40{space}EDT or 21:05{space}UTC+0530"
    assert unbroken(f"{MINUS}3 {MINUS} 2 users, a map 7") == f"{MINUS}3 {MINUS} 2 users, a map 7"


def test_sentences_wrap_between_words() -> None:
    assert wrap("one two three", 8) == "one two\nthree"
    assert wrap("one two three", None) == "one two three"


@given(st.text("a 日🎉é\u0301-\u200d", max_size=80), st.integers(2, 30), st.sampled_from(["", "  1  "]))
def test_wrapped_lines_take_no_more_columns_than_there_are(text: str, width: int, lead: str) -> None:
    wrapped = wrap(text, width + len(lead), lead)
    assert all(cell_len(line) <= width + len(lead) for line in wrapped.splitlines())
    assert "".join(wrapped.removeprefix(lead).split()) == "".join(one_line(text).split())

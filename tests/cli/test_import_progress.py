"""What a person watches while an import runs: how far it is, how fast, how long it will take."""

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from analytics_core.cli import streams
from analytics_core.cli.import_progress import Pace, import_progress, time_left

Screen = Callable[..., str]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Shows what a terminal shows last of an import that tells (second, rows, share) of one file."""

    def shown(*told: tuple[float, int, float], name: str = "events/[red]a.csv") -> str:
        file, now = StringIO(), [0.0]
        console = Console(file=file, force_terminal=True, width=120, color_system=None, get_time=lambda: now[0])
        monkeypatch.setattr(streams, "Console", lambda **_given: console)
        with import_progress() as progress:
            for second, rows, share in told:
                now[0] = second
                progress(name, rows, share)
        return file.getvalue()

    return shown


def steady(seconds: int, *, total: float, lump: int = 1) -> Pace:
    """The pace after some seconds of an import that takes `total` and tells of it every `lump` seconds."""
    pace = Pace(0.0, 0.0)
    for second in range(lump, seconds + 1, lump):
        pace.add(second, 1_000 * lump, second / total)
    return pace


def test_share_rows_speed_time_left_and_the_file_are_shown(screen: Screen) -> None:
    said = screen((0, 0, 0.0), *((second, 50_000, second / 300) for second in range(1, 11)))
    assert "3 %, 500,000 rows, 50,000 a second, 5 min left" in said
    assert "events/[red]a.csv" in said


def test_a_name_cannot_break_the_line(screen: Screen) -> None:
    said = screen((0, 0, 0.0), (1, 1, 0.5), name="a\nb\x1b[31m.csv")
    assert "a b\N{REPLACEMENT CHARACTER}[31m.csv" in said


def test_no_speed_and_no_time_left_are_shown_before_they_are_known(screen: Screen) -> None:
    said = screen((0, 0, 0.0), (1, 50_000, 0.1), (2, 50_000, 0.2))
    assert "20 %, 100,000 rows" in said
    assert "a second" not in said
    assert "left" not in said


def test_a_hundred_percent_is_shown_when_all_is_read(screen: Screen) -> None:
    told = [(0, 0, 0.0), (10, 1_000, 0.9999)]
    assert "100 %" not in screen(*told)
    last = screen(*told, (11, 0, 1.0)).rpartition("100 %")
    assert last[1] == "100 %"
    assert "left" not in last[2]


def test_nothing_is_drawn_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with import_progress() as progress:
        progress("a.csv", 1, 0.5)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("lump", [1, 5, 10])
def test_the_time_left_of_a_steady_import_is_right_however_seldom_it_is_told(lump: int) -> None:
    for now in (20, 40, 60, 100):
        assert steady(now, total=120, lump=lump).left(now) == pytest.approx(120 - now)


def test_the_time_left_goes_down_between_two_messages_and_not_below_nothing() -> None:
    pace = steady(60, total=120)
    assert pace.left(60) == pytest.approx(60)
    assert pace.left(63) == pytest.approx(57)
    assert pace.left(500) == 0


def test_one_slow_stretch_moves_the_time_left_by_little() -> None:
    pace = steady(60, total=300)
    before = pace.left(60)
    assert before is not None
    pace.add(64, 1_000, 61 / 300)  # a second's work in four
    assert pace.left(64) == pytest.approx(before, rel=0.15)


def test_the_recent_pace_counts_and_not_that_of_long_ago() -> None:
    pace = steady(60, total=300)
    for second in range(61, 101):  # ten times as slow from here on
        pace.add(second, 100, 60 / 300 + (second - 60) / 3_000)
    assert pace.left(100) == pytest.approx(3_000 - 600 - 40)
    assert pace.rows_a_second() == pytest.approx(100)


def test_what_was_known_before_is_no_work_that_was_done() -> None:
    pace = Pace(0.0, 0.9)
    for second in range(1, 11):
        pace.add(second, 1_000, 0.9 + second / 1_000)
    assert pace.left(10) == pytest.approx(90)


def test_nothing_is_said_of_the_time_left_while_nothing_was_read() -> None:
    pace = Pace(0.0, 0.0)
    pace.add(10, 0, 0.0)
    assert pace.left(10) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 s"), (8.4, "8 s"), (43, "45 s"), (118, "120 s"), (121, "2 min"), (3_500, "58 min"), (3_600, "1 h")],
)
def test_a_time_is_as_coarse_as_it_is_far(seconds: float, said: str) -> None:
    assert time_left(seconds) == said


def test_hours_come_with_minutes() -> None:
    assert time_left(2 * 3600 + 24 * 60) == "2 h 25 min"

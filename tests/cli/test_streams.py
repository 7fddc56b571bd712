"""What a person watches while an import runs."""

from io import StringIO

import pytest
from rich.console import Console

from analytics_core.cli import streams


def test_rows_their_speed_and_the_file_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    monkeypatch.setattr(streams, "Console", lambda **_given: Console(file=screen, force_terminal=True, width=120))
    with streams.rows_progress() as shown:
        task = shown.add_task("", total=None)
        for rows in (1_000, 500_000):
            shown.update(task, advance=rows, description="events/[red]a.csv")
        shown.refresh()
    said = screen.getvalue()
    assert "501,000 rows, " in said
    assert " a second" in said
    assert "events/[red]a.csv" in said


def test_nothing_is_drawn_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with streams.rows_progress() as shown:
        shown.update(shown.add_task("", total=None), advance=1)
    assert capfd.readouterr() == ("", "")

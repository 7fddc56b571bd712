"""How far an import is, for the person who watches it on a terminal."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from analytics_core.cli.streams import on_terminal
from analytics_core.views.forms.texts import one_line
from analytics_core.workspace.summaries import Progress

_PERIOD = 30.0
"""Seconds whose rate counts as the recent one: the shorter, the more it jumps with every stretch that is read."""
_KNOWN_AFTER = 3.0
"""Seconds after which a rate says something."""
_MINUTE, _HOUR = 60, 3600
_FINE = 20
"""Seconds from which on they are shown by fives."""


class _Sample(NamedTuple):
    at: float
    rows: int
    share: float


class Pace:
    """How fast an import is lately, and how long it will take at that pace.

    Args:
        at: the second at which it begins.
        share: how much counts as done from the start, from 0 to 1.
    """

    def __init__(self, at: float, share: float) -> None:
        self._samples = deque([_Sample(at, 0, share)])

    @property
    def rows(self) -> int:
        """Rows so far."""
        return self._samples[-1].rows

    def add(self, at: float, rows: int, share: float) -> None:
        """At second `at` there were that many more `rows`, and that much was done in all."""
        self._samples.append(_Sample(at, self.rows + rows, share))
        while len(self._samples) > 2 and self._samples[1].at <= at - _PERIOD:  # noqa: PLR2004 - a rate needs two
            self._samples.popleft()

    def rows_a_second(self) -> float | None:
        """The recent rate; None while it is not known."""
        return (self.rows - self._samples[0].rows) / self._seconds if self._seconds >= _KNOWN_AFTER else None

    def left(self, now: float) -> float | None:
        """Seconds until all is read; None while that is not known."""
        first, last = self._samples[0], self._samples[-1]
        if self._seconds < _KNOWN_AFTER or last.share <= first.share:
            return None
        remaining = (1 - last.share) * self._seconds / (last.share - first.share)
        return max(remaining - (now - last.at), 0.0)

    @property
    def _seconds(self) -> float:
        return self._samples[-1].at - self._samples[0].at


def time_left(seconds: float) -> str:
    """A time as coarse as it is far: `1 h 25 min`, `12 min`, `45 s`, `8 s`."""
    if seconds >= _HOUR:
        hours, minutes = divmod(round(seconds / 300) * 5, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if seconds >= 2 * _MINUTE:
        return f"{round(seconds / _MINUTE)} min"
    return f"{round(seconds / 5) * 5 if seconds > _FINE else max(round(seconds), 1)} s"


@contextmanager
def import_progress() -> Iterator[Progress]:
    """Whom an import tells how far it is: it is shown on stderr, and nothing where stderr is no terminal."""
    rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    name = TextColumn("{task.description}", markup=False, table_column=rest)
    figures = _Figures(table_column=Column(no_wrap=True))
    with on_terminal(SpinnerColumn(), BarColumn(bar_width=12), figures, name, expand=True) as shown:
        task = shown.add_task("", total=1.0, pace=None)
        pace: Pace | None = None

        def tell_progress(file: str, rows: int, share: float) -> None:
            nonlocal pace
            if pace is None:
                pace = Pace(shown.get_time(), share)
            else:
                pace.add(shown.get_time(), rows, share)
            shown.update(task, completed=share, description=one_line(file), pace=pace)

        yield tell_progress


class _Figures(ProgressColumn):
    """Percent, rows so far, rows a second and time left; what is not known is left out."""

    def render(self, task: Task) -> Text:
        pace: Pace | None = task.fields["pace"]
        if pace is None:
            return Text()
        speed, left = pace.rows_a_second(), pace.left(task.get_time())
        # Rounded down, so that 100 % means that all is read.
        said = [f"{int(task.completed * 100)} %", f"{pace.rows:,} rows"]
        said += [f"{speed:,.0f} a second"] if speed else []
        said += [f"{time_left(left)} left"] if left is not None and not task.finished else []
        return Text(", ".join(said))

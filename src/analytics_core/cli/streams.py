"""What goes where: results to stdout, everything said about them to stderr."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


def complain(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    print(f"error: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201 - this is the command's voice


def say(line: str) -> None:
    """One line of result on stdout, without markup or wrapping."""
    print(line)  # noqa: T201 - this is the command's voice


def tell(line: str) -> None:
    """One line for the person watching, on stderr."""
    print(line, file=sys.stderr)  # noqa: T201 - this is the command's voice


def progress_bar() -> Progress:
    """Counts and time left on stderr; nothing where stderr is no terminal."""
    return _progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def rows_progress() -> Progress:
    """The file that is read, rows so far, rows a second and time on stderr; nothing where stderr is no terminal."""
    name = TextColumn("{task.description}", markup=False)
    return _progress(SpinnerColumn(), name, _Rows(), TimeElapsedColumn())


class _Rows(ProgressColumn):
    """Rows so far, and how many a second lately."""

    def render(self, task: Task) -> Text:
        speed = f", {task.speed:,.0f} a second" if task.speed else ""
        return Text(f"{task.completed:,.0f} rows{speed}")


def _progress(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)

"""What goes where: results to stdout, everything said about them to stderr."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


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
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )

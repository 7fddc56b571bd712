"""What goes where: results to stdout, everything said about them to stderr."""

import json
import os
import shutil
import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.forms.texts import escape_hidden, one_line, printable


def complain(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    print(f"error: {one_line(message)}", file=sys.stderr)  # noqa: T201 - this is the command's voice


def say(line: str) -> None:
    """One line of result on stdout, without markup or wrapping; AnalyticsError where it cannot be written."""
    try:
        print(printable(line))  # noqa: T201 - this is the command's voice
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise AnalyticsError(f"cannot write the output: {getattr(error, 'strerror', None) or error}") from None


def say_json(document: object) -> None:
    """One JSON document on a line of stdout; what a terminal would obey or hide stands there as an escape."""
    say(escape_hidden(json.dumps(document, ensure_ascii=False)))


def tell(line: str) -> None:
    """One line for the person watching, on stderr."""
    print(printable(line), file=sys.stderr)  # noqa: T201 - this is the command's voice


def terminal_width() -> int | None:
    """Columns that results have room for (`COLUMNS` says otherwise); None where they go to no terminal."""
    asked = sys.stdout.isatty() or "COLUMNS" in os.environ
    return (shutil.get_terminal_size((0, 0)).columns or None) if asked else None


def progress_bar(*, is_shown: bool = True) -> Progress:
    """Counts and time left on stderr; nothing where stderr is no terminal, or where it is not to be shown."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return on_terminal(*columns, is_shown=is_shown)


def on_terminal(*columns: ProgressColumn, expand: bool = False, is_shown: bool = True) -> Progress:
    """A line of `columns` on stderr that is redrawn, and gone at the end; nothing where stderr is no terminal.

    Args:
        columns: what the line shows.
        expand: whether it takes the whole width.
        is_shown: whether there is one at all.
    """
    console = Console(stderr=True)
    return Progress(
        *columns, console=console, disable=not (is_shown and console.is_terminal), transient=True, expand=expand
    )

"""The command `connector-analytics`."""

import io
import os
import sys
from typing import NoReturn

DONE, IN_PART, WRONG = 0, 1, 2
INTERRUPTED = 130
DEBUG_VARIABLE = "CONNECTOR_ANALYTICS_DEBUG"


def main() -> NoReturn:
    """Run the command; 0 done, 1 done in part, 2 usage error or unreadable input, with one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # What the terminal's encoding has no sign for is shown as a question mark.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_flush(_run()))


def _run() -> int:
    try:
        return _run_command()
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; flushing at exit would complain about it again.
        sys.stdout = None
        return DONE
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit) or os.environ.get(DEBUG_VARIABLE):
            raise
        # A foreign message may quote rows; its kind and where to see the rest are enough for a person.
        _complain(f"unexpected {type(error).__name__}; set {DEBUG_VARIABLE}=1 to see where")
        return WRONG


def _is_somewhere() -> bool:
    """Whether there is a current directory, which others may have deleted."""
    try:
        return bool(os.getcwd())  # noqa: PTH109 - nothing but whether it fails is asked
    except OSError:
        return False


def _run_command() -> int:
    if sys.stdout is None:
        _complain("standard output is closed; nothing was done")
        return WRONG
    if not _polars_starts():
        return WRONG
    # Only now: whatever is loaded here loads Polars.
    from typer.exceptions import TyperException  # noqa: PLC0415 - as above

    from analytics_core.cli import registry  # noqa: F401, PLC0415 - as above
    from analytics_core.cli.commands import app  # noqa: PLC0415 - as above
    from analytics_core.domain.errors import AnalyticsError, plain_reason  # noqa: PLC0415 - as above

    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        _complain(plain_reason(error.format_message() if hasattr(error, "format_message") else str(error)))
        return WRONG
    except AnalyticsError as error:
        _complain(str(error))
        return WRONG
    except ImportError as error:
        # Such as the engine that POLARS_ENGINE_AFFINITY asks for.
        _complain(f"what this needs cannot be loaded: {str(error).partition(chr(10))[0]}")
        return WRONG
    return code if isinstance(code, int) else DONE


def _polars_starts() -> bool:
    """Whether Polars can be loaded: it refuses some values of its variables, and panics where there is no directory."""
    if not _is_somewhere():
        _complain("the current directory is no longer there; go to one that is")
        return False
    said = sorted(name for name in os.environ if name.startswith("POLARS_"))
    if os.environ.get("POLARS_MAX_THREADS", "").strip().lstrip("0") == "" and "POLARS_MAX_THREADS" in said:
        # It would say so itself, in many lines that nothing can hold back.
        _complain("Polars needs a thread; POLARS_MAX_THREADS in the environment must be 1 or more")
        return False
    try:
        import polars  # noqa: F401, ICN001, PLC0415 - looked at before all else
    except BaseException as error:
        if not said or isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        _complain(f"Polars does not start with {', '.join(said)} as set in the environment: {error}")
        return False
    return True


def _flush(code: int) -> int:
    """Write what is still held back; the exit code, another one where it cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None
    except (OSError, ValueError) as error:
        sys.stdout = None
        _complain(f"cannot write the output: {getattr(error, 'strerror', None) or error}")
        return WRONG
    return code


def _complain(message: str) -> None:
    from analytics_core.cli.streams import complain  # noqa: PLC0415 - before it, what it loads may have to fail first

    complain(message)

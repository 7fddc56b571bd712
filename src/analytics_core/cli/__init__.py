"""The command `connector-analytics`."""

import os
import sys
from typing import NoReturn

from typer.exceptions import TyperException

from analytics_core.cli import explaining, imports, tables  # noqa: F401 - their commands register themselves
from analytics_core.cli.commands import app
from analytics_core.cli.streams import complain
from analytics_core.domain.errors import AnalyticsError

DONE, IN_PART, WRONG = 0, 1, 2
INTERRUPTED = 130
DEBUG_VARIABLE = "CONNECTOR_ANALYTICS_DEBUG"


def main() -> NoReturn:
    """Run the command; 0 done, 1 done in part, 2 usage error or unreadable input, with one line on stderr."""
    code: object = WRONG
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        complain(error.format_message() if hasattr(error, "format_message") else str(error))
    except AnalyticsError as error:
        complain(str(error))
    except KeyboardInterrupt:
        complain("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; flushing at exit would complain about it again.
        sys.stdout = None
        code = DONE
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit) or os.environ.get(DEBUG_VARIABLE):
            raise
        # A foreign message may quote rows; its kind and where to see the rest are enough for a person.
        complain(f"unexpected {type(error).__name__}; set {DEBUG_VARIABLE}=1 to see where")
    sys.exit(code if isinstance(code, int) else DONE)

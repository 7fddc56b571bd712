"""What Spark raises, in one line: its own text is many lines long and may quote rows."""

import re
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.spark.tasks import MARK

_MISSING = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
_named: set[Path] = set()
"""Logs that an error has named, which have to stay."""


def find_errors() -> tuple[type[Exception], ...]:
    """What PySpark raises where Spark, or the way to it, fails."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    return PySparkException, Py4JError


def name_missing(error: ImportError) -> AnalyticsError:
    """What to install; PySpark says by itself which of the packages for a server it lacks."""
    lacks = f"the package {error.name}" if error.name else " ".join(str(error).split())
    return AnalyticsError(f"Spark needs what is not installed: {lacks}; pip install 'connector-analytics[spark]'")


def name_error(error: Exception) -> str:
    """What kind of error Spark met, in a few words: its own text may quote rows and is many lines long."""
    cause = getattr(error, "java_exception", None)
    if cause is not None:
        return str(cause.getClass().getSimpleName())
    condition = error.getCondition() if hasattr(error, "getCondition") else None
    return condition or type(error).__name__


def explain_failure(error: Exception) -> str:
    """One line about what an executor or Spark met; text that is not ours stays in the log: it may quote rows."""
    text = str(error)
    if found := re.search(rf"{MARK}(.+)", text):
        return found[1].strip()
    if missing := _MISSING.search(text):
        return f"executors cannot load {missing[1]}; install this version of connector-analytics[spark] where they run"
    return f"Spark gave up: {name_error(error)}"


def name_log(log: Path | None) -> str:
    """The end of an error's line that says where Spark has said more."""
    if log is None:
        return ""
    _named.add(log)
    return f"; {log} has what Spark said"


def drop_log(log: Path) -> None:
    """Delete a log that no error has named."""
    if log not in _named:
        log.unlink(missing_ok=True)

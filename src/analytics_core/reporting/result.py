"""What became of one report."""

from dataclasses import dataclass
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError


@dataclass(frozen=True, slots=True)
class ReportResult:
    """One row per campaign asked for.

    Attributes:
        campaign_id: the campaign.
        path: the report's file; None where it could not be made (an older file may still be there).
        error: one line for a person; None where all went well.
        kept: the file was there already, made from the same inputs, and was not made again.
    """

    campaign_id: str
    path: Path | None
    error: str | None
    kept: bool = False


def one_line(problem: BaseException) -> str:
    """What to tell a person about `problem`: our own and the system's words, never a foreign message.

    Foreign messages may quote rows, so only their kind is named.
    """
    if isinstance(problem, AnalyticsError):
        return " ".join(str(problem).split())
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.strerror}: {problem.filename}" if problem.filename else problem.strerror
    return f"unexpected {type(problem).__name__}; running notebooks/campaign_report.ipynb in JupyterLab shows where"

"""Many reports in one go: planned, then made here or by several processes."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.settings import Settings
from analytics_core.reporting.inputs import inputs_of
from analytics_core.reporting.make_report import STOPS, make_report, require_extra, stopping_cleanly
from analytics_core.reporting.plan import ReportResult, Task, one_line, plan_reports
from analytics_core.reporting.session import Session, open_if_needed, share_session
from analytics_core.reporting.shards import make_by_shards
from analytics_core.workspace import Workspace

_LEAST = 1 << 16
"""Bytes for which there must be room: fewer than a report has."""


def write_reports(  # noqa: PLR0913 (one keyword for each choice of the command)
    workspace: Path | Workspace,
    campaign_ids: Sequence[str],
    *,
    output: Path,
    settings: Settings | None = None,
    jobs: int = 1,
    resume: bool = False,
    progress: Callable[[ReportResult], None] | None = None,
) -> tuple[ReportResult, ...]:
    """Writes one HTML file per campaign into `output`; all numbers are computed in one pass.

    Args:
        workspace: its directory, or itself (what it has computed is then not computed again).
        campaign_ids: which; one asked for twice is made once.
        output: directory of the reports; made where it is missing.
        settings: the rules; null means the workspace's own.
        jobs: how many processes render.
        resume: leave reports alone that are there and were made from the same inputs.
        progress: called in this thread with each result as it comes.

    Returns:
        One result per campaign, in the order asked for. A campaign that fails stops no other.

    Raises:
        AnalyticsError: the workspace cannot be opened, nothing can be written into `output`, or the `report` extra is
            not installed.
        KeyboardInterrupt: on Ctrl-C; SystemExit on SIGTERM. Each file then is whole, old or new.
    """
    require_extra()
    _require_room(output)
    session = Session(open_if_needed(workspace), settings)
    inputs = inputs_of(session.workspace, settings)
    plan = plan_reports(session.workspace, campaign_ids, output=output.resolve(), inputs=inputs, resume=resume)
    results: dict[str, ReportResult] = {}
    with stopping_cleanly(), closing(_make(session, plan.tasks, jobs)) as making:
        for result in chain(plan.known, making):
            results[result.campaign_id] = result
            if progress is not None:
                progress(result)
    return tuple(results[campaign_id] for campaign_id in dict.fromkeys(campaign_ids))


def _require_room(output: Path) -> None:
    """Refuse a directory into which nothing can be written, before anything is computed."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=output) as file:
            file.write(bytes(_LEAST))
            file.flush()
    except OSError as problem:
        raise AnalyticsError(
            f"cannot write reports into {output}: {problem.strerror or 'it is no directory'}"
        ) from None


def _make(session: Session, tasks: Sequence[Task], jobs: int) -> Generator[ReportResult, None, None]:
    """The results as they come; where the numbers cannot be computed at all, that is every report's error."""
    if not tasks:
        return
    try:
        ready = session.with_campaigns([task.campaign_id for task in tasks])
    except STOPS:
        raise
    except BaseException as problem:  # noqa: BLE001 (an engine's panic is no Exception; it must become one line)
        yield from (ReportResult(task.campaign_id, None, one_line(problem)) for task in tasks)
        return
    if jobs > 1 < len(tasks):
        yield from make_by_shards(ready, tasks, jobs)
        return
    for task in tasks:
        with share_session(ready):
            result = make_report(ready, task)
        yield result

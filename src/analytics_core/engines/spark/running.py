"""The job: share numbers out to executors, what they count added up there as a tree, one sum back."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.spark.failures import explain_failure, name_log
from analytics_core.engines.spark.session import Session
from analytics_core.engines.spark.tasks import ADDED_AT_ONCE, ROWS, Work, add_shares, count_shares

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Progress = Callable[[int, int], None]
"""Told how many shares are counted, of how many."""
_OFTEN = 0.3
"""Seconds between two looks at how far a job is."""


def run_shares(session: Session, work: Work, shares: int, progress: Progress) -> bytes:
    """What all shares counted, added up.

    Every share is a task of its own, which Spark runs again where an executor is lost; the sums that it had kept are
    then counted anew, and nothing else. This process gets one row.

    Args:
        session: of Spark.
        work: what is done with a share.
        shares: how many there are, at least one.
        progress: told how far it is, by another thread.

    Raises:
        AnalyticsError: an executor cannot do its work, or Spark gives up.
    """
    try:
        with _watching(session, shares, progress):
            (row,) = plan_job(session, work, shares).collect()
    except session.errors as error:
        raise AnalyticsError(f"{explain_failure(error)}{name_log(session.log)}") from None
    progress(shares, shares)
    return bytes(row["content"])


def plan_job(session: Session, work: Work, shares: int) -> "DataFrame":
    """The job as a table of one row: a step that counts, and as many that add as it takes; at least one does."""
    pickled = pickle.dumps(work)
    rows = session.spark.range(0, shares, 1, shares).mapInArrow(lambda numbers: count_shares(pickled, numbers), ROWS)
    sums = shares
    # Lambdas: Spark would take the types of a function's parameters for its own, and warn.
    while True:
        rows = rows.groupBy("place").applyInArrow(lambda counted: add_shares(pickled, counted), ROWS)
        sums = -(-sums // ADDED_AT_ONCE)
        if sums == 1:
            return rows


@contextmanager
def _watching(session: Session, shares: int, progress: Progress) -> Iterator[None]:
    """Tell `progress` how far the job is that runs within."""
    if session.is_remote:
        with _listening(session, shares, progress):
            yield
        return
    context, group, ended = session.spark.sparkContext, f"connector-analytics-{uuid4()}", Event()
    context.setJobGroup(group, "campaign numbers", interruptOnCancel=True)

    def look() -> None:
        tracker = context.statusTracker()
        with suppress(*session.errors):  # whoever waits for the job is told
            while not ended.wait(_OFTEN):
                jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
                # The job's first stage counts, a task a share; the others add.
                first = min((stage for job in jobs if job is not None for stage in job.stageIds), default=None)
                known = None if first is None else tracker.getStageInfo(first)
                progress(0 if known is None else min(known.numCompletedTasks, shares), shares)

    looking = Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()


@contextmanager
def _listening(session: Session, shares: int, progress: Progress) -> Iterator[None]:
    """The same of a server, which tells by itself."""

    def hear(stages: object, **_: object) -> None:
        counting = [stage for stage in stages if stage.num_tasks == shares] if isinstance(stages, list) else []
        progress(min((stage.num_completed_tasks for stage in counting[:1]), default=0), shares)

    session.spark.registerProgressHandler(hear)
    try:
        yield
    finally:
        session.spark.removeProgressHandler(hear)

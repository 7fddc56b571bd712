"""One process of a batch: job on standard input, one line of JSON per report on standard output."""

import os
import pickle
import signal
import sys
from typing import TextIO

from analytics_core.reporting.make_report import make_report, require_extra, stopping_cleanly
from analytics_core.reporting.session import Session, share_session
from analytics_core.reporting.shards import ShardJob, as_line
from analytics_core.workspace import open_workspace


def main() -> None:
    """Makes the reports of the job; SystemExit on SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; who started us then ends us
    lines = _take_standard_output()
    job: ShardJob = pickle.load(sys.stdin.buffer)  # noqa: S301 (written by the process that started this one)
    require_extra()
    workspace = open_workspace(job.workspace, known_at=job.known_at)
    numbers = (job.snapshots, job.instances, job.oddities, job.standings)
    session = Session(workspace, job.settings, *numbers, fingerprint=job.fingerprint)
    with stopping_cleanly(), share_session(session):
        for task in job.tasks:
            print(as_line(make_report(session, task)), file=lines, flush=True)


def _take_standard_output() -> TextIO:
    """Standard output for results only: whatever else a library prints goes to standard error."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


if __name__ == "__main__":
    main()

"""Rendering by several processes: each gets its share of the reports, and the numbers already computed."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, cast

from analytics_core.domain.settings import Settings
from analytics_core.explaining.oddities import Oddities
from analytics_core.reporting.plan import ReportResult, Task
from analytics_core.reporting.session import Session
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.workspace.campaigns.standing import Standing

SECONDS_TO_STOP = 10


@dataclass(frozen=True, slots=True)
class ShardJob:
    """What one process is told, pickled on its standard input by the process that started it."""

    workspace: Path
    known_at: datetime | None
    settings: Settings | None
    snapshots: Mapping[str, Snapshot]
    instances: Mapping[str, tuple[InstanceTimes, ...]]
    oddities: Mapping[str, Oddities]
    standings: Mapping[str, Standing]
    fingerprint: str
    tasks: tuple[Task, ...]


Inbox = SimpleQueue[tuple[int, ReportResult | int]]
"""Number of the shard, and a result of it or, once, the status it ended with."""


def make_by_shards(session: Session, tasks: Sequence[Task], jobs: int) -> Generator[ReportResult, None, None]:
    """Results in the order they come; what a process that died leaves undone is an error of those reports only."""
    shares = [tuple(tasks[first::jobs]) for first in range(min(jobs, len(tasks)))]
    waiting = {number: {task.campaign_id: None for task in share} for number, share in enumerate(shares)}
    inbox: Inbox = SimpleQueue()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number, share in enumerate(shares):
            processes.append(_start(session, share, number, inbox))
        while waiting:
            number, heard = inbox.get()
            if isinstance(heard, ReportResult):
                waiting[number].pop(heard.campaign_id)
                yield heard
                continue
            how = f"exit status {heard}" if heard >= 0 else signal.Signals(-heard).name
            error = f"the process making it ended early ({how}); try again with --resume and fewer --jobs"
            yield from (ReportResult(name, None, error) for name in waiting.pop(number))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def as_line(result: ReportResult) -> str:
    """A result as one line of JSON, the way a shard reports it."""
    return json.dumps({"campaign_id": result.campaign_id, "path": str(result.path or ""), "error": result.error})


def read_line(line: bytes) -> ReportResult:
    """The result `as_line` wrote down."""
    fields = json.loads(line)
    return ReportResult(fields["campaign_id"], Path(fields["path"]) if fields["path"] else None, fields["error"])


def _start(session: Session, share: tuple[Task, ...], number: int, inbox: Inbox) -> "subprocess.Popen[bytes]":
    mine, workspace = session.share(task.campaign_id for task in share), session.workspace
    job = ShardJob(
        workspace.directory,
        workspace.known_at,
        session.settings,
        mine.snapshots,
        mine.instances,
        mine.oddities,
        mine.standings,
        mine.fingerprint,
        share,
    )
    process = subprocess.Popen(
        # -P: a file in the current directory must not pass for a module.
        [sys.executable, "-P", "-m", "analytics_core.reporting.shard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},  # it renders only
    )
    Thread(target=_listen, args=(process, pickle.dumps(job), number, inbox), daemon=True).start()
    return process


def _listen(process: "subprocess.Popen[bytes]", job: bytes, number: int, inbox: Inbox) -> None:
    """Hands the job over, then passes each result on, and at last, whatever happened, how the process ended."""
    try:
        with suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as stdin:
            stdin.write(job)
        with cast("IO[bytes]", process.stdout) as stdout:
            for line in stdout:
                inbox.put((number, read_line(line)))
    finally:
        inbox.put((number, process.wait()))

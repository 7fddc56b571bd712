"""A program: the numbers of a workspace in 12 shares on a cluster of Spark, of which one executor is killed on the way.

losing_an_executor.py WORKSPACE > NUMBERS
"""

import json
import sys
from pathlib import Path

import psutil

from analytics_core.engines.spark.session import open_session
from analytics_core.snapshot.documents import as_json
from analytics_core.workspace import Workspace
from analytics_core.workspace.shares import on_spark

SHARES, BEFORE = 12, 3
killed: list[int] = []


def kill_one(done: int, _: int) -> None:
    """Kill an executor as soon as it and others have counted some shares."""
    if done < BEFORE or killed:
        return
    executors = [
        process
        for process in psutil.Process().children(recursive=True)
        if any("CoarseGrainedExecutorBackend" in word for word in process.cmdline())
    ]
    killed.append(executors[0].pid)
    executors[0].kill()


on_spark.choose_shares = lambda *_: SHARES
workspace = Workspace(Path(sys.argv[1]))
ids = [campaign.campaign_id for campaign in workspace.campaigns()]
found = on_spark.compute_on_spark(workspace, ids, workspace.settings, session=open_session(), progress=kill_one)
for snapshot in found:
    sys.stdout.write(json.dumps(as_json(snapshot), ensure_ascii=False) + "\n")
assert killed

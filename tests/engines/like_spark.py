"""Spark's tables, as far as a job uses them, in this process: rows go from step to step as Arrow, in any order."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from analytics_core.engines.spark.session import Session

_SCHEMA = pa.schema([("place", pa.int64()), ("content", pa.binary())])


class SparkError(Exception):
    """Stands for what PySpark raises."""

    def getCondition(self) -> str:  # noqa: N802 - PySpark's name
        return "OUT_OF_LUCK"


class Table:
    """Batches that are made where somebody asks for them, as executors make them."""

    def __init__(self, make: Callable[[], list[pa.RecordBatch]]) -> None:
        self._make = make

    def mapInArrow(self, function: Callable[..., Iterator[pa.RecordBatch]], schema: str) -> "Table":  # noqa: N802 - Spark's name
        assert schema == "place long, content binary"
        return Table(lambda: [out for batch in self._make() for out in function(iter([batch]))])

    def groupBy(self, column: str) -> "Groups":  # noqa: N802 - Spark's name
        return Groups(self._make, column)

    def collect(self) -> list[dict[str, Any]]:
        return [row for batch in self._make() for row in batch.to_pylist()]


class Groups:
    """Rows of the same value of a column, together."""

    def __init__(self, make: Callable[[], list[pa.RecordBatch]], column: str) -> None:
        self._make, self._column = make, column

    def applyInArrow(self, function: Callable[[pa.Table], pa.Table], schema: str) -> Table:  # noqa: N802 - Spark's name
        assert schema == "place long, content binary"

        def make() -> list[pa.RecordBatch]:
            groups = defaultdict(list)
            for batch in self._make():
                assert batch.schema == _SCHEMA
                groups[batch.column(self._column)[0].as_py()].append(batch)
            order = Random(len(groups)).sample(sorted(groups), k=len(groups))
            return [out for key in order for out in function(pa.Table.from_batches(groups[key][::-1])).to_batches()]

        return Table(make)


def make_range(start: int, end: int, step: int, parts: int) -> Table:
    assert (start, step, parts) == (0, 1, end)  # a task for each share
    return Table(lambda: [pa.RecordBatch.from_pydict({"id": [number]}) for number in range(end)])


class Context:
    """What a job says of itself while it runs: two tasks of its first stage, which is 3, are done."""

    defaultParallelism = 2  # noqa: N815 - Spark's name
    master = "local[2]"

    def setJobGroup(self, group: str, description: str, *, interruptOnCancel: bool) -> None:  # noqa: N802, N803 - as above
        assert (bool(group), description, interruptOnCancel) == (True, "campaign numbers", True)

    def statusTracker(self) -> Any:  # noqa: ANN401, N802 - as above
        stages = {3: SimpleNamespace(numCompletedTasks=2), 4: SimpleNamespace(numCompletedTasks=0)}
        jobs = {1: SimpleNamespace(stageIds=[4, 3]), 2: None}
        return SimpleNamespace(getJobIdsForGroup=lambda _: [1, 2], getJobInfo=jobs.get, getStageInfo=stages.get)


def like_spark(cores: int = 2) -> Session:
    """A session that runs a job in this process."""
    spark = SimpleNamespace(range=make_range, sparkContext=Context())
    return Session(cast("Any", spark), is_remote=False, cores=cores, errors=(SparkError,))


class Stage(SimpleNamespace):
    """What a server tells of a stage."""


def like_server(stages: list[Stage]) -> Session:
    """A session of a server, which tells of `stages` as soon as somebody listens."""
    heard: list[Callable[..., None]] = []

    def register(handler: Callable[..., None]) -> None:
        heard.append(handler)
        handler(stages=stages, inflight_tasks=1, operation_id="1", done=False)

    spark = SimpleNamespace(
        range=make_range, registerProgressHandler=register, removeProgressHandler=heard.remove, heard=heard
    )
    return Session(cast("Any", spark), is_remote=True, cores=2, errors=(SparkError,))


def forget_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make PySpark be missing, also where a test before has loaded it."""
    loaded = [name for name in sys.modules if name.partition(".")[0] == "pyspark"]
    for name in {"pyspark", "pyspark.sql", *loaded}:
        monkeypatch.setitem(sys.modules, name, None)

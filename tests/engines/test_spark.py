"""The job that Spark runs: what goes out, how it is added up, what is told meanwhile, and failing in one line."""

import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from like_spark import SparkError, Stage, forget_pyspark, like_server, like_spark

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.spark import connecting, failures, running, session, tasks
from analytics_core.engines.spark.running import run_shares


@pytest.fixture(autouse=True)
def _fails_as_spark_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_errors", lambda: (SparkError,))
    monkeypatch.setenv("POLARS_MAX_THREADS", "1")
    tasks._load.cache_clear()


@dataclass(frozen=True)
class Numbers:
    """A share counts its own number; a sum names all that are in it."""

    def count(self, number: int) -> bytes:
        return str(number).encode()

    def add(self, counted: Sequence[bytes]) -> bytes:
        assert 1 <= len(counted) <= tasks.ADDED_AT_ONCE
        return b"(" + b" ".join(sorted(counted)) + b")"


@dataclass(frozen=True)
class Failing(Numbers):
    where: str = "count"

    def count(self, number: int) -> bytes:
        if self.where == "count" and number == 1:
            raise AnalyticsError("no workspace in DIR")
        return super().count(number)

    def add(self, counted: Sequence[bytes]) -> bytes:
        if self.where == "add":
            raise AnalyticsError("no workspace in DIR")
        return super().add(counted)


def nothing(done: int, shares: int) -> None:
    assert done <= shares


def test_every_share_is_counted_once_and_added_where_eight_meet() -> None:
    assert run_shares(like_spark(), Numbers(), 3, nothing) == b"(0 1 2)"
    assert run_shares(like_spark(), Numbers(), 10, nothing) == b"((0 1 2 3 4 5 6 7) (8 9))"


@pytest.mark.parametrize(("shares", "depth"), [(1, 1), (2, 1), (8, 1), (9, 2), (64, 2), (65, 3), (600, 4)])
def test_adding_is_a_tree_and_even_a_lone_share_goes_through_it(shares: int, depth: int) -> None:
    found = run_shares(like_spark(), Numbers(), shares, nothing).decode()
    assert found.startswith("(" * depth)
    assert not found.startswith("(" * (depth + 1))
    assert sorted(map(int, found.replace("(", " ").replace(")", " ").split())) == list(range(shares))


def test_the_first_stage_of_a_job_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_OFTEN", 0.001)
    told, looked = [], threading.Event()

    def hear(done: int, shares: int) -> None:
        told.append((done, shares))
        looked.set()

    class Waiting(Numbers):
        def count(self, number: int) -> bytes:
            assert looked.wait(10)
            return super().count(number)

    monkeypatch.setattr(tasks, "_load", lambda _: Waiting())
    run_shares(like_spark(), Numbers(), 3, hear)
    assert (told[0], told[-1]) == ((2, 3), (3, 3))


def test_a_server_tells_by_itself_how_far_it_is_and_is_not_listened_to_for_longer() -> None:
    told: list[tuple[int, int]] = []
    opened = like_server([Stage(num_tasks=5, num_completed_tasks=2), Stage(num_tasks=1, num_completed_tasks=0)])
    run_shares(opened, Numbers(), 5, lambda *given: told.append(given))
    assert told == [(2, 5), (5, 5)]
    assert opened.spark.heard == []


@pytest.mark.parametrize(("where", "what"), [("count", "share 1"), ("add", "adding shares")])
def test_what_an_executor_says_names_the_share_and_the_machine(where: str, what: str) -> None:
    with pytest.raises(RuntimeError, match=f"^connector-analytics says: {what} on .+: no workspace in DIR$"):
        run_shares(like_spark(), Failing(where), 3, nothing)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "Aborted\nTraceback\nRuntimeError: connector-analytics says: share 1 on m1: no workspace in DIR\n at java",
            r"^share 1 on m1: no workspace in DIR; .+ has what Spark said$",
        ),
        (
            "x\nModuleNotFoundError: No module named 'analytics_core'\n",
            "^executors cannot load analytics_core; install",
        ),
        ("a row with ann@acme.example", r"^Spark gave up: OUT_OF_LUCK; .+ has what Spark said$"),
    ],
)
def test_failing_is_one_line_that_quotes_no_row(
    text: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SparkError(text)

    monkeypatch.setattr(running, "plan_job", fail)
    opened = replace(like_spark(), log=tmp_path / "log")
    with pytest.raises(AnalyticsError, match=line):
        run_shares(opened, Numbers(), 1, nothing)
    (tmp_path / "log").touch()
    failures.drop_log(tmp_path / "log")
    assert (tmp_path / "log").exists()


def test_what_executors_load_first_starts_no_threads() -> None:
    code = (
        "import sys, analytics_core.engines.spark.tasks; print({'polars', 'pyarrow', 'pyspark'} & sys.modules.keys())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "set()\n"


def test_a_process_of_spark_takes_as_many_threads_as_its_task_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLARS_MAX_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    tasks._load(pickle.dumps(Numbers()))
    assert os.environ["POLARS_MAX_THREADS"] == "3"


WITHOUT_PANDAS = """
import pickle, struct, sys
import pyarrow as pa
from analytics_core.engines.spark.tasks import add_shares, count_shares

class Work:
    def count(self, number):
        return bytes([number])

    def add(self, counted):
        return b"".join(counted)

column = pa.Array.from_buffers(pa.int64(), 2, [None, pa.py_buffer(struct.pack("=2q", 3, 9))])
numbers = [pa.RecordBatch.from_arrays([column], names=["id"])]
work = pickle.dumps(Work())
batches = list(count_shares(work, numbers))
added = add_shares(work, pa.Table.from_batches(batches[1:]))
print(added.column("content").to_pylist(), added.column("place").to_pylist(), "pandas" in sys.modules)
"""


def test_what_executors_give_is_made_without_pandas() -> None:
    """PyArrow loads it, where it is installed, to look at any value of Python: seconds in each process of Spark."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_PANDAS], capture_output=True, check=True, text=True)
    assert done.stdout == "[b'\\t'] [0] False\n"


def test_a_new_session_warms_up_and_says_nothing_where_it_cannot() -> None:
    """What is wrong the job tells, whoever waits for it."""
    seen: list[int] = []
    opened = like_spark(3).spark
    ranged = opened.range
    opened.range = lambda *bounds: seen.append(bounds[-1]) or ranged(*bounds)
    session._warm_up(opened, 3)
    assert seen == [3]
    session._warm_up(SimpleNamespace(range=_refuse), 3)


def _refuse(*_: int) -> None:
    raise SparkError("many\nlines")


def test_warming_up_loads_what_counts_and_gives_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(tasks, "import_module", loaded.append)
    monkeypatch.delenv("POLARS_MAX_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert list(tasks.load_package(iter([pa.RecordBatch.from_pydict({"id": [0]})]))) == []
    assert loaded == ["analytics_core.engines.shares.condensed"]
    assert os.environ["POLARS_MAX_THREADS"] == "3"


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - stands for PySpark
    """PySpark without a session that runs, as far as it is asked before Java is."""
    module, sql = ModuleType("pyspark"), ModuleType("pyspark.sql")
    module.SparkConf = module.SparkContext = SimpleNamespace
    sql.SparkSession = SimpleNamespace(getActiveSession=lambda: None)
    monkeypatch.setitem(sys.modules, "pyspark", module)
    monkeypatch.setitem(sys.modules, "pyspark.sql", sql)
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    monkeypatch.setenv("PYSPARK_PYTHON", "python3")
    return sql


@pytest.fixture(autouse=True)
def _no_session() -> None:
    session.open_session.cache_clear()


def test_without_pyspark_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_pyspark(monkeypatch)
    with pytest.raises(
        AnalyticsError, match=r"is not installed: the package pyspark.*; pip install 'connector-analytics"
    ):
        session.open_session()


@pytest.mark.usefixtures("spark")
def test_without_java_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AnalyticsError, match=r"^Spark needs Java 17 or newer, and the PATH has none; install it"):
        session.open_session()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(AnalyticsError, match=f"and JAVA_HOME, which is {tmp_path}, has none"):
        session.open_session()


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
    ("remote", "line"),
    [
        (
            "sc://127.0.0.1:{port}/;token=secret",
            r"^no Spark Connect server answers at sc://127\.0\.0\.1:\d+: Connection re",
        ),
        ("127.0.0.1", "^SPARK_REMOTE is not the address of a Spark Connect server, such as sc://host:15002$"),
        ("sc://127.0.0.1:x/;token=secret", "^SPARK_REMOTE is not the address"),
        ("local[2]", "^SPARK_REMOTE is not the address"),
    ],
)
def test_a_server_that_does_not_answer_is_one_line_at_once(
    remote: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SPARK_REMOTE", remote.format(port=taken.getsockname()[1]))
        with pytest.raises(AnalyticsError, match=line) as refused:
            session.open_session()
    assert "secret" not in str(refused.value)


def gateway_to(master: str | None) -> Any:  # noqa: ANN401 - stands for Py4J
    system = SimpleNamespace(getProperty={"spark.master": master}.get)
    return SimpleNamespace(jvm=SimpleNamespace(System=system))


@pytest.mark.usefixtures("spark")
def test_a_master_that_does_not_answer_is_one_line_at_once_and_leaves_no_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{taken.getsockname()[1]},[::1]:{taken.getsockname()[1]}"
        monkeypatch.setattr(session, "open_log", lambda: tmp_path / "log")
        monkeypatch.setattr(session, "launch_java", lambda _: gateway_to(master))
        with pytest.raises(AnalyticsError, match=r"^no Spark master answers at spark://127\.0\.0\.1:"):
            session.open_session()
    (tmp_path / "log").touch()
    failures.drop_log(tmp_path / "log")
    assert not (tmp_path / "log").exists()


@pytest.mark.usefixtures("spark")
def test_a_java_process_that_does_not_start_is_one_line_that_names_its_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_: Path) -> None:
        raise SparkError("many\nlines")

    monkeypatch.setattr(session, "open_log", lambda: tmp_path / "log")
    monkeypatch.setattr(session, "launch_java", fail)
    with pytest.raises(
        AnalyticsError, match=rf"^Spark does not start: OUT_OF_LUCK; {tmp_path}/log has what Spark said$"
    ):
        session.open_session()


@pytest.fixture
def java() -> Iterator[subprocess.Popen[bytes]]:
    """Stands for Spark's Java process."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(("met", "told"), [(SparkError, AnalyticsError), (KeyboardInterrupt, KeyboardInterrupt)])
def test_where_no_session_comes_about_no_java_process_stays(
    met: type[BaseException],
    told: type[BaseException],
    java: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    gateway = gateway_to(None)
    gateway.proc = java
    gateway.jvm.System.getProperty = _raising(met)
    monkeypatch.setattr(session, "open_log", lambda: tmp_path / "log")
    monkeypatch.setattr(session, "launch_java", lambda _: gateway)
    with pytest.raises(told):
        session.open_session()
    assert java.returncode == -signal.SIGKILL


def _raising(error: type[BaseException]) -> Callable[[str], str]:
    def fail(_: str) -> str:
        raise error

    return fail


def test_a_java_process_that_starts_while_somebody_interrupts_is_ended(
    java: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    main = threading.get_ident()

    def launch(**_: object) -> SimpleNamespace:
        time.sleep(0.2)  # until the other thread waits
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.2)
        return SimpleNamespace(proc=java)

    module = ModuleType("pyspark.java_gateway")
    module.launch_gateway = launch
    monkeypatch.setitem(sys.modules, "pyspark.java_gateway", module)
    with pytest.raises(KeyboardInterrupt):
        connecting.launch_java(tmp_path / "log")
    assert java.returncode == -signal.SIGKILL


def test_what_py4j_says_of_an_interrupt_is_not_shown(spark: Any) -> None:  # noqa: ANN401 - stands for PySpark
    running_one = like_spark().spark
    spark.SparkSession = SimpleNamespace(getActiveSession=lambda: running_one)
    session.open_session()
    records = [
        logging.LogRecord("root", logging.ERROR, f"/lib/{package}/java_gateway.py", 1, "?", (), None)
        for package in ("py4j", "other")
    ]
    assert [bool(logging.getLogger().filter(record)) for record in records] == [False, True]


@pytest.mark.parametrize(
    ("master", "is_local"),
    [("local", True), ("local[*]", True), ("local-cluster[2,1,1024]", False), ("spark://host:7077", False)],
)
def test_a_session_that_runs_already_is_used(
    master: str,
    is_local: bool,  # noqa: FBT001 - a case
    spark: Any,  # noqa: ANN401 - stands for PySpark
) -> None:
    running_one = like_spark().spark
    running_one.sparkContext.master = master
    spark.SparkSession = SimpleNamespace(getActiveSession=lambda: running_one)
    opened = session.open_session()
    assert (opened.spark, opened.cores, opened.is_remote) == (running_one, 2, False)
    assert opened.is_local == is_local

"""A session of Spark from what the environment says: one that runs, a server, a cluster's master, or this machine."""

import atexit
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.spark.connecting import (
    REMOTE_VARIABLE,
    end_java,
    find_address,
    launch_java,
    open_log,
    require_answer,
    stop_session,
)
from analytics_core.engines.spark.failures import find_errors, name_error, name_log, name_missing
from analytics_core.engines.spark.tasks import ROWS, load_package

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark.sql import SparkSession

_MASTER = "spark://"


@dataclass(frozen=True, slots=True)
class Session:
    """A session of Spark.

    Attributes:
        spark: the session.
        is_remote: whether it is one of a Spark Connect server.
        cores: how many tasks run at once, as far as is known at its start.
        errors: what PySpark raises where Spark, or the way to it, fails.
        is_local: whether they are all this machine's, and so about as fast as each other.
        log: what Spark's Java process says; None where another has started that.
    """

    spark: "SparkSession"
    is_remote: bool
    cores: int
    errors: tuple[type[Exception], ...]
    is_local: bool = False
    log: Path | None = None


@cache
def open_session() -> Session:
    """The session of this process: the one that runs, or a new one that ends with the process.

    `SPARK_REMOTE` names a Spark Connect server. Else it is what spark-submit, `MASTER` or spark-defaults.conf say, and
    all cores of this machine where nothing says anything.

    Raises:
        AnalyticsError: PySpark or Java is missing, or no session can be had.
    """
    # What PySpark says to its programmers, such as that it was not tried with this pandas, of which nothing is used.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    logging.getLogger().addFilter(_is_not_of_py4j)
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise name_missing(error) from None
    if remote := os.environ.get(REMOTE_VARIABLE):
        return _connect(remote)
    running = SparkSession.getActiveSession()
    if running is not None:
        return _describe(running, None)
    return _start()


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    """Where somebody interrupts Py4J, it tells the root of all loggers, with a traceback."""
    return Path(record.pathname).parent.name != "py4j"


def _connect(remote: str) -> Session:
    """A session of a server; AnalyticsError where it does not answer."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    address, errors = find_address(remote), find_errors()
    require_answer("Spark Connect server", "sc", [address])
    try:
        spark = SparkSession.builder.remote(remote).getOrCreate()
        # A server does not say how many tasks it runs at once, but divides by that where it is told nothing.
        cores = spark.range(0, 10_000).selectExpr("spark_partition_id() AS part").distinct().count()
    except ImportError as error:
        raise name_missing(error) from None
    except errors as error:
        raise AnalyticsError(f"no session at sc://{address}: {name_error(error)}") from None
    return Session(spark, is_remote=True, cores=cores, errors=errors)


def _start() -> Session:
    """A new session, with a Java process of its own where spark-submit has started none."""
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    log, errors = open_log(), find_errors()
    failures: tuple[type[Exception], ...] = (*errors, OSError)
    # Executors run the Python of this path, not the first of theirs, which may lack the package.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        gateway = launch_java(log)
        with _ending_java(gateway):
            master = gateway.jvm.System.getProperty("spark.master") or ""
            if master.startswith(_MASTER):
                require_answer("Spark master", "spark", master.removeprefix(_MASTER).split(","))
            SparkContext(conf=SparkConf().setAppName("connector-analytics"), gateway=gateway)
            spark = SparkSession.builder.getOrCreate()
    except failures as error:
        raise AnalyticsError(f"Spark does not start: {name_error(error)}{name_log(log)}") from None
    atexit.register(stop_session, spark)
    opened = _describe(spark, log)
    # This process loads the package and plans meanwhile.
    Thread(target=_warm_up, args=(spark, opened.cores), daemon=True).start()
    return opened


def _describe(spark: "SparkSession", log: Path | None) -> Session:
    """A session of this process."""
    context = spark.sparkContext
    is_local = context.master.partition("[")[0] == "local"
    cores = context.defaultParallelism
    return Session(spark, is_remote=False, cores=cores, errors=find_errors(), is_local=is_local, log=log)


@contextmanager
def _ending_java(gateway: "JavaGateway") -> Iterator[None]:
    """End a Java process where its session does not come about, be it that somebody interrupts."""
    try:
        yield
    except BaseException:
        end_java(gateway)
        raise


def _warm_up(spark: "SparkSession", cores: int) -> None:
    """Let every core start its Python and load the package; what goes wrong there, the job itself will tell."""
    with suppress(Exception):
        load = lambda numbers: load_package(numbers)  # noqa: E731, PLW0108 - Spark would take a function's types for its own
        spark.range(0, cores, 1, cores).mapInArrow(load, ROWS).collect()

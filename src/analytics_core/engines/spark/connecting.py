"""The ways to Spark: a Java process of our own, or a server or master elsewhere, which has to answer."""

import atexit
import os
import shutil
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analytics_core.domain.errors import AnalyticsError
from analytics_core.engines.spark.failures import drop_log

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark.sql import SparkSession

REMOTE_VARIABLE = "SPARK_REMOTE"
_SUBMITTED_VARIABLE = "PYSPARK_GATEWAY_PORT"
_SERVER_PORT = 15002
_PATIENCE = 10.0
"""Seconds in which somebody has to answer; Spark itself would try for minutes."""


def open_log() -> Path | None:
    """An empty file for what a Java process says, for nobody else to read; None where spark-submit has started one.

    Raises:
        AnalyticsError: there is no Java.
    """
    if os.environ.get(_SUBMITTED_VARIABLE):
        return None
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        where = f"JAVA_HOME, which is {home}," if home else "the PATH"
        raise AnalyticsError(f"Spark needs Java 17 or newer, and {where} has none; install it, or set JAVA_HOME")
    descriptor, name = mkstemp(prefix="connector-analytics-spark-", suffix=".log")
    os.close(descriptor)
    atexit.register(drop_log, Path(name))
    return Path(name)


def launch_java(log: Path | None) -> "JavaGateway":
    """The way to a Java process: a new one that writes into `log`, else the one that spark-submit has started."""
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - an extra

    if log is None:
        return launch_gateway()
    with log.open("wb") as said, ThreadPoolExecutor(1) as beside:
        launching = beside.submit(launch_gateway, popen_kwargs={"stdout": said, "stderr": said})
        try:
            return launching.result()
        except KeyboardInterrupt:
            # Of a process that is not known yet nobody could say which to end.
            end_java(launching.result())
            raise


def end_java(gateway: "JavaGateway") -> None:
    """End a Java process of our own that has no session: by itself it would stay when this process is gone."""
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.kill()
        process.wait()


def stop_session(spark: "SparkSession") -> None:
    """End a session, whatever it meets: the numbers are there, and nobody could do anything about it."""
    with suppress(Exception):
        spark.stop()


def find_address(remote: str) -> str:
    """`host:port` of a server, without the parameters, among which a token may be."""
    url = urlsplit(remote)
    with suppress(ValueError):  # what follows the colon is no port
        if url.scheme == "sc" and url.hostname:
            return f"{url.hostname}:{url.port or _SERVER_PORT}"
    raise AnalyticsError(f"{REMOTE_VARIABLE} is not the address of a Spark Connect server, such as sc://host:15002")


def require_answer(what: str, scheme: str, addresses: Sequence[str]) -> None:
    """Refuse addresses, each `host:port`, where nobody listens at any."""
    reasons = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except (OSError, ValueError) as error:
            reasons.append(str(getattr(error, "strerror", None) or error))
    if reasons and len(reasons) == len(addresses):
        raise AnalyticsError(f"no {what} answers at {scheme}://{','.join(addresses)}: {reasons[0]}")

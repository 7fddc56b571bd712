"""What executors run: one share counted, several added up; as Arrow in and out.

Spark's Python processes load this module before they know how many threads they may use, so it loads nothing that
starts any.
"""

import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from analytics_core.domain.errors import AnalyticsError

if TYPE_CHECKING:
    import pyarrow as pa

ADDED_AT_ONCE = 8
"""How many shares, or sums of shares, are added up in one step."""
ROWS = "place long, content binary"
"""The rows of every step, as Spark declares them: the place of the sum it goes into, and what was counted."""
MARK = "connector-analytics says: "
"""What stands before our own words in the text of an error that Spark hands on."""


class Work(Protocol):
    """What is to be done with shares; can be pickled, and gives the same bytes wherever and however often it is run."""

    def count(self, number: int) -> bytes:
        """What one share counts, by its number, from 0."""
        ...

    def add(self, counted: Sequence[bytes]) -> bytes:
        """What several shares, or sums of them, counted together."""
        ...


def count_shares(pickled: bytes, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Count the shares whose numbers are in the first column: one row of ROWS per share, in a batch of its own.

    Raises:
        RuntimeError: a share cannot be counted; the text says which, where and why.
    """
    for batch in batches:
        for number in batch.column(0).to_pylist():
            with _marking_errors(f"share {number}"):
                content = _load(pickled).count(number)
            yield from _as_table(number // ADDED_AT_ONCE, content).to_batches()


def add_shares(pickled: bytes, rows: "pa.Table") -> "pa.Table":
    """Add up rows of one place: one row of ROWS.

    Raises:
        RuntimeError: they cannot be added; the text says where and why.
    """
    place = rows.column("place")[0].as_py()
    with _marking_errors("adding shares"):
        content = _load(pickled).add(rows.column("content").to_pylist())
    return _as_table(place // ADDED_AT_ONCE, content)


@lru_cache(maxsize=1)
def _load(pickled: bytes) -> Work:
    """The work; a process that counts several shares opens the workspace once."""
    # Before Polars is loaded: as many threads as Spark gives a task, not one a core for each of its processes.
    os.environ.setdefault("POLARS_MAX_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    work: Work = pickle.loads(pickled)  # noqa: S301 - the driver's own, which has come with this very function
    return work


@contextmanager
def _marking_errors(what: str) -> Iterator[None]:
    try:
        yield
    except AnalyticsError as error:
        raise RuntimeError(f"{MARK}{what} on {socket.gethostname()}: {error}") from None


def _as_table(place: int, content: bytes) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    schema = pa.schema([("place", pa.int64()), ("content", pa.binary())])
    return pa.table({"place": [place], "content": [content]}, schema=schema)

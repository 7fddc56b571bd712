"""What executors run: one share counted, several added up; as Arrow in and out.

Spark's Python processes load this module before they know how many threads they may use, so it loads nothing that
starts any.
"""

import os
import pickle
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
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
            yield _as_row(number // ADDED_AT_ONCE, content)


def add_shares(pickled: bytes, rows: "pa.Table") -> "pa.Table":
    """Add up rows of one place: one row of ROWS.

    Raises:
        RuntimeError: they cannot be added; the text says where and why.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    place = rows.column("place")[0].as_py()
    with _marking_errors("adding shares"):
        content = _load(pickled).add(rows.column("content").to_pylist())
    return pa.Table.from_batches([_as_row(place // ADDED_AT_ONCE, content)])


def load_package(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Load what counting needs where there is nothing to count yet; gives no rows."""
    for _ in batches:
        _choose_threads()
        import_module("analytics_core.engines.shares.condensed")
    return iter(())


@lru_cache(maxsize=1)
def _load(pickled: bytes) -> Work:
    """The work; a process that counts several shares opens the workspace once."""
    _choose_threads()
    work: Work = pickle.loads(pickled)  # noqa: S301 - the driver's own, which has come with this very function
    return work


def _choose_threads() -> None:
    """Before Polars is loaded: as many threads as Spark gives a task, not one a core for each of its processes."""
    os.environ.setdefault("POLARS_MAX_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))


@contextmanager
def _marking_errors(what: str) -> Iterator[None]:
    try:
        yield
    except AnalyticsError as error:
        raise RuntimeError(f"{MARK}{what} on {socket.gethostname()}: {error}") from None


def _as_row(place: int, content: bytes) -> "pa.RecordBatch":
    """One row of ROWS, made of its bytes: whoever gives PyArrow values of Python waits until it has loaded pandas."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    schema = pa.schema([("place", pa.int64()), ("content", pa.binary())])
    buffers = [[struct.pack("=q", place)], [struct.pack("=2i", 0, len(content)), content]]
    columns = [
        pa.Array.from_buffers(field.type, 1, [None, *map(pa.py_buffer, of_field)])
        for field, of_field in zip(schema, buffers, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)

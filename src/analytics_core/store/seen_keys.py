"""Which keys a table has already, remembered in twelve bytes a row.

A key is known by 96 bits of two hashes, whose seeds are drawn anew for every import: among a thousand million rows two
different keys look alike once in a hundred thousand million imports, and no file can be made to bring that about.

Of three rows that come in one call, where a run already knows the hashes (high 7, low 1) and (high 9, low 4)::

    event_id  high  low   first in call  in a run                     kept
    "e1"         9    4   yes            yes: 9 is there with low 4   no
    "e2"         7    2   yes            no: 7 is there, low is 1     yes, and (7, 2) is remembered
    "e2"         7    2   no             -                            no
"""

import secrets
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.tables.canonical import TABLES

_LOW = 1 << 32


class Seen:
    """The keys of one table.

    Args:
        table: name of the canonical table.
        stored: its rows before this import.
    """

    def __init__(self, table: str, stored: pl.LazyFrame) -> None:
        self._key = list(TABLES[table].key)
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._runs: list[_Run] = []
        known = stored.filter(self._complete).select(self._hashes).collect(engine="streaming")
        self._remember(_Run.of(known))

    def first_only(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` without those whose key came before, here or in an earlier call; a key with a null part is new.

        The order is kept. What is returned is remembered.
        """
        first = rows.filter(self._is_first | ~self._complete)
        numbered = first.lazy().select(self._key).with_row_index("row").filter(self._complete)
        hashed = _Run.of(numbered.select("row", *self._hashes).collect())
        repeated = np.zeros(len(hashed.high), np.bool_)
        for run in self._runs:
            repeated |= run.has(hashed)
        self._remember(hashed.where(~repeated))
        if not repeated.any():
            return first
        kept = np.ones(first.height, np.bool_)
        kept[hashed.row[repeated]] = False
        return first.filter(pl.Series(kept))

    @property
    def _complete(self) -> pl.Expr:
        return pl.all_horizontal(pl.col(self._key).is_not_null())

    @property
    def _whole(self) -> pl.Expr:
        return pl.col(self._key[0]) if len(self._key) == 1 else pl.struct(self._key)

    @property
    def _is_first(self) -> pl.Expr:
        return self._whole.is_first_distinct()

    @property
    def _hashes(self) -> Sequence[pl.Expr]:
        high, low = (self._whole.hash(seed) for seed in self._seeds)
        return high.alias("high"), (low % _LOW).cast(pl.UInt32).alias("low")

    def _remember(self, run: "_Run") -> None:
        """Keep runs of about doubling length, so that few have to be searched."""
        if not len(run.high):
            return
        while self._runs and len(self._runs[-1].high) < 2 * len(run.high):
            run = self._runs.pop().with_(run)
        self._runs.append(run)


class _Run:
    """Hashes in order of their high part; `row` is where they come from."""

    def __init__(self, high: NDArray[np.uint64], low: NDArray[np.uint32], row: NDArray[np.uint32]) -> None:
        self.high, self.low, self.row = high, low, row

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "_Run":
        high, low = frame["high"].to_numpy(), frame["low"].to_numpy()
        order = np.argsort(high)
        row = frame["row"].to_numpy()[order] if "row" in frame.columns else np.zeros(0, np.uint32)
        return cls(high[order], low[order], row)

    def where(self, condition: NDArray[np.bool_]) -> "_Run":
        """Some of the hashes, without their rows."""
        return _Run(self.high[condition], self.low[condition], np.zeros(0, np.uint32))

    def with_(self, other: "_Run") -> "_Run":
        """Both together."""
        high, low = np.concatenate([self.high, other.high]), np.concatenate([self.low, other.low])
        order = np.argsort(high)
        return _Run(high[order], low[order], np.zeros(0, np.uint32))

    def has(self, others: "_Run") -> NDArray[np.bool_]:
        """Which of `others` are among these."""
        found = np.zeros(len(others.high), np.bool_)
        place = np.searchsorted(self.high, others.high)
        open_ = np.flatnonzero(place < len(self.high))
        while len(open_):
            here = place[open_]
            alike = self.high[here] == others.high[open_]
            open_, here = open_[alike], here[alike]
            found[open_] |= self.low[here] == others.low[open_]
            place[open_] += 1
            open_ = open_[place[open_] < len(self.high)]
        return found

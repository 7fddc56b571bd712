"""Which keys a table has already, and which file brought them, remembered in twelve bytes a row.

A key is known by 80 bits of two hashes, whose seeds are drawn anew for every import: among a thousand million rows two
different keys look alike once in two million imports, and no file can be made to bring that about.

Of three rows that files 5 and 6 bring in one call, where a run already knows the hashes (high 7, low 1) of file 2 and
(high 9, low 4) of file 3::

    event_id  file  high  low   first in call  in a run                     kept
    "e1"         5     9    4   yes            yes: 9 is there with low 4   no: file 5 repeats file 3
    "e2"         5     7    2   yes            no: 7 is there, low is 1     yes, and (7, 2) of file 5 is remembered
    "e2"         6     7    2   no             -                            no: file 6 repeats file 5
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_core.tables.canonical import TABLES

_FILE = 1 << 16
"""A file's key stands above the 16 bits of the low hash: one look finds both."""
_LOW = _FILE - 1
_Rests = NDArray[np.uint32] | NDArray[np.uint64]
"""Of 32 bits as long as all keys of files have 16."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows that were looked at.

    Attributes:
        new: those whose key did not come before, in order.
        repeated: the others.
        holders: by file that repeats rows the files that had brought them.
    """

    new: pl.DataFrame
    repeated: pl.DataFrame
    holders: Mapping[int, set[int]]


class Seen:
    """The keys of one table.

    Args:
        table: name of the canonical table.
        stored: its rows before this import.
        brought_by: the column that says which file brought a row.
    """

    def __init__(self, table: str, stored: pl.LazyFrame, brought_by: str) -> None:
        self._key = list(TABLES[table].key)
        self._file = pl.col(brought_by)
        self._seeds = secrets.randbits(63), secrets.randbits(63)
        self._runs: list[_Run] = []
        known = stored.filter(self._complete).select(self._hashes).collect(engine="streaming")
        self._remember(_Run.of(known))

    def sift(self, rows: pl.DataFrame) -> Sifted:
        """Tell rows whose key came before, here or in an earlier call, from others; a key with a null part is new.

        The new ones are remembered.
        """
        is_first = rows.select(self._is_first | ~self._complete).to_series()
        first = rows.filter(is_first)
        hashed = self._hash(first)
        holders = self._find(hashed)
        self._remember(hashed.where(holders < 0))
        files: dict[int, set[int]] = {}
        self._note(files, hashed, holders)
        again = rows.filter(~is_first)
        if again.height:
            within = self._hash(again)
            self._note(files, within, self._find(within))
        repeated = holders >= 0
        if not repeated.any():
            return Sifted(first, again, files)
        kept = np.ones(first.height, np.bool_)
        kept[hashed.row[repeated]] = False
        is_new = pl.Series(kept)
        return Sifted(first.filter(is_new), pl.concat([first.filter(~is_new), again]), files)

    def _hash(self, rows: pl.DataFrame) -> "_Run":
        numbered = rows.lazy().with_row_index("row").filter(self._complete)
        return _Run.of(numbered.select("row", *self._hashes).collect())

    def _find(self, hashed: "_Run") -> NDArray[np.int64]:
        """By row, the file that brought it before; -1 where none did."""
        holders = np.full(len(hashed.high), -1, np.int64)
        for run in self._runs:
            holders = np.maximum(holders, run.find(hashed))
        return holders

    @staticmethod
    def _note(repeats: dict[int, set[int]], hashed: "_Run", holders: NDArray[np.int64]) -> None:
        repeated = holders >= 0
        pairs = np.unique(np.stack([hashed.files[repeated], holders[repeated]]), axis=1)
        for file, holder in pairs.T.tolist():
            repeats.setdefault(file, set()).add(holder)

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
        return high.alias("high"), (low % _FILE).cast(pl.UInt16).alias("low"), self._file.alias("file")

    def _remember(self, run: "_Run") -> None:
        """Keep runs of about doubling length, so that few have to be searched."""
        if not len(run.high):
            return
        while self._runs and len(self._runs[-1].high) < 2 * len(run.high):
            run = self._runs.pop().with_(run)
        self._runs.append(run)


class _Run:
    """Hashes in order of their high part, the low one with the file that brought it; `row` is where they come from."""

    def __init__(self, high: NDArray[np.uint64], rest: _Rests, row: NDArray[np.uint32]) -> None:
        self.high, self.rest, self.row = high, rest, row

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "_Run":
        high, files = frame["high"].to_numpy(), frame["file"].to_numpy()
        narrow = files.max(initial=0) < _FILE
        wide: _Rests = files.astype(np.uint32) if narrow else files.astype(np.uint64)
        rest = wide * _FILE + frame["low"].to_numpy()
        order = np.argsort(high)
        row = frame["row"].to_numpy()[order] if "row" in frame.columns else np.zeros(0, np.uint32)
        return cls(high[order], rest[order], row)

    @property
    def files(self) -> NDArray[np.int64]:
        """By hash, the key of the file that brought it."""
        return _files_of(self.rest)

    def where(self, condition: NDArray[np.bool_]) -> "_Run":
        """Some of the hashes, without their rows."""
        return _Run(self.high[condition], self.rest[condition], np.zeros(0, np.uint32))

    def with_(self, other: "_Run") -> "_Run":
        """Both together."""
        high, rest = np.concatenate([self.high, other.high]), np.concatenate([self.rest, other.rest])
        order = np.argsort(high)
        return _Run(high[order], rest[order], np.zeros(0, np.uint32))

    def find(self, others: "_Run") -> NDArray[np.int64]:
        """By hash of `others`, the key of the file that brought it; -1 where it is not among these."""
        found = np.full(len(others.high), -1, np.int64)
        place = np.searchsorted(self.high, others.high)
        open_ = np.flatnonzero(place < len(self.high))
        while len(open_):
            here = place[open_]
            alike = self.high[here] == others.high[open_]
            open_, here = open_[alike], here[alike]
            equal = self.rest[here] & _LOW == others.rest[open_] & _LOW
            found[open_[equal]] = _files_of(self.rest[here[equal]])
            place[open_] += 1
            open_ = open_[place[open_] < len(self.high)]
        return found


def _files_of(rests: _Rests) -> NDArray[np.int64]:
    return rests.astype(np.int64) // _FILE

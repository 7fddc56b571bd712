"""Events of a vendor's file, sorted out by the table they belong to or left out by name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.json_text import compact
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.record_columns import columns_of

_NAMES = 100
_OTHERS = "other kinds of events"
_NOTHING: Record = {}


@dataclass
class Sorted:
    """Events of one table, sorted out of a file."""

    numbers: list[int] = field(default_factory=list)
    records: list[Record | RowError] = field(default_factory=list)
    wholes: list[object] = field(default_factory=list)

    def add(self, number: int, record: Record | RowError, whole: object) -> None:
        """One event: its line or row from 1, its cells or why it has none, and its text or all of its values."""
        self.numbers.append(number)
        self.records.append(record)
        self.wholes.append(whole)

    def batch(self, table: str) -> Batch:
        """The events as a batch of `table`."""
        records = [_NOTHING if isinstance(record, RowError) else record for record in self.records]
        cells, is_exact = columns_of(table, records)
        flawed = [position for position, record in enumerate(self.records) if isinstance(record, RowError)]
        exact = is_exact & ~pl.int_range(len(records), eager=True).is_in(flawed)
        return Batch(self.numbers, cells, exact, self._record, self._raw)

    def _record(self, position: int) -> Record:
        record = self.records[position]
        if isinstance(record, RowError):
            raise record
        return record

    def _raw(self, position: int) -> str:
        whole = self.wholes[position]
        return whole if type(whole) is str else compact(whole)


class LeftOut:
    """What becomes no row, counted by name; a file that has very many names has most of them counted together."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()

    @property
    def counted(self) -> Mapping[str, int]:
        """How often, by name."""
        return self._counted

    def add(self, what: str, times: int = 1) -> None:
        """Count something."""
        self._counted[what if what in self._counted or len(self._counted) < _NAMES else _OTHERS] += times

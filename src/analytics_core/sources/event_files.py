"""Files of a vendor's events: each event is a row of some table, or is left out by name."""

from collections.abc import Iterator, Mapping
from itertools import islice

from analytics_core.domain.errors import RowError
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.readings import FileReading
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.sorting import LeftOut, Sorted

Placed = tuple[str, Record | RowError] | str
"""A table and the cells of a row of it, or why it has none; else, in words, what the event is that is no row."""

PlacedEvent = tuple[int, Placed, object]
"""The line or row of an event, from 1; where it belongs; and what is kept of it where it is rejected."""

_ROWS = 50_000


class EventFile(FileReading):
    """One file of events, read a stretch at a time; whoever extends it says which `_events` it has."""

    def __init__(self, source: SourceFile) -> None:
        super().__init__(source)
        self._left_out = LeftOut()
        self._has_deliveries = False

    def batches(self) -> Iterator[tuple[str, Batch]]:
        """The events of the file, in its order within each table."""
        events = self._events()
        while stretch := list(islice(events, _ROWS)):
            tables: dict[str, Sorted] = {}
            for number, placed, whole in stretch:
                if isinstance(placed, str):
                    self._left_out.add(placed)
                else:
                    table, record = placed
                    tables.setdefault(table, Sorted()).add(number, record, whole)
            self._has_deliveries |= "deliveries" in tables
            yield from ((table, found.batch(table)) for table, found in tables.items())

    @property
    def left_out(self) -> Mapping[str, int]:
        """What was no row so far, by name, and how often."""
        return self._left_out.counted

    def _events(self) -> Iterator[PlacedEvent]:
        raise NotImplementedError

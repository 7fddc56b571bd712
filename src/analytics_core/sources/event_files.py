"""Files of a vendor's events: each event is a row of some table, or is left out by name."""

from collections.abc import Iterator, Mapping
from itertools import islice

from analytics_core.arrays.collecting import no_garbage_collection
from analytics_core.domain.errors import RowError
from analytics_core.domain.words import DeliveryType
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.readings import FileReading, SaidCampaign
from analytics_core.sources.rows.batches import Batch
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.rows.sorting import LeftOut, Sorted
from analytics_core.sources.rows.texts import readable

Placed = tuple[str, Record | RowError] | str
"""A table and the cells of a row of it, or why it has none; else, in words, what the event is that is no row."""

PlacedEvent = tuple[int, Placed, object]
"""The line or row of an event, from 1; where it belongs; and what is kept of it where it is rejected."""

_ROWS = 50_000
_LONGEST_NAME = 200


class EventFile(FileReading):
    """One file of events, read a stretch at a time; whoever extends it says which `_events` it has."""

    def __init__(self, source: SourceFile) -> None:
        super().__init__(source)
        self._left_out = LeftOut()
        self._has_deliveries = False
        self._campaigns: dict[str, SaidCampaign] = {}

    def batches(self) -> Iterator[tuple[str, Batch]]:
        """The events of the file, in its order within each table."""
        events = self._events()
        while tables := self._stretch(events):
            self._has_deliveries |= "deliveries" in tables
            yield from tables.items()

    def _stretch(self, events: Iterator[PlacedEvent]) -> dict[str, Batch]:
        """The next events that are rows, by table; empty where none are left."""
        tables: dict[str, Sorted] = {}
        # Nothing that is parsed refers to itself, and to find that out takes a tenth of the time.
        with no_garbage_collection():
            while not tables and (stretch := list(islice(events, _ROWS))):
                for number, placed, whole in stretch:
                    if isinstance(placed, str):
                        self._left_out.add(placed)
                    else:
                        table, record = placed
                        tables.setdefault(table, Sorted()).add(number, record, whole)
            return {table: found.batch(table) for table, found in tables.items()}

    @property
    def left_out(self) -> Mapping[str, int]:
        """What was no row so far, by name, and how often."""
        return self._left_out.counted

    @property
    def campaigns(self) -> Mapping[str, SaidCampaign]:
        """What events said first of campaigns so far."""
        return self._campaigns

    def _note_campaign(self, campaign_id: object, name: object, delivery_type: DeliveryType | None = None) -> None:
        """Keep what an event says of its campaign, unless an earlier one did."""
        if isinstance(campaign_id, str) and campaign_id not in self._campaigns and (name or delivery_type):
            shown = readable(name[:_LONGEST_NAME]) if isinstance(name, str) else None
            self._campaigns[str(campaign_id)] = SaidCampaign(shown, delivery_type)

    def _events(self) -> Iterator[PlacedEvent]:
        raise NotImplementedError

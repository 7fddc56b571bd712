"""Braze Currents: Avro files of a storage bucket, and the JSON of the HTTP connector."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analytics_core.domain.errors import RowError
from analytics_core.domain.words import Gap, require_every
from analytics_core.sources.braze import events
from analytics_core.sources.braze.files import (
    AVRO,
    Entry,
    avro_entries,
    avro_frame,
    find,
    json_entries,
    type_in,
)
from analytics_core.sources.braze.schemas import DOCUMENTED, recognize
from analytics_core.sources.event_files import EventFile, Placed, PlacedEvent
from analytics_core.sources.files.avro_headers import count_rows, record_of
from analytics_core.sources.files.files import SourceFile, source_at
from analytics_core.sources.readings import Reading
from analytics_core.sources.rows.columns import UnknownNames

_NO_TYPE = "event_type is missing"
_JSON_TABLES = ("deliveries", "events", "identities", "vendor_stats")
_UNTYPED = "events"
"""The table in which an event is rejected that does not say what it is."""

_SAID_BY: Mapping[Gap, frozenset[str]] = require_every(
    Gap,
    {
        Gap.FAILED_RESPONSES: frozenset({events.FAILURE}),
        Gap.PERSONALIZATION: frozenset({events.ABORT}),
        Gap.FREQUENCY_CAP: frozenset({events.ABORT}),
        Gap.CONTROL_GROUPS: frozenset({events.CAMPAIGN_CONTROL, events.CANVAS_ENTRY}),
    },
)
"""Which events say something: a connector exports the types it was set up for, and an empty file is never written."""


def find_readings(paths: Sequence[Path]) -> Sequence[Reading]:
    """The files of an export, each read when its turn comes.

    Raises:
        UnreadableInputError: there are none, or one is no Avro file though its name ends so.
    """
    met: set[str] = set()
    readings: list[Reading] = []
    for path, name in find(paths):
        source, event_type = source_at("", path, name), type_in(path)
        if name.lower().endswith(AVRO):
            readings.append(_reading_of_avro(source, met, event_type))
        else:
            readings.append(_JsonFile(source, met, event_type))
    return readings


def _reading_of_avro(source: SourceFile, met: set[str], event_type: str | None) -> Reading:
    """How an Avro file is read; whatever is in one of a type that is no row, or that nothing says, is only counted."""
    called = event_type
    if event_type is None:
        record = record_of(source)
        event_type = type_in(Path(record.name)) or recognize(record.fields)
        called = event_type or f"events of a type that nothing says: {record.name or source.name}"
    if event_type is None or not events.tables_of(event_type):
        return _CountedFile(source, events.name_type(called or ""))
    return _AvroFile(source, met, event_type)


class _CurrentsFile(EventFile):
    """One file of an export.

    Args:
        source: the file.
        met: the event types met so far, in this file and in the others of the export.
        event_type: of all events that do not say it themselves; None where nothing says it.
    """

    tables: tuple[str, ...] = _JSON_TABLES

    def __init__(self, source: SourceFile, met: set[str], event_type: str | None) -> None:
        super().__init__(source)
        self._met, self._type = met, event_type
        self._unknown = {table: UnknownNames(table) for table in _JSON_TABLES}

    @property
    def gaps(self) -> tuple[Gap, ...]:
        if not self._has_deliveries:
            return ()
        return tuple(gap for gap, types in _SAID_BY.items() if not types & self._met)

    @property
    def unknown_columns(self) -> Mapping[str, tuple[str, ...]]:
        return {table: names.names() for table, names in self._unknown.items()}

    def _events(self) -> Iterator[PlacedEvent]:
        for entry in self._entries():
            fields = entry.fields
            event_type = entry.event_type or self._type or (recognize(fields) if fields else None)
            if fields is None or event_type is None:
                table = next(iter(events.tables_of(event_type or "")), _UNTYPED)
                yield entry.number, (table, RowError(entry.flaw or _NO_TYPE)), entry.whole
                continue
            self._met.add(event_type)
            if not DOCUMENTED.issuperset(fields):
                for table in events.tables_of(event_type):
                    self._unknown[table].add(fields.keys() - DOCUMENTED)
            try:
                placed: Placed = events.convert_event(event_type, fields)
            except RowError as error:
                placed = _UNTYPED, error
            if placed[0] == "deliveries" and str(events.campaign_id_of(fields)) not in self._campaigns:
                self._note_campaign(*events.campaign_of(fields))
            yield entry.number, placed, entry.whole

    def _entries(self) -> Iterator[Entry]:
        raise NotImplementedError


class _AvroFile(_CurrentsFile):
    """A file of one event type."""

    def __init__(self, source: SourceFile, met: set[str], event_type: str) -> None:
        super().__init__(source, met, event_type)
        self.tables = events.tables_of(event_type)

    def _entries(self) -> Iterator[Entry]:
        return avro_entries(avro_frame(self._source), self.progress)


class _CountedFile(EventFile):
    """An Avro file of events that are no rows, whatever their fields and however they are compressed.

    Args:
        source: the file.
        called: what the events are.
    """

    def __init__(self, source: SourceFile, called: str) -> None:
        super().__init__(source)
        self._called = called

    def _events(self) -> Iterator[PlacedEvent]:
        self._left_out.add(self._called, count_rows(self._source))
        return iter(())


class _JsonFile(_CurrentsFile):
    """A file of any event types."""

    def _entries(self) -> Iterator[Entry]:
        return json_entries(self._source)

"""Braze Currents: Avro files of a storage bucket, and the JSON of the HTTP connector."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analytics_core.domain.errors import RowError, UnreadableInputError
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
from analytics_core.sources.event_files import EventFile, PlacedEvent
from analytics_core.sources.files.avro_headers import record_of
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
        UnreadableInputError: there are none, or one does not say which events it holds.
    """
    met: set[str] = set()
    readings: list[Reading] = []
    for path, name in find(paths):
        source, event_type = source_at("", path, name), type_in(path)
        if not name.lower().endswith(AVRO):
            readings.append(_JsonFile(source, met, event_type))
            continue
        if event_type is None:
            record = record_of(source)
            event_type = type_in(Path(record.name)) or recognize(record.fields)
        if event_type is None:
            raise UnreadableInputError(f"{name}: does not say which events it holds; keep its event_type= folder")
        readings.append(_AvroFile(source, met, event_type))
    return readings


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
            for table in events.tables_of(event_type):
                self._unknown[table].add(fields.keys() - DOCUMENTED)
            yield entry.number, events.convert_event(event_type, fields), entry.whole

    def _entries(self) -> Iterator[Entry]:
        raise NotImplementedError


class _AvroFile(_CurrentsFile):
    """A file of one event type."""

    def __init__(self, source: SourceFile, met: set[str], event_type: str) -> None:
        super().__init__(source, met, event_type)
        self.tables = events.tables_of(event_type)
        self._event_type = event_type

    def _entries(self) -> Iterator[Entry]:
        if self.tables:
            return avro_entries(avro_frame(self._source), self.progress)
        # Whatever is in it, it is only counted.
        rows = avro_frame(self._source, columns=[0]).height
        self._left_out.add(str(events.convert_event(self._event_type, {})), rows)
        return iter(())


class _JsonFile(_CurrentsFile):
    """A file of any event types."""

    def _entries(self) -> Iterator[Entry]:
        return json_entries(self._source)

"""MoEngage's exports: events in files of a storage bucket and bodies of Streams, and answers of the Stats API."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics_core.domain.errors import RowError
from analytics_core.domain.words import Gap
from analytics_core.sources.event_files import EventFile, PlacedEvent
from analytics_core.sources.files.files import source_at, text_of
from analytics_core.sources.files.json_documents import read_documents
from analytics_core.sources.finding.exports import export_files
from analytics_core.sources.moengage.events import campaign_of, convert_event
from analytics_core.sources.moengage.stats import TABLE as STATS
from analytics_core.sources.moengage.stats import is_answer, read_answer
from analytics_core.sources.readings import Reading
from analytics_core.sources.rows.texts import readable

EXTENSIONS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")

_ENCRYPTED = (".gpg", ".pgp")
_UNREAD = "events"
"""The table in which a line is rejected that does not say what it is."""
_TABLES = ("deliveries", "events", STATS)


def find_readings(paths: Sequence[Path]) -> Sequence[Reading]:
    """The files of an export, each read when its turn comes.

    Raises:
        UnreadableInputError: a path is not there or holds no such file, or a file is encrypted.
    """
    found = export_files(paths, EXTENSIONS, "event export", encrypted=_ENCRYPTED)
    return [_ExportFile(source_at("", path, readable(inside.as_posix()))) for path, inside in found]


class _ExportFile(EventFile):
    """One file of an export."""

    tables = _TABLES

    @property
    def gaps(self) -> tuple[Gap, ...]:
        # Only successful requests are exported, and who was held out for a control group.
        known = (Gap.FAILED_RESPONSES, Gap.PERSONALIZATION, Gap.FREQUENCY_CAP)
        return known if self._has_deliveries else ()

    def _events(self) -> Iterator[PlacedEvent]:
        with text_of(self._source) as text:
            for number, line, value in read_documents(text, self.name):
                if isinstance(value, RowError):
                    yield number, (_UNREAD, value), line
                    continue
                found = _inside(value)
                for event in found:
                    # Of what is alone in its document the text itself is kept.
                    whole = line if len(found) == 1 else event
                    if not isinstance(event, dict):
                        yield number, (_UNREAD, RowError("not a JSON object")), whole
                    elif is_answer(event):
                        yield from ((number, *placed) for placed in read_answer(event))
                    else:
                        placed = convert_event(event)
                        if placed[0] == "deliveries":
                            self._note_campaign(*campaign_of(event))
                        yield number, placed, whole


def _inside(value: object) -> Sequence[object]:
    """The events in a document: itself, one in the envelope of a bucket's export, or all of Streams bodies."""
    if isinstance(value, list):
        return [event for inside in value for event in _inside(inside)]
    if isinstance(value, dict):
        if isinstance(value.get("events"), list) and "event_name" not in value:
            return _inside(value["events"])
        if isinstance(value.get("event"), dict):
            return [value["event"]]
    return [value]

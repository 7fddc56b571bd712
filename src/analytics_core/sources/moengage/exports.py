"""MoEngage's exports: events in files of a storage bucket and bodies of Streams, and answers of the Stats API."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.domain.words import Gap
from analytics_core.json_text import MAX_DEPTH, parse
from analytics_core.sources.event_files import EventFile, PlacedEvent
from analytics_core.sources.files.exports import export_files
from analytics_core.sources.files.files import source_at, text_of
from analytics_core.sources.moengage.events import convert_event
from analytics_core.sources.moengage.stats import TABLE as STATS
from analytics_core.sources.moengage.stats import is_answer, read_answer
from analytics_core.sources.readings import Reading
from analytics_core.sources.rows.texts import NOT_UTF8, is_unicode, readable

EXTENSIONS = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")

_ENCRYPTED = (".gpg", ".pgp")
_LONGEST_DOCUMENT = 64_000_000
"""Characters of a value over several lines, which has to be read at once."""
_UNREAD = "events"
"""The table in which a line is rejected that does not say what it is."""
_TABLES = ("deliveries", "events", STATS)
_ENVELOPES = 4
"""Levels of a document around the attributes of an event: a list, the body, its events, the event."""


def find_readings(paths: Sequence[Path]) -> Sequence[Reading]:
    """The files of an export, each read when its turn comes.

    Raises:
        UnreadableInputError: a path is not there or holds no such file, or a file is encrypted.
    """
    found = (each for path in paths for each in export_files(path, EXTENSIONS, "event export", encrypted=_ENCRYPTED))
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
            for number, line in _lines(text, self.name):
                if not is_unicode(line):
                    yield number, (_UNREAD, RowError(NOT_UTF8)), line
                    continue
                try:
                    found = _inside(parse(line, depth=MAX_DEPTH + _ENVELOPES))
                except RowError as error:
                    yield number, (_UNREAD, error), line
                    continue
                for event in found:
                    # Of what is alone in its line the line itself is kept.
                    whole = line if len(found) == 1 else event
                    if not isinstance(event, dict):
                        yield number, (_UNREAD, RowError("not a JSON object")), whole
                    elif is_answer(event):
                        yield from ((number, *placed) for placed in read_answer(event))
                    else:
                        yield number, convert_event(event), whole


def _inside(value: object) -> Sequence[object]:
    """The events in one line: itself, one in the envelope of a bucket's export, or all of a Streams body."""
    if isinstance(value, list):
        return [event for inside in value for event in _inside(inside)]
    if isinstance(value, dict):
        if isinstance(value.get("events"), list) and "event_name" not in value:
            return list(value["events"])
        if isinstance(value.get("event"), dict):
            return [value["event"]]
    return [value]


def _lines(text: Iterable[str], name: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank; a document over several lines, as people save it, comes as one."""
    lines = ((number, line.strip(" \t\r\n")) for number, line in enumerate(text, 1))
    filled = ((number, line) for number, line in lines if line)
    begin = list(islice(filled, 2))
    whole = chain(begin, filled)
    if not _is_document([line for _, line in begin]):
        yield from whole
        return
    kept, size = [], 0
    for _, line in whole:
        size += len(line)
        if size > _LONGEST_DOCUMENT:
            raise UnreadableInputError(f"{name}: is one large JSON document; write one event per line")
        kept.append(line)
    yield begin[0][0], "\n".join(kept)


def _is_document(begin: Sequence[str]) -> bool:
    """Whether a file that begins so is one value over several lines; a line that was cut off is followed by events."""
    match begin:
        case ["[", *_]:
            return True
        case [first, second] if first == "{" or (first.startswith("{") and first.endswith(",")):
            return second.startswith(('"', "}"))
        case _:
            return False

"""Which files a Braze Currents export has, and the events in them, whatever they mean."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from analytics_core.domain.errors import RowError, UnreadableInputError
from analytics_core.json_text import parse
from analytics_core.sources.braze.events import HTTP_PROPERTIES, Fields
from analytics_core.sources.files.avro_headers import record_of, require_bounded
from analytics_core.sources.files.files import FileProgress, SourceFile, hushing, naming, path_as_text, text_of
from analytics_core.sources.files.json_documents import DEPTH, read_documents
from analytics_core.sources.files.parquet_records import rows_of
from analytics_core.sources.finding.exports import export_files
from analytics_core.sources.rows.texts import is_unicode, readable

AVRO = ".avro"
EXTENSIONS = (AVRO, ".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")

_TYPE = re.compile(r"(?:^|/)event_type=(?P<type>[^/]+)/")
_HOUR = re.compile(r"/date=(?P<hour>\d{4}-\d\d-\d\d-\d\d)/", re.ASCII)
_NAMED = re.compile(r"(?<![A-Za-z-])users(?:\.[a-z_0-9]+)*\.[A-Z][A-Za-z0-9]*")
_MARGIN = timedelta(days=1)
_CODECS = ("null", "deflate", "snappy")
_SHOWN = 20
_POSTED = frozenset(HTTP_PROPERTIES)
_ATTRIBUTES = _POSTED | {"properties"}
_ENVELOPE = frozenset({"user", "properties"})
_UNION = frozenset({"string", "int", "long", "float", "double", "boolean", "bytes"})


class Entry(NamedTuple):
    """One event of a file.

    Attributes:
        number: the line or row, from 1.
        fields: None where it cannot be read.
        event_type: as the event itself says; None where it does not.
        whole: its text, or all of its values.
        flaw: why it cannot be read.
    """

    number: int
    fields: Fields | None
    event_type: str | None
    whole: object
    flaw: str = ""


def find(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """The export files at or below `paths`, and what each is called; hidden ones and `campaigns.json` are left alone.

    Raises:
        UnreadableInputError: one of the paths is not there, or holds no such file.
    """
    found = []
    for file, inside in export_files(paths, EXTENSIONS, "Currents file"):
        parts = file.absolute().parts
        typed = next((place for place, part in enumerate(parts) if part.startswith("event_type=")), None)
        # From the folder of the event type on, however the file was given; where there is none, its place inside.
        name = inside.as_posix() if typed is None else "/".join(parts[typed:])
        found.append((file, readable(name)))
    return found


def select_files(paths: Sequence[Path], since: date | None, until: date | None) -> list[Path]:
    """The files that may hold events of some days (UTC, both included); a file in no `date=` folder may always.

    The folder says when an event was queued, which is after it happened, so there is a day of margin on either side.
    No event is filtered.

    Raises:
        UnreadableInputError: there are no files, or none of these days.
    """
    low = since - _MARGIN if since else date.min
    high = until + _MARGIN if until else date.max
    kept = []
    for path, _ in find(paths):
        match = _HOUR.search(path.absolute().as_posix())
        try:
            day = datetime.strptime(match["hour"], "%Y-%m-%d-%H").date() if match else None  # noqa: DTZ007 - only its day
        except ValueError:
            day = None
        if day is None or low <= day <= high:
            kept.append(path)
    if not kept:
        raise UnreadableInputError(
            f"{readable(', '.join(map(str, paths)))}: no date= folder lies between --since and --until"
        )
    return kept


def type_in(path: Path) -> str | None:
    """The event type that the folders or the name of a file say."""
    whole = path.absolute().as_posix()
    if match := _TYPE.search(whole):
        return match["type"]
    named = _NAMED.search(path.name)
    return named[0] if named else None


def avro_frame(source: SourceFile) -> pl.DataFrame:
    """The rows of an Avro file, 32-bit floats as the 64-bit ones they equal.

    Raises:
        UnreadableInputError: the file cannot be read, or unpacks to many times its size.
    """
    require_bounded(source)
    with naming(source.name):
        try:
            with hushing():
                frame = pl.read_avro(path_as_text(source))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, MemoryError) as error:
            # Damaged files make the reader panic, which is no Exception.
            codec = record_of(source).codec
            if codec in _CODECS:
                verdict = "is damaged or not a readable Avro file"
            else:
                verdict = f"is compressed with {codec[:_SHOWN]!a}; only {', '.join(_CODECS)} can be read"
            raise UnreadableInputError(f"{source.name}: {verdict}") from error
    return frame.with_columns(cs.by_dtype(pl.Float32).cast(pl.Float64))


def avro_entries(frame: pl.DataFrame, progress: FileProgress) -> Iterator[Entry]:
    """The events of an Avro file; `progress` hears of each."""
    record = rows_of(frame)
    for position in progress.over(range(frame.height)):
        try:
            fields = record(position)
        except RowError as error:
            yield Entry(position + 1, None, None, "", str(error))
        else:
            yield Entry(position + 1, fields, None, fields)


def json_entries(source: SourceFile) -> Iterator[Entry]:
    """The events of a JSON file: of one document, or of several; arrays, and the `events` of objects, hold several.

    Raises:
        UnreadableInputError: the file cannot be read.
    """
    with text_of(source) as text:
        if not source.name.lower().removesuffix(".gz").endswith(".json"):
            yield from _several(text, source.name)
            return
        content = text.read()
    try:
        whole = parse(content, depth=DEPTH) if is_unicode(content) else None
    except RowError:
        whole = None
    if whole is None:
        yield from _several(source.progress.over(content.split("\n")), source.name)
    else:
        events = source.progress.over(_events(whole))
        yield from (_entry(number, event, event) for number, event in enumerate(events, 1))


def _several(lines: Iterable[str], name: str) -> Iterator[Entry]:
    for number, text, value in read_documents(lines, name):
        if isinstance(value, RowError):
            yield Entry(number, None, None, text, str(value))
            continue
        if type(value) is dict and "event_type" in value:
            yield _entry(number, value, text)
            continue
        events = _events(value)
        for event in events:
            yield _entry(number, event, text if len(events) == 1 else event)


def _events(value: object) -> list[object]:
    """The events in a document: itself, those of a body, or all of lists of either."""
    if isinstance(value, dict) and isinstance(value.get("events"), list) and "event_type" not in value:
        value = value["events"]
    return [event for inside in value for event in _events(inside)] if isinstance(value, list) else [value]


def _entry(number: int, event: object, whole: object) -> Entry:
    if not isinstance(event, dict):
        return Entry(number, None, None, whole, "not a JSON object")
    fields = _flatten(event)
    event_type = fields.pop("event_type", None)
    return Entry(number, fields, event_type if isinstance(event_type, str) and event_type else None, whole)


def _flatten(event: dict[str, object]) -> dict[str, object]:
    """The fields of an event as a flat record of a bucket's file has them."""
    user, properties = event.get("user"), event.get("properties")
    is_posted = isinstance(user, dict) or (isinstance(properties, dict) and not _POSTED.isdisjoint(properties))
    if not is_posted:
        return {
            name: _unwrap(value) if type(value) is dict and name not in _POSTED else value
            for name, value in event.items()
        }
    # The HTTP connector's: its own fields win, then the user's. Attributes may be called like a type.
    fields: dict[str, object] = dict(properties) if isinstance(properties, dict) else {}
    if isinstance(user, dict):
        fields.update(user)
    fields |= {name: value for name, value in event.items() if name not in _ENVELOPE}
    if dict in map(type, fields.values()):
        nested = [(name, value) for name, value in fields.items() if type(value) is dict and name not in _ATTRIBUTES]
        fields.update((name, _unwrap(value)) for name, value in nested)
    return fields


def _unwrap(value: dict[str, object]) -> object:
    """The value of an Avro union as Avro's own JSON writes it: ``{"string": "x"}``; any other object as it is."""
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name in _UNION and not isinstance(inner, dict | list):
            return inner
    return value

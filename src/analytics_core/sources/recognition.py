"""Which importer's rows a file looks like: a guess for a message, of which no number is made."""

import gzip
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from analytics_core.domain.errors import AnalyticsError, UnreadableInputError
from analytics_core.sources.files.avro_headers import record_of
from analytics_core.sources.files.files import SourceFile
from analytics_core.sources.files.json_documents import read_documents
from analytics_core.sources.files.parquet_records import names_of
from analytics_core.sources.finding.exports import files_in, is_hidden
from analytics_core.sources.rows.columns import missing
from analytics_core.sources.rows.texts import readable
from analytics_core.tables.canonical import CANONICAL

_BEGIN = 256_000
"""Bytes of a file that are looked at."""
_RECORDS, _FILES = 20, 20
_FEW = 4
"""Keys of an answer of MoEngage's Stats API beside its `data`, at most."""
_DELIMITERS = ",;\t|"
_MOENGAGE = frozenset({"event_uuid", "event_code", "event_attributes", "moe_request_id", "export_day", "db_name"})
_CUSTOMERIO = frozenset({"internal_customer_id", "subject_name", "output_id"})
_BRAZE = frozenset(
    {"external_user_id", "app_group_id", "dispatch_id", "canvas_id", "orphaned_by_id", "custom_properties"}
)


def recognise_importer(given: Path | Iterable[object]) -> str | None:
    """The name of the importer that rows look like, `canonical` among them; None where they could be anything.

    Args:
        given: a file, or the first records or their column names. A file that cannot be read could be anything.
    """
    records = _look_into(given) if isinstance(given, Path) else given
    found = (_importer_of(record) for record in records)
    return next((importer for importer in found if importer), None)


def recognise_table_in(path: Path) -> str | None:
    """The canonical table whose rows a file seems to hold; None where they could be anything."""
    found = (recognise_table([*map(str, record)]) for record in _look_into(path) if isinstance(record, Collection))
    return next((table for table in found if table), None)


def recognise_table(names: Collection[str]) -> str | None:
    """The canonical table that has all the columns it needs among `names`; None where none has."""
    return next((table for table in CANONICAL if not missing(table, set(names))), None)


@contextmanager
def suggesting_importer(paths: Sequence[Path], importer: str, table: str | None = None) -> Iterator[None]:
    """Add to an error of an `importer` what would read what lies at the paths, where that can be told.

    Args:
        paths: of files and folders.
        importer: which could not.
        table: of which canonical table's name the file at the path is; None: of none.

    Raises:
        UnreadableInputError: what is raised inside, with that.
    """
    try:
        yield
    except UnreadableInputError as error:
        raise UnreadableInputError(f"{error}{_suggest(paths, importer, table)}") from error


def _suggest(paths: Sequence[Path], importer: str, table: str | None) -> str:
    with suppress(UnreadableInputError):
        shown = (entry.path for entry in files_in(paths) if not is_hidden(Path(entry.place.name)))
        for path in islice(shown, _FILES):
            found = recognise_importer(path)
            if found not in (None, importer):
                return f"; {readable(path.name)} looks like rows of `import {found}`"
            other = recognise_table_in(path) if table else None
            if other not in (None, table):
                return f"; it looks like rows of {other}, and would be read by that name"
    return ""


def _importer_of(record: object) -> str | None:
    if not isinstance(record, Mapping):
        names = frozenset({record} if isinstance(record, str) else record if isinstance(record, Collection) else ())
        return _importer_by(names)
    event_type = record.get("event_type")
    if isinstance(event_type, str) and event_type.startswith("users."):
        return "braze"
    if isinstance(record.get("event"), Mapping) or (isinstance(record.get("data"), Mapping) and len(record) <= _FEW):
        return "moengage"
    return _importer_by(frozenset(record))


def _importer_by(names: frozenset[object]) -> str | None:
    texts = {name for name in names if isinstance(name, str)}
    if recognise_table(texts):
        return "canonical"
    if texts & _MOENGAGE:
        return "moengage"
    if texts & _CUSTOMERIO or texts >= {"delivery_id", "metric"}:
        return "customerio"
    return "braze" if texts & _BRAZE else None


def _look_into(path: Path) -> list[object]:
    """Some records of a file, or once the names of its columns; nothing of one that cannot be read."""
    with suppress(OSError, EOFError, zlib.error, ValueError, AnalyticsError):
        return list(_first_records(path))
    return []


def _first_records(path: Path) -> Iterator[object]:
    """Some records of a file from its begin, or once the names of its columns."""
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
    source = SourceFile("", path, readable(path.name), "")
    if begin.startswith(b"Obj\x01"):
        yield record_of(source).fields
    elif begin.startswith(b"PAR1"):
        yield names_of(source)
    else:
        if begin.startswith(b"\x1f\x8b"):
            with gzip.open(path) as unpacked:
                begin = unpacked.read(_BEGIN)
        yield from _records_of_text(begin.decode("utf-8-sig", errors="replace"))


def _records_of_text(text: str) -> Iterator[object]:
    if text.lstrip()[:1] in {"{", "["}:
        documents = read_documents(io.StringIO(text), "")
        found = (each for _, _, value in documents if not isinstance(value, Exception) for each in _inside(value))
        yield from islice(found, _RECORDS)
    else:
        header = next(iter(text.lstrip().splitlines()), "")
        delimiter = max(_DELIMITERS, key=header.count)
        yield tuple(name.strip(" \"'") for name in header.split(delimiter))


def _inside(value: object) -> Iterator[object]:
    """The records in a document: itself, those of a list, or of the body of a vendor's request."""
    if isinstance(value, list):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, dict) and isinstance(value.get("events"), list):
        yield from _inside(value["events"])
    else:
        yield value

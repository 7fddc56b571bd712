"""Avro object container files from outside: which record they hold, how many rows, how large; not one is read."""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain
from typing import IO

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.bounded import AS_TEXT, MOST_TIMES, require_bound
from analytics_core.sources.files.files import SourceFile, naming

_MAGIC = b"Obj\x01"
_LONGEST = 16_000_000
_MAX_SHIFT = 63
_SYNC = 16
"""Bytes that end the header, and each block."""
_SCHEMA, _CODEC = b"avro.schema", b"avro.codec"
_VALUE = 16
"""Bytes that a value takes in memory, at least, however few it takes in the file."""
_LEAST = {"null": 0, "float": 4, "double": 8}
"""Bytes that a value takes in the file, at least, where it is not one."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class AvroRecord:
    """The record a file holds: its full name, empty where it has none, its fields, and how its rows are compressed."""

    name: str
    fields: tuple[str, ...]
    codec: str


def record_of(source: SourceFile) -> AvroRecord:
    """What the header says.

    Raises:
        UnreadableInputError: it is not the header of an Avro file of records.
    """
    with naming(source.name), source.path.open("rb") as file:
        try:
            found = _metadata(file)
            schema = json.loads(found[_SCHEMA])
            fields = tuple(str(field["name"]) for field in schema["fields"])
            name, space = str(schema.get("name") or ""), str(schema.get("namespace") or "")
            full_name = name if "." in name or not space else f"{space}.{name}"
            return AvroRecord(full_name, fields, found.get(_CODEC, b"null").decode(errors="replace"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableInputError(f"{source.name}: is damaged or not an Avro file of records") from error


def count_rows(source: SourceFile) -> int:
    """How many rows a file has, of whatever types and however compressed.

    Raises:
        UnreadableInputError: it is not a whole Avro file.
    """
    with naming(source.name), source.path.open("rb") as file:
        source.progress.follow(file)
        try:
            _metadata(file)
            return sum(rows for rows, _ in _blocks(file))
        except ValueError as error:
            raise UnreadableInputError(f"{source.name}: is damaged or not a readable Avro file") from error


def require_bounded(source: SourceFile) -> None:
    """Refuse a file that would unpack to many times its size.

    Raises:
        UnreadableInputError: it would, or is not a whole Avro file of records.
    """
    with naming(source.name), source.path.open("rb") as file:
        try:
            found, size = _metadata(file), os.fstat(file.fileno()).st_size
            _, width = _room_of(json.loads(found[_SCHEMA]), {})
            codec, unpacked = found.get(_CODEC, b"null"), 0
            for rows, packed in _blocks(file):
                for part in chain([rows * width], _unpack(file, codec, packed)):
                    unpacked += part
                    require_bound(source.name, size, unpacked, AS_TEXT)
        except UnreadableInputError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError, zlib.error) as error:
            raise UnreadableInputError(f"{source.name}: is damaged or not a readable Avro file") from error


def _blocks(file: BufferedReader) -> Iterator[tuple[int, int]]:
    """The rows of each block and the bytes they take, at which the file stands; the bytes of the mark come after them.

    Where they are read or not, the next block is the next one.
    """
    size = os.fstat(file.fileno()).st_size
    sync = _exactly(file, _SYNC)
    while file.peek(1):
        rows, packed = _long(file), _long(file)
        end = file.tell() + packed
        if rows < 0 or not file.tell() <= end <= size:
            raise ValueError("no block")
        yield rows, packed
        file.seek(end)
        if _exactly(file, _SYNC) != sync:
            raise ValueError("no block")


def _unpack(file: IO[bytes], codec: bytes, packed: int) -> Iterator[int]:
    """How many bytes more and more of a block unpacks to; a codec that cannot be read unpacks to what it is."""
    if codec == b"snappy" and packed:
        yield _varint(file)
    elif codec == b"deflate":
        unpacking, content = zlib.decompressobj(-zlib.MAX_WBITS), file.read(packed)
        while content and not unpacking.eof:
            yield len(unpacking.decompress(content, _CHUNK))
            content = unpacking.unconsumed_tail
    else:
        yield packed


def _room_of(schema: object, named: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Bytes that a value of a type takes, at least: in the file, and in memory.

    A ValueError where an item of a list may take nothing in the file, or many times more in memory: a few bytes could
    say that there are any number of them.

    Args:
        schema: the type.
        named: what types take that were met before, by name.
    """
    if isinstance(schema, list):
        return 1, max((_room_of(each, named)[1] for each in schema), default=_VALUE)
    if not isinstance(schema, dict):
        name = str(schema)
        return (_LEAST[name], _VALUE) if name in _LEAST else named.get(name.rpartition(".")[2], (1, _VALUE))
    room = 1, _VALUE
    match schema["type"]:
        case "record":
            rooms = [_room_of(field["type"], named) for field in schema["fields"]]
            room = sum(packed for packed, _ in rooms), sum((memory for _, memory in rooms), start=_VALUE)
        case "fixed":
            room = max(int(schema["size"]), 0), max(int(schema["size"]), _VALUE)
        case "array" | "map" as kind:
            packed, memory = _room_of(schema["items" if kind == "array" else "values"], named)
            if memory > packed * MOST_TIMES:
                raise ValueError("items of nothing")
        case "enum":
            pass
        case inner:
            room = _room_of(inner, named)
    named[str(schema.get("name")).rpartition(".")[2]] = room
    return room


def _metadata(file: IO[bytes]) -> dict[bytes, bytes]:
    """Blocks of pairs, each after their number; a negative number is followed by the size of the block in bytes."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("no Avro file")
    found: dict[bytes, bytes] = {}
    while count := _long(file):
        if count < 0:
            _long(file)
        for _ in range(abs(count)):
            key = _bytes(file)
            found[key] = _bytes(file)
    return found


def _bytes(file: IO[bytes]) -> bytes:
    size = _long(file)
    if not 0 <= size <= _LONGEST:
        raise ValueError("no length")
    return _exactly(file, size)


def _exactly(file: IO[bytes], size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise ValueError("cut short")
    return found


def _long(file: IO[bytes]) -> int:
    """A number with its sign in the lowest bit."""
    number = _varint(file)
    return (number >> 1) ^ -(number & 1)


def _varint(file: IO[bytes]) -> int:
    """A number of seven bits a byte, the lowest first."""
    number = 0
    for shift in range(0, _MAX_SHIFT + 1, 7):
        byte = file.read(1)
        if not byte:
            raise ValueError("cut short")
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            return number
    raise ValueError("too long a number")

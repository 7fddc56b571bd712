"""Avro object container files from outside: which record they hold and how many rows, without reading one."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import IO

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.files import SourceFile, naming

_MAGIC = b"Obj\x01"
_LONGEST = 16_000_000
_MAX_SHIFT = 63
_SYNC = 16
"""Bytes that end the header, and each block."""
_SCHEMA, _CODEC = b"avro.schema", b"avro.codec"


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
            return sum(_blocks(file))
        except ValueError as error:
            raise UnreadableInputError(f"{source.name}: is damaged or not a readable Avro file") from error


def _blocks(file: BufferedReader) -> Iterator[int]:
    """The rows of each block, at whose end the bytes stand that the header ends with."""
    sync = _exactly(file, _SYNC)
    while file.peek(1):
        count, size = _long(file), _long(file)
        file.seek(max(size, 0), os.SEEK_CUR)
        if count < 0 or size < 0 or _exactly(file, _SYNC) != sync:
            raise ValueError("no block")
        yield count


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
    """A number of seven bits a byte, the lowest first, with its sign in the lowest bit."""
    number = 0
    for shift in range(0, _MAX_SHIFT + 1, 7):
        byte = file.read(1)
        if not byte:
            raise ValueError("cut short")
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            return (number >> 1) ^ -(number & 1)
    raise ValueError("too long a number")

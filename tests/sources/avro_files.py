"""Avro files written byte by byte, for what Polars cannot write."""

import json
from collections.abc import Mapping

_SYNC = b"0123456789abcdef"


def in_avro(number: int) -> bytes:
    """A number as Avro writes it: the sign in the lowest bit, seven bits a byte, the lowest first."""
    rest, written = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*written, rest])


def text_in_avro(text: str | bytes) -> bytes:
    """A text or bytes after their length."""
    content = text.encode() if isinstance(text, str) else text
    return in_avro(len(content)) + content


def header(schema: object, *, codec: str = "null", length: int | None = None, is_sized: bool = True) -> bytes:
    """A header with a block for each of its metadata, which says its size or not; values claim to have a `length`."""
    blocks = b""
    for key, value in (("avro.codec", codec), ("avro.schema", json.dumps(schema))):
        size = len(value) if length is None else length
        pair = text_in_avro(key) + in_avro(size) + value.encode()
        blocks += (in_avro(-1) + in_avro(len(pair)) if is_sized else in_avro(1)) + pair
    return b"Obj\x01" + blocks + in_avro(0) + _SYNC


def avro_file(name: str, fields: Mapping[str, tuple[object, bytes]], *, codec: str = "null") -> bytes:
    """A file of one row: of each field its type and its value as written."""
    described = [{"name": key, "type": kind} for key, (kind, _) in fields.items()]
    row = b"".join(value for _, value in fields.values())
    schema = {"type": "record", "name": name, "fields": described}
    return header(schema, codec=codec, is_sized=False) + in_avro(1) + text_in_avro(row) + _SYNC

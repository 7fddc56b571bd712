"""JSON as text: numbers keep their digits, nothing is rounded on the way in or out."""

import json
from json.encoder import encode_basestring

from analytics_core.domain.errors import RowError

MAX_DEPTH = 100
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


class Number(str):
    """A finite JSON number, as it was written."""

    __slots__ = ()


class NotFinite(str):
    """One of the tokens NaN, Infinity, -Infinity, which are not JSON but are written by many programs."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=NotFinite)

quoted = encode_basestring
"""A text as a JSON string; characters beyond ASCII stay as they are."""


def decode(text: str) -> object:
    """One JSON value of a text that is known to be JSON, as `parse` gives it."""
    value: object = _DECODER.decode(text)
    return value


def decode_at(text: str, place: int) -> tuple[object, int]:
    """The JSON value that begins at a place of a text, as `parse` gives it, and where it ends.

    Raises:
        JSONDecodeError: there is none; its `pos` is the end of the text where nothing but more text is wanting.
        RecursionError: it is nested too deeply to be read.
    """
    return _DECODER.raw_decode(text, place)


def parse(text: str, *, depth: int = MAX_DEPTH) -> object:
    """One JSON value: numbers as `Number`, NaN and infinities as `NotFinite`, of repeated keys the last.

    Raises:
        RowError: it is not JSON, or nested deeper than `depth`.
    """
    try:
        value = _decode_dense(text)
    except json.JSONDecodeError as error:
        raise RowError(f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise RowError(TOO_DEEP) from error
    require_depth(text, value, depth)
    return value


def _decode_dense(text: str) -> object:
    """As `decode`, faster where nothing stands around the value."""
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        return decode(text)
    return value if end == len(text) else decode(text)


def require_depth(text: str, value: object, depth: int) -> None:
    """Refuse what is nested deeper: the parser's own limit depends on who calls, a fixed one is the same everywhere.

    Raises:
        RowError: the value, which the text spells, is nested deeper than `depth`.
    """
    if text.count("[") + text.count("{") > depth and depth_of(value) > depth:
        raise RowError(TOO_DEEP)


def parse_record(line: str) -> dict[str, object]:
    """The JSON object on one line.

    Raises:
        RowError: it is not JSON, not an object, or nested too deeply.
    """
    value = parse(line, depth=MAX_DEPTH + 1)
    if not isinstance(value, dict):
        raise RowError("not a JSON object")
    return value


def compact(value: object) -> str:
    """A `value` like those of `parse`, or with Python's own numbers, as JSON without white space.

    Keys stay in their order, and a `Number` has every digit.
    """
    match value:
        case Number():
            return str(value)
        case str():
            return quoted(value)
        case dict():
            return "{" + ",".join(f"{quoted(key)}:{compact(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ",".join(map(compact, value)) + "]"
        case _:
            return json.dumps(value)


def depth_of(value: object) -> int:
    """Levels of objects and arrays, found level by level so that no nesting can exhaust the stack."""
    depth, level = 0, [value]
    while containers := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
    return depth

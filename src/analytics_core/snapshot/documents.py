"""The Snapshot as the JSON document other programs read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from analytics_core.snapshot.kinds import Kind, exact_money, six_decimals
from analytics_core.snapshot.snapshot import NOT_IN_DOCUMENT, SCHEMA_VERSION, Snapshot

_PLAIN = frozenset({int, float, str, bool, type(None)})
"""What a document holds as it is, and mostly."""
_Way = Callable[[Any, bool], Any]
"""From a value, and whether it is divided money, to what the document has."""


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The document of one campaign: shares 0-1, money as decimal strings, times ISO 8601 UTC, undefined null."""
    return {"schema_version": SCHEMA_VERSION, **_object(snapshot)}


def document_fields(part: Any) -> Iterator[Field[Any]]:  # noqa: ANN401 - any dataclass of the Snapshot, or one of it
    """The fields that the document has."""
    return (field for field in fields(part) if field.metadata != NOT_IN_DOCUMENT)


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of the Snapshot
    written = {}
    for name, said, was_divided in _find_columns(value.__class__):
        held = getattr(value, name)
        written[said] = held if held.__class__ in _PLAIN else _find_way(held.__class__)(held, was_divided)
    return written


@cache
def _find_columns(part: type) -> tuple[tuple[str, str, bool], ...]:
    """Of each field its name, its name in the document, and whether its declaration says that it holds divided money.

    Also where it holds several amounts, or both ends of an interval.
    """
    hints = get_type_hints(part, include_extras=True)
    # A trailing underscore only keeps a field from being a Python keyword.
    return tuple(
        (field.name, field.name.removesuffix("_"), Kind.AVERAGE in _kinds(hints[field.name]))
        for field in document_fields(part)
    )


def _kinds(hint: Any) -> Iterator[Kind]:  # noqa: ANN401 - any annotation
    arguments = get_args(hint)
    if get_origin(hint) is Annotated:
        yield arguments[1]
    elif not is_dataclass(hint):
        for argument in arguments:
            yield from _kinds(argument)


def _write_items(items: Iterable[Any], was_divided: bool) -> list[Any]:  # noqa: FBT001 - a _Way
    return [item if item.__class__ in _PLAIN else _find_way(item.__class__)(item, was_divided) for item in items]


_WAYS: dict[type, _Way] = {
    Decimal: lambda amount, was_divided: six_decimals(amount) if was_divided else exact_money(amount),
    datetime: lambda instant, _: instant.astimezone(UTC).isoformat(),
    date: lambda day, _: day.isoformat(),  # local already
    Enum: lambda word, _: word.value,
    tuple: _write_items,
    list: _write_items,
}


@cache
def _find_way(kind: type) -> _Way:
    """How the document has values of a type, of which there are many: looked for once."""
    if is_dataclass(kind):
        return lambda part, _: _object(part)
    return next((way for base, way in _WAYS.items() if issubclass(kind, base)), lambda value, _: value)

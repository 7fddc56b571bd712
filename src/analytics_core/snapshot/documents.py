"""The Snapshot as the JSON document other programs read."""

from collections.abc import Iterator
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


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The document of one campaign: shares 0-1, money as decimal strings, times ISO 8601 UTC, undefined null."""
    return {"schema_version": SCHEMA_VERSION, **_object(snapshot)}


def document_fields(part: Any) -> Iterator[Field[Any]]:  # noqa: ANN401 - any dataclass of the Snapshot, or one of it
    """The fields that the document has."""
    return (field for field in fields(part) if field.metadata != NOT_IN_DOCUMENT)


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of the Snapshot
    return {
        said: _value(getattr(value, name), was_divided=was_divided)
        for name, said, was_divided in _find_columns(value.__class__)
    }


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


def _value(value: Any, *, was_divided: bool) -> Any:  # noqa: ANN401 - whatever a Snapshot holds
    if value.__class__ in _PLAIN:
        return value
    match value:
        case Decimal():
            return six_decimals(value) if was_divided else exact_money(value)
        case date():
            # An instant in UTC, or a day that is local already.
            return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()
        case Enum():
            return value.value
        case tuple() | list():
            return [_value(item, was_divided=was_divided) for item in value]
        case _:
            return _object(value) if is_dataclass(value) else value

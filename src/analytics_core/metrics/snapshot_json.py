"""The Snapshot as the JSON document other programs read."""

from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from analytics_core.metrics.snapshot import NOT_IN_DOCUMENT, SCHEMA_VERSION, RevenueFigures, Snapshot

_QUOTIENTS = {"average_order_value", "average_revenue_per_user"}
"""Where money stands that was divided; so is all money of a comparison of revenue."""


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The document of one campaign: shares 0-1, money as decimal strings, times ISO 8601 UTC, undefined null."""
    return {"schema_version": SCHEMA_VERSION, **_object(snapshot)}


def exact_money(amount: Decimal) -> str:
    """An exact sum as text: at least two decimals, at most six, no exponent."""
    whole, _, decimals = six_decimals(amount).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def six_decimals(amount: Decimal) -> str:
    """Money that was divided, as text; what rounds to nothing has no sign."""
    return f"{amount:z.6f}"


def document_fields(part: Any) -> Iterator[Field[Any]]:  # noqa: ANN401 - any dataclass of the Snapshot, or one of it
    """The fields that the document has."""
    return (field for field in fields(part) if field.metadata != NOT_IN_DOCUMENT)


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass of the Snapshot
    compared = isinstance(value, RevenueFigures)
    found = {field.name: getattr(value, field.name) for field in document_fields(value)}
    # A trailing underscore only keeps a field from being a Python keyword.
    return {
        name.removesuffix("_"): _value(inner, divided=compared or name in _QUOTIENTS) for name, inner in found.items()
    }


def _moment(value: date) -> str:
    """An instant in UTC, or a day that is local already."""
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()


def _value(value: Any, *, divided: bool) -> Any:  # noqa: ANN401 - whatever a Snapshot holds
    match value:
        case Decimal():
            return six_decimals(value) if divided else exact_money(value)
        case date():
            return _moment(value)
        case Enum():
            return value.value
        case tuple() | list():
            return [_value(item, divided=divided) for item in value]
        case _ if is_dataclass(value):
            return _object(value)
        case _:
            return value

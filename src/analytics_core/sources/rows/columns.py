"""How each canonical column is read, derived from the declared tables."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

import dataframely as dy

from analytics_core.domain.words import ControlGroupType, Counting, Outcome, Vendor
from analytics_core.tables.canonical import LONGEST, TABLES

ATTRIBUTES = "attributes"
ATTRIBUTE_PREFIX = "attributes."

_MAX_INT64 = 2**63 - 1
_WORDS: dict[str, type[StrEnum]] = {
    "outcome": Outcome,
    "control_group_type": ControlGroupType,
    "vendor": Vendor,
    "counting": Counting,
}


class Kind(Enum):
    """What may stand in a column's cells."""

    IDENTIFIER = auto()
    TEXT = auto()
    WORD = auto()
    INSTANT = auto()
    DAY = auto()
    WHOLE = auto()
    ROUNDED = auto()
    EXACT = auto()
    PERSONALIZATION = auto()
    ATTRIBUTES = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column: its kind, whether a row needs it, and the bounds of its values where it has any."""

    name: str
    kind: Kind
    required: bool
    words: tuple[str, ...] = ()
    low: int = -_MAX_INT64
    high: int = _MAX_INT64


_BY_TYPE: dict[type[dy.Column], Kind] = {
    dy.Datetime: Kind.INSTANT,
    dy.Date: Kind.DAY,
    dy.Decimal: Kind.EXACT,
    dy.List: Kind.PERSONALIZATION,
}


def _kind(name: str, declared: dy.Column) -> Kind:
    if name in _WORDS:
        return Kind.WORD
    if type(declared) in _BY_TYPE:
        return _BY_TYPE[type(declared)]
    match declared:
        case dy.Int32() | dy.Int64():
            # A duration may come with a fraction; a code or a count with one is a mistake.
            return Kind.ROUNDED if name == "duration_ms" else Kind.WHOLE
        case dy.String() if LONGEST in (declared.metadata or {}):
            return Kind.IDENTIFIER
        case _:
            return Kind.ATTRIBUTES if name == ATTRIBUTES else Kind.TEXT


def _column(name: str, declared: dy.Column) -> Column:
    low, high = getattr(declared, "min", None), getattr(declared, "max", None)
    return Column(
        name=name,
        kind=_kind(name, declared),
        required=not declared.nullable,
        words=tuple(_WORDS[name]) if name in _WORDS else (),
        low=-_MAX_INT64 if low is None else low,
        high=_MAX_INT64 if high is None else high,
    )


COLUMNS: dict[str, tuple[Column, ...]] = {
    table: tuple(_column(name, declared) for name, declared in schema.columns().items())
    for table, schema in TABLES.items()
}
"""Every table's columns in declared order."""


def is_attribute(table: str, name: str) -> bool:
    """Whether a column or key `name` of `table` holds one attribute, as ``attributes.NAME``."""
    return table == "events" and name.startswith(ATTRIBUTE_PREFIX) and name != ATTRIBUTE_PREFIX


def missing(table: str, names: set[str]) -> list[str]:
    """Columns every row of `table` needs that are not among `names`, in declared order."""
    return [column.name for column in COLUMNS[table] if column.required and column.name not in names]

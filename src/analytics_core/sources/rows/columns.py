"""The canonical columns by table, and the names that hold one attribute of an event each."""

from collections.abc import Mapping

from analytics_core.tables.canonical import TABLES
from analytics_core.tables.declaration import Column

ATTRIBUTES = "attributes"
ATTRIBUTE_PREFIX = "attributes."

COLUMNS: Mapping[str, tuple[Column, ...]] = {name: table.columns for name, table in TABLES.items()}
"""Every table's columns in declared order."""


def is_attribute(table: str, name: str) -> bool:
    """Whether a column or key `name` of `table` holds one attribute, as ``attributes.NAME``."""
    return table == "events" and name.startswith(ATTRIBUTE_PREFIX) and name != ATTRIBUTE_PREFIX


def missing(table: str, names: set[str]) -> list[str]:
    """Columns every row of `table` needs that are not among `names`, in declared order."""
    return [column.name for column in COLUMNS[table] if column.required and column.name not in names]

"""The canonical columns by table, names of single attributes, and names that files have and we do not read."""

import re
from collections.abc import Iterable, Mapping

from analytics_core.sources.rows.texts import readable
from analytics_core.tables.canonical import TABLES
from analytics_core.tables.declaration import Column

ATTRIBUTES = "attributes"
ATTRIBUTE_PREFIX = "attributes."

COLUMNS: Mapping[str, tuple[Column, ...]] = {name: table.columns for name, table in TABLES.items()}
"""Every table's columns in declared order."""

MAX_NAMES = 100
_SHOWN = 100
_PLAIN = re.compile(r'[^"\\\x00-\x1f]{1,64}')
_MAX_PLAIN = 30


def is_attribute(table: str, name: str) -> bool:
    """Whether a column or key `name` of `table` holds one attribute, as ``attributes.NAME``."""
    return table == "events" and name.startswith(ATTRIBUTE_PREFIX) and name != ATTRIBUTE_PREFIX


def missing(table: str, names: set[str]) -> list[str]:
    """Columns every row of `table` needs that are not among `names`, in declared order."""
    return [column.name for column in COLUMNS[table] if column.required and column.name not in names]


class UnknownNames:
    """The names one file has beyond those of its `table`; at most 100, each cut to 100 characters."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._known = frozenset(column.name for column in COLUMNS[table])
        self._names: set[str] = set()

    def add(self, names: Iterable[str]) -> None:
        """Take note of those of `names` that are unknown."""
        for name in names:
            if name not in self._known and not is_attribute(self._table, name) and len(self._names) < MAX_NAMES:
                self._names.add(readable(name[:_SHOWN]))

    def plain(self) -> tuple[str, ...]:
        """Some of the names, sorted: short ones that JSON writes without an escape."""
        return tuple(name for name in self.names() if _PLAIN.fullmatch(name))[:_MAX_PLAIN]

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._names))

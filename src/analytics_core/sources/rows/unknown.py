"""Columns and keys that files have and we do not read: collected to be named, never an error."""

import re
from collections.abc import Iterable

from analytics_core.sources.rows.columns import COLUMNS, is_attribute
from analytics_core.sources.rows.rejection import readable

MAX_NAMES = 100
_SHOWN = 100
_PLAIN = re.compile(r'[^"\\\x00-\x1f]{1,64}')
_MAX_PLAIN = 30


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

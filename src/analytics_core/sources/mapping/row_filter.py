"""Which rows of a source count: those that fulfil every condition."""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import and_

import polars as pl

from analytics_core.domain.errors import RowError
from analytics_core.sources.mapping.attribute_types import spell
from analytics_core.sources.mapping.read_options import Condition
from analytics_core.sources.mapping.source_values import NUMBER, SourceValues
from analytics_core.sources.rows.cells import Record
from analytics_core.sources.tabular.given_rows import GivenRows


class RowFilter:
    """Finds the rows that fulfil all of some conditions.

    Args:
        conditions: all of them.
        values: finds what they are about.
    """

    def __init__(self, conditions: Sequence[Condition], values: SourceValues) -> None:
        self._conditions, self._values = conditions, values
        self.is_needed = bool(conditions)

    def mask(self, given: GivenRows) -> tuple[pl.Series | None, Collection[int]]:
        """Which rows count.

        Returns:
            Per row, whether it counts, None where all do; and the places of those of which that cannot be said. Those
            count, as do rows that cannot be read: they are to be rejected.
        """
        if not self._conditions:
            return None, ()
        columns = given.columns
        if columns is not None:
            texts = [self._values.text(condition.column, columns.schema) for condition in self._conditions]
            plain = [text for text in texts if text is not None]
            if len(plain) == len(texts):
                held = [condition.test(text) for condition, text in zip(self._conditions, plain, strict=True)]
                numbered = columns.with_columns(pl.Series(NUMBER, given.numbers, pl.Int64))
                found = numbered.select(reduce(and_, held).alias("kept")).to_series()
                return found if given.sound is None else found | ~given.sound, ()
        found_by_row = [self._holds_at(given, place) for place in range(len(given.numbers))]
        undecided = [place for place, holds in enumerate(found_by_row) if holds is None]
        return pl.Series([holds is not False for holds in found_by_row], dtype=pl.Boolean), undecided

    def holds(self, record: Record, number: int) -> bool:
        """Whether the record that is row `number` counts.

        Raises:
            RowError: that cannot be said.
        """
        return all(
            condition.allows(spell(self._values.find(condition.column, record, number)))
            for condition in self._conditions
        )

    def _holds_at(self, given: GivenRows, place: int) -> bool | None:
        try:
            return self.holds(given.read(place), given.numbers[place])
        except RowError:
            return None

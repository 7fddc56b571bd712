"""Values of events' attributes that are no numbers, where a goal earns by them or compares them with a number."""

import re
from collections.abc import Iterator

import polars as pl

from analytics_core.attribution.json_values import check_literals, literal_of
from analytics_core.attribution.numeric import number_in, plain_number
from analytics_core.domain.campaign import Goal, GoalFilter
from analytics_core.domain.words import FilterOperator
from analytics_core.json_text import Number, decode, quoted
from analytics_core.snapshot.snapshot import GoalResult

_COMPARING = {FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT, FilterOperator.LTE}
_EQUAL = {FilterOperator.IS, FilterOperator.IS_NOT, FilterOperator.IN, FilterOperator.NOT_IN}


def list_numbers_needed(goal: Goal, result: GoalResult) -> Iterator[tuple[str, bool]]:
    """The attributes that have to be numbers for a goal, and whether it earns by them.

    Revenue is among them only where the Snapshot has credited events without a value.
    """
    if goal.revenue and result.events_without_value:
        yield goal.revenue.attribute, True
    yield from ((name, False) for name in dict.fromkeys(rule.attribute for rule in goal.filters if _needs_number(rule)))


def _needs_number(rule: GoalFilter) -> bool:
    values = rule.value if isinstance(rule.value, list) else [rule.value]
    if rule.op in _COMPARING:
        return True
    numbers = (isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return rule.op in _EQUAL and bool(values) and all(numbers)


def find_values_without_number(events: pl.LazyFrame, attribute: str) -> pl.LazyFrame:
    """How often an attribute has which values that are no number: `literal` (JSON) and `len`, the most frequent first.

    Args:
        events: with the column `attributes`.
        attribute: its name; where it is absent or null there is no value.
    """
    # What an unquoted number follows is a number: finding out so costs a fraction of reading it.
    may_be_other = pl.col("attributes").str.contains(re.escape(f"{quoted(attribute)}:") + "[^-0-9]")
    literals = events.filter(may_be_other).select(literal=literal_of(attribute))
    strange = plain_number(pl.col("literal")).is_null() & check_literals(pl.col("literal"), _states_no_number)
    counted = literals.filter(pl.col("literal").is_not_null()).filter(strange).group_by("literal").len()
    return counted.sort("len", "literal", descending=[True, False])


def _states_no_number(literal: str) -> bool:
    return number_in(literal) is None


def read_literal(literal: str) -> str:
    """The text of a literal that is one; any other as JSON writes it."""
    value = decode(literal)
    return value if isinstance(value, str) and not isinstance(value, Number) else literal

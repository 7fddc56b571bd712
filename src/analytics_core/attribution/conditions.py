"""Which events count for which goals: names and filters as expressions."""

import operator
from collections.abc import Callable, Iterable
from typing import Any, assert_never

import polars as pl

from analytics_core.attribution.json_values import literal_of, map_texts, same_json, strip_quotes
from analytics_core.attribution.numeric import MONEY, equals_number, fits_money, is_number, number_in, plain_number
from analytics_core.domain.campaign import GoalFilter
from analytics_core.domain.words import FilterOperator
from analytics_core.json_text import Number, compact, decode

_COMPARISONS: dict[FilterOperator, Callable[..., Any]] = {
    FilterOperator.GT: operator.gt,
    FilterOperator.GTE: operator.ge,
    FilterOperator.LT: operator.lt,
    FilterOperator.LTE: operator.le,
}
_BOOLEANS = ({"true", '"true"'}, {"false", '"false"'})
"""The literals that equal each other though one is a boolean and the other a text."""


def holds(rule: GoalFilter) -> pl.Expr:
    """Whether an event's attribute fulfils `rule`; false, never null, where it is absent or null."""
    literal = literal_of(rule.attribute)
    match rule.op:
        case FilterOperator.EXISTS:
            test = pl.lit(value=True)
        case FilterOperator.IS:
            test = _equals_any(literal, [rule.value])
        case FilterOperator.IS_NOT:
            test = ~_equals_any(literal, [rule.value])
        case FilterOperator.IN:
            test = _equals_any(literal, _values(rule))
        case FilterOperator.NOT_IN:
            test = ~_equals_any(literal, _values(rule))
        case FilterOperator.CONTAINS:
            test = _contains(literal, rule.value)
        case FilterOperator.GT | FilterOperator.GTE | FilterOperator.LT | FilterOperator.LTE:
            test = _compares(literal, rule)
        case _:
            assert_never(rule.op)
    return test.fill_null(value=False) & literal.is_not_null()


def _values(rule: GoalFilter) -> list[object]:
    return list(rule.value) if isinstance(rule.value, list) else []


def _equals_any(literal: pl.Expr, values: Iterable[object]) -> pl.Expr:
    """Whether a literal equals one of `values` as JSON values, text that spells a number or boolean being that too."""
    wanted = [decode(compact(value)) for value in values]
    spelled = {compact(value) for value in wanted if isinstance(value, bool | str) and not isinstance(value, Number)}
    spelled = spelled.union(*(either for either in _BOOLEANS if spelled & either))
    numbers = [value for value in wanted if isinstance(value, Number)]
    texts = [Number(value) for value in wanted if isinstance(value, str) and is_number(value)]
    nested = [value for value in wanted if isinstance(value, list | dict)]
    tests = [literal.is_in(sorted(spelled))]
    if numbers:
        tests.append(equals_number(strip_quotes(literal), numbers))
    if texts:
        # Two texts are compared as texts: what a text of the filter's spells is looked for among numbers only.
        tests.append(equals_number(pl.when(~literal.str.starts_with('"')).then(literal), texts))
    if nested:
        same = map_texts(
            pl.when(literal.str.contains(r"^[\[{]")).then(literal),
            lambda found: any(same_json(decode(found), value) for value in nested),
            pl.Boolean,
        )
        tests.append(same.fill_null(value=False))
    return pl.any_horizontal(tests)


def _contains(literal: pl.Expr, value: object) -> pl.Expr:
    if not isinstance(value, str):
        return pl.lit(value=False)
    text = pl.when(literal.str.starts_with('"')).then(literal)
    escaped = pl.when(text.str.contains("\\", literal=True)).then(text)
    readable = pl.coalesce(map_texts(escaped, lambda found: str(decode(found)), pl.String), strip_quotes(text))
    return readable.str.contains(value, literal=True)


def _compares(literal: pl.Expr, rule: GoalFilter) -> pl.Expr:
    may_be_number = isinstance(rule.value, int | float | str) and not isinstance(rule.value, bool)
    bound = number_in(compact(rule.value)) if may_be_number else None
    if bound is None:
        return pl.lit(value=False)
    compare = _COMPARISONS[rule.op]

    def exactly(found: str) -> bool:
        number = number_in(found)
        return number is not None and bool(compare(number, bound))

    if not fits_money(bound):
        return map_texts(literal, exactly, pl.Boolean)
    plain = plain_number(literal)
    rest = pl.when(plain.is_null()).then(literal)
    return pl.coalesce(compare(plain, pl.lit(bound).cast(MONEY)), map_texts(rest, exactly, pl.Boolean))

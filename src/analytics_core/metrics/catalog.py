"""The catalog of every metric: cards, tables, documents and explanations read it, so each has one definition.

``python -m analytics_core.metrics.catalog`` prints it as Markdown.
"""

import sys
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.words import AnalyticsVersion, Counting
from analytics_core.metrics import conversion_metrics as conversion
from analytics_core.metrics import delivery_metrics as delivery
from analytics_core.metrics import incremental_metrics as incremental
from analytics_core.metrics import uplift_metrics as uplift
from analytics_core.metrics.metric import Group, Metric, Unit, Value
from analytics_core.snapshot.snapshot import Counts, GoalResult, Shares, Snapshot, Unknown

__all__ = ["CATALOG", "Group", "Metric", "Unit", "Value", "catalog_markdown", "goal_value_of", "metric", "value_of"]

CATALOG: dict[str, Metric] = {
    declared.name: declared
    for declared in (
        conversion.CONVERTED_USERS,
        conversion.CONVERSION_EVENTS,
        conversion.CONVERSION_RATE,
        conversion.CONVERTED_PEOPLE,
        *uplift.BY_SENT,
        *incremental.BY_ASSIGNMENT,
        conversion.MEDIAN_SECONDS_TO_CONVERT,
        conversion.P75_SECONDS_TO_CONVERT,
        conversion.P90_SECONDS_TO_CONVERT,
        conversion.P95_SECONDS_TO_CONVERT,
        conversion.REVENUE,
        conversion.AVERAGE_ORDER_VALUE,
        conversion.AVERAGE_REVENUE_PER_USER,
        *incremental.REVENUE_BY_ASSIGNMENT,
        conversion.EVENTS_WITHOUT_VALUE,
        conversion.EVENTS_IN_OTHER_CURRENCY,
        conversion.EVENTS_WITH_ROUNDED_VALUE,
        delivery.ATTEMPTED,
        delivery.SENT,
        delivery.FAILED,
        delivery.SENT_RATE,
        delivery.FAILURE_RATE,
        delivery.ATTEMPTED_SHARE,
        delivery.USERS_IN_SEGMENT,
        delivery.AFTER_FREQUENCY_CAP,
        delivery.AFTER_PERSONALIZATION,
        delivery.FAILED_RESPONSES,
        delivery.PERSONALIZATION_FAILED,
        delivery.FREQUENCY_CAPPED,
        delivery.CONTROL_GROUP,
        delivery.GLOBAL_CONTROL_GROUP,
        delivery.UNACCOUNTED,
        delivery.REQUEST_ATTEMPTS,
        delivery.CONTAMINATED_USERS,
        uplift.SAMPLE_RATIO,
        delivery.MATURED_SHARE,
    )
}
"""Every metric by name, in the order of the page."""

_PERCENTILES = {f"p{percent}_seconds_to_convert": percent for percent in (75, 90, 95)}
_OF_GOAL = {field.name for field in fields(GoalResult)} - {"uplift"} | _PERCENTILES.keys()
GOAL_METRICS = tuple(name for name in CATALOG if name in _OF_GOAL)
"""The metrics each goal has a figure of its own for."""


def metric(name: str) -> Metric:
    """The declaration of `name`.

    Raises:
        UnknownNameError: there is no such metric.
    """
    try:
        return CATALOG[name]
    except KeyError:
        raise UnknownNameError("metric", name, CATALOG) from None


def value_of(asked: Metric | str, snapshot: Snapshot, counting: Counting = Counting.TOTAL) -> Value:
    """One figure: counts int, shares 0-1, money Decimal, durations seconds; None where undefined.

    A metric with one fixed counting has the same value in both.

    Raises:
        UnknownNameError: `asked` names no metric.
    """
    declared = metric(asked) if isinstance(asked, str) else asked
    if snapshot.why_unknown(declared.name):
        return None
    if declared.read is None:
        return _quotient(declared, snapshot, counting)
    found = declared.read(snapshot)
    if isinstance(found, Counts | Unknown | Shares):
        return found.unique if counting is Counting.UNIQUE else found.total
    return None if declared.countings and counting is Counting.UNIQUE else found


def goal_value_of(asked: Metric | str, goal: GoalResult) -> Value:
    """One figure of one goal, for the metrics in `GOAL_METRICS`.

    Raises:
        UnknownNameError: goals have no such metric.
    """
    name = asked if isinstance(asked, str) else asked.name
    if name not in GOAL_METRICS:
        raise UnknownNameError("metric of a goal", name, GOAL_METRICS)
    if name in _PERCENTILES:
        return conversion.percentile_to_convert(goal, _PERCENTILES[name])
    value: Value = getattr(goal, name)
    return value


def _quotient(declared: Metric, snapshot: Snapshot, counting: Counting) -> float | None:
    if declared.numerator is None or declared.denominator is None:
        return None
    above = value_of(declared.numerator, snapshot, counting)
    below = value_of(declared.denominator, snapshot, declared.denominator_counting or counting)
    return float(Decimal(above) / Decimal(below)) if above is not None and below else None


def catalog_markdown() -> str:
    """The catalog as a Markdown document, one table per group, ending in one line break."""
    lines = [
        "# Metrics",
        "",
        "Generated from the catalog by `python -m analytics_core.metrics.catalog`; do not edit.",
        "",
    ]
    for group in Group:
        lines += [f"## {group.value}", "", *_markdown_table(group), ""]
    lines += ["## Older campaigns", "", *_legacy_table(), ""]
    return "\n".join(lines)


def _markdown_table(group: Group) -> Iterator[str]:
    yield "| metric | label | unit | counting | formula | meaning |"
    yield "|---|---|---|---|---|---|"
    for declared in CATALOG.values():
        if declared.group is group:
            counting = " / ".join(declared.countings) or declared.counting_note or ""
            formula = declared.formula or "\N{EN DASH}"
            cells = (f"`{declared.name}`", declared.label, declared.unit, counting, formula, declared.description)
            yield f"| {' | '.join(cells)} |"


def _legacy_table() -> Iterator[str]:
    legacy = AnalyticsVersion.LEGACY
    yield "| metric | label | formula | meaning |"
    yield "|---|---|---|---|"
    for declared in CATALOG.values():
        if declared.legacy_label is not None:
            formula = declared.formula_in(legacy) or "\N{EN DASH}"
            cells = (f"`{declared.name}`", declared.legacy_label, formula, declared.description_in(legacy))
            yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(catalog_markdown())

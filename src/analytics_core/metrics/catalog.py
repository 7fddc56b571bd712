"""The catalog of every metric: cards, tables, documents and explanations read it, so each has one definition.

A metric whose figure the Snapshot has takes one block in one file of this folder. One that has yet to be counted takes
five files more, from `counting/` to `snapshot/snapshot.py`: `docs/extending.md` names them.

``python -m analytics_core.metrics.catalog`` prints the catalog as Markdown.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from analytics_core.domain.errors import UnknownNameError
from analytics_core.domain.words import AnalyticsVersion, Counting
from analytics_core.metrics.conversion_metrics import CONVERSIONS, TIMES
from analytics_core.metrics.delivery_metrics import DELIVERY
from analytics_core.metrics.incremental_metrics import BY_ASSIGNMENT
from analytics_core.metrics.metric import Group, Metric, Scope, Value
from analytics_core.metrics.revenue_metrics import REVENUES
from analytics_core.metrics.uplift_metrics import BY_SENT
from analytics_core.snapshot.comparison import ArmUplift
from analytics_core.snapshot.snapshot import Counts, GoalResult, Shares, Snapshot, Unknown

CATALOG: dict[str, Metric] = {
    declared.name: declared for declared in (*CONVERSIONS, *BY_SENT, *BY_ASSIGNMENT, *TIMES, *REVENUES, *DELIVERY)
}
"""Every metric by name, in the order of the page."""

GOAL_METRICS = tuple(declared.name for declared in CATALOG.values() if declared.scope is Scope.GOAL)
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

    What is of a goal is of the primary one. A metric with one fixed counting has the same value in both.

    Raises:
        UnknownNameError: `asked` names no metric.
    """
    declared = metric(asked) if isinstance(asked, str) else asked
    if snapshot.why_unknown(declared.name):
        return None
    if declared.figure is None:
        if declared.numerator is None or declared.denominator is None:
            return None
        above = value_of(declared.numerator, snapshot, counting)
        below = value_of(declared.denominator, snapshot, declared.denominator_counting or counting)
        return float(Decimal(above) / Decimal(below)) if above is not None and below else None
    found = _figure(declared, snapshot)
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
    value: Value = figure_at(goal, CATALOG[name].figure)
    return value


def arm_value_of(asked: Metric, arm: ArmUplift | None) -> Value:
    """One figure of one comparison with a control group, for metrics of `Scope.ARM`; None without such a group."""
    value: Value = figure_at(arm, asked.figure)
    return value


def figure_at(whole: object, path: object) -> Any:  # noqa: ANN401 - whatever a Snapshot holds
    """What stands at a dotted path; None where anything on the way is None."""
    found = whole
    for name in str(path).split("."):
        found = None if found is None else getattr(found, name)
    return found


def _figure(declared: Metric, snapshot: Snapshot) -> Counts | Unknown | Shares | Value:
    if callable(declared.figure):
        return declared.figure(snapshot)
    match declared.scope:
        case Scope.CAMPAIGN:
            found: Counts | Unknown | Shares | Value = figure_at(snapshot, declared.figure)
            return found
        case Scope.GOAL:
            return goal_value_of(declared, snapshot.primary_goal)
        case Scope.ARM:
            return arm_value_of(declared, snapshot.primary_goal.uplift.compared)


def catalog_markdown() -> str:
    """The catalog as a Markdown document, one table per group, ending in one line break."""
    lines = [
        "# Metrics",
        "",
        "Generated from the catalog by `python -m analytics_core.metrics.catalog`; do not edit.",
        "",
    ]
    for group in Group:
        cells = [
            (f"`{m.name}`", m.label, m.unit, " / ".join(m.countings) or m.counting_note or "", m.formula, m.description)
            for m in CATALOG.values()
            if m.group is group
        ]
        lines += [f"## {group.value}", "", *_markdown_table(_COLUMNS, cells), ""]
    legacy = AnalyticsVersion.LEGACY
    older = [
        (f"`{m.name}`", m.legacy_label, m.formula_in(legacy), m.description_in(legacy))
        for m in CATALOG.values()
        if m.legacy_label is not None
    ]
    lines += ["## Older campaigns", "", *_markdown_table(_LEGACY_COLUMNS, older), ""]
    return "\n".join(lines)


_COLUMNS = ("metric", "label", "unit", "counting", "formula", "meaning")
_LEGACY_COLUMNS = ("metric", "label", "formula", "meaning")


def _markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[str]:
    """The lines of a table; a dash where a cell is None."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        cells = ("\N{EN DASH}" if cell is None else cell for cell in row)
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(catalog_markdown())

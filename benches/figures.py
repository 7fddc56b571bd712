"""The compared numbers of a workspace as plain JSON, and where two computations of them differ first.

`python -m benches.figures FILE FILE` compares two files and says nothing where they agree.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics_core.snapshot.comparison import ArmFigures, ArmUplift, RevenueComparison
    from analytics_core.snapshot.snapshot import Counts, GoalResult, InstanceResult, Snapshot

Figures = dict[str, Any]
"""Campaign id to its numbers: JSON values; shares and seconds as float, money as text with six decimals."""

DELIVERED = ("attempted", "sent", "failed")
ARM = ("rows", "people", "converted_users", "converted_people")
_INSTANCE = (*DELIVERED, "converted_users", "conversion_events")


def figures_of(snapshots: "Iterable[Snapshot]") -> Figures:
    """The compared numbers out of Snapshots."""
    return {snapshot.campaign_id: _campaign(snapshot) for snapshot in snapshots}


def money(value: Decimal | None) -> str | None:
    """An exact sum as text."""
    return None if value is None else f"{value:.6f}"


def first_difference(
    expected: object, actual: object, names: tuple[str, str] = ("expected", "actual"), path: str = ""
) -> str | None:
    """The first number two computations disagree on, as a sentence with both values; None where all are equal.

    Args:
        expected: figures, or part of them.
        actual: the same from another computation.
        names: what the two computations are called.
        path: where the parts are.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in sorted({*expected, *actual}):
            where = f"{path} / {key}" if path else str(key)
            if key not in expected or key not in actual:
                has, lacks = names if key in expected else names[::-1]
                return f"{where}: {has} has {_short(expected.get(key, actual.get(key)))}, {lacks} has nothing"
            if found := first_difference(expected[key], actual[key], names, where):
                return found
        return None
    if type(expected) is type(actual) and expected == actual:
        return None
    return f"{path}: {names[0]} has {_short(expected)}, {names[1]} has {_short(actual)}"


def write_figures(figures: Figures, path: Path) -> None:
    """Write figures down, for `read_figures`."""
    path.write_text(json.dumps(figures), encoding="utf-8")


def read_figures(path: Path) -> Figures:
    """The figures `write_figures` wrote."""
    found: Figures = json.loads(path.read_text(encoding="utf-8"))
    return found


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - what fits beside a path on a line


def _campaign(snapshot: "Snapshot") -> Figures:
    performance, quality = snapshot.performance, snapshot.data_quality
    return {
        **{name: _counts(getattr(performance, name)) for name in DELIVERED},
        "request_attempts": performance.request_attempts,
        "errors": {line.reason: [line.unique, line.total] for line in snapshot.errors},
        "personalization": {
            line.category: [line.unique, line.total] for line in snapshot.personalization_errors if line.total
        },
        "contaminated_users": quality.contaminated_users,
        "sample_ratio": {name: getattr(snapshot.sample_ratio, name) for name in ("observed_users", "users")},
        "matured_share": quality.matured_share,
        "goals": {goal.goal_id: _goal(goal) for goal in snapshot.goals},
        "days": {
            bucket.label: {
                **{name: _counts(getattr(bucket, name)) for name in DELIVERED},
                "conversion_events": bucket.conversion_events,
                "revenue": money(bucket.revenue),
            }
            for bucket in snapshot.trends.day
        },
        "instances": {row.instance_id: _instance(row) for row in snapshot.instances},
        "instances_remainder": snapshot.instances_remainder and _instance(snapshot.instances_remainder),
    }


def _goal(goal: "GoalResult") -> Figures:
    times = goal.time_to_convert
    return {
        "converted_users": goal.converted_users,
        "converted_people": goal.converted_people,
        "conversion_events": goal.conversion_events,
        "revenue": money(goal.revenue),
        "events_without_value": goal.events_without_value,
        "events_in_other_currency": goal.events_in_other_currency,
        "comparisons": {name: _comparison(arm) for name, arm in _control_groups(goal).items()},
        "seconds_to_convert": times and [times.median_seconds, times.p75_seconds, times.p90_seconds, times.p95_seconds],
    }


def _control_groups(goal: "GoalResult") -> "dict[str, ArmUplift]":
    both = {"campaign": goal.uplift.campaign, "global": goal.uplift.global_}
    return {name: arm for name, arm in both.items() if arm is not None}


def _comparison(arm: "ArmUplift") -> Figures:
    """What is counted; intervals and p-values are the product's alone."""
    held_out = (arm.active_targets, arm.people, arm.converted_users, arm.converted_people)
    return {
        "contaminated_rows": arm.contaminated_rows,
        "sent": {
            "treated": _arm(arm.treated),
            "control": dict(zip(ARM, held_out, strict=True)),
            **_revenue_per_row(arm.revenue),
        },
        "assigned": {
            "treated": _arm(arm.assigned.treated),
            "control": _arm(arm.assigned.control),
            **_revenue_per_row(arm.assigned.revenue),
        },
    }


def _arm(arm: "ArmFigures") -> Figures:
    return {name: getattr(arm, name) for name in ARM}


def _revenue_per_row(revenue: "RevenueComparison | None") -> Figures:
    return {
        "treated_per_row": money(revenue and revenue.treated_per_row),
        "control_per_row": money(revenue and revenue.control_per_row),
    }


def _counts(counts: "Counts") -> list[int]:
    return [counts.unique, counts.total]


def _instance(row: "InstanceResult") -> list[int]:
    return [getattr(row, name) for name in _INSTANCE]


def main(arguments: Sequence[str]) -> int:
    """Compare two files of figures; 1 and a sentence where they differ."""
    one, other = map(Path, arguments)
    found = first_difference(read_figures(one), read_figures(other), (one.stem, other.stem))
    if found:
        print(found)
    return int(found is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

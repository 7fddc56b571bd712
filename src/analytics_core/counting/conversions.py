"""Conversion counts, money and time to convert: credits summed per campaign and goal."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from analytics_core.arrays.packing import Ints, find_run_starts, measure_runs, sum_runs, tally
from analytics_core.attribution.audience import Audience
from analytics_core.attribution.credits import Credits, with_revenue
from analytics_core.attribution.rules import Rules
from analytics_core.snapshot.snapshot import CurvePoint, TimeToConvert

PERCENTILES = (50, 75, 90, 95)
CURVE_STEPS = 20

_SECOND = 1_000_000

FLAWS = {
    "events_without_value": "without_value",
    "events_in_other_currency": "other_currency",
    "events_with_rounded_value": "rounded",
}
"""Which credits are counted as money findings, by the column that says so."""


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """The distinct audience rows that converted, by goal and in that order.

    Attributes:
        goal: number of the goal.
        row: the audience row; an audience row is one user in one instance.
        person: number of the campaign and user, the same for all rows of one.
        events: how many credits the row has.
    """

    goal: Ints
    row: Ints
    person: Ints
    events: Ints


def find_converted_rows(credited: Credits, person: Ints) -> Converted:
    """The distinct audience rows of credits; `person` numbers the campaign and user of every audience row."""
    columns, events = tally({"goal": credited.goal, "row": credited.row})
    return Converted(**columns, person=person[columns["row"]], events=events)


def conversion_counts(credited: Credits, converted: Converted, rules: Rules) -> pl.DataFrame:
    """Sum credits.

    Returns:
        One row per campaign and goal: `conversion_events`, `converted_users` (distinct instance and user),
        `converted_people` (distinct users), `revenue` (exact), `events_without_value`, `events_in_other_currency`,
        `events_with_rounded_value`. Goals without credits have no row.
    """
    starts = find_run_starts(converted.goal)
    people = np.zeros(len(converted.row), np.int64)
    people[find_run_starts(converted.goal, converted.person)] = 1
    goal = converted.goal[starts]
    goals = len(rules.goals.ids)
    flaws = {name: np.bincount(credited.goal[getattr(credited, flag)], minlength=goals) for name, flag in FLAWS.items()}
    frame = pl.DataFrame(
        {
            "campaign": rules.goals.campaign[goal],
            "goal": goal,
            "conversion_events": sum_runs(converted.events, starts),
            "converted_users": measure_runs(starts, len(converted.row)),
            "converted_people": sum_runs(people, starts),
            **{name: counts[goal] for name, counts in flaws.items()},
        }
    )
    return with_revenue(frame, {"goal": credited.goal}, credited.amount)


def delays_to_convert(credited: Credits, audience: Audience) -> pl.DataFrame:
    """One row per credit: number of the `goal`, `delay` from the send to the event, microseconds."""
    delay = credited.at - audience.clock[credited.row]
    return pl.DataFrame({"goal": credited.goal.astype(np.int32), "delay": delay})


def time_to_convert_of(delays: Ints, window: timedelta) -> TimeToConvert:
    """One goal's time to convert.

    Args:
        delays: of its credits of sent deliveries, at least one, in any order.
        window: the attribution window of its campaign.
    """
    ordered = np.sort(delays)
    length = window // timedelta(microseconds=1)
    ends = [length * step // CURVE_STEPS for step in range(1, CURVE_STEPS + 1)]
    reached = np.searchsorted(ordered, ends, side="right")
    median, p75, p90, p95 = (_percentile_seconds(ordered, percentile) for percentile in PERCENTILES)
    return TimeToConvert(
        median_seconds=median,
        p75_seconds=p75,
        p90_seconds=p90,
        p95_seconds=p95,
        curve=tuple(
            CurvePoint(seconds=length * step / (CURVE_STEPS * _SECOND), share=int(credits_) / len(ordered))
            for step, credits_ in enumerate(reached, start=1)
        ),
    )


def _percentile_seconds(ordered: Ints, percentile: int) -> float:
    """Linear between the two neighbours of rank (n - 1) P / 100; exact until the one division."""
    lower, beyond = divmod((len(ordered) - 1) * percentile, 100)
    upper = min(lower + 1, len(ordered) - 1)
    weighed = int(ordered[lower]) * (100 - beyond) + int(ordered[upper]) * beyond
    return weighed / (100 * _SECOND)

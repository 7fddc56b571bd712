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


def count_delays(delays: pl.DataFrame) -> pl.DataFrame:
    """Rows of `delays_to_convert` by value: one row per `goal` and `delay`, in order of both: how many `credits`.

    Percentiles need no more than that, and no less to be exact.
    """
    columns, credits_ = tally({name: delays[name].to_numpy() for name in ("goal", "delay")})
    return pl.DataFrame({**columns, "credits": credits_})


def time_to_convert_of(delays: Ints, credits_: Ints, window: timedelta) -> TimeToConvert:
    """One goal's time to convert.

    Args:
        delays: the distinct ones of its credits of sent deliveries, at least one, ascending.
        credits_: how many credits have each.
        window: the attribution window of its campaign.
    """
    length = window // timedelta(microseconds=1)
    ends = [length * step // CURVE_STEPS for step in range(1, CURVE_STEPS + 1)]
    counted = np.cumsum(credits_)
    reached = np.concatenate([[0], counted])[np.searchsorted(delays, ends, side="right")]
    median, p75, p90, p95 = (_percentile_seconds(delays, counted, percentile) for percentile in PERCENTILES)
    return TimeToConvert(
        median_seconds=median,
        p75_seconds=p75,
        p90_seconds=p90,
        p95_seconds=p95,
        curve=tuple(
            CurvePoint(seconds=length * step / (CURVE_STEPS * _SECOND), share=int(so_far) / int(counted[-1]))
            for step, so_far in enumerate(reached, start=1)
        ),
    )


def _percentile_seconds(delays: Ints, counted: Ints, percentile: int) -> float:
    """Linear between the two neighbours of rank (n - 1) P / 100; exact until the one division.

    `counted` is how many have this delay or a shorter one: of the delays 4, 4 and 9 the distinct ones are 4 and 9, and
    `counted` is 2, 3; rank 1 is the first place whose count is above 1, which is that of 4.
    """
    last = int(counted[-1]) - 1
    lower, beyond = divmod(last * percentile, 100)
    low, high = delays[np.searchsorted(counted, [lower, min(lower + 1, last)], side="right")].tolist()
    weighed: int = low * (100 - beyond) + high * beyond
    return weighed / (100 * _SECOND)

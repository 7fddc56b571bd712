"""Whether a user counts in a number of a comparison of arms, and why or why not, in one sentence."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics_core.domain.words import Arm, ArmFate, Standing
from analytics_core.explaining.explanation import UserExplanation
from analytics_core.metrics.metric import Grain
from analytics_core.views.explaining.arm_fates import ARM_FATES
from analytics_core.views.explaining.why import no_event_text, not_sent_text, rows_text
from analytics_core.views.forms.numbers import count
from analytics_core.views.forms.texts import one_line


def arm_conclusion(user: UserExplanation, label: str) -> str:
    """Whether the user counts, and why or why not."""
    if user.audience.is_empty():
        why = "no row says that they qualified for an instance of the campaign by the as-of time"
        return f"This user does not count in {label}: {why}."
    if user.behind.compares_nobody:
        return f"Nobody counts in {label}: no row that counts was drawn into a control group."
    if not user.audience["counts"].any():
        return f"This user does not count in {label}: {_why_in_no_arm(user)}."
    if user.grain is Grain.COMPARED_EVENT and user.behind.measure is not None:
        # A number of converted users has no denominator.
        if not user.counted:
            (arm,) = user.behind.arms
            return f"This user does not count in {label}: in the {arm.value} arm, but {_why_no_event(user)}."
        instances = user.audience.filter("counts", pl.col("events") > 0).height
        what = f"{rows_text(user.counted, user.grain)} on {rows_text(instances, Grain.INSTANCE)}"
        return f"This user counts in {label} with {what}."
    return f"This user counts in {label}: {_where(user)}."


def _where(user: UserExplanation) -> str:
    """In which arms with what."""
    counted = user.audience.filter("counts")
    if user.grain is Grain.FIRST_ROW:
        row = counted.row(0, named=True)
        became = "drawn into the control group" if row["arm"] == Arm.CONTROL.value else "to be sent"
        return f"by their first row, on instance {one_line(row['instance_id'])!r}, {became}"
    parts = []
    for arm in (arm for arm in Arm if arm in set(counted["arm"])):
        rows = counted.filter(pl.col("arm") == arm.value)
        converted = rows.filter(pl.col("events") > 0).height
        size = f"the {arm.value} arm with {rows_text(rows.height, Grain.COMPARED_ROW)}"
        if user.grain is Grain.COMPARED_ROW:
            parts.append(f"in {size}")
        elif converted == rows.height:
            parts.append(f"in the denominator and the numerator of {size}")
        else:
            above = f"in the numerator with {count(converted)} of them" if converted else "not in the numerator"
            parts.append(f"in the denominator of {size}, {above}")
    why = f": {_why_no_event(user)}" if user.grain is Grain.COMPARED_EVENT and not user.counted else ""
    return "; ".join(parts) + why


def _why_no_event(user: UserExplanation) -> str:
    """Why no event belongs to a row that counts."""
    if user.events.is_empty():
        return no_event_text(user.question.goal)
    found = {ArmFate(fate) for fate in user.events["verdict"].unique()}
    nearest = next(fate for fate in ArmFate if fate in found)
    if nearest is ArmFate.IN_ARM:
        return "their events belong to rows of the other arm"
    return ARM_FATES[nearest].replace("The event", "their nearest event", 1).rstrip(".")


def _why_in_no_arm(user: UserExplanation) -> str:
    rows = tuple(user.audience.iter_rows(named=True))
    arms = [row["arm"] for row in rows if row["arm"] and _why_left_out(row, user) is None]
    if arms and user.grain is Grain.FIRST_ROW:
        return "their first row was drawn into the global control group"
    if arms:
        return f"in the {arms[0]} arm"
    reasons = dict.fromkeys(_why_left_out(row, user) or _why_neither(row) for row in rows)
    where = "their first row does not count" if user.grain is Grain.FIRST_ROW else "in neither arm"
    return f"{where} ({', '.join(reasons)})"


def _why_left_out(row: Mapping[str, Any], user: UserExplanation) -> str | None:
    """Why a row does not count whatever became of it; None where it does."""
    if user.snapshot.period and not row["in_period"]:
        return "outside the period"
    unripe = user.snapshot.settings.matured_only and not row["matured"]
    return "not matured, and only matured rows count" if unripe else None


def _why_neither(row: Mapping[str, Any]) -> str:
    if row["contaminated"]:
        return "drawn into a control group and requested anyway: contaminated"
    if row["standing"] == Standing.CONTROL_GROUP.value:
        return f"held out by the {row['control_group_type']} control group"
    if row["standing"] == Standing.FREQUENCY_CAPPED.value:
        return "frequency capped"
    return f"not sent ({not_sent_text(row['standing'], row['response_code'])})"

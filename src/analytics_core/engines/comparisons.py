"""From the collected sums of the arms to what inference compares."""

from collections.abc import Iterable, Mapping
from typing import Any

from analytics_core.metrics.arms import CONTROL_ARMS, TREATED
from analytics_core.metrics.inference import Comparison, Moments, Overlap


def comparisons_of(
    goal_ids: Iterable[str], sizes: Mapping[str, Any], conversions: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str, str], Comparison]:
    """Every treated arm against every control arm that has rows, by (goal id, treated arm, control arm).

    Args:
        goal_ids: the campaign's goals.
        sizes: the campaign's row of `arm_sizes`; empty where it has no control rows.
        conversions: its rows of `arm_conversions` by goal id; a goal without credits has none.
    """
    controls = [kind for kind in CONTROL_ARMS if sizes.get(f"n_{kind}")]
    return {
        (goal_id, treated, control): _comparison(sizes, conversions.get(goal_id, {}), treated, control)
        for goal_id in goal_ids
        for treated in TREATED
        for control in controls
    }


def _comparison(sizes: Mapping[str, Any], converted: Mapping[str, Any], treated: str, control: str) -> Comparison:
    pair = f"{treated}_{control}"
    overlap = Overlap(
        rows_rows=sizes[f"nn_{pair}"],
        rows_converted=converted.get(f"ny_{pair}", 0),
        converted_rows=converted.get(f"yn_{pair}", 0),
        converted_converted=converted.get(f"yy_{pair}", 0),
    )
    return Comparison(_moments(sizes, converted, treated), _moments(sizes, converted, control), overlap)


def _moments(sizes: Mapping[str, Any], converted: Mapping[str, Any], arm: str) -> Moments:
    return Moments(
        users=sizes[f"users_{arm}"],
        rows=sizes[f"n_{arm}"],
        converted=converted.get(f"sum_y_{arm}", 0),
        rows_squared=sizes[f"nn_{arm}"],
        converted_squared=converted.get(f"yy_{arm}", 0),
        rows_converted=converted.get(f"ny_{arm}", 0),
    )

"""Per-user sums of the arms of an experiment: what an uplift's interval and p-value are made of.

Every figure is a sum over users, so figures of disjoint sets of users may simply be added.
"""

import numpy as np
import polars as pl

from analytics_core.attribution.audience import CONTROL_GROUP, CONTROLS, STANDINGS, Audience
from analytics_core.attribution.credits import IN_SENT
from analytics_core.attribution.packing import Ints, added, order_of, pack, run_sizes, run_starts, tallied
from analytics_core.attribution.rules import Rules
from analytics_core.metrics.conversions import Converted
from analytics_core.metrics.delivery import stands

TREATED = ("sent", "attempted")
CONTROL_ARMS = tuple(kind.value for kind in CONTROLS if kind)
ARMS = (*TREATED, *CONTROL_ARMS)
PAIRS = tuple((arm, kind) for arm in TREATED for kind in CONTROL_ARMS)
SIZES = (
    *(f"{figure}_{arm}" for figure in ("users", "n", "nn") for arm in ARMS),
    *(f"nn_{arm}_{kind}" for arm, kind in PAIRS),
)
"""The figures of `arm_sizes`: users, rows, squares of a user's rows, products of a user's rows in two arms."""

_COUNT_BITS = 15
_NUMBERS = {kind.value: number for number, kind in enumerate(CONTROLS) if kind}


def _memberships() -> Ints:
    """By standing and control group, a one in the place of each arm the row is in."""
    found = np.zeros((len(STANDINGS), len(CONTROLS)), np.int64)
    for bit, arm in enumerate(ARMS):
        if arm in TREATED:
            found[stands(arm, np.arange(len(STANDINGS)))] |= 1 << _COUNT_BITS * bit
        else:
            found[CONTROL_GROUP, _NUMBERS[arm]] |= 1 << _COUNT_BITS * bit
    return found


_MEMBERSHIPS = _memberships()


def arm_rows(audience: Audience, users: Ints) -> dict[str, Ints]:
    """By arm, how many rows each campaign and user has in it.

    Args:
        audience: audience rows that count.
        users: where the rows of each campaign and user begin.
    """
    memberships = _MEMBERSHIPS.ravel()[audience.standing * np.int8(len(CONTROLS)) + audience.control]
    if run_sizes(users, len(audience)).max(initial=0) >> _COUNT_BITS:
        return {arm: added(memberships >> _COUNT_BITS * bit & 1, users) for bit, arm in enumerate(ARMS)}
    # Counts that are small enough are added four at a time, side by side in one number.
    sums = added(memberships, users)
    return {arm: sums >> _COUNT_BITS * bit & ((1 << _COUNT_BITS) - 1) for bit, arm in enumerate(ARMS)}


def arm_sizes(campaign: Ints, rows: dict[str, Ints]) -> pl.DataFrame:
    """One row per campaign: the figures of SIZES.

    Args:
        campaign: of each campaign and user, in order.
        rows: their rows by arm (see `arm_rows`).
    """
    # Few users differ in how many rows they have in each arm.
    n, users = tallied({"key": campaign, **rows})
    key = n.pop("key")
    starts = run_starts(key)
    figures = {
        **{f"users_{arm}": (n[arm] > 0).astype(np.int64) for arm in ARMS},
        **{f"n_{arm}": n[arm] for arm in ARMS},
        **{f"nn_{arm}": n[arm] * n[arm] for arm in ARMS},
        **{f"nn_{arm}_{kind}": n[arm] * n[kind] for arm, kind in PAIRS},
    }
    sums = {name: added(values * users, starts) for name, values in figures.items()}
    return pl.DataFrame({"campaign": key[starts], **sums})


def arm_conversions(converted: Converted, rows: dict[str, Ints], rules: Rules) -> pl.DataFrame:
    """One row per campaign and goal: sums of converted rows (y), their squares, and products with rows (n).

    The attempted arm converts by what was sent: nothing else can.

    Args:
        converted: the rows that converted.
        rows: rows by arm (see `arm_rows`), by number of the campaign and user.
        rules: which campaign a goal belongs to.
    """
    order = order_of(pack(converted.goal, converted.person, len(rows["sent"])))
    goal, person, in_arm = converted.goal[order], converted.person[order], converted.arm[order]
    users = run_starts(goal, person)
    y = {arm: added(in_arm == number, users) for arm, number in {"sent": IN_SENT, **_NUMBERS}.items()}
    y["attempted"] = y["sent"]
    n = {arm: rows[arm][person[users]] for arm in ARMS}
    figures = {
        **{f"sum_y_{arm}": y[arm] for arm in ARMS},
        **{f"yy_{arm}": y[arm] * y[arm] for arm in ARMS},
        **{f"ny_{arm}": n[arm] * y[arm] for arm in ARMS},
        **{f"yy_{arm}_{kind}": y[arm] * y[kind] for arm, kind in PAIRS},
        **{f"ny_{arm}_{kind}": n[arm] * y[kind] for arm, kind in PAIRS},
        **{f"yn_{arm}_{kind}": y[arm] * n[kind] for arm, kind in PAIRS},
    }
    starts = run_starts(goal[users])
    of_goal = goal[users][starts]
    sums = {name: added(values, starts) for name, values in figures.items()}
    return pl.DataFrame({"campaign": rules.goals.campaign[of_goal], "goal": of_goal, **sums})

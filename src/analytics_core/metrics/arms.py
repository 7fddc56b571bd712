"""Per-user sums of the arms of an experiment: what an uplift's interval and p-value are made of.

Every figure is a sum over users, so figures of disjoint sets of users may simply be added.
"""

import polars as pl

from analytics_core.attribution.audience import stands
from analytics_core.domain.words import ControlGroupType, Standing

TREATED = ("sent", "attempted")
CONTROLS = tuple(kind.value for kind in ControlGroupType)
ARMS = (*TREATED, *CONTROLS)

_CONTROL = stands(Standing.CONTROL_GROUP)
_MEMBERS: dict[str, pl.Expr] = {
    "sent": stands(Standing.SENT),
    "attempted": ~_CONTROL & ~stands(Standing.FREQUENCY_CAPPED),
    **{kind: _CONTROL & (pl.col("control_group_type") == kind) for kind in CONTROLS},
}


def arm_rows(audience: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign that has control rows, and user: `n_ARM`, the user's rows in each arm."""
    experiments = audience.filter(_CONTROL).select("campaign_id").unique()
    counted = audience.join(experiments, on="campaign_id", how="semi").group_by("campaign_id", "user_id")
    return counted.agg(member.sum().cast(pl.Int64).alias(f"n_{arm}") for arm, member in _MEMBERS.items())


def arm_sizes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign: per arm `users_ARM`, `n_ARM`, `nn_ARM` (squares), and `nn_ARM_CONTROL` (products)."""
    n = {arm: pl.col(f"n_{arm}") for arm in ARMS}
    return rows.group_by("campaign_id").agg(
        *((n[arm] > 0).sum().alias(f"users_{arm}") for arm in ARMS),
        *(n[arm].sum() for arm in ARMS),
        *((n[arm] * n[arm]).sum().alias(f"nn_{arm}") for arm in ARMS),
        *((n[arm] * n[kind]).sum().alias(f"nn_{arm}_{kind}") for arm in TREATED for kind in CONTROLS),
    )


def arm_conversions(rows: pl.LazyFrame, credited: pl.LazyFrame) -> pl.LazyFrame:
    """One row per campaign and goal: sums of converted rows (y), their squares, and products with rows (n).

    The attempted arm converts by what was sent: nothing else can.
    """
    converted = credited.group_by("campaign_id", "goal_id", "user_id").agg(
        _converted_in(arm).alias(f"y_{arm}") for arm in ("sent", *CONTROLS)
    )
    joined = converted.join(rows, on=["campaign_id", "user_id"], how="inner")
    y = {arm: pl.col(f"y_{'sent' if arm == 'attempted' else arm}") for arm in ARMS}
    n = {arm: pl.col(f"n_{arm}") for arm in ARMS}
    pairs = [(arm, kind) for arm in TREATED for kind in CONTROLS]
    return joined.group_by("campaign_id", "goal_id").agg(
        *(y[arm].sum().alias(f"y_{arm}") for arm in ARMS),
        *((y[arm] * y[arm]).sum().alias(f"yy_{arm}") for arm in ARMS),
        *((n[arm] * y[arm]).sum().alias(f"ny_{arm}") for arm in ARMS),
        *((y[arm] * y[kind]).sum().alias(f"yy_{arm}_{kind}") for arm, kind in pairs),
        *((n[arm] * y[kind]).sum().alias(f"ny_{arm}_{kind}") for arm, kind in pairs),
        *((y[arm] * n[kind]).sum().alias(f"yn_{arm}_{kind}") for arm, kind in pairs),
    )


def _converted_in(arm: str) -> pl.Expr:
    return pl.col("instance_id").filter(pl.col("arm") == arm).n_unique().cast(pl.Int64)

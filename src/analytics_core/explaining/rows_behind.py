"""Which rows each number is made of, and how those rows make the number.

The conditions are the ones the counts use; a count and its rows cannot drift apart.
"""

import polars as pl

from analytics_core.counting.conversions import FLAWS
from analytics_core.counting.delivery import standings
from analytics_core.domain.words import ControlGroupType, Standing
from analytics_core.explaining.row_grains import Grain, Measure, RowsBehind
from analytics_core.explaining.rows_compared import COMPARES, compared_rows_behind
from analytics_core.metrics.breakdowns import is_category


def _counts_for(name: str) -> pl.Expr:
    return pl.col("standing").is_in(standings(name))


_ATTEMPTED, _SENT = _counts_for("attempted"), _counts_for("sent")
_REQUESTED, _EVERY = _counts_for("after_personalization"), _counts_for("users_in_segment")
_AUDIENCE: dict[str, pl.Expr] = {
    "users_in_segment": _EVERY,
    "attempted": _ATTEMPTED,
    "after_frequency_cap": _ATTEMPTED,
    "after_personalization": _REQUESTED,
    "sent": _SENT,
    "failed": _counts_for("failed"),
    "failed_responses": pl.col("standing") == Standing.FAILED_RESPONSE.value,
}
_AUDIENCE_MEASURED: dict[str, tuple[pl.Expr, Measure | None]] = {
    "request_attempts": (_REQUESTED, Measure.ATTEMPTS),
    "contaminated_users": (pl.col("contaminated"), Measure.USERS),
    "sent_rate": (_ATTEMPTED, None),
    "failure_rate": (_ATTEMPTED, None),
    "attempted_share": (_EVERY, None),
    "matured_share": (_SENT, None),
}
_SENT_CREDITS: dict[str, Measure | None] = {
    "converted_users": Measure.INSTANCE_USERS,
    "conversion_events": Measure.ROWS,
    "conversion_rate": None,
    "converted_people": Measure.USERS,
    "median_seconds_to_convert": Measure.MEDIAN,
    "p75_seconds_to_convert": Measure.P75,
    "p90_seconds_to_convert": Measure.P90,
    "p95_seconds_to_convert": Measure.P95,
    "revenue": Measure.AMOUNT,
    "average_order_value": None,
    "average_revenue_per_user": None,
}
ALMOST_COUNTED = frozenset(_SENT_CREDITS) | {name for name, of in COMPARES.items() if of.grain is Grain.COMPARED_EVENT}
"""The metrics for which events that almost counted are worth a look."""


def rows_behind(name: str, group: ControlGroupType | None) -> RowsBehind:
    """Which rows the metric `name` is made of.

    Args:
        name: a metric of the catalog, a reason of the error breakdown, or a personalization category.
        group: the control group the campaign is compared with; None without one.
    """
    if name in COMPARES:
        return compared_rows_behind(COMPARES[name], group)
    if name in _SENT_CREDITS:
        return RowsBehind(grain=Grain.CREDIT, condition=pl.lit(value=True), measure=_SENT_CREDITS[name])
    if name in FLAWS:
        return RowsBehind(grain=Grain.CREDIT, condition=pl.col(FLAWS[name]))
    if name == "unaccounted":
        missing = pl.col("unaccounted") > 0
        return RowsBehind(grain=Grain.INSTANCE, condition=missing, measure=Measure.UNACCOUNTED)
    return _audience(name)


def _audience(name: str) -> RowsBehind:
    grain = Grain.AUDIENCE_ROW
    if name in _AUDIENCE_MEASURED:
        condition, measure = _AUDIENCE_MEASURED[name]
        return RowsBehind(grain=grain, condition=condition, measure=measure, matured_or_not=name == "matured_share")
    if is_category(name):
        return RowsBehind(grain=grain, condition=pl.col("became") == "personalization_failed", category=name)
    return RowsBehind(grain=grain, condition=_AUDIENCE[name] if name in _AUDIENCE else pl.col("became") == name)

"""The goals of a campaign: what counts for each, in words, and the window that holds for all of them."""

import json

from analytics_core.domain.campaign import Campaign, Goal
from analytics_core.domain.operators import OPERATORS
from analytics_core.domain.words import AnalyticsVersion, FilterOperator
from analytics_core.views.campaign.notes import window_text
from analytics_core.views.forms.labels import FILTER_OPERATORS
from analytics_core.views.forms.numbers import UNDEFINED, count_of
from analytics_core.views.forms.table import Row, Table, columns
from analytics_core.views.request.secret_shapes import MASK
from analytics_core.views.request.shown import Fragment, ShownCampaign, ShownGoal

_APP_CURRENCY = "the app's currency"


def goals_declared(campaign: ShownCampaign, window_hours: float) -> Table:
    """One row per goal in the order of the definition, (P) first on the primary one; the window below.

    Args:
        campaign: whose goals they are.
        window_hours: the window that its numbers are computed with.
    """
    rows = []
    for goal in campaign.goals:
        name = f"(P) {goal.name}" if goal is campaign.primary_goal else goal.name
        earned = goal.revenue
        revenue = f"{earned.attribute} ({earned.currency or _APP_CURRENCY})" if earned else UNDEFINED
        rows.append(Row((name, goal.event_name, conditions_text(goal) or UNDEFINED, revenue)))
    return Table(
        title="Conversion goals",
        columns=columns("Goal", "Event", "Conditions", "Revenue", texts=["Event", "Conditions", "Revenue"]),
        rows=tuple(rows),
        note=f"(P) marks the primary goal. {window_sentence(campaign, window_hours)}",
    )


def window_sentence(campaign: Campaign, window_hours: float) -> str:
    """The attribution window that holds, and whose it is where it is not what the campaign declares."""
    declared = campaign.attribution_window_hours
    if campaign.analytics_version is AnalyticsVersion.LEGACY:
        whose = "that of every older campaign"
    elif declared == window_hours:
        whose = "the campaign's own"
    else:
        whose = "from the settings"
    instead = f", in place of the {window_text(declared)} it declares" if declared not in {None, window_hours} else ""
    return f"Attribution window: {window_text(window_hours)}, {whose}{instead}."


def conditions_text(goal: Goal) -> str:
    """What must hold of an event of a goal that may be shown; empty without filters."""
    conditions = [condition_text(one.attribute, one.op, one.value) for one in goal.filters]
    if isinstance(goal, ShownGoal) and goal.conditions_left_out:
        conditions.append(count_of(goal.conditions_left_out, "more condition"))
    return " and ".join(conditions)


def condition_text(attribute: str, op: FilterOperator, value: object) -> str:
    """One condition, such as ``category is one of "shoes", "hats"``; its texts may be shown."""
    words = f"{attribute} {FILTER_OPERATORS[op]}"
    if op is FilterOperator.EXISTS:
        return words
    if OPERATORS[op].takes_list and isinstance(value, list):
        return f"{words} {', '.join(map(_value_text, value)) or 'nothing'}"
    return f"{words} {_value_text(value)}"


def _value_text(value: object) -> str:
    """A value as JSON; what stands in the place of one, such as a mask, as it is."""
    if isinstance(value, Fragment) or value == MASK:
        return str(value)
    return json.dumps(value, ensure_ascii=False)

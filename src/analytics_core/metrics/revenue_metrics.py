"""The revenue metrics of a goal, and of its comparison by assignment; declared once each."""

from analytics_core.domain.words import Arm, Vendor
from analytics_core.metrics.conversion_metrics import CONVERSION_EVENTS, CONVERTED_USERS
from analytics_core.metrics.delivery_metrics import ATTEMPTED
from analytics_core.metrics.incremental_metrics import ASSIGNED_TREATED_USERS
from analytics_core.metrics.metric import (
    Basis,
    Combination,
    ComparedEvents,
    Credits,
    Group,
    Measure,
    Metric,
    Scope,
    Unit,
)

_BY_ASSIGNMENT = "primary goal, by assignment"


REVENUE = Metric(
    name="revenue",
    label="Total campaign revenue",
    description="Sum of the primary goal's revenue attribute over its conversion events; refunds subtract.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="revenue",
    made_of=Credits(Measure.AMOUNT),
    on_card=True,
    rank=3,
    adds_up=True,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.revenue"),),
    counting_note="primary goal, every event",
)

AVERAGE_ORDER_VALUE = Metric(
    name="average_order_value",
    label="Average order value",
    description="Average revenue per conversion event.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="average_order_value",
    made_of=Credits(None),
    divided=True,
    on_card=True,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.average_order_value"),),
    numerator=REVENUE,
    denominator=CONVERSION_EVENTS,
    counting_note="per conversion event",
)

AVERAGE_REVENUE_PER_USER = Metric(
    name="average_revenue_per_user",
    label="Average revenue per user",
    description="Average revenue per converted user.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="average_revenue_per_user",
    made_of=Credits(None),
    divided=True,
    on_card=True,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.average_revenue_per_user"),),
    numerator=REVENUE,
    denominator=CONVERTED_USERS,
    counting_note="per converted user",
)

ASSIGNED_TREATED_REVENUE = Metric(
    name="assigned_treated_revenue_per_user",
    label="Treated revenue per user (assigned)",
    description="Revenue of the events that belong to attempted users' rows in the comparison, per row.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.ARM,
    figure="assigned.revenue.treated_per_row",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.TREATED,)),
    unknown_with=(ATTEMPTED,),
    divided=True,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_CONTROL_REVENUE = Metric(
    name="assigned_control_revenue_per_user",
    label="Control revenue per user (assigned)",
    description="Revenue of the events that belong to rows drawn into the control group, per row.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.ARM,
    figure="assigned.revenue.control_per_row",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.CONTROL,)),
    unknown_with=(ATTEMPTED,),
    divided=True,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_REVENUE_DIFFERENCE = Metric(
    name="assigned_revenue_difference",
    label="Difference in revenue per user (assigned)",
    description="How much more revenue a row of attempted users brings than a row of the control group, on average.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.ARM,
    figure="assigned.revenue.difference",
    made_of=ComparedEvents(Basis.ASSIGNED),
    unknown_with=(ATTEMPTED,),
    interval="assigned.revenue.interval",
    divided=True,
    in_definitions=True,
    numerator=ASSIGNED_TREATED_REVENUE,
    denominator=ASSIGNED_CONTROL_REVENUE,
    combination=Combination.DIFFERENCE,
    counting_note=_BY_ASSIGNMENT,
)

INCREMENTAL_REVENUE = Metric(
    name="incremental_revenue",
    label="Incremental revenue",
    description=(
        "How much of the revenue would not have come without the campaign; negative where the control group brought"
        " more."
    ),
    unit=Unit.MONEY,
    group=Group.REVENUE,
    scope=Scope.ARM,
    figure="assigned.revenue.incremental",
    made_of=ComparedEvents(Basis.ASSIGNED),
    unknown_with=(ATTEMPTED,),
    interval="assigned.revenue.incremental_interval",
    divided=True,
    in_definitions=True,
    numerator=ASSIGNED_TREATED_USERS,
    denominator=ASSIGNED_REVENUE_DIFFERENCE,
    combination=Combination.PRODUCT,
    counting_note=_BY_ASSIGNMENT,
)

EVENTS_WITHOUT_VALUE = Metric(
    name="events_without_value",
    label="Events without a value",
    description="Primary conversion events whose revenue attribute is missing or not a finite number; they count as 0.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="events_without_value",
    made_of=Credits(flaw="without_value"),
    counting_note="every event counts",
)

EVENTS_IN_OTHER_CURRENCY = Metric(
    name="events_in_other_currency",
    label="Events in another currency",
    description="Primary conversion events in another currency than the goal's; they count as 0.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="events_in_other_currency",
    made_of=Credits(flaw="other_currency"),
    counting_note="every event counts",
)

EVENTS_WITH_ROUNDED_VALUE = Metric(
    name="events_with_rounded_value",
    label="Events with a rounded value",
    description="Primary conversion events whose value had more than six decimals and was rounded to six.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    scope=Scope.GOAL,
    figure="events_with_rounded_value",
    made_of=Credits(flaw="rounded"),
    counting_note="every event counts",
)

REVENUES = (
    REVENUE,
    AVERAGE_ORDER_VALUE,
    AVERAGE_REVENUE_PER_USER,
    INCREMENTAL_REVENUE,
    ASSIGNED_REVENUE_DIFFERENCE,
    ASSIGNED_TREATED_REVENUE,
    ASSIGNED_CONTROL_REVENUE,
    EVENTS_WITHOUT_VALUE,
    EVENTS_IN_OTHER_CURRENCY,
    EVENTS_WITH_ROUNDED_VALUE,
)
"""In the order of the page."""

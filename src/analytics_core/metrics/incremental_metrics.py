"""The metrics of the comparison by assignment, which the draw protects, by goal; declared once each."""

from analytics_core.domain.words import Arm
from analytics_core.metrics.delivery_metrics import ATTEMPTED
from analytics_core.metrics.metric import (
    Basis,
    Combination,
    ComparedEvents,
    ComparedRows,
    Group,
    Measure,
    Metric,
    Scope,
    Unit,
)

_PER_INSTANCE = "counted per instance"
_BY_ASSIGNMENT = "primary goal, by assignment"


ASSIGNED_TREATED_USERS = Metric(
    name="assigned_treated_users",
    label="Treated users (assigned)",
    description=(
        "Attempted users in the comparison by assignment, counted once per instance: everyone due to be sent,"
        " whether or not the request succeeded."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.treated.rows",
    made_of=ComparedRows(Basis.ASSIGNED, (Arm.TREATED,)),
    unknown_with=(ATTEMPTED,),
    in_definitions=True,
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERTED_USERS = Metric(
    name="assigned_treated_converted_users",
    label="Treated converted users (assigned)",
    description="Attempted users who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.treated.converted_users",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.TREATED,), Measure.INSTANCE_USERS),
    unknown_with=(ATTEMPTED,),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERSION_RATE = Metric(
    name="assigned_treated_conversion_rate",
    label="Treated conversion rate (assigned)",
    description="Share of attempted users who converted in the comparison by assignment.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.treated.conversion_rate",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.TREATED,)),
    unknown_with=(ATTEMPTED,),
    numerator=ASSIGNED_TREATED_CONVERTED_USERS,
    denominator=ASSIGNED_TREATED_USERS,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_CONTROL_USERS = Metric(
    name="assigned_control_users",
    label="Control users (assigned)",
    description=(
        "Users who were drawn into the control group, counted once per instance: active targets, and those who were"
        " requested anyway."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.control.rows",
    made_of=ComparedRows(Basis.ASSIGNED, (Arm.CONTROL,)),
    unknown_with=(ATTEMPTED,),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERTED_USERS = Metric(
    name="assigned_control_converted_users",
    label="Control converted users (assigned)",
    description="Users drawn into the control group who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.control.converted_users",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.CONTROL,), Measure.INSTANCE_USERS),
    unknown_with=(ATTEMPTED,),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERSION_RATE = Metric(
    name="assigned_control_conversion_rate",
    label="Control conversion rate (assigned)",
    description="Share of the users drawn into the control group who converted.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.control.conversion_rate",
    made_of=ComparedEvents(Basis.ASSIGNED, (Arm.CONTROL,)),
    unknown_with=(ATTEMPTED,),
    numerator=ASSIGNED_CONTROL_CONVERTED_USERS,
    denominator=ASSIGNED_CONTROL_USERS,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_UPLIFT = Metric(
    name="assigned_uplift",
    label="Uplift (assigned)",
    description="Uplift of everyone due to be sent over everyone drawn into the control group.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.uplift",
    made_of=ComparedEvents(Basis.ASSIGNED),
    unknown_with=(ATTEMPTED,),
    interval="assigned.interval",
    numerator=ASSIGNED_TREATED_CONVERSION_RATE,
    denominator=ASSIGNED_CONTROL_CONVERSION_RATE,
    combination=Combination.CHANGE,
    signed=True,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_DIFFERENCE = Metric(
    name="assigned_difference",
    label="Difference in conversion rate (assigned)",
    description="How many percentage points the conversion rate of attempted users is above that of the control group.",
    unit=Unit.POINTS,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.difference",
    made_of=ComparedEvents(Basis.ASSIGNED),
    unknown_with=(ATTEMPTED,),
    interval="assigned.difference_interval",
    in_definitions=True,
    numerator=ASSIGNED_TREATED_CONVERSION_RATE,
    denominator=ASSIGNED_CONTROL_CONVERSION_RATE,
    combination=Combination.DIFFERENCE,
    counting_note=_BY_ASSIGNMENT,
)

INCREMENTAL_CONVERSIONS = Metric(
    name="incremental_conversions",
    label="Incremental conversions",
    description=(
        "How many of the converted users would not have converted without the campaign; negative where the control"
        " group converted more."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="assigned.incremental_conversions",
    made_of=ComparedEvents(Basis.ASSIGNED),
    unknown_with=(ATTEMPTED,),
    interval="assigned.incremental_conversions_interval",
    in_definitions=True,
    numerator=ASSIGNED_TREATED_USERS,
    denominator=ASSIGNED_DIFFERENCE,
    combination=Combination.PRODUCT,
    counting_note=_BY_ASSIGNMENT,
)

BY_ASSIGNMENT = (
    INCREMENTAL_CONVERSIONS,
    ASSIGNED_UPLIFT,
    ASSIGNED_DIFFERENCE,
    ASSIGNED_TREATED_CONVERSION_RATE,
    ASSIGNED_TREATED_CONVERTED_USERS,
    ASSIGNED_TREATED_USERS,
    ASSIGNED_CONTROL_CONVERSION_RATE,
    ASSIGNED_CONTROL_CONVERTED_USERS,
    ASSIGNED_CONTROL_USERS,
)
"""In the order of the page."""

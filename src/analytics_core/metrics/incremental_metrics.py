"""The metrics of the comparison by assignment, which the draw protects; all of the primary goal."""

from analytics_core.metrics.compared_arms import read_assigned, read_assigned_arm, read_assigned_revenue
from analytics_core.metrics.metric import Combination, Group, Metric, Unit

_PER_INSTANCE = "counted per instance"
_BY_ASSIGNMENT = "primary goal, by assignment"

ASSIGNED_TREATED_USERS = Metric(
    name="assigned_treated_users",
    label="Treated users (assigned)",
    description=(
        "Attempted users in the comparison by assignment, counted once per instance: all who were to be sent, whether"
        " or not the request succeeded."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=read_assigned_arm("treated", "rows"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERTED_USERS = Metric(
    name="assigned_treated_converted_users",
    label="Treated converted users (assigned)",
    description="Attempted users who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=read_assigned_arm("treated", "converted_users"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERSION_RATE = Metric(
    name="assigned_treated_conversion_rate",
    label="Treated conversion rate (assigned)",
    description="Share of attempted users who converted in the comparison by assignment.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=read_assigned_arm("treated", "conversion_rate"),
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
    read=read_assigned_arm("control", "rows"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERTED_USERS = Metric(
    name="assigned_control_converted_users",
    label="Control converted users (assigned)",
    description="Users drawn into the control group who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=read_assigned_arm("control", "converted_users"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERSION_RATE = Metric(
    name="assigned_control_conversion_rate",
    label="Control conversion rate (assigned)",
    description="Share of the users drawn into the control group who converted.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=read_assigned_arm("control", "conversion_rate"),
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
    read=read_assigned("uplift"),
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
    read=read_assigned("difference"),
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
    read=read_assigned("incremental_conversions"),
    numerator=ASSIGNED_TREATED_USERS,
    denominator=ASSIGNED_DIFFERENCE,
    combination=Combination.PRODUCT,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_TREATED_REVENUE = Metric(
    name="assigned_treated_revenue_per_user",
    label="Treated revenue per user (assigned)",
    description="Revenue of the events that belong to attempted users' rows in the comparison, per row.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=read_assigned_revenue("treated_per_row"),
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_CONTROL_REVENUE = Metric(
    name="assigned_control_revenue_per_user",
    label="Control revenue per user (assigned)",
    description="Revenue of the events that belong to rows drawn into the control group, per row.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=read_assigned_revenue("control_per_row"),
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_REVENUE_DIFFERENCE = Metric(
    name="assigned_revenue_difference",
    label="Difference in revenue per user (assigned)",
    description="How much more revenue a row of attempted users brings than a row of the control group, on average.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=read_assigned_revenue("difference"),
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
    read=read_assigned_revenue("incremental"),
    numerator=ASSIGNED_TREATED_USERS,
    denominator=ASSIGNED_REVENUE_DIFFERENCE,
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
REVENUE_BY_ASSIGNMENT = (
    INCREMENTAL_REVENUE,
    ASSIGNED_REVENUE_DIFFERENCE,
    ASSIGNED_TREATED_REVENUE,
    ASSIGNED_CONTROL_REVENUE,
)

"""The metrics of the comparison by sent requests, by goal; declared once each."""

from analytics_core.domain.words import Arm, Vendor
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
_BY_SENT = "primary goal, by sent requests"


TREATED_USERS = Metric(
    name="treated_users",
    label="Treated users",
    description=(
        "Sent users in the comparison with the control group, counted once per instance; rows drawn into a control"
        " group but requested anyway are left out."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="treated.rows",
    made_of=ComparedRows(Basis.SENT, (Arm.TREATED,)),
    counting_note=_PER_INSTANCE,
)

TREATED_CONVERTED_USERS = Metric(
    name="treated_converted_users",
    label="Treated converted users",
    description=(
        "Treated users with a primary conversion event in their row's window. An event belongs to the user's latest"
        " row at or before it, whatever that row's outcome."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="treated.converted_users",
    made_of=ComparedEvents(Basis.SENT, (Arm.TREATED,), Measure.INSTANCE_USERS),
    counting_note=_PER_INSTANCE,
)

TREATED_CONVERSION_RATE = Metric(
    name="treated_conversion_rate",
    label="Treated conversion rate",
    description=(
        "Share of treated users who converted in the comparison; it may differ from the conversion rate (CVR), because"
        " here both arms' windows start and end alike."
    ),
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="treated.conversion_rate",
    made_of=ComparedEvents(Basis.SENT, (Arm.TREATED,)),
    in_definitions=True,
    numerator=TREATED_CONVERTED_USERS,
    denominator=TREATED_USERS,
    counting_note=_BY_SENT,
)

ACTIVE_TARGETS = Metric(
    name="active_targets",
    label="Active targets",
    description="Users held out as a control group, counted once per instance.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="active_targets",
    made_of=ComparedRows(Basis.SENT, (Arm.CONTROL,)),
    counting_note=_PER_INSTANCE,
)

CONTROL_CONVERTED_USERS = Metric(
    name="control_converted_users",
    label="Control converted users",
    description=(
        "Active targets with a primary conversion event in their row's window. An event belongs to the user's latest"
        " row at or before it, whatever that row's outcome."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="converted_users",
    made_of=ComparedEvents(Basis.SENT, (Arm.CONTROL,), Measure.INSTANCE_USERS),
    counting_note=_PER_INSTANCE,
)

CONTROL_CONVERSION_RATE = Metric(
    name="control_conversion_rate",
    label="Control conversion rate",
    description="Share of active targets who converted without being sent.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="conversion_rate",
    made_of=ComparedEvents(Basis.SENT, (Arm.CONTROL,)),
    in_definitions=True,
    numerator=CONTROL_CONVERTED_USERS,
    denominator=ACTIVE_TARGETS,
    counting_note="primary goal",
)

UPLIFT = Metric(
    name="uplift",
    label="Uplift",
    description=(
        "How much higher the conversion rate of treated users is than that of the control group, relative to the"
        " latter; against the campaign's control group, or the global one where the campaign has none."
    ),
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="uplift",
    made_of=ComparedEvents(Basis.SENT),
    interval="interval",
    in_definitions=True,
    stated_as=(
        (Vendor.MOENGAGE, "conversion_goal_stats.uplift"),
        (Vendor.MOENGAGE, "conversion_goal_stats.gcg_uplift"),
    ),
    numerator=TREATED_CONVERSION_RATE,
    denominator=CONTROL_CONVERSION_RATE,
    combination=Combination.CHANGE,
    signed=True,
    counting_note=_BY_SENT,
)

DIFFERENCE = Metric(
    name="difference",
    label="Difference in conversion rate",
    description="How many percentage points the treated conversion rate is above that of the control group.",
    unit=Unit.POINTS,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="difference",
    made_of=ComparedEvents(Basis.SENT),
    interval="difference_interval",
    in_definitions=True,
    numerator=TREATED_CONVERSION_RATE,
    denominator=CONTROL_CONVERSION_RATE,
    combination=Combination.DIFFERENCE,
    counting_note=_BY_SENT,
)

SMALLEST_DETECTABLE_UPLIFT = Metric(
    name="smallest_detectable_uplift",
    label="Smallest detectable uplift",
    description=(
        "The smallest uplift that a test at 5% finds with 80% power, given both arms' sizes, the control conversion"
        " rate and how alike a user's rows are."
    ),
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.ARM,
    figure="smallest_detectable_uplift",
    made_of=ComparedEvents(Basis.SENT),
    in_definitions=True,
    method=(
        "The smallest uplift that the clustered Miettinen\N{EN DASH}Nurminen score test finds at 5% with 80% power,"
        " given both arms' sizes, the control conversion rate and how alike a user's rows are."
    ),
    signed=True,
    counting_note=_BY_SENT,
)

BY_SENT = (
    UPLIFT,
    DIFFERENCE,
    TREATED_CONVERSION_RATE,
    TREATED_CONVERTED_USERS,
    TREATED_USERS,
    CONTROL_CONVERSION_RATE,
    CONTROL_CONVERTED_USERS,
    ACTIVE_TARGETS,
    SMALLEST_DETECTABLE_UPLIFT,
)
"""In the order of the page."""

"""The metrics of the comparison by sent requests, and of the draw; all of the primary goal."""

from analytics_core.metrics.compared_arms import read_control, read_treated
from analytics_core.metrics.metric import Combination, Group, Metric, Unit

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
    read=read_treated("rows"),
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
    read=read_treated("converted_users"),
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
    read=read_treated("conversion_rate"),
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
    read=read_control("active_targets"),
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
    read=read_control("converted_users"),
    counting_note=_PER_INSTANCE,
)

CONTROL_CONVERSION_RATE = Metric(
    name="control_conversion_rate",
    label="Control conversion rate",
    description="Share of active targets who converted without being sent.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=read_control("conversion_rate"),
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
    read=lambda snapshot: snapshot.performance.uplift,
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
    read=read_control("difference"),
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
    read=read_control("smallest_detectable_uplift"),
    signed=True,
    counting_note=_BY_SENT,
)

SAMPLE_RATIO = Metric(
    name="sample_ratio",
    label="Sample ratio",
    description=(
        "p-value of the exact binomial test of the users who were drawn into the campaign's control group by their"
        " first row against the declared share; below 0.001 the control group was not drawn as declared."
    ),
    unit=Unit.PROBABILITY,
    group=Group.DELIVERY,
    read=lambda snapshot: snapshot.sample_ratio.p_value,
    counting_note="each user's first row",
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

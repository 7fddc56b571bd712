"""What a campaign added over a control group: the metrics of the comparison, all of the primary goal.

Two bases: sent requests (the headline), and assignment (`assigned_…` and what is incremental), which the draw protects.
"""

from analytics_core.domain.words import ControlGroupType
from analytics_core.metrics.metric import Combination, Group, Metric, Read, Unit, Value
from analytics_core.metrics.snapshot import ArmFigures, ArmUplift, AssignedUplift, GoalResult, Snapshot

_PER_INSTANCE = "counted per instance"
_BY_SENT = "primary goal, by sent requests"
_BY_ASSIGNMENT = "primary goal, by assignment"


def compared_arm(goal: GoalResult) -> ArmUplift | None:
    """The comparison the cards show: with the campaign's control group, with the global one where there is none."""
    return goal.uplift.campaign or goal.uplift.global_


def compared_group(goal: GoalResult) -> ControlGroupType | None:
    """The control group of that comparison; None without any."""
    if goal.uplift.campaign is not None:
        return ControlGroupType.CAMPAIGN
    return None if goal.uplift.global_ is None else ControlGroupType.GLOBAL


def _control(field: str) -> Read:
    return lambda snapshot: _figure(compared_arm(snapshot.primary_goal), field)


def _treated(field: str) -> Read:
    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        return None if arm is None else _figure(arm.treated, field)

    return read


def _assigned(field: str) -> Read:
    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        return None if arm is None else _figure(arm.assigned, field)

    return read


def _assigned_arm(arm: str, field: str) -> Read:
    def read(snapshot: Snapshot) -> Value:
        compared = compared_arm(snapshot.primary_goal)
        return None if compared is None else _figure(getattr(compared.assigned, arm), field)

    return read


def _assigned_revenue(field: str) -> Read:
    def read(snapshot: Snapshot) -> Value:
        arm = compared_arm(snapshot.primary_goal)
        value: Value = getattr(arm.assigned.revenue, field, None) if arm else None
        return value

    return read


def _figure(figures: ArmUplift | AssignedUplift | ArmFigures | None, field: str) -> Value:
    value: Value = getattr(figures, field, None)
    return value


TREATED_USERS = Metric(
    name="treated_users",
    label="Treated users",
    description=(
        "Sent users in the comparison with the control group, counted once per instance; rows that were drawn into a"
        " control group and requested all the same are left out."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_treated("rows"),
    counting_note=_PER_INSTANCE,
)

TREATED_CONVERTED_USERS = Metric(
    name="treated_converted_users",
    label="Treated converted users",
    description=(
        "Treated users to whose row a primary conversion event belongs: the user's latest row of any outcome at or"
        " before the event, if its window holds the event."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_treated("converted_users"),
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
    read=_treated("conversion_rate"),
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
    read=_control("active_targets"),
    counting_note=_PER_INSTANCE,
)

CONTROL_CONVERTED_USERS = Metric(
    name="control_converted_users",
    label="Control converted users",
    description=(
        "Active targets to whose row a primary conversion event belongs: the user's latest row of any outcome at or"
        " before the event, if its window holds the event."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_control("converted_users"),
    counting_note=_PER_INSTANCE,
)

CONTROL_CONVERSION_RATE = Metric(
    name="control_conversion_rate",
    label="Control conversion rate",
    description="Share of active targets who converted without being sent.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=_control("conversion_rate"),
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
    read=_control("difference"),
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
    read=_control("smallest_detectable_uplift"),
    signed=True,
    counting_note=_BY_SENT,
)

ASSIGNED_TREATED_USERS = Metric(
    name="assigned_treated_users",
    label="Treated users (assigned)",
    description=(
        "Attempted users in the comparison by assignment, counted once per instance: all who were to be sent, whether"
        " or not the request succeeded."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_assigned_arm("treated", "rows"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERTED_USERS = Metric(
    name="assigned_treated_converted_users",
    label="Treated converted users (assigned)",
    description="Attempted users who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_assigned_arm("treated", "converted_users"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_TREATED_CONVERSION_RATE = Metric(
    name="assigned_treated_conversion_rate",
    label="Treated conversion rate (assigned)",
    description="Share of attempted users who converted in the comparison by assignment.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=_assigned_arm("treated", "conversion_rate"),
    numerator=ASSIGNED_TREATED_CONVERTED_USERS,
    denominator=ASSIGNED_TREATED_USERS,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_CONTROL_USERS = Metric(
    name="assigned_control_users",
    label="Control users (assigned)",
    description=(
        "Users who were drawn into the control group, counted once per instance: active targets, and those who were"
        " requested all the same."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_assigned_arm("control", "rows"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERTED_USERS = Metric(
    name="assigned_control_converted_users",
    label="Control converted users (assigned)",
    description="Users drawn into the control group who converted in the comparison by assignment.",
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=_assigned_arm("control", "converted_users"),
    counting_note=_PER_INSTANCE,
)

ASSIGNED_CONTROL_CONVERSION_RATE = Metric(
    name="assigned_control_conversion_rate",
    label="Control conversion rate (assigned)",
    description="Share of the users drawn into the control group who converted.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=_assigned_arm("control", "conversion_rate"),
    numerator=ASSIGNED_CONTROL_CONVERTED_USERS,
    denominator=ASSIGNED_CONTROL_USERS,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_UPLIFT = Metric(
    name="assigned_uplift",
    label="Uplift (assigned)",
    description="The uplift of all who were to be sent over all who were drawn into the control group.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=_assigned("uplift"),
    numerator=ASSIGNED_TREATED_CONVERSION_RATE,
    denominator=ASSIGNED_CONTROL_CONVERSION_RATE,
    combination=Combination.CHANGE,
    signed=True,
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_DIFFERENCE = Metric(
    name="assigned_difference",
    label="Difference in conversion rate (assigned)",
    description="How many percentage points the conversion rate of the attempted is above that of the control group.",
    unit=Unit.POINTS,
    group=Group.CONVERSION,
    read=_assigned("difference"),
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
    read=_assigned("incremental_conversions"),
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
    read=_assigned_revenue("treated_per_row"),
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_CONTROL_REVENUE = Metric(
    name="assigned_control_revenue_per_user",
    label="Control revenue per user (assigned)",
    description="Revenue of the events that belong to rows drawn into the control group, per row.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=_assigned_revenue("control_per_row"),
    counting_note=_BY_ASSIGNMENT,
)

ASSIGNED_REVENUE_DIFFERENCE = Metric(
    name="assigned_revenue_difference",
    label="Difference in revenue per user (assigned)",
    description="How much more revenue a row of the attempted has than one of the control group, on average.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=_assigned_revenue("difference"),
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
    read=_assigned_revenue("incremental"),
    numerator=ASSIGNED_TREATED_USERS,
    denominator=ASSIGNED_REVENUE_DIFFERENCE,
    combination=Combination.PRODUCT,
    counting_note=_BY_ASSIGNMENT,
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
COMPARISON = frozenset(one.name for one in (*BY_SENT, *BY_ASSIGNMENT, *REVENUE_BY_ASSIGNMENT))
"""The metrics that are undefined without a control group."""
_ARM_SIZES = (TREATED_USERS, ACTIVE_TARGETS, ASSIGNED_TREATED_USERS, ASSIGNED_CONTROL_USERS)
ARM_SIZES = frozenset(one.name for one in _ARM_SIZES)
"""Those that are the same for every goal."""
NEEDS_ATTEMPTED = frozenset(one.name for one in (*BY_ASSIGNMENT, *REVENUE_BY_ASSIGNMENT))
"""Those of which nothing is known where it is not known who was attempted."""

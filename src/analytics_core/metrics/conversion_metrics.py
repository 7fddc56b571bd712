"""The conversion and revenue metrics, all of the primary goal, declared once each."""

from operator import attrgetter

from analytics_core.domain.words import Counting
from analytics_core.metrics.delivery_metrics import SENT
from analytics_core.metrics.metric import Group, Metric, Unit
from analytics_core.snapshot.snapshot import GoalResult


def percentile_to_convert(goal: GoalResult, percent: int) -> float | None:
    """Seconds after the send within which `percent` (75, 90 or 95) of a goal's credits happened; None without any."""
    if goal.time_to_convert is None:
        return None
    seconds: float = getattr(goal.time_to_convert, f"p{percent}_seconds")
    return seconds


def _percentile(percent: int, part: str) -> Metric:
    return Metric(
        name=f"p{percent}_seconds_to_convert",
        label=f"{percent}th percentile of time to convert",
        description=f"{part} of the primary conversion events happened within this time after the send.",
        unit=Unit.SECONDS,
        group=Group.CONVERSION,
        read=lambda snapshot: percentile_to_convert(snapshot.primary_goal, percent),
        counting_note="over conversion events",
    )


CONVERTED_USERS = Metric(
    name="converted_users",
    label="Converted users",
    description=(
        "Users with at least one primary conversion event within the attribution window, counted once per instance:"
        " a user who converts from two instances counts twice."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=attrgetter("performance.converted_users"),
    legacy_label="Conversions",
    legacy_description=(
        "Users with at least one primary conversion event within 36 hours, counted once over the campaign:"
        " a user who converts from two instances counts once."
    ),
    counting_note="counted per instance",
    legacy_counting_note="counted once per user",
    percentage="conversion_rate",
)

CONVERSION_EVENTS = Metric(
    name="conversion_events",
    label="Event (Primary)",
    description=(
        "Every primary conversion event credited to the campaign within the attribution window:"
        " a user who buys twice adds two."
    ),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=attrgetter("performance.conversion_events"),
    legacy_label="Conversion Events",
    counting_note="every event counts",
)

CONVERSION_RATE = Metric(
    name="conversion_rate",
    label="Conversion rate (CVR)",
    description="Share of sent requests, one per user and instance, that led to a conversion.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    read=attrgetter("performance.conversion_rate"),
    legacy_label="Conversion Rate",
    legacy_description="Converted users of the campaign as a share of successfully sent requests.",
    numerator=CONVERTED_USERS,
    denominator=SENT,
    denominator_counting=Counting.TOTAL,
    counting_note="of total sent",
)

CONVERTED_PEOPLE = Metric(
    name="converted_people",
    label="Converted people",
    description=("Distinct users with at least one primary conversion event, counted once over the whole campaign."),
    unit=Unit.COUNT,
    group=Group.CONVERSION,
    read=attrgetter("performance.converted_people"),
    counting_note="counted once per user",
)

MEDIAN_SECONDS_TO_CONVERT = Metric(
    name="median_seconds_to_convert",
    label="Median time to convert",
    description="Half of the primary conversion events happened within this time after the send.",
    unit=Unit.SECONDS,
    group=Group.CONVERSION,
    read=attrgetter("primary_goal.median_seconds_to_convert"),
    counting_note="over conversion events",
)

P75_SECONDS_TO_CONVERT = _percentile(75, "Three quarters")
P90_SECONDS_TO_CONVERT = _percentile(90, "Nine in ten")
P95_SECONDS_TO_CONVERT = _percentile(95, "Nineteen in twenty")

REVENUE = Metric(
    name="revenue",
    label="Total campaign revenue",
    description="Sum of the primary goal's revenue attribute over its conversion events; refunds subtract.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=attrgetter("performance.revenue"),
    counting_note="primary goal, every event",
)

AVERAGE_ORDER_VALUE = Metric(
    name="average_order_value",
    label="Average order value",
    description="Average revenue per conversion event.",
    unit=Unit.MONEY,
    group=Group.REVENUE,
    read=attrgetter("performance.average_order_value"),
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
    read=attrgetter("performance.average_revenue_per_user"),
    numerator=REVENUE,
    denominator=CONVERTED_USERS,
    counting_note="per converted user",
)

EVENTS_WITHOUT_VALUE = Metric(
    name="events_without_value",
    label="Events without a value",
    description="Primary conversion events whose revenue attribute is missing or not a finite number; they count as 0.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    read=attrgetter("primary_goal.events_without_value"),
    counting_note="every event counts",
)

EVENTS_IN_OTHER_CURRENCY = Metric(
    name="events_in_other_currency",
    label="Events in another currency",
    description="Primary conversion events in another currency than the goal's; they count as 0.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    read=attrgetter("primary_goal.events_in_other_currency"),
    counting_note="every event counts",
)

EVENTS_WITH_ROUNDED_VALUE = Metric(
    name="events_with_rounded_value",
    label="Events with a rounded value",
    description="Primary conversion events whose value had more than six decimals and was rounded to six.",
    unit=Unit.COUNT,
    group=Group.REVENUE,
    read=attrgetter("primary_goal.events_with_rounded_value"),
    counting_note="every event counts",
)

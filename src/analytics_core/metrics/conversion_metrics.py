"""The conversion metrics of a goal, declared once each; the page shows the primary one's."""

from analytics_core.domain.words import Counting, Vendor
from analytics_core.metrics.delivery_metrics import SENT
from analytics_core.metrics.metric import (
    Credits,
    Group,
    Measure,
    Metric,
    Scope,
    Unit,
)


def _percentile(measure: Measure, percent: int, part: str) -> Metric:
    return Metric(
        name=f"p{percent}_seconds_to_convert",
        label=f"{percent}th percentile of time to convert",
        description=f"{part} of the primary conversion events happened within this time after the send.",
        unit=Unit.SECONDS,
        group=Group.CONVERSION,
        scope=Scope.GOAL,
        figure=f"time_to_convert.p{percent}_seconds",
        made_of=Credits(measure),
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
    scope=Scope.GOAL,
    figure="converted_users",
    made_of=Credits(Measure.INSTANCE_USERS),
    on_card=True,
    rank=5,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.unique"),),
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
    scope=Scope.GOAL,
    figure="conversion_events",
    made_of=Credits(),
    on_card=True,
    adds_up=True,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.total"),),
    legacy_label="Conversion Events",
    counting_note="every event counts",
)

CONVERSION_RATE = Metric(
    name="conversion_rate",
    label="Conversion rate (CVR)",
    description="Share of sent requests, one per user and instance, that led to a conversion.",
    unit=Unit.SHARE,
    group=Group.CONVERSION,
    scope=Scope.GOAL,
    figure="conversion_rate",
    made_of=Credits(None),
    on_card=True,
    rank=0,
    stated_as=((Vendor.MOENGAGE, "conversion_goal_stats.cvr"),),
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
    scope=Scope.GOAL,
    figure="converted_people",
    made_of=Credits(Measure.USERS),
    on_card=True,
    counting_note="counted once per user",
)

MEDIAN_SECONDS_TO_CONVERT = Metric(
    name="median_seconds_to_convert",
    label="Median time to convert",
    description="Half of the primary conversion events happened within this time after the send.",
    unit=Unit.SECONDS,
    group=Group.CONVERSION,
    scope=Scope.GOAL,
    figure="median_seconds_to_convert",
    made_of=Credits(Measure.MEDIAN),
    counting_note="over conversion events",
)

CONVERSIONS = (CONVERTED_USERS, CONVERSION_EVENTS, CONVERSION_RATE, CONVERTED_PEOPLE)
TIMES = (
    MEDIAN_SECONDS_TO_CONVERT,
    _percentile(Measure.P75, 75, "Three quarters"),
    _percentile(Measure.P90, 90, "Nine in ten"),
    _percentile(Measure.P95, 95, "Nineteen in twenty"),
)
"""In the order of the page."""

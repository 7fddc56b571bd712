"""Snapshots and campaigns made by hand, whose numbers can be checked in the head."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.words import AnalyticsVersion, AttributionModel, InstanceCredit, Verdict
from analytics_core.snapshot.comparison import (
    ArmFigures,
    ArmUplift,
    AssignedUplift,
    GoalUplift,
    RevenueComparison,
    RevenueFigures,
    SampleRatio,
)
from analytics_core.snapshot.snapshot import (
    AppliedSettings,
    Counts,
    DataQuality,
    ErrorCount,
    FunnelStage,
    GoalResult,
    Performance,
    PersonalizationCount,
    Provenance,
    Reconciliation,
    Shares,
    Snapshot,
)
from analytics_core.views.campaign.timeline import InstanceTimes

SCRIPT = "</script><script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED} sale"
EMOJI = "\N{PARTY POPPER} \N{FAMILY}\N{ZERO WIDTH JOINER} sale"
LONG = "spring" * 834
CONTROL = "a\x00b\x1b[31m"
LONE_SURROGATE = "a\ud800"
HOSTILE = (SCRIPT, IMAGE, RIGHT_TO_LEFT, EMOJI, LONG[:5000], CONTROL, "=1+1", "{{ 7 * 7 }}", "<!-- x", "]]>")

CUT = RevenueFigures(
    treated_per_row=Decimal("1.200000"),
    control_per_row=Decimal("0.800000"),
    difference=Decimal("0.400000"),
    interval=(Decimal("0.060000"), Decimal("0.740000")),
    p_value=0.02,
    incremental=Decimal("4000.000000"),
    incremental_interval=(Decimal("600.000000"), Decimal("7400.000000")),
)
REVENUE = RevenueComparison(
    treated_per_row=Decimal("1.243210"),
    control_per_row=Decimal("0.812300"),
    difference=Decimal("0.430910"),
    interval=(Decimal("0.080000"), Decimal("0.780000")),
    p_value=0.016,
    incremental=Decimal("4309.100000"),
    incremental_interval=(Decimal("800.000000"), Decimal("7800.000000")),
    cut=CUT,
)
ASSIGNED = AssignedUplift(
    treated=ArmFigures(rows=10000, people=7600, converted_users=280, converted_people=270, conversion_rate=0.028),
    control=ArmFigures(rows=1000, people=760, converted_users=20, converted_people=20, conversion_rate=0.02),
    uplift=0.4,
    interval=(0.05, 0.85),
    p_value=0.02,
    always_valid_interval=(-0.002, 0.018),
    verdict=Verdict.UP,
    difference=0.008,
    difference_interval=(0.001, 0.015),
    incremental_conversions=80.0,
    incremental_conversions_interval=(10.0, 150.0),
    smallest_detectable_uplift=0.45,
    revenue=REVENUE,
)
SENT_REVENUE = replace(REVENUE, treated_per_row=Decimal("1.543200"), difference=Decimal("0.730900"))


def arm(**changed: object) -> ArmUplift:
    """A control arm of 1,000 active targets of whom 20 converted; the campaign does half as well again.

    By assignment 10,000 were to be sent, of whom 280 converted: 80 (10 to 150) more than without the campaign.
    """
    made = ArmUplift(
        active_targets=1000,
        converted_users=20,
        conversion_rate=0.02,
        people=760,
        converted_people=20,
        treated=ArmFigures(rows=8000, people=6500, converted_users=240, converted_people=230, conversion_rate=0.03),
        uplift=0.5,
        interval=(0.1, 0.9),
        p_value=0.01,
        p_value_adjusted=0.02,
        always_valid_interval=(-0.001, 0.021),
        verdict=Verdict.UP,
        difference=0.01,
        difference_interval=(0.002, 0.018),
        incremental_conversions=80.0,
        incremental_conversions_interval=(16.0, 144.0),
        smallest_detectable_uplift=0.48,
        revenue=SENT_REVENUE,
        assigned=ASSIGNED,
    )
    return replace(made, **changed)


NOT_TESTED = GoalUplift()
TESTED = GoalUplift(campaign=arm())


def goal(**changed: object) -> GoalResult:
    """The primary goal of `snapshot`: 240 converted users of 8,000 sent, 300 events, 12,345.60 dollars."""
    made = GoalResult(
        goal_id="purchase",
        name="Purchase",
        event_name="Order Placed",
        is_primary=True,
        converted_users=240,
        converted_people=230,
        conversion_events=300,
        conversion_rate=0.03,
        revenue=Decimal("12345.60"),
        average_order_value=Decimal("41.152000"),
        average_revenue_per_user=Decimal("51.440000"),
        currency="USD",
        events_without_value=0,
        events_in_other_currency=0,
        events_with_rounded_value=0,
        median_seconds_to_convert=15120.0,
        uplift=TESTED,
    )
    return replace(made, **changed)


def second_goal(**changed: object) -> GoalResult:
    """A goal without revenue and without a control group."""
    made = goal(
        goal_id="signup",
        name="Newsletter sign-up",
        event_name="Signed Up",
        is_primary=False,
        converted_users=640,
        converted_people=600,
        conversion_events=700,
        conversion_rate=0.08,
        revenue=None,
        average_order_value=None,
        average_revenue_per_user=None,
        currency=None,
        uplift=NOT_TESTED,
    )
    return replace(made, **changed)


PERFORMANCE = Performance(
    attempted=Counts(unique=7600, total=10000),
    sent=Counts(unique=6500, total=8000),
    failed=Counts(unique=1900, total=2000),
    sent_rate=Shares(unique=6500 / 7600, total=0.8),
    failure_rate=Shares(unique=0.25, total=0.2),
    converted_users=240,
    converted_people=230,
    conversion_events=300,
    conversion_rate=0.03,
    revenue=Decimal("12345.60"),
    average_order_value=Decimal("41.152000"),
    average_revenue_per_user=Decimal("51.440000"),
    currency="USD",
    uplift=0.5,
    request_attempts=9600,
)

FUNNEL = (
    FunnelStage("users_in_segment", unique=9000, total=12500, share=1.0),
    FunnelStage("after_frequency_cap", unique=7600, total=10000, share=0.8),
    FunnelStage("after_personalization", unique=7300, total=9500, share=0.76),
    FunnelStage("sent", unique=6500, total=8000, share=0.64),
)

ERRORS = (
    ErrorCount("control_group", unique=900, total=1000),
    ErrorCount("response_404", unique=950, total=1000),
    ErrorCount("frequency_capped", unique=600, total=800),
    ErrorCount("personalization_failed", unique=450, total=500),
    ErrorCount("response_500", unique=300, total=300),
    ErrorCount("no_response", unique=200, total=200),
    ErrorCount("global_control_group", unique=150, total=200),
)

PERSONALIZATION = (
    PersonalizationCount("user_attribute", unique=300, total=320),
    PersonalizationCount("event_attribute", unique=150, total=200),
    PersonalizationCount("campaign_attribute", unique=0, total=0),
    PersonalizationCount("undefined", unique=20, total=20),
    PersonalizationCount("unknown", unique=5, total=5),
)


PROVENANCE = Provenance(import_=3, definition="ab" * 32, history=(7, "cd" * 32), package="0.2.0")
NOTHING_DRAWN = SampleRatio(declared=0.1, observed_users=0, users=0, observed_rows=None, p_value=None)


def snapshot(**changed: object) -> Snapshot:
    """A campaign of 12,500 users in segment, 10,000 attempted, 8,000 sent; two goals; 500 users unaccounted."""
    made = Snapshot(
        campaign_id="spring-sale",
        analytics_version=AnalyticsVersion.CURRENT,
        as_of=datetime(2026, 3, 30, 18, 5, tzinfo=UTC),
        timezone="America/New_York",
        settings=AppliedSettings(
            attribution_model=AttributionModel.ALL_INTERACTIONS,
            instance_credit=InstanceCredit.LATEST,
            window_hours=36.0,
            success_codes=(200,),
            matured_only=False,
        ),
        performance=PERFORMANCE,
        goals=(goal(), second_goal()),
        funnel=FUNNEL,
        errors=ERRORS,
        personalization_errors=PERSONALIZATION,
        reconciliation=Reconciliation(
            users_in_segment=12500,
            sent=8000,
            failed_responses=1500,
            personalization_failed=500,
            frequency_capped=800,
            control_group=1200,
            unaccounted=500,
        ),
        sample_ratio=SampleRatio(declared=0.1, observed_users=780, users=7800, observed_rows=1000 / 11000, p_value=1.0),
        provenance=PROVENANCE,
        data_quality=DataQuality(
            contaminated_users=3,
            matured_share=0.875,
            final_at=datetime(2026, 4, 1, 2, 12, tzinfo=UTC),
            final_on=date(2026, 3, 31),
        ),
    )
    return replace(made, **changed)


def legacy_snapshot(**changed: object) -> Snapshot:
    """The same campaign under the older definitions."""
    made = snapshot(
        analytics_version=AnalyticsVersion.LEGACY,
        performance=replace(PERFORMANCE, converted_users=230, conversion_rate=230 / 8000, uplift=None),
        goals=(goal(converted_users=230, conversion_rate=230 / 8000, uplift=NOT_TESTED), second_goal()),
        funnel=(),
        sample_ratio=NOTHING_DRAWN,
    )
    return replace(made, **changed)


def empty_snapshot(**changed: object) -> Snapshot:
    """A campaign about which there is not one row."""
    nothing = goal(
        converted_users=0,
        converted_people=0,
        conversion_events=0,
        conversion_rate=None,
        revenue=None,
        average_order_value=None,
        average_revenue_per_user=None,
        currency=None,
        median_seconds_to_convert=None,
        uplift=NOT_TESTED,
    )
    made = snapshot(
        as_of=None,
        performance=Performance(
            attempted=Counts(),
            sent=Counts(),
            failed=Counts(),
            sent_rate=Shares(),
            failure_rate=Shares(),
            converted_users=0,
            converted_people=0,
            conversion_events=0,
            conversion_rate=None,
            revenue=None,
            average_order_value=None,
            average_revenue_per_user=None,
            currency=None,
            uplift=None,
            request_attempts=0,
        ),
        goals=(nothing,),
        funnel=tuple(replace(stage, unique=0, total=0, share=None) for stage in FUNNEL),
        errors=(),
        personalization_errors=tuple(replace(error, unique=0, total=0) for error in PERSONALIZATION),
        reconciliation=Reconciliation(0, 0, 0, 0, 0, 0, 0),
        sample_ratio=NOTHING_DRAWN,
        data_quality=DataQuality(contaminated_users=0, matured_share=None),
    )
    return replace(made, **changed)


DEFINITION: dict[str, Any] = {
    "campaign_id": "spring-sale",
    "name": "Spring sale",
    "delivery_type": "periodic",
    "status": "active",
    "team": "Growth",
    "tags": ["sale", "spring"],
    "created_at": "2026-03-01T09:00:00+00:00",
    "created_by": "mia@acme.example",
    "updated_at": "2026-03-02T10:30:00+00:00",
    "updated_by": "lee@acme.example",
    "approval": {
        "required": True,
        "approvers": ["lee@acme.example", "kim@acme.example"],
        "approved_by": "lee@acme.example",
        "decided_at": "2026-03-02T11:00:00+00:00",
    },
    "audience": {
        "segment": "Bought in the last 90 days",
        "filters": "country is US",
        "control_group_percent": 10,
    },
    "schedule": {
        "kind": "weekly",
        "starts_at": "2026-03-02T14:00:00+00:00",
        "ends_at": "2026-03-30T14:00:00+00:00",
        "detail": "Mondays 09:00",
        "frequency_cap": "2 per 7 days",
        "requests_per_minute": 60000,
    },
    "request": {
        "method": "POST",
        "url": "https://hook:hunter2@hooks.acme.example/v1/orders?key=sk_live_1234567890",
        "headers": {"Content-Type": "application/json", "X-Api-Key": "sk_live_1234567890"},
        "body": '{"name": "{{ user.first_name }}", "email": "{{ user.email }}", "api_key": "hunter2", "items": 3}',
        "sample": {"user": {"first_name": "Ada", "email": "ada@person.example", "id": "u-4711"}},
    },
    "attribution_window_hours": 36,
    "goals": [
        {
            "goal_id": "purchase",
            "name": "Purchase",
            "event_name": "Order Placed",
            "is_primary": True,
            "filters": [{"attribute": "category", "op": "is", "value": "shoes"}],
            "revenue": {"attribute": "order_value", "currency": "USD"},
        },
        {"goal_id": "signup", "name": "Newsletter sign-up", "event_name": "Signed Up"},
    ],
}


def campaign(**changed: object) -> Campaign:
    """The definition behind `snapshot`, with secrets in its request."""
    return Campaign.model_validate({**DEFINITION, **changed})


def ended(**changed: object) -> Campaign:
    """The same once nothing more is sent, so that the plain intervals are shown."""
    return campaign(**{"status": "sent", **changed})


INSTANCES = tuple(
    InstanceTimes(
        instance_id=f"2026-03-{day:02}",
        users_in_segment=2500,
        segmentation_started_at=datetime(2026, 3, day, 13, 40, tzinfo=UTC),
        segmentation_completed_at=datetime(2026, 3, day, 13, 44, 30, tzinfo=UTC),
        ready_at=datetime(2026, 3, day, 13, 50, tzinfo=UTC),
        first_batch_sent_at=datetime(2026, 3, day, 14, 0, tzinfo=UTC),
        first_sent_at=datetime(2026, 3, day, 14, 0, 5, tzinfo=UTC),
        last_sent_at=datetime(2026, 3, day, 14, 12, tzinfo=UTC),
    )
    for day in (2, 9, 16, 23, 30)
)
